"""Shapes: how much of a day's work is usually done by which hour, learned from the last four weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from domain.sums import HourSums

# The part of a day that is done at each full hour: 0 at 00:00, 1 at 24:00, never less than the hour before.
Shape = tuple[Decimal, ...]

WEEKS = 4
# A metric with facts on fewer of these days is too rare to have a shape.
ENOUGH = 10
_HOURS = 24
_WEEK = timedelta(days=7)
_ZERO, _ONE = Decimal(0), Decimal(1)


def learned(sums: HourSums, today: date) -> dict[str, Shape]:
    """The shape of each metric that has one, from its sums by day and hour.

    None before every one of the last four weeks has had some work in it.
    """
    days = {day for of in sums.values() for day in of}
    weeks = {(today - day).days // _WEEK.days for day in days if day < today}
    if not weeks.issuperset(range(WEEKS)):
        return {}
    return {key: shape for key, of in sums.items() if len(of) >= ENOUGH and (shape := _shape(of.values())) is not None}


def done_by(shape: Shape, clock: Decimal) -> Decimal:
    """The part of a day that is usually done by a local time (9.5 = 09:30), evenly within its hour."""
    hour = min(int(clock), _HOURS - 1)
    return shape[hour] + (shape[hour + 1] - shape[hour]) * (clock - hour)


def _shape(days: Iterable[Mapping[int, Decimal]]) -> Shape | None:
    """All of the days together, so that a busy one weighs more; None where they come to nothing."""
    by_hour = [_ZERO] * _HOURS
    for day in days:
        for hour, value in day.items():
            by_hour[hour] += value
    # An hour in which more was credited back than sold takes nothing back from those before.
    running = list(accumulate((max(value, _ZERO) for value in by_hour), initial=_ZERO))
    return (*(value / running[-1] for value in running[:-1]), _ONE) if running[-1] else None
