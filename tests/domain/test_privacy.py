"""What the wall keeps to itself, looked for in everything that it would show."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.board import Board
from domain.privacy import Discretion, discreet, first_names
from domain.settings import PLAYLIST, PeriodKind, Slot
from layouts.text import Text
from layouts.wall import draw_wall
from tests import boards

NAMES = Discretion(first_names_only=True)
AMOUNTS = Discretion(hide_amounts=True)
RANKING = Discretion(hide_ranking=True)


def shown(board: Board, how: Discretion, language: str = "en") -> str:
    """Everything that goes to a screen."""
    veiled = discreet(board, how)
    wall = draw_wall([(slot, veiled) for slot in PLAYLIST], veiled, Text(language), False, 10)
    figures = json.dumps([each.figure for each in wall.slots], ensure_ascii=False)
    return "".join(each.html for each in wall.slots) + wall.frame.line + figures


def test_nothing_is_left_out_of_an_office_that_hides_nothing() -> None:
    board = boards.board()
    assert discreet(board, Discretion()) == board


def test_with_first_names_only_no_family_name_is_anywhere() -> None:
    page = shown(boards.board(10), NAMES)
    for name in boards.NAMES[:10]:
        first, _, last = name.partition(" ")
        assert first in page
        assert last not in page, name


def test_namesakes_keep_a_letter_and_odd_names_stay() -> None:
    assert first_names(["Olena Koval", "olena Bondar", "Ivan", "  ", "", "Maria Anna Schmidt"]) == {
        "Olena Koval": "Olena K.",
        "olena Bondar": "olena B.",
        "Ivan": "Ivan",
        "  ": "  ",
        "": "",
        "Maria Anna Schmidt": "Maria",
    }


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_without_amounts_no_sum_of_money_is_anywhere(language: str) -> None:
    board = boards.board(10)
    page = shown(board, AMOUNTS, language)
    assert "₴" not in page
    assert "184" not in page
    sums = [
        rep.progress.actual for key in ("invoices_paid_amount", "deals_won_amount") for rep in board.metric(key).reps
    ]
    sums += [row.value for row in board.leaderboard.rows]
    told = set(re.findall(r"\d[\d.]*", page))
    assert not {f"{amount:f}" for amount in sums if amount} & told


def test_without_amounts_places_counts_and_shares_of_the_plan_stay() -> None:
    board = discreet(boards.board(12), AMOUNTS)
    was = boards.board(12)
    assert [row.place for row in board.leaderboard.rows] == [row.place for row in was.leaderboard.rows]
    assert board.metric("calls") == was.metric("calls")
    paid, known = board.metric("invoices_paid_amount").progress, was.metric("invoices_paid_amount").progress
    assert (paid.actual, paid.target, paid.status) == (known.attainment, Decimal(1), known.status)
    assert "118% of plan" in shown(was, AMOUNTS)


def test_a_plan_in_money_alone_is_followed_in_shares() -> None:
    board = boards.with_progress(boards.board(12), "invoices_paid", boards.progress(Decimal(9), None))
    shown = discreet(board, AMOUNTS)
    wall = draw_wall([(Slot("invoices_paid", 9), shown)], shown, Text("en"), False, 10)
    said = re.sub(r"<[^>]+>", " ", wall.slots[0].html)
    assert "39%" in said
    assert "expected by now 60%" in said
    assert "an hour closes the plan by 18:00." in said


def test_without_a_plan_hidden_money_is_not_known() -> None:
    assert discreet(boards.board(12, plan=False), AMOUNTS).metric("deals_won_amount").progress.actual is None
    assert "NaN" not in shown(boards.board(12, plan=False, done=False), AMOUNTS)
    assert "NaN" not in shown(boards.board(0), AMOUNTS)


def test_without_ranking_the_managers_stand_by_name_and_nobody_leads() -> None:
    board = discreet(replace(boards.board(10), last_win=None), RANKING)
    names = [rep.name for rep in board.metric("calls").reps]
    assert names == sorted(names, key=str.casefold)
    assert board.leaderboard.rows == ()
    assert "overtake" not in shown(replace(boards.board(10), last_win=None), RANKING)


def test_who_sold_this_month_and_is_there_no_more_today_has_a_first_name_too() -> None:
    day, month = boards.board(3), boards.board(4, kind=PeriodKind.MONTH)
    told = replace(day, month=month.metrics, leaderboard=replace(day.leaderboard, rows=()))
    seen = discreet(told, Discretion(first_names_only=True))
    assert [rep.rep for rep in seen.month["calls"].reps] == [rep.rep for rep in month.metric("calls").reps]
    assert all(" " not in rep.name.rstrip(".") or rep.name.endswith(".") for rep in seen.month["calls"].reps)
