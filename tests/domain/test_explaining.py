"""The explanation of a plan: its shares add up to the target, what is due of them to the expectation on the board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.board import Board, Progress
from domain.counting import Whose
from domain.explaining import DayWord, RowState, day_shares, day_word, portions, row_states
from domain.people import Absence, Rep, Stint, Team
from domain.periods import period_of
from domain.settings import PeriodKind
from domain.targets import COMPANY, REP, TEAM, Target, TargetBook
from domain.worktime import rep_calendar
from tests.domain.office import AFTERNOON, DASHA, NIKITA, NORTH, OLENA, SETTINGS, SOUTH, board, inputs, target

MONTH_OF = period_of(PeriodKind.MONTH, AFTERNOON.date())
AWAY = replace(OLENA, absences=(Absence(date(2026, 11, 9), date(2026, 11, 10)),
                                Absence(date(2026, 11, 23), date(2026, 11, 24), lowers=False)))  # fmt: skip
MOVED = replace(DASHA, team=NORTH.key, stints=(Stint(date(2026, 1, 1), SOUTH.key),
                                               Stint(date(2026, 11, 17), NORTH.key)))  # fmt: skip
STARTER = replace(NIKITA, joined=date(2026, 11, 12), zone="America/New_York")
TEAMS = (NORTH, SOUTH)


def figures(shown: Board, crew: tuple[Rep, ...], key: str) -> Iterator[tuple[Progress, Whose]]:
    """The figures of a board, each with whose it is."""
    metric, known = shown.metric(key), {rep.key: rep for rep in crew}
    ours = tuple(known[line.rep] for line in metric.reps)
    top = Whose(COMPANY, "", ours, TEAMS) if shown.team is None else Whose(TEAM, shown.team, ours)
    yield metric.progress, top
    if shown.team is None:
        yield from ((line.progress, Whose(REP, line.rep, (known[line.rep],))) for line in metric.reps)


PLANS: dict[str, list[Target]] = {
    "reps alone": [target(210, AWAY), target(43, STARTER), target(7, DASHA)],
    "a team has its own": [target(210, AWAY), target(400, team=NORTH), target(7, DASHA)],
    "the company has its own": [target(1000), target(210, AWAY), target(400, team=NORTH)],
    "weeks and days": [
        target(40, AWAY, period=PeriodKind.WEEK),
        target(12, AWAY, period=PeriodKind.DAY, since=date(2026, 11, 18), until=date(2026, 11, 20)),
        target(600, STARTER, period=PeriodKind.QUARTER),
    ],
    "nobody": [],
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("kind", list(PeriodKind))
def test_the_days_add_up_to_the_target_and_what_is_due_of_them_to_the_expectation(name: str, kind: PeriodKind) -> None:
    crew, rows = (AWAY, STARTER, MOVED), PLANS[name]
    given = inputs(rows, reps=crew)
    for now in (AFTERNOON, AFTERNOON + timedelta(days=12), AFTERNOON - timedelta(days=21)):
        for team in (None, NORTH.key, SOUTH.key):
            shown = board(given, kind, now, team)
            for progress, whose in figures(shown, crew, "calls"):
                found = portions(TargetBook(rows), SETTINGS, "calls", shown.period, now, whose)
                days = day_shares(found, SETTINGS, shown.period, now, whose)
                assert (sum((each.target for each in found), Decimal(0)) if found else None) == progress.target
                assert sum((day.share or Decimal(0) for day in days), Decimal(0)) == (progress.target or 0)
                assert sum((day.due for day in days), Decimal(0)) == (progress.expected or 0)


def test_where_days_go_as_usual_today_has_what_is_left_of_the_expectation() -> None:
    whose, rows = Whose(REP, OLENA.key, (OLENA,)), [target(210, OLENA)]
    found = portions(TargetBook(rows), SETTINGS, "calls", MONTH_OF, AFTERNOON, whose)
    plain = day_shares(found, SETTINGS, MONTH_OF, AFTERNOON, whose)
    usual = day_shares(found, SETTINGS, MONTH_OF, AFTERNOON, whose, Decimal("143.5"))
    assert sum((day.due for day in usual), Decimal(0)) == Decimal("143.5")
    assert [day.day for day, other in zip(plain, usual, strict=True) if day != other] == [AFTERNOON.date()]


def test_a_day_is_called_what_it_is_to_its_person() -> None:
    words = {
        date(2026, 11, 8): DayWord.OFF,
        date(2026, 11, 9): DayWord.AWAY,
        date(2026, 11, 11): DayWord.WORK,
        date(2026, 11, 12): DayWord.HOLIDAY,
        date(2026, 11, 23): DayWord.KEPT,
        date(2026, 11, 2): DayWord.NOT_YET,
        date(2026, 11, 27): DayWord.LEFT,
    }
    rep = replace(AWAY, joined=date(2026, 11, 3), left=date(2026, 11, 26))
    settings = replace(SETTINGS, holidays_added=frozenset({date(2026, 11, 12)}))
    assert {day: day_word(rep_calendar(settings, rep), day) for day in words} == words


def test_everybody_at_work_is_counted_day_by_day() -> None:
    whose = Whose(COMPANY, "", (AWAY, STARTER, DASHA), TEAMS)
    days = {day.day: day for day in day_shares((), SETTINGS, MONTH_OF, AFTERNOON, whose)}
    assert [days[date(2026, 11, day)].at_work for day in (6, 8, 9, 12)] == [2, 0, 1, 3]
    assert {day.share for day in days.values()} == {None}


def states(rows: list[Target], kind: PeriodKind = PeriodKind.MONTH, now: datetime = AFTERNOON,
           key: str = "calls") -> list[RowState | None]:  # fmt: skip
    """What became of each row, None where it does not touch the period."""
    plan = TargetBook(rows).plan(key, REP, OLENA.key) or {}
    found = row_states(plan, key, SETTINGS, period_of(kind, now.date()), now)
    return [found.get(row.order) for row in rows]


def test_of_a_changed_target_the_last_one_holds_and_one_that_begins_later_waits() -> None:
    rows = [
        target(100, OLENA),
        target(120, OLENA, since=date(2026, 11, 16)),
        target(140, OLENA, since=date(2026, 11, 25)),
        target(90, OLENA, since=date(2026, 12, 1)),
    ]
    assert states(rows) == [RowState.REPLACED, RowState.HOLDS, RowState.LATER, None]
    assert states(rows, now=AFTERNOON - timedelta(days=10)) == [RowState.HOLDS, RowState.LATER, RowState.LATER, None]


def test_a_withdrawn_target_is_told_and_a_longer_one_takes_its_place() -> None:
    month = target(100, OLENA, since=MONTH_OF.first, until=MONTH_OF.last)
    quarter = target(330, OLENA, period=PeriodKind.QUARTER)
    assert states([month, quarter]) == [RowState.HOLDS, RowState.ELSEWHERE]
    gone = target(None, OLENA, since=MONTH_OF.first, until=MONTH_OF.last)
    assert states([month, quarter, gone]) == [RowState.REPLACED, RowState.HOLDS, RowState.WITHDRAWN]


def test_a_ratio_goes_by_one_target_alone() -> None:
    rows = [
        target("0.3", OLENA, metric="win_rate", period=PeriodKind.QUARTER),
        target("0.4", OLENA, metric="win_rate", period=PeriodKind.WEEK),
    ]
    assert states(rows, key="win_rate") == [RowState.HOLDS, RowState.ELSEWHERE]
    assert states(rows, PeriodKind.WEEK, key="win_rate") == [RowState.ELSEWHERE, RowState.HOLDS]
    assert portions(TargetBook(rows), SETTINGS, "win_rate", MONTH_OF, AFTERNOON, Whose(REP, OLENA.key, (OLENA,))) == ()


def test_teams_without_a_target_leave_their_people_to_be_summed() -> None:
    other = Team("main:x", "Empty")
    whose = Whose(COMPANY, "", (OLENA, DASHA), (*TEAMS, other))
    rows = [target(10, OLENA), target(20, DASHA), target(15, team=SOUTH)]
    found = portions(TargetBook(rows), SETTINGS, "calls", MONTH_OF, AFTERNOON, whose)
    assert [(each.scope, each.key, each.target) for each in found] == [
        (TEAM, SOUTH.key, Decimal(15)),
        (REP, OLENA.key, Decimal(10)),
    ]
