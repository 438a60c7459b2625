"""Targets: which one holds on a day, and how a period's target spreads over working days to sum to it exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from domain.board import Period
from domain.periods import DAY, days_between, period_of
from domain.settings import PeriodKind
from domain.worktime import Calendar, absence_on, is_employed, is_regular, is_workday

COMPANY, TEAM, REP = "company", "team", "rep"

# From the finest to the coarsest: a finer target wins over a coarser one's share.
KINDS = tuple(PeriodKind)
# The running sum of equal shares is rounded with an offset in sixteenths: half up, or staggered among scopes.
_HALF, _WHOLE = 8, 16


@dataclass(frozen=True, slots=True)
class Target:
    """One recorded row. `value` is in whole units (count, seconds, base currency, ratio), None = withdrawn.

    `scope` is "company", "team" or "rep", `scope_key` its key ("" for the company). It holds from `since` to `until`,
    None = standing, for every such period. `order` grows with every recording: rows are never overwritten.
    """

    metric: str
    scope: str
    scope_key: str
    period: PeriodKind
    value: Decimal | None
    since: date
    until: date | None
    order: int


# The rows of one metric and one scope, by the kind of their period.
Plan = Mapping[PeriodKind, Sequence[Target]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is laid out on. `seen` is the day from which it is looked at: later rows are not known yet.

    `places` are the decimal places of the smallest share: 0 for counts and seconds, the minor unit's for money.
    """

    calendar: Calendar
    seen: date
    week_start: int = 1
    year_start: int = 1
    places: int = 0
    scope_key: str = ""


class TargetBook:
    """Recorded targets, looked up by metric and scope; it may be kept as long as no row is added."""

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._plans: dict[tuple[str, str, str], dict[PeriodKind, list[Target]]] = {}
        for row in targets:
            plan = self._plans.setdefault((row.metric, row.scope, row.scope_key), {})
            plan.setdefault(row.period, []).append(row)
        self.metrics = frozenset(metric for metric, _, _ in self._plans)

    def plan(self, metric: str, scope: str, scope_key: str = "") -> Plan | None:
        """The rows of one metric and scope, None when nothing was ever recorded."""
        return self._plans.get((metric, scope, scope_key))


def looked_at(period: Period, now_day: date) -> date:
    """The day from which a period's targets are seen: today, but never outside the period."""
    return min(max(now_day, period.first), period.last)


def in_force(rows: Iterable[Target], period: Period, seen: date) -> Target | None:
    """The row that holds for the period, looked at on `seen`: bounded rows beat standing ones, then the latest.

    A row that begins after `seen` (moved into the period) is not in force yet. The row may be a withdrawn one.
    """
    day = looked_at(period, seen)
    best: Target | None = None
    for row in rows:
        if row.since > day or (row.until is not None and row.until < period.first):
            continue
        if best is None or (row.until is not None, row.order) > (best.until is not None, best.order):
            best = row
    return best


def spread(value: Decimal, count: int, places: int = 0, offset: int = _HALF) -> tuple[Decimal, ...]:
    """`count` equal shares in units of 10^-places that sum to the value exactly; a finer rest goes to the last.

    All remainders tie, so the units left over go where the running sum stays nearest to the straight line. With fewer
    units than shares `offset` (1 to 15) moves them, so that ten reps' one win a week is not due on one day.
    """
    if value < 0:
        return tuple(-share for share in spread(-value, count, places, offset))
    units = int(value.scaleb(places))
    shares = _shares(units, count, places, offset if units < count else _HALF)
    rest = value - Decimal(units).scaleb(-places)
    return (*shares[:-1], shares[-1] + rest) if rest else shares


def shares(plan: Plan, period: Period, ground: Ground) -> dict[date, Decimal]:
    """The effective target of each day of the period that has one; empty = no target.

    Σ is the period's own target as lowered by absences, joining and leaving; without one of its own, the days' own.
    """
    own = in_force(plan.get(period.kind, ()), period, ground.seen)
    if own is not None and own.value is not None:
        return _laid_out(own.value, own.until is not None, plan, period, ground)
    return _by_kind(plan, period, KINDS, ground)


