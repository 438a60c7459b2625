"""Plans: what is due from every rep and from the whole floor in one period, metric by metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from domain.board import Period
from domain.metrics import METRICS, Ratio, Unit
from domain.people import Rep, Team
from domain.progress import Due, due
from domain.settings import Settings
from domain.targets import COMPANY, REP, TEAM, Ground, TargetBook, looked_at, shares, standing
from domain.teams import team_on, was_in
from domain.totals import exponent
from domain.worktime import Calendar, office_calendar, rep_calendar

_ZERO = Decimal(0)
# The office's place among a floor's calendars.
OFFICE = 0


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """Whose board it is, the company's (`team` None) or one team's, in one period.

    `reps` are those who belong to the period, by name; of a team's, those who were in it on any day. `calendars` are
    the different ones among them, the office's first; `places` has each rep's place there. Equal floors are one object,
    so it stands for itself in caches.
    """

    settings: Settings
    period: Period
    team: str | None
    teams: tuple[Team, ...]
    reps: tuple[Rep, ...]
    calendars: tuple[Calendar, ...]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """What is due by one metric in a period. `reps` has the reps with a target.

    The floor's target is the sum of `own` (the company's own row, or those of teams that have one, by the office's
    calendar) and of `summed` (the reps' parts that no team's row stands for); it has none when both are empty. `daily`
    is the floor's plan by day, apart for each place among the floor's calendars; empty for a ratio.
    """

    reps: Mapping[str, Due]
    own: tuple[Due, ...]
    summed: Mapping[str, Due]
    daily: Mapping[int, Mapping[date, Decimal]]


NO_PLAN = MetricPlan({}, (), {}, {})

_Daily = dict[date, Decimal]


def employed(rep: Rep, period: Period) -> bool:
    """Whether the rep belongs to the office on any day of the period."""
    return (rep.joined or period.first) <= period.last and (rep.left or period.last) >= period.first


@lru_cache(maxsize=32)
def floor(
    settings: Settings,
    reps: tuple[Rep, ...],
    teams: tuple[Team, ...],
    period: Period,
    team: str | None = None,
    guests: frozenset[str] = frozenset(),
) -> Floor:
    """The floor of a period: reps employed in it, and `guests`, who have facts in it all the same."""
    ours = [_as_then(rep, team, period) for rep in reps if team is None or was_in(rep, team, period)]
    present = [rep for rep in ours if rep.key in guests or employed(rep, period)]
    present.sort(key=lambda rep: (rep.name, rep.key))
    calendars: dict[Calendar, int] = {office_calendar(settings): OFFICE}
    places = {rep.key: calendars.setdefault(rep_calendar(settings, rep), len(calendars)) for rep in present}
    return Floor(settings, period, team, teams, tuple(present), tuple(calendars), places)


@lru_cache(maxsize=32)
def plans(book: TargetBook, on: Floor, days: tuple[date, ...]) -> Mapping[str, MetricPlan]:
    """The plan of every metric that has one, by key. `days` is today for each of the floor's calendars.

    Kept until a target, a person, a setting or the day changes: facts and the time of day have no part in it.
    """
    layout = _Layout(book, on, days)
    return {key: plan for key in METRICS if key in book.metrics and (plan := _plan(layout, key)) != NO_PLAN}


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the plans of all metrics on one floor have in common."""

    book: TargetBook
    floor: Floor
    days: tuple[date, ...]

    def ground(self, key: str, scope_key: str, place: int) -> Ground:
        settings = self.floor.settings
        return Ground(
            calendar=self.floor.calendars[place],
            seen=looked_at(self.floor.period, self.days[OFFICE]),
            week_start=settings.week_start,
            year_start=settings.year_start,
            places=exponent(settings.currency) if METRICS[key].unit is Unit.MONEY else 0,
            scope_key=scope_key,
        )

    def daily(self, key: str, scope: str, scope_key: str = "", place: int = OFFICE) -> _Daily:
        """The shares of one scope by day, empty without a target."""
        plan = self.book.plan(key, scope, scope_key)
        return shares(plan, self.floor.period, self.ground(key, scope_key, place)) if plan else {}

    def of_rep(self, key: str, rep: Rep) -> _Daily:
        """A rep's shares by day; on a team's floor, of the days in the team."""
        daily, team = self.daily(key, REP, rep.key, self.floor.places[rep.key]), self.floor.team
        if team is None or not rep.stints:
            return daily
        return {day: share for day, share in daily.items() if team_on(rep, day) == team}

    def ratio(self, key: str, scope: str, scope_key: str = "") -> Due | None:
        """The target of a ratio: all of it is expected from the start."""
        plan = self.book.plan(key, scope, scope_key)
        value = standing(plan, self.floor.period, self.ground(key, scope_key, OFFICE)) if plan else None
        return None if value is None else Due(value, value, _ZERO)

    def top(self) -> tuple[str, str]:
        """Scope and key of the floor itself."""
        return (TEAM, self.floor.team) if self.floor.team is not None else (COMPANY, "")


