"""The wall page: the order, dwell time and period of the panels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callbacks.settings import wall
from callbacks.settings.wall import Form
from domain.settings import PeriodKind, Slot
from layouts import ids
from layouts.settings.wall import Row
from layouts.text import Text
from tests.callbacks.reading import Tree, classed, parts, words
from tests.desk.office import Office


def form(office: Office) -> Form:
    settings = office.deps.settings()
    return Form(wall.rows_of(settings), wall.mark(settings))


def press(office: Office, text: Text, button: object, given: Form) -> Tree:
    return wall.answer(office.deps, text, "lead", button, given)


def order(tree: Tree) -> list[str]:
    """The panels as they stand in a drawn form."""
    keys = [part.id for part in parts(tree) if isinstance(getattr(part, "id", None), dict)]
    return [str(key["panel"]) for key in keys if key["type"] == "slot-seconds"]


def test_the_page_tells_how_long_a_round_takes_and_leads_to_the_wall(office: Office, text: Text) -> None:
    tree = wall.page(office.deps, text, None)
    assert "One round takes 1 min 42 s." in words(tree)
    assert [part.href for part in parts(tree) if getattr(part, "href", None)] == ["/"]


def test_a_panel_moves_up_and_down_and_not_beyond_the_ends(office: Office, text: Text) -> None:
    given = form(office)
    up = press(office, text, ids.slot("up", "calls"), given)
    assert order(up)[:3] == ["calls", "overview", "emails"]
    down = press(office, text, ids.slot("down", "overview"), given)
    assert order(down)[:3] == ["calls", "overview", "emails"]
    assert order(press(office, text, ids.slot("up", "overview"), given)) == [row.panel for row in given.rows]
    assert order(press(office, text, ids.slot("down", "nothing"), given)) == [row.panel for row in given.rows]
    assert office.deps.settings().playlist[0].panel == "overview", "nothing is saved before Save"


def test_order_seconds_period_and_what_is_shown_are_saved(office: Office, text: Text) -> None:
    rows = (
        Row("leaderboard", "20", "week", True),
        Row("calls", "9", "day", True),
        Row("emails", "12", "day", False),
    )
    tree = press(office, text, ids.WALL_SAVE, Form(rows, form(office).seen))
    assert classed(tree, "good") == ["Saved. The wall shows it in a moment."]
    assert office.deps.settings().playlist == (
        Slot("leaderboard", 20, PeriodKind.WEEK),
        Slot("calls", 9, PeriodKind.DAY),
    )
    assert [row.panel for row in wall.rows_of(office.deps.settings()) if row.shown] == ["leaderboard", "calls"]
    assert {row.panel for row in wall.rows_of(office.deps.settings()) if not row.shown} >= {"emails", "overview"}


@pytest.mark.parametrize("seconds", ["2", "601", "", "12.5", "soon"])
def test_a_dwell_time_out_of_bounds_is_told_beside_it(office: Office, text: Text, seconds: str) -> None:
    given = form(office)
    rows = (replace(given.rows[0], seconds=seconds), *given.rows[1:])
    tree = press(office, text, ids.WALL_SAVE, replace(given, rows=rows))
    assert len(classed(tree, "problem")) == 1
    assert classed(tree, "said") == ["Nothing is saved: 1 field cannot be read."]
    assert office.deps.settings().playlist[0].seconds == 15


def test_a_wall_shows_something(office: Office, text: Text) -> None:
    given = form(office)
    rows = tuple(replace(row, shown=False) for row in given.rows)
    tree = press(office, text, ids.WALL_SAVE, replace(given, rows=rows))
    assert classed(tree, "said") == ["Nothing is saved: the wall needs at least one panel."]


def test_a_playlist_that_somebody_changed_meanwhile_is_not_overwritten(office: Office, text: Text) -> None:
    mine = form(office)
    press(office, text, ids.WALL_SAVE, replace(mine, rows=wall.move(mine.rows, "calls", -1)))
    tree = press(office, text, ids.WALL_SAVE, replace(mine, rows=wall.move(mine.rows, "emails", -1)))
    assert "somebody changed these settings meanwhile" in classed(tree, "said")[0]
    assert office.deps.settings().playlist[0].panel == "calls"


def test_saving_what_is_there_already_says_so(office: Office, text: Text) -> None:
    assert classed(press(office, text, ids.WALL_SAVE, form(office)), "said") == [
        "Nothing to save: nothing has changed."
    ]


def test_a_round_counts_only_what_is_shown_and_readable() -> None:
    assert wall.cycle_seconds(["12", "15", "x", None, "9"], [True, True, True, True, False]) == 27


def test_a_form_of_panels_that_do_not_exist_is_empty() -> None:
    keys = [{"panel": "../../x"}, {"panel": "calls"}, {"panel": "emails"}]
    read = wall.read_form(["5", "12", None], keys, ["day", "century", "week"], [True, True, None], None)
    assert read == Form((Row("emails", "", "week", False),), "None")
