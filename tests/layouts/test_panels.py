"""What the panels say of Olena's, Nikita's and Dasha's day, before anybody draws it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.board import Board, Period, Status
from domain.metrics import METRICS, Unit
from domain.settings import PLAYLIST, PeriodKind, Slot
from layouts.drawings import Drawings, Drawn
from layouts.html import write
from layouts.panels import PANELS
from layouts.panels.leaderboard import LeaderboardView
from layouts.panels.metric import MetricView
from layouts.panels.overview import OverviewView
from layouts.text import Text
from tests import boards

EN = Text("en")
SLOT = Slot("calls", 12)


def draw(slot: Slot, board: Board, text: Text = EN) -> Drawn:
    """The slot as it goes to the screens."""
    return Drawings().draw(slot.panel, slot, board, text)


def calls(board: Board, text: Text = EN) -> MetricView:
    view = PANELS["calls"].view(board, SLOT, text)
    assert isinstance(view, MetricView)
    return view


def leaders(board: Board) -> LeaderboardView:
    view = PANELS["leaderboard"].view(board, Slot("leaderboard", 12), EN)
    assert isinstance(view, LeaderboardView)
    return view


def overview(board: Board) -> OverviewView:
    view = PANELS["overview"].view(board, Slot("overview", 12), EN)
    assert isinstance(view, OverviewView)
    return view


def test_the_first_playlist_names_only_panels_there_are() -> None:
    assert {slot.panel for slot in PLAYLIST} <= set(PANELS)
    assert set(PANELS) == {"overview", "leaderboard", "phone", *METRICS}
    assert all(panel.key == key for key, panel in PANELS.items())


def test_a_panel_says_fact_plan_pace_and_what_closes_it() -> None:
    view = calls(boards.board(12))
    assert (view.actual, view.value, view.plan, view.target) == ("172", "172", "216", "216")
    assert (view.pace.attainment, view.pace.expected) == ("80%", "expected by now 130")
    assert view.pace.verdict == "▲ 42 ahead of pace"
    assert view.pace.advice == "13 an hour closes the plan by 18:00."
    assert view.month is not None
    assert (view.month.name, view.month.attainment) == ("November", "80%")


def test_the_line_of_the_month_names_the_month_that_runs_not_the_first_of_a_quarter() -> None:
    quarter = Period(PeriodKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31))
    view = calls(replace(boards.board(12), period=quarter))
    assert view.month is not None
    assert view.month.name == "November"


def test_without_a_plan_the_fact_stands_alone_and_says_so() -> None:
    view = calls(boards.board(12, plan=False))
    assert (view.actual, view.target, view.plan_line) == ("172", None, "No plan for today")
    assert (view.pace.attainment, view.pace.bar, view.pace.verdict) == ("", None, "")
    assert view.pace.advice == "On a usual day it is 86 at 14:00."
    assert 'data-role="target"' not in write(PANELS["calls"].render(view))


def test_a_plan_of_zero_is_a_plan_and_has_no_attainment() -> None:
    board = boards.with_progress(boards.board(12), "calls", boards.progress(Decimal(172), Decimal(0)))
    view = calls(board)
    assert (view.target, view.plan, view.pace.attainment) == ("0", "0", "")
    assert (view.pace.verdict, view.pace.advice) == ("✓ Plan met", "172 above the plan.")


@pytest.mark.parametrize(
    ("status", "elapsed", "actual", "said"),
    [
        (Status.TOO_EARLY, "0", "0", "Working time has not begun"),
        (Status.TOO_EARLY, "0.1", "0", "Nothing yet, the day is young"),
        (Status.TOO_EARLY, "0.1", "5", "Too early to judge the pace"),
        (Status.BEHIND, "0.6", "5", "▼ 4 behind pace"),
        (Status.FAR_BEHIND, "0.6", "5", "▼▼ 4 behind pace"),
        (Status.BEHIND, "1", "5", "▼ 4 short of the plan"),
    ],
)
def test_the_verdict_is_one_line(status: Status, elapsed: str, actual: str, said: str) -> None:
    judged = boards.progress(Decimal(actual), Decimal(9))
    judged = replace(judged, status=status, elapsed=Decimal(elapsed), gap=Decimal(-4))
    assert calls(boards.with_progress(boards.board(3), "calls", judged)).pace.verdict == said


def test_after_closing_nothing_closes_the_plan_any_more() -> None:
    judged = replace(boards.progress(Decimal(5), Decimal(9)), elapsed=Decimal(1), required_rate=None)
    view = calls(boards.with_progress(boards.board(3), "calls", judged))
    assert (view.pace.advice, view.pace.expected) == ("The working day is over.", "")


def test_less_than_one_an_hour_is_said_as_what_is_left() -> None:
    assert calls(boards.board(3)).pace.advice == "2 more and the plan is met."


def test_a_day_off_says_so() -> None:
    view = calls(replace(boards.board(3, plan=False), closes=None))
    assert (view.plan_line, view.pace.verdict) == ("No plan on a day off", "")


def test_what_no_source_gives_is_not_available_and_never_zero() -> None:
    board = boards.board(3)
    gone = replace(board.metric("calls"), available=False, progress=boards.progress(None, None), reps=(), curve=None)
    drawn = write(PANELS["calls"].render(calls(boards.with_metric(board, "calls", gone))))
    assert "not available" in drawn
    assert 'data-role="actual" data-value=""' in drawn
    assert overview(boards.with_metric(board, "calls", gone)).lines[0].verdict == "not available"


def test_a_plan_in_money_alone_is_the_pace_of_the_panel() -> None:
    board = boards.board(12)
    board = boards.with_progress(board, "invoices_paid", boards.progress(Decimal(9), None))
    view = PANELS["invoices_paid"].view(board, Slot("invoices_paid", 12), EN)
    assert (view.value, view.plan_line) == ("9", "No plan for today")
    assert (view.pace.name, view.pace.attainment) == ("of ₴545K", "39%")
    assert overview(board).lines[3].actual == "₴213K"


@pytest.mark.parametrize(
    ("reps", "shown", "more", "grid"), [(0, 0, "", "one"), (3, 3, "", "one"), (12, 12, "", "three")]
)
def test_a_few_managers_are_all_shown(reps: int, shown: int, more: str, grid: str) -> None:
    view = calls(boards.board(reps))
    assert (len(view.reps), view.more, view.grid) == (shown, more, grid)
    assert bool(view.nobody) == (reps == 0)


def test_more_managers_than_there_is_room_for_are_counted() -> None:
    view = calls(boards.board(46))
    assert (len(view.reps), view.more, view.grid) == (39, "+ 7 more", "four")


def test_a_name_is_text_and_nothing_else() -> None:
    for key in PANELS:
        drawn = draw(Slot(key, 12), boards.board(12)).html
        assert "<script" not in drawn, key
        assert "<img src=x" not in drawn, key


def test_no_name_reaches_a_figure() -> None:
    figures = [draw(Slot(key, 12), boards.board(12)).figure for key in PANELS]
    assert "window.pwned" not in str(figures)
    bare = ("overview", "leaderboard", "phone", "average_deal", "win_rate")
    assert [figure is None for figure in figures] == [key in bare for key in PANELS]


def test_a_slot_is_drawn_anew_only_where_it_says_something_else() -> None:
    drawings, board = Drawings(), boards.board(12)
    first = drawings.draw("calls", SLOT, board, EN)
    assert drawings.draw("calls", SLOT, boards.board(12), EN).html is first.html
    other = boards.with_progress(board, "calls", boards.progress(Decimal(77), Decimal(99)))
    assert drawings.draw("calls", SLOT, other, EN).html == Drawings().draw("calls", SLOT, other, EN).html != first.html
    assert drawings.draw("calls", SLOT, board, EN) == first
    assert drawings.draw("calls", SLOT, board, Text("uk")).html != first.html


def test_the_same_board_gives_the_same_bytes() -> None:
    first, second = (draw(SLOT, boards.board(12)).html for _ in range(2))
    assert first == second


def test_a_metric_without_a_curve_gives_its_room_to_the_managers() -> None:
    drawn = draw(Slot("win_rate", 12), boards.board(12)).html
    assert 'class="side side-bare"' in drawn
    assert "card chart" not in drawn
    assert "card chart" in draw(SLOT, boards.board(12)).html


def test_a_panel_shows_as_many_managers_as_its_slot_says() -> None:
    few = PANELS["calls"].view(boards.board(46), replace(SLOT, top=3), EN)
    assert (len(few.reps), few.more) == (3, "")
    assert len(PANELS["calls"].view(boards.board(12), replace(SLOT, top=0), EN).reps) == 12


def test_a_teams_panel_says_whose_it_is() -> None:
    board = replace(boards.board(3), team="main:n", team_name="North")
    for key in ("calls", "overview", "leaderboard"):
        assert "North · " in draw(Slot(key, 12, team="main:n"), board).html


def test_an_hour_ends_at_the_now_it_has_reached() -> None:
    chart = calls(boards.board(12)).chart
    assert chart is not None
    assert [column.label for column in chart.columns] == [str(hour) for hour in range(9, 18)]
    assert [column.when for column in chart.columns] == ["past"] * 5 + ["now"] + ["next"] * 3
    assert chart.columns[-1].plan == "1.0000"


def test_a_month_has_a_column_for_every_day() -> None:
    board = boards.board(12, kind=PeriodKind.MONTH)
    chart = calls(board).chart
    assert chart is not None
    assert len(chart.columns) == 30
    assert [column.label for column in chart.columns if column.label] == ["1", "5", "10", "15", "20", "25", "30"]
    assert chart.columns[19].when == "now"


def test_the_leader_stands_apart_and_the_others_follow_in_order() -> None:
    view = leaders(boards.board(12))
    assert (view.podium.crown, view.podium.rows[0].name) == ("★ Leader of the month", boards.NAMES[0])
    assert view.podium.praise == ("118% of plan", "5 days in the lead")
    assert [row.place for row in view.rows] == ["2", "2", "4", "5", "6", "7", "8", "9", "10"]
    assert [row.move for row in view.rows[:3]] == ["▲ 1", "▼ 1", "▲ 3"]
    assert view.rows[2].note == "₴184,000 to the place above"
    assert view.rows[-1].note.startswith("needs ₴")


def test_several_may_share_the_first_place() -> None:
    view = leaders(replace(boards.board(3), leaderboard=boards.leaderboard(4, sums=[5, 5, 3, 0])))
    assert [row.name for row in view.podium.rows] == list(boards.NAMES[:2])
    assert view.podium.details == "2 share the first place"
    assert view.rows[0].place == "1"
    assert view.rows[-1].note == "nothing yet"


def test_nobody_leads_with_nothing() -> None:
    free = leaders(replace(boards.board(3), leaderboard=boards.leaderboard(3, sums=[0, 0, 0])))
    assert free.podium.empty == "The first place is free: the first result takes it"
    assert len(free.rows) == 3
    assert leaders(boards.board(0)).podium.empty == "No results yet"


def test_by_points_the_leaders_card_says_what_brings_them() -> None:
    rule = (("calls", Decimal(1)), ("call_seconds", Decimal("0.5")), ("deals_won", Decimal(50)),
            ("deals_won_amount", Decimal("2.5")))  # fmt: skip
    board = boards.board(3)
    ranks = replace(board.leaderboard, metric="points", unit=Unit.POINTS, rank_by="points", rule=rule)
    shown = leaders(replace(board, leaderboard=ranks))
    assert shown.about.startswith("Points · ")
    assert shown.podium.rule == (
        "Won deals: 50 each",
        "Won deals, amount: 2.5 per ₴1,000",
        "Calls: 1 each",
        "Talk time: 0.5 a minute",
    )
    assert leaders(board).podium.rule == ()
    longer = replace(ranks, rule=(*rule, ("meetings", Decimal(5))))
    lines = leaders(replace(board, leaderboard=longer)).podium.rule
    assert lines[2:] == ("Won deals, amount: 2.5 per ₴1,000", "+ 2 more")


def test_every_panel_speaks_every_language() -> None:
    for language in ("en", "uk", "ru"):
        for key in PANELS:
            for board in (boards.board(3), boards.board(0), boards.board(40, plan=False, done=False)):
                drawn = draw(Slot(key, 12), board, Text(language)).html
                assert "{" not in drawn, (language, key)
