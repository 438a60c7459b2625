"""Explaining: what a figure is made of: what was counted and left out, the rows of its target, the days of its plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.board import Period
from domain.days import DayKind, idle
from domain.metrics import METRICS, Measure, Metric, Ratio, Reason, Unit, why_not
from domain.people import Rep, Team
from domain.periods import days
from domain.progress import due, expected, pace
from domain.records import Pile
from domain.settings import PeriodKind, Settings
from domain.sums import Converter, actual_of_all, by_rep
from domain.targets import (
    COMPANY,
    KINDS,
    REP,
    TEAM,
    Ground,
    Plan,
    Target,
    TargetBook,
    in_force,
    looked_at,
    parts,
    shares,
)
from domain.teams import team_on
from domain.totals import RateBook, Total, exponent, from_minor
from domain.worktime import Calendar, absence_on, is_workday, office_calendar, rep_calendar, today

_ZERO = Decimal(0)


class Outside(StrEnum):
    """Why a fact that the metric counts is in no sum."""

    NO_RATE = "no_rate"
    AHEAD = "ahead"
    UNMAPPED = "unmapped"


class RowState(StrEnum):
    """What became of a recorded target in a period. ELSEWHERE = a target of another length came before it."""

    HOLDS = "holds"
    ELSEWHERE = "elsewhere"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    LATER = "later"


class DayWord(StrEnum):
    """What a day is to somebody's plan. KEPT = away, and the share of the day was laid on the others."""

    WORK = "work"
    OFF = "off"
    HOLIDAY = "holiday"
    AWAY = "away"
    KEPT = "kept"
    NOT_YET = "not_yet"
    LEFT = "left"


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


@dataclass(frozen=True, slots=True)
class Portion:
    """A target that a figure's own is summed from, or its own: its shares by day, and by whose calendar they lie."""

    scope: str
    key: str
    calendar: Calendar
    daily: Mapping[date, Decimal]

    @property
    def target(self) -> Decimal:
        """What it adds to the whole."""
        return sum(self.daily.values(), _ZERO)


@dataclass(frozen=True, slots=True)
class DayShare:
    """One day of a plan: its share of the target (None = none), and how much of that is due by now.

    `at_work` of all whose figure it is have a working day; `word` is by the one's own calendar, or the office's.
    """

    day: date
    word: DayWord
    share: Decimal | None
    due: Decimal
    at_work: int


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


def portions(book: TargetBook, settings: Settings, key: str, period: Period, now: datetime,
             whose: Whose) -> tuple[Portion, ...]:  # fmt: skip
    """What the target of a sum is made of: one's own, else those of teams that have one and of the other reps."""
    office = office_calendar(settings)
    seen = looked_at(period, today(settings.timezone, now))

    def laid(scope: str, scope_key: str, calendar: Calendar) -> list[Portion]:
        plan = book.plan(key, scope, scope_key)
        daily = shares(plan, period, _ground(settings, key, calendar, seen, scope_key)) if plan else {}
        return [Portion(scope, scope_key, calendar, daily)] if daily else []

    if isinstance(METRICS[key], Ratio):
        return ()
    if whose.scope == REP:
        return tuple(each for rep in whose.reps for each in laid(REP, rep.key, rep_calendar(settings, rep)))
    own = laid(whose.scope, whose.key, office)
    if own:
        return tuple(own)
    teams = [each for team in whose.teams for each in laid(TEAM, team.key, office)] if whose.scope == COMPANY else []
    owned = {each.key for each in teams}
    found = ((rep, each) for rep in whose.reps for each in laid(REP, rep.key, rep_calendar(settings, rep)))
    reps = (_of_days(rep, each, whose, owned) for rep, each in found)
    return (*teams, *(each for each in reps if each.daily))


def day_shares(found: Sequence[Portion], settings: Settings, period: Period, now: datetime, whose: Whose,
               by_now: Decimal | None = None) -> tuple[DayShare, ...]:  # fmt: skip
    """The plan day by day: the shares add up to the target, what is due of them to the expectation.

    `by_now` is the expectation as the board has it, by the office's usual day maybe: then today has another part in it
    than that of the office hours which have passed.
    """
    calendars = {rep.key: rep_calendar(settings, rep) for rep in whose.reps}
    by_whom = calendars[whose.key] if whose.scope == REP and calendars else office_calendar(settings)
    asked, owed = _by_day(found, period, now)
    here = today(settings.timezone, now)
    if by_now is not None and here in asked:
        owed[here] = owed.get(here, _ZERO) + by_now - sum(owed.values(), _ZERO)
    return tuple(
        DayShare(
            day=day,
            word=day_word(by_whom, day),
            share=asked.get(day),
            due=owed.get(day, _ZERO),
            at_work=sum(is_workday(calendars[key], day) for key in whose.on(day)),
        )
        for day in days(period)
    )


