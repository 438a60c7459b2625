"""Points: one score out of several metrics, by what the office says that each of them is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from domain.board import Scored
from domain.metrics import METRICS, SUMS, Unit

# What `rank_by`, and a leaderboard's `metric`, are called where points are compared.
POINTS = "points"
# So much of a metric is worth its points: one call, a minute of talk, a thousand of the currency.
PER = {Unit.COUNT: Decimal(1), Unit.SECONDS: Decimal(60), Unit.MONEY: Decimal(1000)}
# A ratio cannot be added up, and nobody earns points by what there should be less of.
EARNING: tuple[str, ...] = tuple(metric.key for metric in SUMS if metric.higher_is_better)

Rule = tuple[tuple[str, Decimal], ...]

# Thirds of a point (a second of talk) have no end as decimals: they are added up as whole parts of this.
_WHOLE = Decimal(3000)
_PARTS = {key: _WHOLE / PER[METRICS[key].unit] for key in EARNING}
_STEP = Decimal("0.1")
_ZERO = Decimal(0)


def earning(rule: Rule) -> Rule:
    """The part of a rule that can count, each metric once, in the order of the metrics."""
    worth = {key: points for key, points in rule if points > 0}
    return tuple((key, worth[key]) for key in EARNING if key in worth)


def score(rule: Rule, values: Mapping[str, Decimal]) -> Decimal:
    """The points of these values, reckoned exactly and rounded once, to a tenth, half to even."""
    parts = sum((values[key] * points * _PARTS[key] for key, points in rule if key in values), _ZERO)
    return (parts / _WHOLE).quantize(_STEP)


def scored(rule: Rule, values: Mapping[str, Decimal]) -> tuple[Scored, ...]:
    """What each metric brought, for those who ask; what brought nothing is left out."""
    return tuple(Scored(key, values[key], score(((key, points),), values)) for key, points in rule if values.get(key))
