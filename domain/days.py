"""Days: a month of one rep, day by day, made or missed by what each day asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.board import Period
from domain.metrics import METRICS, Unit
from domain.people import Rep
from domain.periods import days, period_of
from domain.settings import PeriodKind, Settings
from domain.targets import REP, Ground, TargetBook, shares
from domain.totals import exponent
from domain.worktime import Calendar, absence_on, is_employed, is_regular, rep_calendar

_ZERO = Decimal(0)


class DayKind(StrEnum):
    """How a day ended. FREE = a working day that asked for nothing, UNDER_WAY = today, not made yet."""

    MADE = "made"
    MISSED = "missed"
    UNDER_WAY = "under_way"
    AHEAD = "ahead"
    FREE = "free"
    OFF = "off"
    HOLIDAY = "holiday"
    AWAY = "away"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it asked for, as its own board showed it (None = nothing), and what was done (None = to come)."""

    day: date
    kind: DayKind
    target: Decimal | None
    actual: Decimal | None


def rep_days(
    book: TargetBook,
    settings: Settings,
    rep: Rep,
    metric: str,
    period: Period,
    actuals: Mapping[date, Decimal],
    today: date,
) -> tuple[Day, ...]:
    """Every day of the period. `actuals` are the rep's sums by day, `today` the rep's own."""
    calendar = rep_calendar(settings, rep)
    return tuple(
        _day(calendar, metric, day, _target(book, settings, rep, metric, day), actuals.get(day, _ZERO), today)
        for day in days(period)
    )


def idle(calendar: Calendar, day: date) -> DayKind | None:
    """Why nobody expects work on that day, None for a working day."""
    if not is_employed(calendar, day):
        return DayKind.OUTSIDE
    if not is_regular(calendar, day):
        return DayKind.HOLIDAY if day.isoweekday() in calendar.workdays else DayKind.OFF
    return DayKind.AWAY if absence_on(calendar, day) is not None else None


def _target(book: TargetBook, settings: Settings, rep: Rep, metric: str, day: date) -> Decimal | None:
    """What the day asked for, seen on that very day: a later change of the month's target judges no day before it."""
    plan = book.plan(metric, REP, rep.key)
    if plan is None:
        return None
    ground = Ground(
        calendar=rep_calendar(settings, rep),
        seen=day,
        week_start=settings.week_start,
        year_start=settings.year_start,
        places=exponent(settings.currency) if METRICS[metric].unit is Unit.MONEY else 0,
        scope_key=rep.key,
    )
    return shares(plan, period_of(PeriodKind.DAY, day), ground).get(day)


def _day(calendar: Calendar, metric: str, day: date, target: Decimal | None, actual: Decimal, today: date) -> Day:
    off = idle(calendar, day)
    if off is not None and not target:
        return Day(day, off, None, actual if day <= today else None)
    if day > today:
        return Day(day, DayKind.AHEAD, target, None)
    return Day(day, _judged(metric, target, actual, day == today), target, actual)


def _judged(metric: str, target: Decimal | None, actual: Decimal, under_way: bool) -> DayKind:
    higher = METRICS[metric].higher_is_better
    if target is None or (higher and not target and not actual):
        return DayKind.FREE
    # A limit is kept only when the day is over.
    if actual >= target if higher else actual <= target and not under_way:
        return DayKind.MADE
    return DayKind.UNDER_WAY if under_way else DayKind.MISSED
