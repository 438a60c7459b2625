"""One person's page: what the office decides, teams over time, the photo; and the teams of the people page."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image

from callbacks.settings import people as people_page
from callbacks.settings import person
from callbacks.settings.portraits import MOST_BYTES, SIDE, portrait
from callbacks.settings.teams import Typed
from domain.people import Rep, Stint
from domain.reach import Reach
from layouts import ids
from layouts.settings.person import FOLLOW, NO, NO_TEAM, Form
from layouts.text import Text
from storage import audit, files, people
from storage import db as store
from storage.people import Member
from tests.callbacks.reading import Tree, classed, values, words
from tests.desk.office import ORIGIN, Office

KEY = "main:2"
SOUTH = "main:s"


def member(office: Office, key: str = KEY) -> Member:
    with store.read(office.deps.db) as conn:
        return next(each for each in people.everybody(conn) if each.key == key)


def rep(office: Office, key: str = KEY) -> Rep:
    with store.read(office.deps.db) as conn:
        return next(each for each in people.reps(conn) if each.key == key)


def form(office: Office, workdays: tuple[int, ...] = (), visible: bool = True, **typed: str) -> Form:
    """The form of Nikita as it stands, with some fields typed over."""
    drawn = person.as_saved(office.deps, member(office))
    return replace(drawn, typed={**drawn.typed, **typed}, workdays=workdays, visible=visible)


def press(office: Office, text: Text, action: str, given: Form, about: str = "", upload: bytes | None = None) -> Tree:
    pressed: object = ids.PERSON_UPLOAD if upload is not None else ids.person_do(action, about)
    sent = "" if upload is None else f"data:image/png;base64,{base64.b64encode(upload).decode()}"
    tree: Tree = person.answer(office.deps, text, "lead", KEY, pressed, given, sent)
    return tree


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def test_every_field_is_saved_with_who_did_it(office: Office, text: Text) -> None:
    given = form(office, (1, 3, 5), False, name="Nick  Orlov", zone="America/New_York", joined="02.11.2026",
                 left="2026-12-31")  # fmt: skip
    tree = press(office, text, "save", given)
    assert classed(tree, "good") == ["Saved. The wall shows it in a moment."]
    assert rep(office) == Rep(
        KEY, "Nick Orlov", "main:n", None, "America/New_York", frozenset((1, 3, 5)), date(2026, 11, 2),
        date(2026, 12, 31), hidden=True,
    )  # fmt: skip
    with store.read(office.deps.db) as conn:
        assert [(entry.who, entry.what, entry.subject) for entry in audit.latest(conn, 1)] == [("lead", "person", KEY)]
    notes = next(each.notes for each in people_page.read_crew(office.deps, text).reps if each.key == KEY)
    assert notes == ["not on the wall", "own working days", "from 2 Nov 2026", "until 31 Dec 2026"]
    press(office, text, "save", form(office, (), name="", zone="", joined="", left="", sells=NO))
    assert member(office).name_shown is None
    assert not member(office).sells


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"name": "x" * 61}, "name", "60 characters at most"),
        ({"zone": "Kyiv"}, "zone", "Choose a city of the list, like Europe/Kyiv"),
        ({"joined": "soon"}, "joined", "Write a day like 20.11.2026"),
        ({"left": "0001-01-01"}, "left", "Write a day like 20.11.2026"),
        ({"joined": "2026-12-01", "left": "2026-11-01"}, "left", "The last day is before the first one."),
    ],
)
def test_a_field_that_cannot_be_read_is_told_beside_it_and_nothing_is_saved(
    office: Office, text: Text, typed: dict[str, str], field: str, why: str
) -> None:
    before = member(office)
    tree = press(office, text, "save", form(office, (1,), True, **typed))
    assert classed(tree, "problem") == [why]
    assert values(tree)[str(ids.person_field(field))] == typed[field]
    assert member(office) == before


def test_a_change_over_somebody_elses_is_refused_and_no_change_is_said(office: Office, text: Text) -> None:
    mine = form(office, name="Nick")
    press(office, text, "save", form(office, (1, 2)))
    assert "somebody changed this person meanwhile" in classed(press(office, text, "save", mine), "said")[0]
    assert classed(press(office, text, "save", form(office, (1, 2))), "said") == [
        "Nothing to save: nothing has changed."
    ]


def test_a_change_of_teams_from_a_day_on_can_be_taken_back(office: Office, text: Text) -> None:
    tree = press(office, text, "move", form(office, name="typed meanwhile", team=SOUTH, since="2026-11-16"))
    assert rep(office).stints == (Stint(date.min, "main:n"), Stint(date(2026, 11, 16), SOUTH))
    assert "until then | North" in words(tree)
    assert values(tree)[str(ids.person_field("name"))] == "typed meanwhile"
    assert classed(tree, "beside") == classed(tree, "good"), "the name is not saved yet"
    tree = press(office, text, "take-back", form(office), "2026-11-16")
    assert (classed(tree, "beside"), len(classed(tree, "good"))) == ([], 1)
    assert (rep(office).team, rep(office).stints) == ("main:n", ())
    press(office, text, "move", form(office, team=NO_TEAM, since=""))
    assert (rep(office).team, rep(office).stints) == (None, ())
    press(office, text, "move", form(office, team=FOLLOW, since=""))
    assert member(office).team_override is None


@pytest.mark.parametrize(
    ("team", "since", "why"),
    [
        (SOUTH, "2026-11-21", "This day has not come yet"),
        (SOUTH, "x", "Write a day like 20.11.2026"),
        ("main:gone", "", "Choose one of the list"),
    ],
)
def test_a_change_of_teams_that_cannot_be_is_refused(
    office: Office, text: Text, team: str, since: str, why: str
) -> None:
    assert classed(press(office, text, "move", form(office, team=team, since=since)), "problem") == [why]
    assert rep(office).stints == ()


def test_a_lead_of_own_teams_moves_nobody_out_of_them(office: Office, text: Text) -> None:
    north = Reach(frozenset(("main:n",)))
    for team in (SOUTH, NO_TEAM):
        given, pressed = form(office, team=team), ids.person_do("move", "")
        tree: Tree = person.answer(office.deps, text, "north", KEY, pressed, given, "", north)
        assert classed(tree, "problem") == ["This is none of your teams"]
    assert person.page(office.deps, text, "main:3", north) is None


def test_a_photo_is_drawn_anew_served_and_taken_away(office: Office, text: Text) -> None:
    press(office, text, "", form(office), upload=picture(exif=_camera()))
    photo = rep(office).photo
    assert photo is not None
    answer = office.login().get(f"/{photo}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(answer.data)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((SIDE, SIDE), {})
    press(office, text, "", form(office), upload=picture("JPEG"))
    assert rep(office).photo != photo
    assert office.login().get(f"/{photo}").status_code == 404
    press(office, text, "unphoto", form(office))
    assert rep(office).photo is None
    with store.read(office.deps.db) as conn:
        assert files.listed(conn, "photo") == []


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n and so on", b"RIFF1234WAVE", b"GIF89a"])
def test_what_is_no_picture_is_refused_and_changes_nothing(office: Office, text: Text, content: bytes) -> None:
    assert "This is no JPEG" in classed(press(office, text, "", form(office), upload=content), "said")[0]
    assert rep(office).photo is None


def test_a_picture_of_every_kind_is_cut_to_a_square_and_a_bomb_is_not_opened() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        made = portrait(picture(kind))
        assert made is not None
        with Image.open(io.BytesIO(made)) as shown:
            assert (shown.format, shown.size) == ("JPEG", (SIDE, SIDE))
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < MOST_BYTES
    assert portrait(bomb.getvalue()) is None
    assert portrait(picture()[:-900]) is None
    assert portrait(picture() + bytes(MOST_BYTES)) is None


@pytest.mark.parametrize("name", ["0", "999", "1.png", "..%2f1", "١", "1" * 12])
def test_an_address_without_a_photo_is_nothing(office: Office, name: str) -> None:
    assert office.server.test_client().get(f"/portraits/{name}").status_code == 404


def test_a_photo_of_two_megabytes_is_let_in_and_no_more(office: Office) -> None:
    client = office.login()
    for size, refused in ((2_800_000, False), (3_300_000, True)):
        body = b'{"output": "person.children", "x": "' + b"a" * size + b'"}'
        answer = client.post("/settings/_dash-update-component", data=body, headers=ORIGIN,
                             content_type="application/json")  # fmt: skip
        assert (answer.status_code in (404, 413)) is refused, size


def test_teams_are_made_renamed_and_removed(office: Office, text: Text) -> None:
    def act(part: str, key: str, name: str) -> Tree:
        typed = Typed({key: name})
        tree: Tree = people_page.answer(office.deps, text, "lead", ids.team(part, key), typed=typed)
        return tree

    assert classed(act("add", "", "Key accounts"), "good")
    assert classed(act("rename", "main:n", "Kyiv"), "good")
    groups, _ = people_page.read_crew(office.deps, text).groups or ([], None)
    assert [(each.key, each.name, each.own, each.people) for each in groups] == [
        (":1", "Key accounts", True, 0), ("main:n", "Kyiv", False, 2), (SOUTH, "South", False, 1)
    ]  # fmt: skip
    assert classed(act("add", "", "Kyiv"), "problem") == ["There is a team of this name already"]
    tree = act("rename", SOUTH, "x" * 61)
    assert classed(tree, "problem") == ["1 to 60 characters"]
    assert values(tree)[str(ids.team("name", SOUTH))] == "x" * 61
    assert classed(act("remove", ":1", ""), "good") == ["The team is removed."]
    assert "its numbers need it" in classed(act("remove", "main:n", ""), "said")[0]


def _camera() -> Image.Exif:
    noted = Image.Exif()
    noted[0x010F] = "A camera that tells where it was"
    return noted
