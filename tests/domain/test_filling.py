"""Filling in: shares sum to the whole exactly, whatever the weights; a raise is no finer than what it raises."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.filling import apportion, raised

VALUES = st.decimals(0, 10**12, places=2)
WEIGHTS = st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=40).filter(any)


@given(VALUES, WEIGHTS)
def test_shares_sum_to_the_whole_and_none_is_a_unit_from_its_quota(value: Decimal, weights: list[Decimal]) -> None:
    shares = apportion(value, weights)
    assert shares is not None
    assert sum(shares) == value
    unit = next(Fraction(1, of) for of in (1, 10, 100) if (value * of) % 1 == 0)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(share) - Fraction(value) * Fraction(weight) / Fraction(sum(weights))) < unit


@pytest.mark.parametrize(
    ("value", "weights", "shares"),
    [
        ("10", "1 1 1", "4 3 3"),
        ("7", "1 2 4", "1 2 4"),
        ("0.5", "1 1", "0.3 0.2"),
        ("100", "0 5", "0 100"),
    ],
)
def test_the_units_left_over_go_to_the_largest_remainders_then_to_the_first(
    value: str, weights: str, shares: str
) -> None:
    assert apportion(Decimal(value), list(map(Decimal, weights.split()))) == tuple(map(Decimal, shares.split()))


def test_nothing_is_divided_by_weights_of_nothing() -> None:
    assert apportion(Decimal(10), [Decimal(0), Decimal(0)]) is None


@pytest.mark.parametrize(
    ("value", "percent", "becomes"),
    [("400", "5", "420"), ("401", "5", "421"), ("12.5", "10", "13.8"), ("400", "-10", "360"), ("5", "-100", "0")],
)
def test_a_raise_is_no_finer_than_what_it_raises(value: str, percent: str, becomes: str) -> None:
    assert raised(Decimal(value), Decimal(percent)) == Decimal(becomes)
