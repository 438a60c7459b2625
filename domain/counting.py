"""Counting: what the records of a figure come to, and which of them are left out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.metrics import METRICS, Measure, Metric, Reason, why_not
from domain.people import Rep, Team
from domain.records import Pile
from domain.sums import Converter, actual_of_all, by_rep
from domain.targets import COMPANY, TEAM
from domain.teams import team_on
from domain.totals import RateBook, Total, from_minor

_ZERO = Decimal(0)


class Outside(StrEnum):
    """Why a fact that the metric counts is in no sum."""

    NO_RATE = "no_rate"
    AHEAD = "ahead"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records of the metric's kind that are not in the figure. `amount` is theirs in `currency` (NO_RATE alone)."""

    why: Reason | Outside
    count: int
    currency: str = ""
    amount: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Count:
    """What the records of a metric that is a sum come to: how many are in it, and which are not."""

    metric: str
    value: Decimal
    records: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose figure it is. `scope` and `key` as in Target; `reps` are those who count in it, of a team's those who were
    in it on any day. `teams` are the company's."""

    scope: str
    key: str
    reps: tuple[Rep, ...]
    teams: tuple[Team, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the reps."""
        return frozenset(rep.key for rep in self.reps)

    def on(self, day: date) -> frozenset[str]:
        """The keys of those who count on a day: a team's people of that day."""
        if self.scope != TEAM or not any(rep.stints for rep in self.reps):
            return self.keys
        return frozenset(rep.key for rep in self.reps if team_on(rep, day) == self.key)


def sums_of(key: str) -> tuple[Metric, ...]:
    """The sums that a metric is made of: itself, or both parts of a ratio."""
    found = METRICS[key]
    if isinstance(found, Metric):
        return (found,)
    return tuple(each for part in dict.fromkeys((found.over, *found.under)) for each in sums_of(part))


def theirs(piles: Iterable[Pile], whose: Whose) -> list[Pile]:
    """The piles that are somebody's whose figure it is, on their days."""
    on: dict[date, frozenset[str]] = {}
    found = []
    for pile in piles:
        if pile.day not in on:
            on[pile.day] = whose.on(pile.day)
        if pile.rep in on[pile.day]:
            found.append(pile)
    return found


def value(key: str, piles: Sequence[Pile], whose: Whose, rates: RateBook) -> Decimal | None:
    """The figure as its records make it; None for a ratio over nothing."""
    ours = theirs(piles, whose)
    totals = [total for metric in sums_of(key) for total in _totals(metric, ours)]
    return actual_of_all(key, by_rep(totals, Converter(rates)), sorted(whose.keys))


def count(
    metric: Metric, piles: Sequence[Pile], whose: Whose, sellers: Collection[str], rates: RateBook, last: date
) -> Count:
    """What was counted for a sum up to the day `last`. Who is not among `sellers` (everybody known to sell) is
    unmapped, which is the company's matter alone."""
    of_kind = [pile for pile in piles if pile.sample.kind is metric.kind]
    begun = [pile for pile in of_kind if pile.day <= last]
    ours = theirs(begun, whose)
    counted = _counting(metric, ours)
    unrated = [pile for pile in counted if metric.measure is Measure.AMOUNT and not _rated(pile, rates)]
    strange = [pile for pile in begun if pile.rep not in sellers] if whose.scope == COMPANY else []
    ahead = theirs((pile for pile in of_kind if pile.day > last), whose)
    left = {Outside.UNMAPPED: _counting(metric, strange), Outside.AHEAD: _counting(metric, ahead)}
    return Count(
        metric=metric.key,
        value=value(metric.key, begun, whose, rates) or _ZERO,
        records=_records(counted) - _records(unrated),
        left_out=(
            *_unrated(unrated),
            *(LeftOut(why, _records(found)) for why, found in left.items() if found),
            *_narrowed(metric, ours),
        ),
    )


def _totals(metric: Metric, piles: Iterable[Pile]) -> Iterator[Total]:
    """What the piles add to a metric, as the store keeps it."""
    for pile in piles:
        if pile.sample.kind is not metric.kind or why_not(metric, pile.sample, 1) is not None:
            continue
        if metric.measure is Measure.AMOUNT:
            yield Total(pile.rep, metric.key, pile.currency, pile.amount, pile.day)
        else:
            yield Total(pile.rep, metric.key, "", pile.count if metric.measure is Measure.COUNT else pile.seconds)


def _counting(metric: Metric, piles: Iterable[Pile]) -> list[Pile]:
    """Those that pass the metric's own filters."""
    return [pile for pile in piles if why_not(metric, pile.sample, 1) is None]


def _records(piles: Iterable[Pile]) -> int:
    return sum(pile.count for pile in piles)


def _rated(pile: Pile, rates: RateBook) -> bool:
    return rates.value(pile.currency, pile.day) is not None


def _unrated(piles: Iterable[Pile]) -> list[LeftOut]:
    sums: dict[str, tuple[int, int]] = {}
    for pile in piles:
        records, amount = sums.get(pile.currency, (0, 0))
        sums[pile.currency] = records + pile.count, amount + pile.amount
    return [
        LeftOut(Outside.NO_RATE, records, currency, from_minor(amount, currency))
        for currency, (records, amount) in sorted(sums.items())
    ]


def _narrowed(metric: Metric, piles: Iterable[Pile]) -> list[LeftOut]:
    """What the metric's own filters leave out."""
    counts: dict[Reason, int] = {}
    for pile in piles:
        why = why_not(metric, pile.sample, 1)
        if why is not None:
            counts[why] = counts.get(why, 0) + pile.count
    return [LeftOut(why, counts[why]) for why in Reason if why in counts]