def standing(plan: Plan, period: Period, ground: Ground) -> Decimal | None:
    """A ratio's target, which is never spread or summed: the period's own, else a longer one's, else a shorter's."""
    place = KINDS.index(period.kind)
    for kind in (*KINDS[place:], *reversed(KINDS[:place])):
        day = looked_at(period, ground.seen)
        row = in_force(plan.get(kind, ()), period_of(kind, day, ground.week_start, ground.year_start), ground.seen)
        if row is not None and row.value is not None:
            return row.value
    return None


def parts(kind: PeriodKind, period: Period, ground: Ground) -> Iterator[Period]:
    """The periods of `kind` that touch a period, in order."""
    day = period.first
    while day <= period.last:
        part = period_of(kind, day, ground.week_start, ground.year_start)
        yield part
        day = part.last + DAY


def _by_kind(plan: Plan, period: Period, kinds: Sequence[PeriodKind], ground: Ground) -> dict[date, Decimal]:
    """Each day's share by the first of `kinds` that gives it one."""
    found: dict[date, Decimal] = {}
    for kind in kinds:
        rows = plan.get(kind, ())
        for part in parts(kind, period, ground) if rows else ():
            row = in_force(rows, part, ground.seen)
            if row is not None and row.value is not None:
                laid = _laid_out(row.value, row.until is not None, plan, part, ground)
                found = _within(laid, period) | found
    return found


def _laid_out(value: Decimal, bounded: bool, plan: Plan, period: Period, ground: Ground) -> dict[date, Decimal]:
    """A period's own target over its days: days with a finer target keep it, the others share what is left.

    A standing day's target holds on working days; one that is bounded was meant for exactly those days.
    """
    if period.kind is PeriodKind.DAY:
        return {period.first: value} if bounded or is_workday(ground.calendar, period.first) else {}
    finer = _by_kind(plan, period, KINDS[: KINDS.index(period.kind)], ground)
    spreadable, dropped = _spread_days(ground.calendar, period.first, period.last)
    others, left = spreadable, value
    if finer:
        others = tuple(day for day in spreadable if day not in finer)
        left = value - sum(finer.values())
        if left < 0 or (left > 0 and not others):
            finer, others, left = {}, spreadable, value
    pieces = spread(left, len(others), ground.places, _offset(ground.scope_key)) if others else ()
    laid = finer | dict(zip(others, pieces, strict=True))
    return {day: share for day, share in laid.items() if day not in dropped or day in finer} if dropped else laid


def _within(laid: dict[date, Decimal], period: Period) -> dict[date, Decimal]:
    if period.kind is PeriodKind.DAY:
        return {period.first: laid[period.first]} if period.first in laid else {}
    return {day: share for day, share in laid.items() if period.first <= day <= period.last}


@lru_cache(maxsize=16384)
def _spread_days(calendar: Calendar, first: date, last: date) -> tuple[tuple[date, ...], frozenset[date]]:
    """The days over which a target spreads, and those of them whose share is dropped.

    A share is dropped by a lowering absence and outside employment; an absence that does not lower the target leaves
    its days without a share from the start. Nobody works at all: everything falls on the last day.
    """
    usable = [day for day in days_between(first, last) if is_regular(calendar, day) and not _moves_share(calendar, day)]
    usable = usable or [last]
    return tuple(usable), frozenset(day for day in usable if _drops_share(calendar, day))


def _moves_share(calendar: Calendar, day: date) -> bool:
    absence = absence_on(calendar, day)
    return absence is not None and not absence.lowers and is_employed(calendar, day)


def _drops_share(calendar: Calendar, day: date) -> bool:
    absence = absence_on(calendar, day)
    return not is_employed(calendar, day) or (absence is not None and absence.lowers)


def _offset(scope_key: str) -> int:
    return 2 * (crc32(scope_key.encode()) % _HALF) + 1 if scope_key else _HALF


@lru_cache(maxsize=16384)
def _shares(units: int, count: int, places: int, offset: int) -> tuple[Decimal, ...]:
    """Largest remainder over equal quotas, by the differences of the rounded running sum."""
    running = [(units * place * _WHOLE + offset * count) // (count * _WHOLE) for place in range(count + 1)]
    return tuple(Decimal(running[i + 1] - running[i]).scaleb(-places) for i in range(count))
