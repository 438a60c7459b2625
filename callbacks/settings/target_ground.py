"""What the targets page stands on: the view, the people, every stored target, and what holds in each cell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from callbacks.settings.target_views import View, read_view
from deps import Deps
from domain.board import Period
from domain.metrics import METRICS
from domain.people import Rep, Team
from domain.plans import floor
from domain.reach import WHOLE, Reach
from domain.settings import Settings
from domain.targets import in_force
from domain.worktime import today
from layouts.settings.entry import write_value
from layouts.text import Text
from storage import people, targets
from storage.targets import StoredTarget


class Place(NamedTuple):
    """One cell: a metric, whose, and the first day of the period."""

    metric: str
    scope: str
    key: str
    first: date


@dataclass(frozen=True, slots=True)
class Ground:
    """What the table of a view is drawn from, all read at one instant, and how far its reader reaches.

    `stored` is in the order of recording.
    """

    view: View
    settings: Settings
    reps: tuple[Rep, ...]
    teams: tuple[Team, ...]
    stored: tuple[StoredTarget, ...]
    now: datetime
    reach: Reach = WHOLE

    @property
    def today(self) -> date:
        """The office's day."""
        return today(self.settings.timezone, self.now)

    @property
    def seen(self) -> int:
        """The number of the newest target."""
        return self.stored[-1].target.order if self.stored else 0


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: the company, a team or a rep."""

    scope: str
    key: str
    name: str
    team: str = ""


def read_ground(conn: Connection, deps: Deps, search: str | None, reach: Reach = WHOLE) -> Ground:
    """Everything that the table of the address's view needs."""
    settings, now = deps.settings(), deps.clock()
    reps, teams = people.crew(conn)
    return Ground(
        view=read_view(search, settings, today(settings.timezone, now)),
        settings=settings,
        reps=tuple(reps),
        teams=tuple(teams),
        stored=tuple(targets.current(conn)),
        now=now,
        reach=reach,
    )


def grown(conn: Connection, ground: Ground) -> Ground:
    """The same with what was recorded since."""
    return replace(ground, stored=(*ground.stored, *targets.current(conn, after=ground.seen)))


def lines(text: Text, ground: Ground) -> Iterator[Line]:
    """The company, each team with its reps, those without a team.

    What its reader does not answer for is no line, so that it is neither shown nor taken.
    """
    if ground.reach.whole:
        yield Line("company", "", text.t("Company"))
    everybody = floor(ground.settings, ground.reps, ground.teams, ground.view.period).reps
    present = [rep for rep in everybody if ground.reach.person(rep.team)]
    teams = [team for team in ground.teams if any(rep.team == team.key for rep in present)]
    for team in teams:
        yield Line("team", team.key, team.name)
        yield from (Line("rep", rep.key, rep.name, team.key) for rep in present if rep.team == team.key)
    keys = {team.key for team in teams}
    yield from (Line("rep", rep.key, rep.name) for rep in present if rep.team not in keys)


def holding(ground: Ground, periods: tuple[Period, ...], seen: int) -> dict[Place, StoredTarget]:
    """The targets of the periods' own kind that hold in them, as far as number `seen`."""
    metrics, kind = set(ground.view.metrics), periods[0].kind
    firsts, day = [period.first for period in periods], ground.today
    cells: dict[Place, dict[int, StoredTarget]] = {}
    for row in ground.stored:
        target = row.target
        if target.period is not kind or target.order > seen or target.metric not in metrics:
            continue
        # A row is looked at in the periods that it touches alone: of a year's thousands nearly all touch one month.
        since = max(bisect_right(firsts, target.since) - 1, 0)
        until = len(firsts) if target.until is None else bisect_right(firsts, target.until)
        for first in firsts[since:until]:
            cells.setdefault(Place(*line_of(row), first), {})[target.order] = row
    by_first, found = dict(zip(firsts, periods, strict=True)), {}
    for place, rows in cells.items():
        best = in_force((row.target for row in rows.values()), by_first[place.first], day)
        if best is not None:
            found[place] = rows[best.order]
    return found


def line_of(row: StoredTarget) -> tuple[str, str, str]:
    """Metric, scope and key."""
    return row.target.metric, row.target.scope, row.target.scope_key


def touches(row: StoredTarget, period: Period) -> bool:
    """Whether the target may hold on a day of the period."""
    return row.target.since <= period.last and (row.target.until is None or row.target.until >= period.first)


def as_typed(rows: Mapping[Place, StoredTarget], place: Place) -> str:
    """What is stored in a cell, as it is typed."""
    row = rows.get(place)
    return write_value(value_of(row), METRICS[place.metric].unit) if row else ""


def value_of(row: StoredTarget | None) -> Decimal | None:
    """The value, None for a withdrawn one and for nothing."""
    return row.target.value if row else None
