"""The wall page: which panels a playlist has, with what parameters, in which order, at which hours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest

from callbacks.settings import playlists as lists
from callbacks.settings import slots as rows
from callbacks.settings import wall
from callbacks.settings.wall import Form
from domain.settings import PeriodKind, Slot
from layouts import ids
from layouts.settings.slots import Row
from layouts.settings.wall import Round
from layouts.showing import ALWAYS
from layouts.text import Text
from storage import db as store
from storage import playlists, screens, slots
from storage import settings as saved
from tests.callbacks.reading import Tree, classed, parts, words
from tests.desk.office import NOW, Office

NIGHT = Slot("leaderboard", 20, PeriodKind.WEEK, "calls", "main:n", 3, frozenset((5, 6)), time(22), time(6))


def form(office: Office, text: Text, number: int | None = None) -> Form:
    with store.read(office.deps.db) as conn:
        chosen = wall.stored(office.deps, conn, number)
    return Form(rows.rows_of(text, chosen), number, wall.mark(chosen))


def press(office: Office, text: Text, button: object, given: Form, **more: Any) -> Tree:
    drawn: Tree = wall.answer(office.deps, text, "lead", button, given, more)
    return drawn


def order(tree: Tree) -> list[str]:
    """The panels as they stand in a drawn form."""
    keys = [part.id for part in parts(tree) if isinstance(getattr(part, "id", None), dict)]
    return [str(key["panel"]) for key in keys if key["type"] == "slot-seconds"]


def new(office: Office, *chosen: Slot) -> int:
    with store.write(office.deps.db) as conn:
        return playlists.add(conn, "Hall", chosen, "lead", NOW).id


def test_the_page_tells_how_long_a_round_takes_and_leads_to_the_wall(office: Office, text: Text) -> None:
    tree = wall.page(office.deps, text, None)
    assert "One round takes 1 min 42 s." in words(tree)
    assert "/" in [part.href for part in parts(tree) if getattr(part, "href", None)]


def test_a_panel_moves_up_and_down_and_not_beyond_the_ends(office: Office, text: Text) -> None:
    given = form(office, text)
    up = press(office, text, ids.slot("up", 1, "calls"), given)
    assert order(up)[:3] == ["calls", "overview", "emails"]
    down = press(office, text, ids.slot("down", 0, "overview"), given)
    assert order(down)[:3] == ["calls", "overview", "emails"]
    assert order(press(office, text, ids.slot("up", 0, "overview"), given)) == [row.panel for row in given.rows]
    assert order(press(office, text, ids.slot("down", 99, "nothing"), given)) == [row.panel for row in given.rows]
    assert office.deps.settings().playlist[0].panel == "overview", "nothing is saved before Save"


def test_a_dragged_row_takes_its_new_place_and_a_row_that_nobody_named_comes_last(office: Office, text: Text) -> None:
    given = form(office, text)
    dragged = press(office, text, ids.WALL_ORDER, given, order={"order": [2, 0, 1]})
    assert order(dragged)[:4] == ["emails", "overview", "calls", "invoices_issued"]


def test_a_panel_is_added_even_twice_and_removed(office: Office, text: Text) -> None:
    given = form(office, text)
    more = press(office, text, ids.WALL_ADD, given, panel="meetings")
    assert order(more)[-2:] == ["leaderboard", "meetings"]
    again = rows.one_more(given.rows, "calls")
    assert (again[-1].panel, again[-1].key) == ("calls", len(given.rows))
    assert rows.one_more(given.rows, "weather") == given.rows
    assert "calls" not in order(press(office, text, ids.slot("remove", 1, "calls"), given))


def test_everything_about_a_panel_is_saved_and_drawn_again(office: Office, text: Text) -> None:
    typed = Row(0, "leaderboard", "20", "week", "main:n", "calls", "3", (5, 6), "22:00", "6:00")
    plain = Row(1, "calls", "9", "day", start="0:00", end="24:00")
    tree = press(office, text, ids.WALL_SAVE, replace(form(office, text), rows=(typed, plain)))
    assert classed(tree, "good") == ["Saved. The wall shows it in a moment."]
    assert office.deps.settings().playlist == (NIGHT, Slot("calls", 9))
    drawn = form(office, text).rows
    assert drawn[0] == replace(typed, end="06:00")
    assert drawn[1] == replace(plain, start="", end="")


def test_a_named_playlist_is_saved_by_itself(office: Office, text: Text) -> None:
    number = new(office, Slot("emails", 9))
    given = form(office, text, number)
    press(office, text, ids.WALL_SAVE, replace(given, rows=(replace(given.rows[0], seconds="15"),)))
    with store.read(office.deps.db) as conn:
        assert playlists.get(conn, number).slots == (Slot("emails", 15),)
    assert office.deps.settings().playlist[0].panel == "overview"
    assert "Hall" in words(wall.page(office.deps, text, f"?playlist={number}"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("seconds", value) for value in ("2", "601", "", "12.5", "soon")),
        *(("start", value) for value in ("25:00", "9", "noon")),
        *(("top", value) for value in ("-1", "100", "many")),
    ],
)
def test_what_cannot_be_read_is_told_beside_it(office: Office, text: Text, field: str, value: str) -> None:
    given = form(office, text)
    wrong = Row(**{name: getattr(given.rows[0], name) for name in Row.__slots__} | {field: value})
    tree = press(office, text, ids.WALL_SAVE, replace(given, rows=(wrong, *given.rows[1:])))
    assert len(classed(tree, "problem")) == 1
    assert classed(tree, "said") == ["Nothing is saved: 1 field cannot be read."]
    assert office.deps.settings().playlist[0].seconds == 15


def test_a_wall_shows_something(office: Office, text: Text) -> None:
    tree = press(office, text, ids.WALL_SAVE, replace(form(office, text), rows=()))
    assert classed(tree, "said") == ["Nothing is saved: the wall needs at least one panel."]


def test_a_playlist_that_somebody_changed_meanwhile_is_not_overwritten(office: Office, text: Text) -> None:
    mine = form(office, text)
    press(office, text, ids.WALL_SAVE, replace(mine, rows=rows.move(mine.rows, 1, -1)))
    tree = press(office, text, ids.WALL_SAVE, replace(mine, rows=rows.move(mine.rows, 2, -1)))
    assert "somebody changed these settings meanwhile" in classed(tree, "said")[0]
    assert office.deps.settings().playlist[0].panel == "calls"


def test_saving_what_is_there_already_says_so_and_what_is_gone_too(office: Office, text: Text) -> None:
    given = form(office, text)
    assert classed(press(office, text, ids.WALL_SAVE, given), "said") == ["Nothing to save: nothing has changed."]
    gone = press(office, text, ids.WALL_SAVE, replace(given, number=77))
    assert classed(gone, "said") == ["Nothing is saved: this playlist is not there any more."]


def test_a_panel_that_is_not_on_the_wall_just_now_says_why(office: Office, text: Text) -> None:
    number = new(office, replace(NIGHT, weekdays=frozenset()), Slot("calls", 9, team="main:gone"), Slot("calls", 9))
    notes = [row.note for row in rows.noted(office.deps, text, form(office, text, number).rows)]
    assert notes == ["Not at this hour", "Nothing to show: skipped", ""]
    tree = wall.page(office.deps, text, f"?playlist={number}")
    assert "One round takes 38 s. With the panels that are on now: 9 s." in words(tree)


def test_panels_that_the_wall_skips_now_take_no_time_of_its_round(office: Office, text: Text) -> None:
    calls, emails, ranking = Slot("calls", 9), Slot("emails", 12), Slot("leaderboard", 20)
    with store.write(office.deps.db) as conn:
        saved.save(conn, {"hide_ranking": True, "metrics_hidden": frozenset({"emails"})}, "lead", NOW)
    assert wall.turn(office.deps, (calls, emails, ranking)) == Round(41, 9)
    assert wall.turn(office.deps, (calls,)) == Round(9, 9)
    assert wall.turn(office.deps, (emails,)) == Round(12, ALWAYS.seconds), "the overview stands in for all of them"
    assert wall.turn(office.deps, ()) == Round(0, 0)


def test_a_form_of_panels_that_do_not_exist_is_empty() -> None:
    keys = [{"row": 0, "panel": "../../x"}, {"row": 1, "panel": "emails"}]
    fields = [["5", None], ["day", "century"], ["", ""], ["", "x"], ["", ""], [[1], [9, 2, "x"]], ["", ""], ["", ""]]
    read = wall.read_form(keys, *fields, seen=None)
    assert read == Form((Row(1, "emails", "", "century", metric="x", days=(2,)),), None, "")
    assert rows.read(Text("en"), (replace(read.rows[0], seconds="9"),))[1] == (
        Slot("emails", 9, weekdays=frozenset((2,))),
    )


def test_the_miniature_brings_the_playlist_along() -> None:
    address = wall.preview((NIGHT,))
    assert slots.decode(json.loads(unquote(address.removeprefix("/?preview=")))) == (NIGHT,)


def test_a_playlist_is_copied_renamed_and_deleted(office: Office, text: Text) -> None:
    made = lists.answer(office.deps, text, "lead", ids.PLAYLIST_ADD, None, ("Hall", ""))
    assert "“Hall” is made." in words(made)
    renamed = lists.answer(office.deps, text, "lead", ids.PLAYLIST_RENAME, 1, ("", "Big hall"))
    assert classed(renamed, "good") == ["Renamed."]
    with store.read(office.deps.db) as conn:
        found = playlists.every(conn)[0]
        assert (found.name, found.slots) == ("Big hall", office.deps.settings().playlist)
    removed = lists.answer(office.deps, text, "lead", ids.PLAYLIST_REMOVE, 1, ("", ""))
    assert "“Big hall” is deleted." in words(removed)


def test_what_cannot_be_done_with_a_playlist_says_why(office: Office, text: Text) -> None:
    number = new(office, NIGHT)
    with store.write(office.deps.db) as conn:
        screen = screens.bind(conn, screens.offer(conn, "cookie", "", NOW), "TV", "lead", NOW)
        screens.choose(conn, screen.id, number, None, "lead", NOW)

    def said(pressed: str, open_one: int | None, *typed: str) -> str:
        return classed(lists.answer(office.deps, text, "lead", pressed, open_one, (typed[0], typed[-1])), "said")[0]

    assert said(ids.PLAYLIST_ADD, number, " ") == "A name has 1 to 60 characters."
    assert said(ids.PLAYLIST_ADD, number, "Hall") == "This name is taken already."
    assert said(ids.PLAYLIST_REMOVE, number, "") == "Screens show this playlist: TV. Choose another one there first."
    assert "not there any more" in said(ids.PLAYLIST_REMOVE, None, "")
    assert "not there any more" in said(ids.PLAYLIST_RENAME, 77, "x")


def test_a_leaderboard_by_points_is_read_back_and_skipped_while_nothing_brings_any(office: Office, text: Text) -> None:
    by_points = Slot("leaderboard", 20, PeriodKind.WEEK, "points")
    drawn = rows.rows_of(text, [by_points])
    assert rows.read(text, drawn)[1] == (by_points,)
    assert rows.noted(office.deps, text, drawn)[0].note == "Nothing to show: skipped"
    with store.write(office.deps.db) as conn:
        saved.save(conn, {"rank_points": (("calls", Decimal(1)),)}, "lead", NOW)
    assert rows.noted(office.deps, text, drawn)[0].note == ""
    ranks = rows.board_of(office.deps, by_points).board.leaderboard
    assert (ranks.rank_by, ranks.period.kind) == ("points", PeriodKind.WEEK)
