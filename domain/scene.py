"""Scene: one floor in one period at one instant, ready to be evaluated metric by metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from domain.board import Progress, RepProgress
from domain.metrics import METRICS, Metric
from domain.people import Rep
from domain.plans import NO_PLAN, OFFICE, Floor, MetricPlan, plans
from domain.progress import Due, Limits, Pace, expected, limits, pace, progress
from domain.shapes import Shape
from domain.sums import RepSums, actual_of_all, actuals
from domain.targets import TargetBook

_ZERO = Decimal(0)
# Listed below every value.
_NOTHING = Decimal("-Infinity")


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is the same for all metrics. `paces` are by the floor's calendars, `team_names` by key, `shapes`
    by the metrics that have one.

    `zero` and `unknown` are the reps' lines of a metric without plan that has no facts, or no value at all.
    """

    floor: Floor
    paces: tuple[Pace, ...]
    plans: Mapping[str, MetricPlan]
    sums: RepSums
    team_names: Mapping[str, str]
    limits: Limits
    shapes: Mapping[str, Shape]
    zero: tuple[RepProgress, ...]
    unknown: tuple[RepProgress, ...]


def scene(
    book: TargetBook, on: Floor, sums: RepSums, now: datetime, shapes: Mapping[str, Shape] = MappingProxyType({})
) -> Scene:
    """A floor at an instant, with what was done in its period, and how its days usually go."""
    paces = tuple(pace(calendar, on.period, now) for calendar in on.calendars)
    names = {team.key: team.name for team in on.teams}

    def lines(value: Decimal | None) -> tuple[RepProgress, ...]:
        by_place = [progress(value, None, None, at) for at in paces]
        return tuple(line(rep, names, by_place[on.places[rep.key]]) for rep in on.reps)

    return Scene(
        floor=on,
        paces=paces,
        plans=plans(book, on, tuple(at.day for at in paces)),
        sums=sums,
        team_names=names,
        limits=limits(on.settings),
        shapes=shapes,
        zero=lines(_ZERO),
        unknown=lines(None),
    )


def whole(at: Scene, key: str, available: bool) -> Progress:
    """The floor's progress in a metric: own target, else the sum of what its teams and reps have to do."""
    plan = at.plans.get(key, NO_PLAN)
    office = at.paces[OFFICE]
    parts = [(what, office) for what in plan.own] + [(what, _pace(at, rep)) for rep, what in plan.summed.items()]
    metric, shape = METRICS[key], at.shapes.get(key)
    return progress(
        actual_of_all(key, at.sums, tuple(at.floor.places)) if available else None,
        sum((what.target for what, _ in parts), _ZERO) if parts else None,
        sum((expected(what, pace, shape) for what, pace in parts), _ZERO) if parts else None,
        office,
        metric.higher_is_better,
        isinstance(metric, Metric),
        at.limits,
    )


def rep_progress(at: Scene, key: str, available: bool = True) -> list[Progress]:
    """The progress of each of the floor's reps in a metric, in their order."""
    metric, dues = METRICS[key], at.plans.get(key, NO_PLAN).reps
    keys = [rep.key for rep in at.floor.reps]
    values = actuals(key, at.sums, keys) if available else [None] * len(keys)
    summed, higher, shape = isinstance(metric, Metric), metric.higher_is_better, at.shapes.get(key)
    # Many reps stand alike (nothing yet, the same plan): each standing is reckoned once.
    known: dict[tuple[Decimal | None, Due | None, int], Progress] = {}
    found = []
    for rep, value in zip(keys, values, strict=True):
        standing = value, dues.get(rep), at.floor.places[rep]
        if standing not in known:
            what, pace = standing[1], at.paces[standing[2]]
            target = None if what is None else what.target
            by_now = None if what is None else expected(what, pace, shape)
            known[standing] = progress(value, target, by_now, pace, higher, summed, at.limits)
        found.append(known[standing])
    return found


def rep_lines(at: Scene, key: str, available: bool) -> tuple[RepProgress, ...]:
    """Every rep's line of a metric, the highest actual first, then by name."""
    if not at.plans.get(key, NO_PLAN).reps:
        if not available:
            return at.unknown
        if isinstance(METRICS[key], Metric) and key not in at.sums.of:
            return at.zero
    found = zip(at.floor.reps, rep_progress(at, key, available), strict=True)
    return tuple(sorted((line(rep, at.team_names, of) for rep, of in found), key=_by_actual, reverse=True))


def line(rep: Rep, team_names: Mapping[str, str], of: Progress) -> RepProgress:
    """A rep's line: the team by its name."""
    return RepProgress(rep.key, rep.name, team_names.get(rep.team or ""), rep.photo, of, rep.hidden)


def daily_by_zone(at: Scene, key: str, day: date) -> dict[str, Decimal]:
    """The floor's target of one day, by the zone in which it is worked off; empty without a target."""
    zones: dict[str, Decimal] = {}
    for place, daily in at.plans.get(key, NO_PLAN).daily.items():
        zone = at.floor.calendars[place].zone
        zones[zone] = zones.get(zone, _ZERO) + daily.get(day, _ZERO)
    return zones


def daily(at: Scene, key: str) -> Iterable[Mapping[date, Decimal]]:
    """The floor's target by day, in parts that add up."""
    return at.plans.get(key, NO_PLAN).daily.values()


def _by_actual(row: RepProgress) -> Decimal:
    return _NOTHING if row.progress.actual is None else row.progress.actual


def _pace(at: Scene, rep: str) -> Pace:
    return at.paces[at.floor.places[rep]]
