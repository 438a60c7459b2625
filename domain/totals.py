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


_NO_RATES: tuple[list[date], list[Decimal]] = ([], [])


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
    """Rates into one base currency, by day. A currency without a rate on the day gives None: never a guess.

    `own` are the office's: from the first of them on, they hold whatever the sources (`rates`) say.
    """

    def __init__(self, base: str, rates: Iterable[Rate] = (), own: Iterable[Rate] = ()) -> None:
        self.base = base
        self._own, self._told = _by_currency(base, own), _by_currency(base, rates)

    def value(self, currency: str, day: date) -> Decimal | None:
        """Units of the base currency for one unit of `currency` on `day`."""
        if currency == self.base:
            return Decimal(1)
        for known in (self._own, self._told):
            days, values = known.get(currency, _NO_RATES)
            place = bisect_right(days, day)
            if place:
                return values[place - 1]
        return None

    def since(self, currency: str) -> date | None:
        """The first day on which a currency has a rate; None = it has none at all."""
        firsts = [known[currency][0][0] for known in (self._own, self._told) if currency in known]
        return min(firsts, default=None)


def _by_currency(base: str, rates: Iterable[Rate]) -> dict[str, tuple[list[date], list[Decimal]]]:
    """Currency → the days from which its rates hold, in their order, and the rates."""
    found: dict[str, tuple[list[date], list[Decimal]]] = {}
    for rate in sorted(rates, key=lambda rate: rate.day):
        if rate.base == base:
            days, values = found.setdefault(rate.currency, ([], []))
            days.append(rate.day)
            values.append(rate.value)
    return found
