"""The office page: read whole, checked whole, saved whole, and what was counted is counted anew where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from callbacks.settings import office as page
from callbacks.settings.office import Form
from domain.settings import Hours, Settings
from layouts import ids
from layouts.text import Text
from storage import audit, facts, totals
from storage import db as store
from tests.callbacks.reading import Tree, classed, values
from tests.desk.office import Office


def form(office: Office, workdays: tuple[int, ...] = (1, 2, 3, 4, 5), **typed: str) -> Form:
    """The form as it stands, with some fields typed over."""
    drawn = page.office(Text("en"), office.deps.settings())
    return Form({**drawn.typed, **typed}, workdays, drawn.seen)


def save(office: Office, text: Text, given: Form) -> Tree:
    return page.save(office.deps, text, "lead", given)


def test_the_form_that_is_drawn_reads_back_as_the_same_settings(office: Office, text: Text) -> None:
    settings = office.deps.settings()
    assert page.read(text, settings, form(office)) == page.Reading(settings, {})


def test_every_field_is_saved_with_who_and_when(office: Office, text: Text) -> None:
    given = form(
        office, (1, 2, 3, 4, 6), timezone="America/New_York", currency="usd", language="uk", country="US", start="8:30",
        end="17:00", break_start="12:00", break_end="12:00", week_start="7", year_start="4",
        public_address="http://tablo.example:8050/",
    )  # fmt: skip
    save(office, text, given)
    new = office.deps.settings()
    assert new == replace(
        new,
        timezone="America/New_York",
        currency="USD",
        language="uk",
        country="US",
        hours=Hours(time(8, 30), time(17), time(12), time(12)),
        workdays=frozenset((1, 2, 3, 4, 6)),
        week_start=7,
        year_start=4,
        public_address="http://tablo.example:8050",
    )
    with store.read(office.deps.db) as conn:
        entries = audit.latest(conn, 30)
    assert {entry.subject for entry in entries if entry.what == "setting"} == set(page.FIELDS)
    assert {entry.who for entry in entries if entry.what == "setting"} == {"lead"}


def test_what_is_said_after_a_save_is_said_in_the_language_chosen(office: Office, text: Text) -> None:
    assert classed(save(office, text, form(office, language="uk")), "good") == ["Збережено. За мить це буде на табло."]


def test_a_new_zone_moves_what_was_counted_in_the_same_transaction(office: Office, text: Text) -> None:
    def counted() -> int:
        with store.read(office.deps.db) as conn:
            assert not facts.out_of_date(conn, office.deps.settings())
            return len(totals.by_day(conn, date(2026, 11, 21), date(2026, 11, 21)))

    before = counted()
    # In Auckland the calls of Friday noon in Kyiv were made on Saturday.
    save(office, text, form(office, timezone="Pacific/Auckland"))
    assert (before, counted() > 0) == (0, True)


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("timezone", "Kyiv", "Choose a city of the list, like Europe/Kyiv"),
        ("timezone", "../../etc/passwd", "Choose a city of the list, like Europe/Kyiv"),
        ("currency", "XYZW", "Choose one of the list"),
        ("country", "ZZ", "Choose one of the list"),
        ("language", "tlh", "Choose one of the list"),
        ("start", "9 o'clock", "Write a time like 09:30"),
        ("end", "09:00", "Must differ from the beginning"),
        ("public_address", "192.168.1.20:8050", "Write an address like http://192.168.1.20:8050"),
        ("public_address", "http://a.example/me", "Write an address like http://192.168.1.20:8050"),
        ("year_start", "13", "A whole number from 1 to 12"),
    ],
)
def test_a_field_that_cannot_be_read_is_told_beside_it_and_nothing_is_saved(
    office: Office, text: Text, field: str, typed: str, why: str
) -> None:
    before = office.deps.settings()
    given = form(office, week_start="7")
    tree = save(office, text, replace(given, typed={**given.typed, field: typed}))
    assert classed(tree, "problem") == [why]
    assert classed(tree, "said") == ["Nothing is saved: 1 field cannot be read."]
    assert values(tree)[str(ids.office_field(field))] == typed
    assert office.deps.settings() == before


def test_an_office_works_on_some_day(office: Office, text: Text) -> None:
    assert classed(save(office, text, form(office, ())), "problem") == ["Choose at least one day"]


def test_a_change_over_somebody_elses_is_refused(office: Office, text: Text) -> None:
    mine = form(office, week_start="5")
    save(office, text, form(office, week_start="7"))
    assert "somebody changed these settings meanwhile" in classed(save(office, text, mine), "said")[0]
    assert office.deps.settings().week_start == 7


def test_nothing_changed_is_said(office: Office, text: Text) -> None:
    assert classed(save(office, text, form(office)), "said") == ["Nothing to save: nothing has changed."]


def test_a_name_that_is_set_but_not_proposed_may_stay() -> None:
    settings = Settings(timezone="UTC", country="DE-BY")
    drawn = page.office(Text("en"), settings)
    read = page.read(Text("en"), settings, Form(drawn.typed, (1, 2, 3, 4, 5), drawn.seen))
    assert read == page.Reading(settings, {})


def test_the_form_of_a_browser_is_read_without_trust() -> None:
    keys = [{"name": "timezone"}, {"name": "workdays"}, {"name": "currency"}]
    read = page.read_form(["Europe/Kyiv", [1, "x"], None], keys, None)
    assert read.typed == {"timezone": "Europe/Kyiv", "currency": ""}
    assert (read.workdays, read.seen) == ([1], "None")
