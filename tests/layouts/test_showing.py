"""What of a playlist can be shown: no empty panel, and an id for every slot that stays the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from domain.settings import PLAYLIST, PeriodKind, Slot
from layouts.showing import is_empty, known, slot_ids
from tests import boards


def test_a_metric_that_no_source_gives_has_no_panel() -> None:
    board = boards.board(3)
    gone = replace(board.metric("calls"), available=False)
    board = boards.with_metric(board, "calls", gone)
    assert is_empty(Slot("calls", 9), board)
    assert not is_empty(Slot("emails", 9), board)
    assert not is_empty(Slot("overview", 9), board)


def test_an_overview_of_nothing_is_empty() -> None:
    board = boards.board(3)
    nothing = replace(board, metrics={key: replace(each, available=False) for key, each in board.metrics.items()})
    assert is_empty(Slot("overview", 9), nothing)


def test_a_leaderboard_without_rows_and_a_team_without_managers_are_empty() -> None:
    nobody = boards.board(0)
    assert is_empty(Slot("leaderboard", 9), nobody)
    assert is_empty(Slot("calls", 9, team="main:n"), nobody)
    # Everybody's panel says that there are no managers yet, and shows the office's figure.
    assert not is_empty(Slot("calls", 9), nobody)


def test_nothing_is_empty_before_the_first_data_have_come() -> None:
    reading = replace(boards.board(0), as_of=None)
    assert not any(is_empty(slot, reading) for slot in PLAYLIST)


def test_an_id_tells_slots_apart_and_does_not_change_with_hours_or_seconds() -> None:
    calls, month = Slot("calls", 9), Slot("calls", 9, PeriodKind.MONTH)
    north, top = Slot("calls", 9, team='main:"n"'), Slot("calls", 9, top=3)
    found = slot_ids((calls, month, north, top, calls))
    assert (found[:2], found[4]) == (("calls-day", "calls-month"), "calls-day-2")
    assert len(set(found)) == 5
    assert all(name.replace("-", "").isalnum() for name in found)
    assert slot_ids((replace(calls, seconds=99, start=time(9), weekdays=frozenset((1,))),)) == ("calls-day",)


def test_panels_that_do_not_exist_are_left_out() -> None:
    assert known((Slot("weather", 9), Slot("calls", 0), Slot("calls", 9))) == (Slot("calls", 9),)
