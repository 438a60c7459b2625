"""The days of a month: made, missed, or none to be judged; each by the plan that it had itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.days import Day, DayKind, rep_days
from domain.people import Absence, Rep
from domain.periods import period_of
from domain.settings import PeriodKind, Settings
from domain.targets import Target, TargetBook
from tests.domain.office import OLENA, SETTINGS, TODAY, target

MONTH = period_of(PeriodKind.MONTH, TODAY)


def day(number: int) -> date:
    return date(2026, 11, number)


def of(
    targets: Sequence[Target],
    done: dict[int, int],
    rep: Rep = OLENA,
    settings: Settings = SETTINGS,
    metric: str = "calls",
) -> dict[int, Day]:
    actuals = {day(number): Decimal(value) for number, value in done.items()}
    found = rep_days(TargetBook(targets), settings, rep, metric, MONTH, actuals, TODAY)
    return {each.day.day: each for each in found}


@pytest.mark.parametrize(
    ("number", "done", "kind"),
    [
        (19, 10, DayKind.MADE),
        (19, 11, DayKind.MADE),
        (19, 9, DayKind.MISSED),
        (19, 0, DayKind.MISSED),
        (20, 9, DayKind.UNDER_WAY),
        (20, 10, DayKind.MADE),
        (23, 0, DayKind.AHEAD),
        (21, 0, DayKind.OFF),
        (14, 30, DayKind.OFF),
    ],
    ids=str,
)
def test_a_working_day_is_judged_when_it_is_over_and_made_as_soon_as_it_is(
    number: int, done: int, kind: DayKind
) -> None:
    # 21 working days of ten calls each.
    assert of([target(210, OLENA)], {number: done})[number].kind is kind


def test_every_day_of_the_month_is_there_and_the_shares_of_its_working_days_sum_to_its_plan() -> None:
    days = of([target(205, OLENA)], {})
    assert sorted(days) == list(range(1, 31))
    assert sum(each.target or 0 for each in days.values()) == 205
    assert [number for number, each in days.items() if each.actual is None] == list(range(21, 31))


def test_a_later_change_of_the_plan_judges_no_day_before_it() -> None:
    plans = [target(210, OLENA), target(420, OLENA, since=day(16))]
    days = of(plans, {12: 10, 13: 10, 16: 10, 17: 20})
    numbers = (12, 13, 16, 17)
    assert [days[n].target for n in numbers] == [10, 10, 20, 20]
    assert [days[n].kind for n in numbers] == [DayKind.MADE, DayKind.MADE, DayKind.MISSED, DayKind.MADE]


def test_days_on_which_nobody_works_are_told_apart() -> None:
    away = replace(OLENA, absences=(Absence(day(10), day(11)),), joined=day(4))
    settings = replace(SETTINGS, holidays_added=frozenset((day(17),)))
    days = of([target(210, away)], {10: 3}, away, settings)
    kinds = {number: days[number].kind for number in (2, 3, 8, 10, 11, 17)}
    assert kinds == {
        2: DayKind.OUTSIDE,
        3: DayKind.OUTSIDE,
        8: DayKind.OFF,
        10: DayKind.AWAY,
        11: DayKind.AWAY,
        17: DayKind.HOLIDAY,
    }
    assert days[10].actual == 3


def test_a_day_that_asks_for_nothing_is_neither_made_nor_missed_until_something_is_done() -> None:
    days = of([target(2, OLENA)], {3: 1})
    due = [number for number, each in days.items() if each.target]
    assert len(due) == 2
    assert days[3].kind is DayKind.MADE
    free = next(number for number in (4, 5, 6, 9) if number not in due)
    assert days[free].kind is DayKind.FREE
    assert of([], {4: 7})[4] == Day(day(4), DayKind.FREE, None, Decimal(7))


def test_a_limit_is_kept_only_when_the_day_is_over() -> None:
    limit = target(1, OLENA, metric="missed_calls", period=PeriodKind.DAY)
    days = of([limit], {18: 2, 19: 1, 20: 0}, metric="missed_calls")
    assert [days[n].kind for n in (18, 19, 20)] == [DayKind.MISSED, DayKind.MADE, DayKind.UNDER_WAY]


def test_a_target_for_a_day_off_makes_it_a_day_to_be_judged() -> None:
    saturday = target(5, OLENA, period=PeriodKind.DAY, since=day(14), until=day(14))
    assert of([saturday], {14: 5})[14].kind is DayKind.MADE
