"""Curves: how a sum grew over a day or a longer period, beside the plan and the usual such day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.board import Curve, Period, Point
from domain.periods import days
from domain.settings import Hours
from domain.shapes import Shape, done_by
from domain.worktime import clock_hours, seconds

# A usual day needs this many to learn from.
ENOUGH = 2

_ZERO = Decimal(0)
_STEP = Decimal("0.0001")
_DAY_HOURS = 24

# A day's sums by local hour, 0 to 23.
HourSums = Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class DayAxis:
    """The hours of one day: where the axis begins and ends, and how much of the working time has passed where.

    `marks` are local hours; `passed` has, for each zone, the part of the working time gone by at each mark.
    """

    first: int
    last: int
    marks: tuple[Decimal, ...]
    passed: Mapping[str, tuple[Decimal, ...]]


def day_axis(zone: str, hours: Hours, zones: Iterable[str], day: date, hours_with_facts: Iterable[int]) -> DayAxis:
    """The axis of a day's curve in the office's zone from opening to closing, wider where there are facts.

    `zones` are those in which somebody works the same hours.
    """
    facts = list(hours_with_facts)
    opens, closes = _opening_hours(hours)
    first, last = min([opens, *facts]), max([closes, *(hour + 1 for hour in facts)])
    return _axis(zone, hours, tuple(sorted(set(zones))), day, first, last)


def shaped(axis: DayAxis, zone: str, day: date, shape: Shape) -> DayAxis:
    """The same axis where the plan follows a usual day; it is due in full when the working time is over."""
    instants = [_instant(zone, day, mark) for mark in axis.marks]

    def usually(there: str, part: Decimal, at: datetime) -> Decimal:
        local = at.astimezone(ZoneInfo(there)).date()
        if part == 1 or local > day:
            return Decimal(1)
        return done_by(shape, clock_hours(at, there)) if local == day else _ZERO

    passed = {
        there: tuple(usually(there, part, at) for part, at in zip(parts, instants, strict=True))
        for there, parts in axis.passed.items()
    }
    return replace(axis, passed=passed)


def now_mark(zone: str, day: date, now: datetime) -> Decimal | None:
    """The local hour that it is on that day: None before the day, 24 after it."""
    local = now.astimezone(ZoneInfo(zone))
    if local.date() != day:
        return None if local.date() < day else Decimal(_DAY_HOURS)
    return _hour(local.time())


def day_curve(
    axis: DayAxis,
    now: Decimal | None,
    total: Decimal,
    hours: HourSums,
    plan: Mapping[str, Decimal],
    usual: Sequence[HourSums],
) -> Curve:
    """The curve of one day up to the local hour `now`. `plan` is the day's target by zone, `usual` the sums of
    comparable earlier days.

    What `total` holds beyond the hours' sums has no time of day: it lies under the whole curve.
    """
    return Curve(
        actual=() if now is None else _actual(axis, now, total, hours),
        plan=tuple(Point(mark, _planned(axis, plan, place)) for place, mark in enumerate(axis.marks)) if plan else (),
        usual=_usual(axis, usual) if len(usual) >= ENOUGH else (),
        x_first=Decimal(axis.first),
        x_last=Decimal(axis.last),
    )


def period_curve(
    period: Period, today: date, sums: Mapping[date, Decimal], plan: Iterable[Mapping[date, Decimal]]
) -> Curve:
    """The curve of a longer period by day. `plan` are daily shares that add up."""
    parts = list(plan)
    every = list(days(period))
    planned = _running(sum((part.get(day, _ZERO) for part in parts), _ZERO) for day in every)
    done = _running(sums.get(day, _ZERO) for day in every if day <= today)
    return Curve(
        actual=_numbered(done),
        plan=_numbered(planned) if parts else (),
        usual=(),
        x_first=Decimal(1),
        x_last=Decimal(len(every)),
    )


@lru_cache(maxsize=64)
def _axis(zone: str, hours: Hours, zones: tuple[str, ...], day: date, first: int, last: int) -> DayAxis:
    edges = (_hour(edge) for edge in (hours.break_start, hours.break_end, hours.start, hours.end))
    halves = (Decimal(half) / 2 for half in range(2 * first, 2 * last + 1))
    marks = tuple(sorted({*halves, *(edge for edge in edges if first <= edge <= last)}))
    instants = [_instant(zone, day, mark) for mark in marks]
    passed = {}
    for there in zones:
        parts = (seconds(there, hours, day, instant) for instant in instants)
        passed[there] = tuple(Decimal(gone) / whole for gone, whole in parts)
    return DayAxis(first, last, marks, passed)


def _actual(axis: DayAxis, now: Decimal, total: Decimal, hours: HourSums) -> tuple[Point, ...]:
    end = min(max(now, Decimal(axis.first)), Decimal(axis.last))
    sums = [hours.get(hour, _ZERO) for hour in range(axis.first, axis.last)]
    running = _running([total - sum(sums, _ZERO), *sums])
    points = [Point(Decimal(axis.first + place), value) for place, value in enumerate(running)]
    return (*(point for point in points if point.x < end), Point(end, total))


def _planned(axis: DayAxis, plan: Mapping[str, Decimal], place: int) -> Decimal:
    return sum((share * axis.passed[zone][place] for zone, share in plan.items()), _ZERO).quantize(_STEP)


def _usual(axis: DayAxis, usual: Sequence[HourSums]) -> tuple[Point, ...]:
    """The mean of the days' running sums at each full hour; what came before the axis is in its first point."""
    before = sum((value for sums in usual for hour, value in sums.items() if hour < axis.first), _ZERO)
    each = (sum((sums.get(hour, _ZERO) for sums in usual), _ZERO) for hour in range(axis.first, axis.last))
    means = ((value / len(usual)).quantize(_STEP) for value in _running([before, *each]))
    return tuple(Point(Decimal(axis.first + place), mean) for place, mean in enumerate(means))


def _running(values: Iterable[Decimal]) -> list[Decimal]:
    sums: list[Decimal] = []
    for value in values:
        sums.append((sums[-1] if sums else _ZERO) + value)
    return sums


def _numbered(values: Iterable[Decimal]) -> tuple[Point, ...]:
    return tuple(Point(Decimal(number), value) for number, value in enumerate(values, start=1))


def _opening_hours(hours: Hours) -> tuple[int, int]:
    """Full local hours that hold the working time; a night shift lies at both ends of its day."""
    if hours.start >= hours.end:
        return 0, _DAY_HOURS
    return hours.start.hour, hours.end.hour + bool(hours.end.minute)


def _hour(moment: time) -> Decimal:
    return Decimal(moment.hour * 60 + moment.minute) / 60


def _instant(zone: str, day: date, mark: Decimal) -> datetime:
    whole_days, minute = divmod(round(mark * 60), _DAY_HOURS * 60)
    moment = time(minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    return datetime.combine(day + timedelta(days=whole_days), moment)
