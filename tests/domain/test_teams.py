"""Teams over time: a day belongs to the team of that day, and to no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.board import Period
from domain.people import Rep, Stint
from domain.plans import floor, plans
from domain.privacy import Discretion, discreet
from domain.settings import PeriodKind
from domain.targets import TargetBook
from domain.teams import LineUp, came_or_went, line_ups, team_on, was_in
from tests.domain.office import DASHA, NIKITA, NORTH, OLENA, SETTINGS, SOUTH, TODAY, board, by_name, inputs, target

MONTH = Period(PeriodKind.MONTH, date(2026, 11, 1), date(2026, 11, 30))
MOVED = date(2026, 11, 16)
# Olena went from North to South in the middle of the month; the second half has 11 of its 21 working days.
MOVER = replace(OLENA, team=SOUTH.key, stints=(Stint(date.min, NORTH.key), Stint(MOVED, SOUTH.key)))
REPS = (MOVER, NIKITA, DASHA)
TEAMS = (NORTH, SOUTH)


@pytest.mark.parametrize(
    ("rep", "day", "team"),
    [
        (OLENA, TODAY, NORTH.key),
        (MOVER, MOVED - timedelta(days=1), NORTH.key),
        (MOVER, MOVED, SOUTH.key),
        (replace(OLENA, stints=(Stint(MOVED, None),)), date(2026, 1, 1), None),
    ],
)
def test_a_day_is_of_the_team_of_that_day(rep: Rep, day: date, team: str | None) -> None:
    assert team_on(rep, day) == team


def test_a_team_has_had_whoever_was_in_it_on_any_day() -> None:
    assert was_in(MOVER, NORTH.key, MONTH)
    assert was_in(MOVER, SOUTH.key, MONTH)
    assert not was_in(MOVER, NORTH.key, replace(MONTH, first=MOVED))


def test_a_span_has_the_same_people_on_all_its_days() -> None:
    before, after = MOVED - timedelta(days=1), MOVED
    found = line_ups(REPS, NORTH.key, MONTH.first, MONTH.last)
    assert found == [LineUp(MONTH.first, before, ("main:1", "main:2")), LineUp(after, MONTH.last, ("main:2",))]
    assert came_or_went(found) == {"main:1"}
    assert line_ups(REPS, None, MONTH.first, MONTH.last)[0].reps == ("main:1", "main:2", "main:3")


def test_a_plan_falls_to_the_teams_by_days_and_sums_to_the_companys() -> None:
    book = TargetBook([target(210, OLENA), target(100, NIKITA), target(50, DASHA)])
    parts = {team: _due(book, team) for team in (NORTH.key, SOUTH.key, None)}
    assert parts == {NORTH.key: 100 + 100, SOUTH.key: 110 + 50, None: 360}


def test_a_teams_own_plan_stands_for_the_days_in_it_alone() -> None:
    book = TargetBook([target(210, OLENA), target(100, NIKITA), target(50, DASHA), target(1000, team=SOUTH)])
    assert _due(book, None) == 1000 + 100 + 100


def test_the_board_of_a_team_names_who_was_there_by_the_team_of_then() -> None:
    given = inputs([target(210, OLENA)], reps=REPS)
    north = board(given, PeriodKind.MONTH, team=NORTH.key).metric("calls")
    assert by_name(north)["Olena"].target == 100
    assert {row.name: row.team for row in north.reps} == {"Olena": "North", "Nikita": "North"}
    everybody = board(given, PeriodKind.MONTH).metric("calls")
    assert {row.name: row.team for row in everybody.reps}["Olena"] == "South"
    assert everybody.progress.target == 210


def test_who_is_hidden_is_counted_and_ranked_nowhere() -> None:
    given = inputs([target(210, OLENA)], reps=(replace(OLENA, hidden=True), NIKITA, DASHA), settings=SETTINGS)
    shown = board(given, PeriodKind.MONTH)
    assert shown.metric("calls").progress.target == 210
    assert {row.name: row.hidden for row in shown.metric("calls").reps} == {
        "Olena": True, "Nikita": False, "Dasha": False
    }  # fmt: skip
    assert {row.name for row in shown.leaderboard.rows} == {"Nikita", "Dasha"}
    wall = discreet(shown, Discretion())
    metrics = (*wall.metrics.values(), *wall.month.values())
    assert {row.name for metric in metrics for row in metric.reps} == {"Nikita", "Dasha"}
    assert wall.metric("calls").progress == shown.metric("calls").progress


def _due(book: TargetBook, team: str | None) -> Decimal:
    on = floor(SETTINGS, REPS, TEAMS, MONTH, team)
    plan = plans(book, on, tuple(TODAY for _ in on.calendars))["calls"]
    return sum((part.target for part in (*plan.own, *plan.summed.values())), Decimal(0))
