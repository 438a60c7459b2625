"""METRICS: what Tablo counts. One frozen declaration each; nothing else in the tree lists metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.facts import Detail, Direction, Fact, Kind, Lack


class Unit(StrEnum):
    """How a value is read. Money is in minor units inside the store, in whole units on the board.

    Points are no metric's: a leaderboard's alone.
    """

    COUNT = "count"
    MONEY = "money"
    SECONDS = "seconds"
    RATIO = "ratio"
    POINTS = "points"


class Measure(StrEnum):
    """What is added up over the facts that pass the filters."""

    COUNT = "count"
    AMOUNT = "amount"
    SECONDS = "seconds"


class Reason(StrEnum):
    """Why a fact of a metric's kind adds nothing to it."""

    INCOMING = "incoming"
    ONLY_MONEY = "only_money"
    MISSED = "missed"
    TAKEN = "taken"
    SHORT = "short"
    NO_AMOUNT = "no_amount"


_UNITS = {Measure.COUNT: Unit.COUNT, Measure.AMOUNT: Unit.MONEY, Measure.SECONDS: Unit.SECONDS}


@dataclass(frozen=True, slots=True)
class Metric:
    """A sum over facts: `kind` and `measure`, narrowed by the filters. `wall` metrics have a panel of their own."""

    key: str
    kind: Kind
    measure: Measure = Measure.COUNT
    direction: Direction | None = None
    active: bool | None = None
    long: bool = False
    higher_is_better: bool = True

    @property
    def unit(self) -> Unit:
        """Shape of the value, from what is measured."""
        return _UNITS[self.measure]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A metric that is the quotient of two: numerator over the sum of the denominators, None where that is 0."""

    key: str
    over: str
    under: tuple[str, ...]
    unit: Unit
    higher_is_better: bool = True


# An invoice's fact of the direction IN is only money: a credit note, or one payment of several for an invoice.
# `active` True = the rep did something: placed the call, or answered it. False = an incoming call that nobody took.
_ALL: tuple[Metric | Ratio, ...] = (
    Metric("calls", Kind.CALL, active=True),
    Metric("productive_calls", Kind.CALL, active=True, long=True),
    Metric("call_seconds", Kind.CALL, Measure.SECONDS, active=True),
    Metric("missed_calls", Kind.CALL, active=False, higher_is_better=False),
    Metric("emails", Kind.EMAIL, direction=Direction.OUT),
    Metric("invoices_issued", Kind.INVOICE_ISSUED, direction=Direction.OUT),
    Metric("invoices_issued_amount", Kind.INVOICE_ISSUED, Measure.AMOUNT),
    Metric("invoices_paid", Kind.INVOICE_PAID, direction=Direction.OUT),
    Metric("invoices_paid_amount", Kind.INVOICE_PAID, Measure.AMOUNT),
    Metric("deals_created", Kind.DEAL_CREATED),
    Metric("deals_won", Kind.DEAL_WON),
    Metric("deals_won_amount", Kind.DEAL_WON, Measure.AMOUNT),
    Metric("deals_lost", Kind.DEAL_LOST, higher_is_better=False),
    Ratio("average_deal", "deals_won_amount", ("deals_won",), Unit.MONEY),
    Ratio("win_rate", "deals_won", ("deals_won", "deals_lost"), Unit.RATIO),
    Metric("meetings", Kind.MEETING),
    Metric("tasks_done", Kind.TASK_DONE),
    Metric("leads_created", Kind.LEAD_CREATED),
    Metric("offers_sent", Kind.OFFER_SENT),
)
METRICS: dict[str, Metric | Ratio] = {metric.key: metric for metric in _ALL}
SUMS: tuple[Metric, ...] = tuple(metric for metric in _ALL if isinstance(metric, Metric))
_BY_KIND: dict[Kind, tuple[Metric, ...]] = {kind: tuple(m for m in SUMS if m.kind is kind) for kind in Kind}


def parts_of(keys: Iterable[str]) -> frozenset[str]:
    """The sums of which these metrics are made."""
    found: set[str] = set()
    for key in keys:
        metric = METRICS[key]
        found |= {metric.over, *metric.under} if isinstance(metric, Ratio) else {key}
    return frozenset(found)


def contributions(fact: Fact, productive_seconds: int) -> Iterator[tuple[Metric, Decimal | int]]:
    """What one fact adds to each metric: 1, seconds, or an amount in the fact's own currency.

    A fact without an amount adds nothing to a sum of money (and still counts as one).
    """
    for metric in _BY_KIND[fact.kind]:
        if why_not(metric, fact, productive_seconds) is not None:
            continue
        if metric.measure is Measure.COUNT:
            yield metric, 1
        elif metric.measure is Measure.SECONDS:
            yield metric, fact.seconds or 0
        elif fact.amount is not None:
            yield metric, fact.amount


def why_not(metric: Metric, fact: Fact, productive_seconds: int) -> Reason | None:
    """Why a fact of the metric's kind is left out of it; None = it counts."""
    if metric.direction is not None and fact.direction not in (metric.direction, None):
        return Reason.INCOMING if fact.kind is Kind.EMAIL else Reason.ONLY_MONEY
    if metric.active is not None and metric.active is not _is_activity(fact):
        return Reason.MISSED if metric.active else Reason.TAKEN
    if metric.long and (fact.seconds or 0) < productive_seconds:
        return Reason.SHORT
    return Reason.NO_AMOUNT if metric.measure is Measure.AMOUNT and fact.amount is None else None


def needs_of(key: str) -> frozenset[Lack]:
    """What a metric needs: where a source lacks one of it, the metric is not available."""
    metric = METRICS[key]
    if isinstance(metric, Ratio):
        return frozenset().union(*(needs_of(part) for part in (metric.over, *metric.under)))
    if metric.long or metric.measure is Measure.SECONDS:
        return frozenset((metric.kind, Detail.CALL_SECONDS))
    return frozenset((metric.kind,))


def _is_activity(fact: Fact) -> bool:
    return fact.direction is not Direction.IN or fact.answered is not False
