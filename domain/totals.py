"""Totals: what the store has added up, and how it becomes one number in the base currency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.facts import Rate


class Total(NamedTuple):
    """A stored sum. `value` is a count, seconds, or minor units of `currency` ("" when no money).

    `day` is set where the day matters: amounts in a currency that must be converted at that day's rate.
    A plain tuple, since a large floor has tens of thousands of them for each board.
    """

    rep: str
    metric: str
    currency: str
    value: int
    day: date | None = None


# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217); 2 where the list has no exception."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole units to minor units, half to even; a finer amount than the currency knows is rounded once, here."""
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1)))


def from_minor(value: int, currency: str) -> Decimal:
    """Minor units to whole units, exact."""
    return Decimal(value).scaleb(-exponent(currency))


class RateBook:
    """Rates into one base currency, by day. A currency without a rate on the day gives None: never a guess."""

    def __init__(self, base: str, rates: Iterable[Rate] = ()) -> None:
        self.base = base
        self._days: dict[str, list[date]] = {}
        self._values: dict[str, list[Decimal]] = {}
        for rate in sorted(rates, key=lambda rate: rate.day):
            if rate.base == base:
                self._days.setdefault(rate.currency, []).append(rate.day)
                self._values.setdefault(rate.currency, []).append(rate.value)

    def value(self, currency: str, day: date) -> Decimal | None:
        """Units of the base currency for one unit of `currency` on `day`."""
        if currency == self.base:
            return Decimal(1)
        place = bisect_right(self._days.get(currency, []), day)
        return self._values[currency][place - 1] if place else None
