"""Office time and chance for the demo: instants on working days, and draws that look natural."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from domain.totals import exponent

OPENING = time(9)
HOURS = 9
SECONDS = HOURS * 3600

# Busy in the late morning and the middle of the afternoon, hardly anything at lunch.
_HOUR_WEIGHTS = (0.9, 1.5, 1.45, 1.1, 0.25, 1.2, 1.5, 1.25, 0.75)
# What a hryvnia's worth of goods sells for elsewhere: a scale that looks natural, no rate of exchange.
_SCALES = {"UAH": 1.0, "RUB": 2.0, "KZT": 12.0, "PLN": 0.1, "CZK": 0.5, "HUF": 8.0, "JPY": 3.5, "UZS": 300.0}
_USUAL_SCALE = 0.025


@dataclass(frozen=True, slots=True)
class Prices:
    """Log-normal amounts in hryvnias: the median, the spread, the least and the most."""

    median: float
    spread: float
    least: float
    most: float

    def mean(self, currency: str) -> float:
        """About what such amounts come to on average, in that currency."""
        return self.median * math.exp(self.spread**2 / 2) * _scale(currency)


def chance(words: str) -> Random:
    """A stream of chance that is the same whenever and wherever it is asked for."""
    return Random(words)  # noqa: S311 — it draws a play, and keeps no secret


def instant(zone: ZoneInfo, day: date, second: int) -> datetime:
    """That many seconds after the office's opening on that day, as UTC."""
    return datetime.combine(day, OPENING, zone).astimezone(UTC) + timedelta(seconds=second)


def moment(zone: ZoneInfo, mark: int) -> datetime:
    """A mark on the scale of working seconds, on which nights and weekends take no room."""
    return instant(zone, workday(mark // SECONDS), mark % SECONDS)


def index(day: date) -> int:
    """The number of a working day on an unbroken scale; a weekend counts as its Friday."""
    week, weekday = divmod(day.toordinal() - 1, 7)
    return week * 5 + min(weekday, 4)


def workday(place: int) -> date:
    """The working day with that number."""
    week, weekday = divmod(place, 5)
    return date.fromordinal(week * 7 + weekday + 1)


def workdays(first: date, last: date, before: int = 0, after: int = 0) -> Iterator[date]:
    """The working days between two days, and so many before and after."""
    for place in range(index(first) - before, index(last) + after + 1):
        yield workday(place)


def second(rng: Random) -> int:
    """A second of the office day, likelier in the busy hours."""
    return rng.choices(range(HOURS), _HOUR_WEIGHTS)[0] * 3600 + rng.randrange(3600)


def count(rng: Random, mean: float) -> int:
    """How many of a thing on one day: good days and bad days, that many on average."""
    return int(mean * rng.uniform(0.6, 1.4) + rng.random())


def days(rng: Random, median: float, spread: float, longest: int) -> int:
    """A number of days from 1 to `longest`, half of the time below the median."""
    return min(max(round(median * rng.lognormvariate(0, spread)), 1), longest)


def amount(rng: Random, prices: Prices, currency: str) -> Decimal:
    """An amount with three significant digits, as people price things."""
    value = min(max(prices.median * rng.lognormvariate(0, prices.spread), prices.least), prices.most) * _scale(currency)
    digits = min(2 - math.floor(math.log10(value)), exponent(currency))
    return Decimal(str(round(value, digits)))


def _scale(currency: str) -> float:
    return _SCALES.get(currency, _USUAL_SCALE)
