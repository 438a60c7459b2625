"""The screens page: how every TV is doing, what it shows, what it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callbacks.settings import screens as page
from callbacks.settings.screens import Typed
from domain.settings import Slot
from layouts import ids
from layouts.settings.screens import Card
from layouts.text import Text
from storage import db as store
from storage import playlists, screens, settings
from storage.screens import Report, Screen
from tests.callbacks.reading import classed, values, words
from tests.desk.office import NOW, Office


@pytest.fixture
def hall(office: Office) -> int:
    """A bound screen, and a playlist of calls that it may show."""
    with store.write(office.deps.db) as conn:
        playlists.add(conn, "Calls only", (Slot("calls", 9), Slot("calls", 9, team="main:n")), "lead", NOW)
        return screens.bind(conn, screens.offer(conn, "cookie", "TV", NOW), "Hall", "lead", NOW).id


def read(office: Office) -> Screen:
    with store.read(office.deps.db) as conn:
        return screens.every(conn)[0]


def test_a_screen_gets_a_name_a_playlist_and_a_language(office: Office, text: Text, hall: int) -> None:
    typed = Typed(cards={hall: Card(" Big hall ", "1", "uk")})
    drawn = page.answer(office.deps, text, "lead", ids.screen_do("save", hall), typed)
    assert classed(drawn, "good") == ["Saved. Big hall shows it in a moment."]
    found = read(office)
    assert (found.name, found.playlist, found.language) == ("Big hall", 1, "uk")
    assert {"1", "uk", "Big hall"} <= set(values(drawn).values())
    page.answer(office.deps, text, "lead", ids.screen_do("save", hall), Typed(cards={hall: Card("Hall", "", "xx")}))
    found = read(office)
    assert (found.playlist, found.language) == (None, None)


def test_what_is_refused_says_why_and_changes_nothing(office: Office, text: Text, hall: int) -> None:
    def said(action: str, number: int, card: Card) -> str:
        typed = Typed(cards={number: card})
        return classed(page.answer(office.deps, text, "lead", ids.screen_do(action, number), typed), "bad")[0]

    assert said("save", hall, Card("")) == "A name has 1 to 60 characters."
    assert "not there any more" in said("save", hall, Card("Other", "77"))
    assert "not there any more" in said("reload", 77, Card())
    assert read(office).name == "Hall"


def test_a_screen_is_told_to_reload_or_to_show_a_panel_and_that_is_seen(office: Office, text: Text, hall: int) -> None:
    page.answer(office.deps, text, "lead", ids.screen_do("reload", hall), Typed())
    assert read(office).due == screens.Command(1, "reload")
    assert "Waiting to be reloaded" in words(page.page(office.deps, text, None))
    drawn = page.answer(
        office.deps, text, "lead", ids.screen_do("show", hall), Typed(cards={hall: Card(slot="calls-day")})
    )
    assert read(office).due == screens.Command(2, "show calls-day")
    assert "Waiting to show a panel" in words(drawn)


def test_the_panels_to_choose_from_are_those_on_the_screen(office: Office, text: Text, hall: int) -> None:
    with store.write(office.deps.db) as conn:
        screens.choose(conn, hall, 1, None, "lead", NOW)
    slots = page._bound(office.deps, text, {})[0][0].slots
    assert list(slots.values()) == ["Calls · Day", "Calls · Day · North"]
    assert next(iter(slots)) == "calls-day"


@pytest.mark.parametrize("slot", ["emails-day", "calls-week", "", "calls-day\ny", "викликів"])
def test_a_panel_that_a_screen_does_not_show_now_is_refused_and_the_choice_is_drawn_anew(
    office: Office, text: Text, hall: int, slot: str
) -> None:
    drawn = page._bound(office.deps, text, {})[0][0].slots
    assert "emails-day" in drawn
    with store.write(office.deps.db) as conn:
        screens.choose(conn, hall, 1, None, "lead", NOW)
    refused = page.answer(office.deps, text, "lead", ids.screen_do("show", hall), Typed(cards={hall: Card(slot=slot)}))
    assert classed(refused, "bad") == ["This screen cannot show that panel now. Choose another one."]
    assert classed(refused, "good") == []
    assert read(office).due is None
    gone = page.answer(office.deps, text, "lead", ids.screen_do("show", 77), Typed())
    assert "not there any more" in classed(gone, "bad")[0]


def test_the_code_for_phones_is_to_choose_where_phones_reach_the_address_that_the_screen_reads(
    office: Office, text: Text, hall: int
) -> None:
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"playlist": (Slot("overview", 9), Slot("phone", 9))}, "lead", NOW)

    def to_choose() -> list[str]:
        return list(page._bound(office.deps, text, {})[0][0].slots)

    assert to_choose() == ["overview-day"], "nobody knows yet where it reads its wall"
    office.deps.sightings.came_to(read(office), "http://localhost:8050/")
    assert to_choose() == ["overview-day"]
    office.deps.sightings.came_to(read(office), "http://192.168.1.20:8050/")
    assert to_choose() == ["overview-day", "phone-day"]
    office.deps.sightings.came_to(read(office), "http://localhost:8050/")
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"public_address": "http://192.168.1.20:8050"}, "lead", NOW)
    assert to_choose() == ["overview-day", "phone-day"]


def test_a_screen_that_is_missed_or_forgotten_is_marked(office: Office, text: Text, hall: int) -> None:
    with store.write(office.deps.db) as conn:
        screens.seen(conn, read(office), Report("WebTV 4", "calls", 48_000_000, 2), NOW)
    told = words(page.page(office.deps, text, None))
    assert all(each in told for each in ("On", "0 s ago", "WebTV 4", "48 MB", "2"))
    office.clock.turn(timedelta(minutes=40))
    assert "Not seen for 40 min" in words(page.doing(office.deps, text, [hall])[0][0])
    office.clock.turn(timedelta(days=8))
    assert "Forgotten: not seen for 8 d" in words(page.doing(office.deps, text, [hall])[0][0])
    assert page.doing(office.deps, text, [77]) == [[]]


def test_what_is_typed_about_a_screen_outlives_a_refusal_and_the_buttons_of_others(
    office: Office, text: Text, hall: int
) -> None:
    with store.write(office.deps.db) as conn:
        kitchen = screens.bind(conn, screens.offer(conn, "other", "TV", NOW), "Kitchen", "lead", NOW).id
    typed = {hall: Card("Kitchen", "1", "uk", "emails-day"), kitchen: Card("Kitchen", "", "ru")}

    def fields(action: str, number: int, said: str) -> dict[int, tuple[str, ...]]:
        drawn = page.answer(office.deps, text, "lead", ids.screen_do(action, number), Typed(cards=typed))
        assert len(classed(drawn, said)) == 1
        found, names = values(drawn), ("name", "playlist", "language", "slot")
        return {each: tuple(found[str(ids.screen_field(name, each))] for name in names) for each in (hall, kitchen)}

    of_hall, of_kitchen = ("Kitchen", "1", "uk", "emails-day"), ("Kitchen", "-", "ru", "overview-day")
    assert fields("save", hall, "bad") == {hall: of_hall, kitchen: of_kitchen}
    assert fields("reload", kitchen, "good") == {hall: of_hall, kitchen: of_kitchen}
    assert fields("save", kitchen, "good") == {hall: of_hall, kitchen: of_kitchen}
    typed[hall] = Card(" Big hall ", "77", "uk")
    assert fields("reload", hall, "good")[hall] == (" Big hall ", "-", "uk", "overview-day")
    typed[hall] = Card(" Big hall ", "1", "uk")
    assert fields("save", hall, "good")[hall] == ("Big hall", "1", "uk", "calls-day")


def test_the_fields_of_every_screen_are_read() -> None:
    keys = [{"type": "screen-facts", "number": 4}, {"type": "screen-facts", "number": 9}]
    of = [["A", "B"], ["-", "1"], ["uk", "-"], ["calls-day", "emails-day"]]
    cards = {4: Card("A", "", "uk", "calls-day"), 9: Card("B", "1", "", "emails-day")}
    assert page.read_fields("123456", None, keys, of) == Typed("123456", "", cards)
    assert page.read_fields(None, "Hall", [], [[], [], [], []]) == Typed("", "Hall")