def _of_days(rep: Rep, portion: Portion, whose: Whose, owned: Collection[str]) -> Portion:
    """A rep's portion on the days in the team; of the company's, on those in no team that has a target of its own."""

    def counts(day: date) -> bool:
        team = team_on(rep, day)
        return team == whose.key if whose.scope == TEAM else team not in owned

    return replace(portion, daily={day: share for day, share in portion.daily.items() if counts(day)})


def day_word(calendar: Calendar, day: date) -> DayWord:
    """What the day is, by a calendar."""
    kind = idle(calendar, day)
    if kind is DayKind.OUTSIDE:
        return DayWord.NOT_YET if calendar.joined is not None and day < calendar.joined else DayWord.LEFT
    if kind is DayKind.AWAY:
        absence = absence_on(calendar, day)
        return DayWord.AWAY if absence is None or absence.lowers else DayWord.KEPT
    return {DayKind.OFF: DayWord.OFF, DayKind.HOLIDAY: DayWord.HOLIDAY}.get(kind or DayKind.FREE, DayWord.WORK)


def row_states(plan: Plan, key: str, settings: Settings, period: Period, now: datetime) -> dict[int, RowState]:
    """What became of each recorded row that touches the period, by its order."""
    seen = looked_at(period, today(settings.timezone, now))
    ground = _ground(settings, key, office_calendar(settings), seen, "")
    in_use = {kind: _in_use(rows, kind, period, ground) for kind, rows in plan.items()}
    first = _first_kinds(key, plan, in_use, period)
    return {
        row.order: _state(row, seen, row.order in in_use[kind], kind in first)
        for kind, rows in plan.items()
        for row in rows
        if row.since <= period.last and (row.until or period.last) >= period.first
    }


def _in_use(rows: Sequence[Target], kind: PeriodKind, period: Period, ground: Ground) -> frozenset[int]:
    """The rows in force in any part of the period, withdrawn ones too, by their order."""
    found = (in_force(rows, part, ground.seen) for part in parts(kind, period, ground))
    return frozenset(row.order for row in found if row is not None)


def _first_kinds(
    key: str, plan: Plan, in_use: Mapping[PeriodKind, frozenset[int]], period: Period
) -> Collection[PeriodKind]:
    """The lengths of targets that have a say in the period's: its own and finer ones; all, where it has none of its
    own. A ratio goes by one alone."""
    place = KINDS.index(period.kind)
    valued = [kind for kind, rows in plan.items() if any(r.value is not None and r.order in in_use[kind] for r in rows)]
    if isinstance(METRICS[key], Ratio):
        return [kind for kind in (*KINDS[place:], *reversed(KINDS[:place])) if kind in valued][:1]
    return KINDS[: place + 1] if period.kind in valued else KINDS


def _state(row: Target, seen: date, in_use: bool, comes_first: bool) -> RowState:
    if row.since > seen:
        return RowState.LATER
    if not in_use:
        return RowState.REPLACED
    if row.value is None:
        return RowState.WITHDRAWN
    return RowState.HOLDS if comes_first else RowState.ELSEWHERE


def _by_day(found: Sequence[Portion], period: Period, now: datetime) -> tuple[dict[date, Decimal], dict[date, Decimal]]:
    """Of all portions together by day: their shares, and what is due of them by now."""
    paces = {portion.calendar: pace(portion.calendar, period, now) for portion in found}
    asked: dict[date, Decimal] = {}
    owed: dict[date, Decimal] = {}
    for portion in found:
        at, what = paces[portion.calendar], due(portion.daily, paces[portion.calendar].day)
        for day, share in portion.daily.items():
            asked[day] = asked.get(day, _ZERO) + share
            if day < at.day:
                owed[day] = owed.get(day, _ZERO) + share
        if what is not None and at.day in portion.daily:
            owed[at.day] = owed.get(at.day, _ZERO) + expected(what, at) - what.finished
    return asked, owed


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


def _ground(settings: Settings, key: str, calendar: Calendar, seen: date, scope_key: str) -> Ground:
    return Ground(
        calendar=calendar,
        seen=seen,
        week_start=settings.week_start,
        year_start=settings.year_start,
        places=exponent(settings.currency) if METRICS[key].unit is Unit.MONEY else 0,
        scope_key=scope_key,
    )
