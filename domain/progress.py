"""Progress: actual against target at an instant: expected, gap, attainment, required rate, projection, status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.board import Period, Progress, RequiredRate, Status
from domain.settings import PeriodKind, Settings
from domain.shapes import Shape, done_by
from domain.worktime import Calendar, clock_hours, elapsed, hours_left, seconds, today, workdays_left

# Expectations are kept to this, so that those of the reps sum to their team's digit for digit.
_EXPECTED_STEP = Decimal("0.0001")
_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The part of a period in which no verdict is given (`early`), and how far below the expected "behind" goes."""

    early: Decimal = Decimal("0.2")
    behind: Decimal = Decimal("0.15")


USUAL_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a calendar has come in a period: the part `elapsed` (0 to 1), and what is left of working time.

    `gone` of `whole` seconds of `day`, today in the calendar's zone, have passed; `clock` is its local time (9.5 =
    09:30). `left` is in hours for a period of one day, else in working days.
    """

    day: date
    gone: int
    whole: int
    elapsed: Decimal
    left: Decimal
    per: str
    clock: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """A period's target, and how much of it falls on days before today (`finished`) and on today (`current`)."""

    target: Decimal
    finished: Decimal
    current: Decimal


def limits(settings: Settings) -> Limits:
    """The limits that the office has set."""
    return Limits(Decimal(settings.early_percent) / 100, Decimal(settings.behind_percent) / 100)


def pace(calendar: Calendar, period: Period, now: datetime) -> Pace:
    """The pace of a calendar in a period."""
    day = today(calendar.zone, now)
    gone, whole = seconds(calendar.zone, calendar.hours, day, now)
    part = elapsed(calendar, period, now)
    if period.kind is PeriodKind.DAY:
        left, per = hours_left(calendar, period.first, now), "hour"
    else:
        left, per = workdays_left(calendar, period, now), "day"
    return Pace(
        day=day,
        gone=gone,
        whole=whole,
        elapsed=Decimal(part.numerator) / part.denominator,
        left=Decimal(left.numerator) / left.denominator,
        per=per,
        clock=clock_hours(now, calendar.zone),
    )


def due(daily: Mapping[date, Decimal], day: date) -> Due | None:
    """What daily shares ask for, seen on `day`; None where there are none: no target."""
    if not daily:
        return None
    finished = sum([share for of, share in daily.items() if of < day], _ZERO)
    return Due(sum(daily.values(), _ZERO), finished, daily.get(day, _ZERO))


def expected(what: Due, at: Pace, shape: Shape | None = None) -> Decimal:
    """What should be done by now: the finished days in full, today by the part of its hours that has passed.

    With a shape, by what such days usually had brought by this time; when the working time is over, all of it.
    """
    if at.gone == at.whole or not what.current:
        return what.finished + what.current
    if shape is not None:
        return what.finished + (what.current * done_by(shape, at.clock)).quantize(_EXPECTED_STEP)
    return what.finished + (what.current * at.gone / at.whole).quantize(_EXPECTED_STEP)


def progress(
    actual: Decimal | None,
    target: Decimal | None,
    expected: Decimal | None,
    at: Pace,
    higher_is_better: bool = True,
    summed: bool = True,
    within: Limits = USUAL_LIMITS,
) -> Progress:
    """Plan against fact. `summed` False for a ratio: it is expected in full from the start and is not projected."""
    if not summed:
        expected = target
    gap = None if actual is None or expected is None else actual - expected
    return Progress(
        actual=actual,
        target=target,
        expected=expected,
        attainment=actual / target if actual is not None and target else None,
        gap=gap,
        required_rate=_required(actual, target, at) if summed and higher_is_better else None,
        projected=actual / at.elapsed if summed and actual is not None and at.elapsed else None,
        status=_status(actual, target, expected, at.elapsed, higher_is_better, within),
        elapsed=at.elapsed,
    )


def _required(actual: Decimal | None, target: Decimal | None, at: Pace) -> RequiredRate | None:
    """None when there is no target, it is met, or no working time is left. Less than a whole day is one day."""
    if actual is None or target is None or actual >= target or not at.left:
        return None
    left = max(at.left, _ONE) if at.per == "day" else at.left
    return RequiredRate((target - actual) / left, at.per)


def _status(
    actual: Decimal | None,
    target: Decimal | None,
    expected: Decimal | None,
    part: Decimal,
    higher_is_better: bool,
    within: Limits,
) -> Status:
    if target is None or expected is None:
        return Status.NO_TARGET
    if actual is None:
        return Status.TOO_EARLY
    if (actual >= target) if higher_is_better else (part == 1 and actual <= target):
        return Status.MET
    if part < within.early:
        return Status.TOO_EARLY
    behind = expected - actual if higher_is_better else actual - expected
    if behind <= 0:
        return Status.AHEAD
    return Status.BEHIND if behind <= expected * within.behind else Status.FAR_BEHIND