def _plan(layout: _Layout, key: str) -> MetricPlan:
    if isinstance(METRICS[key], Ratio):
        return _ratio_plan(layout, key)
    of = layout.floor.places
    reps = {rep.key: layout.of_rep(key, rep) for rep in layout.floor.reps}
    reps = {rep: daily for rep, daily in reps.items() if daily}
    own, summed = _whole(layout, key, reps)
    dues = _dues((rep, daily, layout.days[of[rep]]) for rep, daily in reps.items())
    partly = _dues((rep, daily, layout.days[of[rep]]) for rep, daily in summed.items() if daily is not reps[rep])
    return MetricPlan(
        reps=dues,
        own=tuple(_dues((str(place), daily, layout.days[OFFICE]) for place, daily in enumerate(own)).values()),
        summed={rep: partly.get(rep) or dues[rep] for rep in summed},
        daily=_by_calendar([*((OFFICE, daily) for daily in own), *((of[rep], part) for rep, part in summed.items())]),
    )


def _ratio_plan(layout: _Layout, key: str) -> MetricPlan:
    """A ratio is never summed: every scope needs a row of its own."""
    reps = {rep.key: layout.ratio(key, REP, rep.key) for rep in layout.floor.reps}
    own = layout.ratio(key, *layout.top())
    return MetricPlan({rep: what for rep, what in reps.items() if what}, (own,) if own else (), {}, {})


def _whole(layout: _Layout, key: str, reps: Mapping[str, _Daily]) -> tuple[list[_Daily], dict[str, _Daily]]:
    """The floor's own plan; else the plans of teams that have their own, and the other reps' days."""
    own = layout.daily(key, *layout.top())
    if own:
        return [own], {}
    teams = layout.floor.teams if layout.floor.team is None else ()
    owned = {team.key: daily for team in teams if (daily := layout.daily(key, TEAM, team.key))}
    summed = {rep.key: _outside(rep, reps[rep.key], owned) for rep in layout.floor.reps if rep.key in reps}
    return list(owned.values()), {rep: daily for rep, daily in summed.items() if daily}


def _outside(rep: Rep, daily: _Daily, owned: Mapping[str, _Daily]) -> _Daily:
    """The rep's shares of the days in none of these teams."""
    if not rep.stints:
        return {} if rep.team in owned else daily
    return {day: share for day, share in daily.items() if team_on(rep, day) not in owned}


def _as_then(rep: Rep, team: str | None, period: Period) -> Rep:
    """The rep in that team, or in the team of the period's end."""
    return replace(rep, team=team or team_on(rep, period.last)) if rep.stints else rep


def _dues(parts: Iterable[tuple[str, _Daily, date]]) -> dict[str, Due]:
    return {name: what for name, daily, day in parts if (what := due(daily, day)) is not None}


def _by_calendar(parts: Iterable[tuple[int, _Daily]]) -> dict[int, _Daily]:
    sums: dict[int, _Daily] = {}
    for place, daily in parts:
        into = sums.setdefault(place, {})
        for day, share in daily.items():
            into[day] = into.get(day, _ZERO) + share
    return sums
