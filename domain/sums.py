"""Sums: stored totals as one exact number per rep and metric, in whole units of the base currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.metrics import METRICS, Ratio, Unit
from domain.totals import RateBook, Total, exponent, from_minor

_ZERO = Decimal(0)
_MONEY = frozenset(key for key, metric in METRICS.items() if metric.unit is Unit.MONEY)

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


@dataclass(frozen=True, slots=True)
class RepSums:
    """Metric to rep to sum. `converted` metrics hold amounts finer than the minor unit: `actual` rounds them, once."""

    of: Mapping[str, dict[str, Decimal]]
    converted: frozenset[str]
    currency: str


def by_rep(totals: Iterable[Total], converter: Converter) -> RepSums:
    """The totals added up by metric and rep."""
    sums: dict[str, dict[str, Decimal]] = {}
    converted = set()
    base = converter.rates.base
    minor = Decimal(1).scaleb(-exponent(base))
    for rep, metric, currency, stored, day in totals:
        # Nearly all are of these two shapes, and a large floor has tens of thousands.
        value: Decimal | None
        if not currency:
            value = Decimal(stored)
        elif currency == base:
            value = stored * minor
        else:
            value = converter.whole(metric, currency, stored, day, rep)
            if value is None:
                continue
            converted.add(metric)
        of = sums.get(metric)
        if of is None:
            of = sums[metric] = {}
        before = of.get(rep)
        of[rep] = value if before is None else before + value
    return RepSums(sums, frozenset(converted), base)


def by_hour(rows: Iterable[HourRow], converter: Converter) -> HourSums:
    """Sums by metric, day and local hour, rounded to the minor unit."""
    sums: HourSums = {}
    for metric, currency, day, hour, stored in rows:
        value = converter.whole(metric, currency, stored, day)
        if value is not None:
            hours = sums.setdefault(metric, {}).setdefault(day, {})
            hours[hour] = hours.get(hour, _ZERO) + _rounded(metric, value, converter.rates.base)
    return sums


def by_day(rows: Iterable[DayRow], converter: Converter) -> DaySums:
    """Sums by metric and day, rounded to the minor unit."""
    sums: DaySums = {}
    for metric, currency, day, stored in rows:
        value = converter.whole(metric, currency, stored, day)
        if value is not None:
            days = sums.setdefault(metric, {})
            days[day] = days.get(day, _ZERO) + _rounded(metric, value, converter.rates.base)
    return sums


def actuals(key: str, sums: RepSums, reps: Sequence[str]) -> Sequence[Decimal | None]:
    """Each rep's value of a metric; 0 without facts, None for a ratio over nothing."""
    metric = METRICS[key]
    if not isinstance(metric, Ratio):
        return _values(key, sums, reps)
    parts = [_values(part, sums, reps) for part in metric.under]
    unders = parts[0] if len(parts) == 1 else [sum(of, _ZERO) for of in zip(*parts, strict=True)]
    overs = _values(metric.over, sums, reps)
    return [_quotient(key, over, under, sums) for over, under in zip(overs, unders, strict=True)]


def actual_of_all(key: str, sums: RepSums, reps: Sequence[str]) -> Decimal | None:
    """The value of a metric over several reps: the sum of theirs, a ratio's from the sums of its parts."""
    metric = METRICS[key]
    if not isinstance(metric, Ratio):
        return sum(_values(key, sums, reps), _ZERO)
    under = sum((sum(_values(part, sums, reps), _ZERO) for part in metric.under), _ZERO)
    return _quotient(key, sum(_values(metric.over, sums, reps), _ZERO), under, sums)


def _values(key: str, sums: RepSums, reps: Sequence[str]) -> list[Decimal]:
    of = sums.of.get(key, {})
    values = [of.get(rep, _ZERO) for rep in reps]
    return [_rounded(key, value, sums.currency) for value in values] if key in sums.converted else values


def _quotient(ratio: str, over: Decimal, under: Decimal, sums: RepSums) -> Decimal | None:
    return _rounded(ratio, over / under, sums.currency) if under else None


def _rounded(metric: str, value: Decimal, currency: str) -> Decimal:
    """Money to the minor unit of the currency, half to even; everything else as it is."""
    return value.quantize(Decimal(1).scaleb(-exponent(currency))) if metric in _MONEY else value
