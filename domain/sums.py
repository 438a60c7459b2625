"""Sums: stored totals as one exact number per rep and metric, in whole units of the base currency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.metrics import METRICS, Metric, Ratio, Unit
from domain.totals import RateBook, Total, exponent, from_minor

_ZERO = Decimal(0)

# Metric to rep to sum.
Amounts = dict[str, dict[str, Decimal]]
# Stored sums over several reps: metric, currency ("" = no money), local day, hour (0 to 23), value (minor units).
HourRow = tuple[str, str, date, int, int]
DayRow = tuple[str, str, date, int]
# Metric to day to hour to sum, metric to day to sum.
HourSums = dict[str, dict[date, dict[int, Decimal]]]
DaySums = dict[str, dict[date, Decimal]]


@dataclass(slots=True)
class Converter:
    """Turns stored values into whole units, and remembers what it could not convert.

    `unrated` holds, by currency, the places of the sums left out for want of a rate on their day.
    """

    rates: RateBook
    unrated: dict[str, set[tuple[str, str, date | None]]] = field(default_factory=dict)

    def whole(self, metric: str, currency: str, value: int, day: date | None, rep: str = "") -> Decimal | None:
        """A stored value in whole units, exact; None (and remembered) where its currency has no rate on that day."""
        if not currency:
            return Decimal(value)
        if currency == self.rates.base:
            return from_minor(value, currency)
        rate = self.rates.value(currency, day) if day is not None else None
        if rate is None:
            self.unrated.setdefault(currency, set()).add((rep, metric, day))
            return None
        return from_minor(value, currency) * rate


def by_rep(totals: Iterable[Total], converter: Converter) -> Amounts:
    """Metric to rep to sum, exact: amounts converted at a rate are rounded by `rounded`, once, when they are shown."""
    sums: Amounts = {}
    for total in totals:
        value = converter.whole(total.metric, total.currency, total.value, total.day, total.rep)
        if value is not None:
            of = sums.setdefault(total.metric, {})
            before = of.get(total.rep)
            of[total.rep] = value if before is None else before + value
    return sums


def by_hour(rows: Iterable[HourRow], converter: Converter) -> HourSums:
    """Sums by metric, day and local hour, rounded to the minor unit."""
    sums: HourSums = {}
    for metric, currency, day, hour, stored in rows:
        value = converter.whole(metric, currency, stored, day)
        if value is not None:
            hours = sums.setdefault(metric, {}).setdefault(day, {})
            hours[hour] = hours.get(hour, _ZERO) + rounded(metric, value, converter.rates.base)
    return sums


def by_day(rows: Iterable[DayRow], converter: Converter) -> DaySums:
    """Sums by metric and day, rounded to the minor unit."""
    sums: DaySums = {}
    for metric, currency, day, stored in rows:
        value = converter.whole(metric, currency, stored, day)
        if value is not None:
            days = sums.setdefault(metric, {})
            days[day] = days.get(day, _ZERO) + rounded(metric, value, converter.rates.base)
    return sums


def rounded(metric: str, value: Decimal, currency: str) -> Decimal:
    """Money to the minor unit of the currency, half to even; everything else as it is."""
    return value.quantize(Decimal(1).scaleb(-exponent(currency))) if METRICS[metric].unit is Unit.MONEY else value


def actual(key: str, sums: Amounts, rep: str, currency: str) -> Decimal | None:
    """One rep's value of a metric; 0 without facts, None for a ratio over nothing."""
    metric = METRICS[key]
    if isinstance(metric, Metric):
        return rounded(key, sums.get(key, {}).get(rep, _ZERO), currency)
    return _quotient(metric, lambda part: sums.get(part, {}).get(rep, _ZERO), currency)


def actual_of_all(key: str, sums: Amounts, reps: Iterable[str], currency: str) -> Decimal | None:
    """The value of a metric over several reps: the sum of theirs, a ratio's from the sums of its parts."""
    metric = METRICS[key]
    if isinstance(metric, Metric):
        of = sums.get(key, {})
        return sum((rounded(key, of[rep], currency) for rep in reps if rep in of), _ZERO)
    everybody = tuple(reps)
    return _quotient(metric, lambda part: _sum_of(sums.get(part, {}), everybody), currency)


def _sum_of(values: Mapping[str, Decimal], reps: Iterable[str]) -> Decimal:
    return sum((values[rep] for rep in reps if rep in values), _ZERO)


def _quotient(ratio: Ratio, part: Callable[[str], Decimal], currency: str) -> Decimal | None:
    under = sum((part(key) for key in ratio.under), _ZERO)
    return rounded(ratio.key, part(ratio.over) / under, currency) if under else None
