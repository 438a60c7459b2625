"""Filling in targets: shares of a whole by weights that sum to it exactly, and a value raised by a percentage."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_HUNDRED = Decimal(100)


def apportion(value: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...] | None:
    """Shares in proportion to the weights, none finer than the value itself, that sum to it exactly.

    By largest remainder; of equal remainders the first is rounded up. None where no weight is above 0.
    """
    whole = sum(map(Fraction, weights), Fraction(0))
    if whole <= 0:
        return None
    places = _places(value)
    units = int(value.scaleb(places))
    quotas = [units * Fraction(weight) / whole for weight in weights]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - quotas[place])
    for place in by_remainder[: units - sum(parts)]:
        parts[place] += 1
    return tuple(Decimal(part).scaleb(-places) for part in parts)


def raised(value: Decimal, percent: Decimal) -> Decimal:
    """The value raised (below 0: lowered) by a percentage, no finer than it was, never below 0."""
    changed = value * (_HUNDRED + percent) / _HUNDRED
    return max(changed.quantize(Decimal(1).scaleb(-_places(value)), ROUND_HALF_UP), Decimal(0))


def _places(value: Decimal) -> int:
    """Decimal places that are in use."""
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
