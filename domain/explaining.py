"""Explaining: the plan behind a figure: the rows of its target, whose shares it is summed from, and its days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.board import Period
from domain.counting import Whose
from domain.days import DayKind, idle
from domain.metrics import METRICS, Ratio, Unit
from domain.people import Rep
from domain.periods import days
from domain.progress import due, expected, pace
from domain.settings import PeriodKind, Settings
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
from domain.totals import exponent
from domain.worktime import Calendar, absence_on, is_workday, office_calendar, rep_calendar, today

_ZERO = Decimal(0)


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


def _ground(settings: Settings, key: str, calendar: Calendar, seen: date, scope_key: str) -> Ground:
    return Ground(
        calendar=calendar,
        seen=seen,
        week_start=settings.week_start,
        year_start=settings.year_start,
        places=exponent(settings.currency) if METRICS[key].unit is Unit.MONEY else 0,
        scope_key=scope_key,
    )
