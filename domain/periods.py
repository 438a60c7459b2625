"""Periods: the day, week, month, quarter or year that holds a day; a fiscal year may start in any month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from domain.board import Period
from domain.settings import PeriodKind

DAY = timedelta(days=1)

_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


def period_of(kind: PeriodKind, day: date, week_start: int = 1, year_start: int = 1) -> Period:
    """The period that holds `day`. `week_start` is an ISO weekday, `year_start` a month, which quarters follow."""
    if kind is PeriodKind.DAY:
        return Period(kind, day, day)
    if kind is PeriodKind.WEEK:
        first = day - timedelta(days=(day.isoweekday() - week_start) % 7)
        return Period(kind, first, first + timedelta(days=6))
    length = _MONTHS[kind]
    into = (day.month - year_start) % length
    first = _add_months(day.replace(day=1), -into)
    return Period(kind, first, _add_months(first, length) - DAY)


def previous(period: Period, week_start: int = 1, year_start: int = 1) -> Period:
    """The period of the same kind right before."""
    return period_of(period.kind, period.first - DAY, week_start, year_start)


def so_far(period: Period, today: date) -> Period:
    """The days of the period that have begun; where none has, it ends before it begins."""
    return replace(period, last=max(min(period.last, today), period.first - DAY))


def days(period: Period) -> Iterator[date]:
    """Every calendar day of the period, in order."""
    return days_between(period.first, period.last)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every calendar day from `first` to `last`, both included; none when `last` is before `first`."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _add_months(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)
