"""Board: everything the wall shows at one instant, immutable; domain.building makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from domain.facts import Problem
from domain.metrics import Unit
from domain.settings import PeriodKind


class Status(StrEnum):
    """The verdict on a target, as the API says it."""

    AHEAD = "ahead"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"
    MET = "met"
    NO_TARGET = "no_target"
    TOO_EARLY = "too_early"


class SourceHealth(StrEnum):
    """How a connection is doing. One that is never asked is listening, however long nothing has come.

    Of one that is closed nothing but its numbers was kept.
    """

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    THROTTLED = "throttled"
    NEEDS_LOGIN = "needs_login"
    ERROR = "error"
    LISTENING = "listening"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period in the office's zone; `first` and `last` are its days, both included."""

    kind: PeriodKind
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RequiredRate:
    """What closes the gap to the target: `value` per "hour" or per "day" of working time left."""

    value: Decimal
    per: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Plan against fact at an instant. Money in whole units of the base currency, seconds, counts, ratios.

    None = not known or not meant (no target, a ratio without a denominator), never 0. `attainment` is None for a
    missing or zero target. `elapsed` is the part of the period's working time that has passed, 0 to 1.
    """

    actual: Decimal | None
    target: Decimal | None
    expected: Decimal | None
    attainment: Decimal | None
    gap: Decimal | None
    required_rate: RequiredRate | None
    projected: Decimal | None
    status: Status
    elapsed: Decimal


@dataclass(frozen=True, slots=True)
class RepProgress:
    """One rep's part in a metric. `team` is the team's name. `hidden`: not for the wall."""

    rep: str
    name: str
    team: str | None
    photo: str | None
    progress: Progress
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve: `x` is an hour of the local day (9.5 = 09:30) or a day of the period (1 = first)."""

    x: Decimal
    y: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """A period's running total: the actual up to now, the plan, and the usual such day (empty where unknown).

    `x_first` and `x_last` bound the axis: opening and closing hour, or 1 and the number of days.
    """

    actual: tuple[Point, ...]
    plan: tuple[Point, ...]
    usual: tuple[Point, ...]
    x_first: Decimal
    x_last: Decimal


@dataclass(frozen=True, slots=True)
class MetricBoard:
    """A metric over the board's period. `available` False = no source can give it, `missing` says why.

    `hidden`: the office does not wish to see it, and nothing is left of it.
    """

    key: str
    unit: Unit
    available: bool
    missing: str | None
    progress: Progress
    reps: tuple[RepProgress, ...]
    curve: Curve | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """What one metric brought somebody in points. `value` is in the metric's own unit."""

    metric: str
    value: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the leaderboard. `movement` is places gained since the close of the previous working day (negative =
    lost, None = was not ranked). `gap_to_next` is the distance in `value` to the next better place, None for the
    first. `count` is how many records made the value, where the metric is a sum of money. `days_in_lead` counts the
    working days up to now that this rep has been first without a break (first place only). `scored` is what the value
    is made of, where points are compared."""

    place: int
    rep: str
    name: str
    team: str | None
    photo: str | None
    value: Decimal
    target: Decimal | None
    attainment: Decimal | None
    movement: int | None
    gap_to_next: Decimal | None
    count: int | None
    required_rate: RequiredRate | None
    status: Status
    days_in_lead: int | None = None
    scored: tuple[Scored, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Who leads. `rank_by` is "value", "attainment" or "points"; `overtakes` counts the reps who gained places today.

    By points `metric` is "points" too, and `rule` says what each metric is worth (domain/points.py).
    `veiled`: the values are not for the room, and stand as shares of the best one.
    """

    metric: str
    unit: Unit
    rank_by: str
    period: Period
    working_day: int
    working_days: int
    rows: tuple[Place, ...]
    overtakes: int
    veiled: bool = False
    rule: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """One connection: up to when its numbers are complete, and what is wrong, in plain words."""

    name: str
    kind: str
    health: SourceHealth
    as_of: datetime | None
    problem: str | None
    poll_seconds: int


@dataclass(frozen=True, slots=True)
class Win:
    """A recently won deal, for the line at the foot of the wall."""

    rep: str
    name: str
    at: datetime
    amount: Decimal | None
    currency: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Unmapped:
    """CRM users who are no reps, and how many facts of the period are theirs."""

    people: int
    facts: int


@dataclass(frozen=True, slots=True)
class Board:
    """The whole picture. `as_of` is the oldest of its sources' (None: no source has been complete yet).

    `metrics` are all that there are, by key. `month` is the same over the month, for the wall's second line (empty when
    `period` is a month).
    `closes` is when today's working time ends (None on a day off). `demo` = figures of the demo sales floor.
    `team` is the key of the team that it is about, None = everybody.
    """

    now: datetime
    as_of: datetime | None
    timezone: str
    currency: str
    period: Period
    metrics: Mapping[str, MetricBoard]
    month: Mapping[str, MetricBoard]
    leaderboard: Leaderboard
    sources: tuple[SourceState, ...]
    last_win: Win | None
    unmapped: Unmapped
    problems: tuple[Problem, ...]
    closes: time | None
    demo: bool
    team: str | None = None
    team_name: str | None = None

    def metric(self, key: str) -> MetricBoard:
        """The metric of that key. Raises KeyError for one that is not on the board."""
        return self.metrics[key]

    @property
    def everybody(self) -> tuple[RepProgress, ...]:
        """A line of each of the board's people, who are the same in every metric."""
        return next((metric.reps for metric in self.metrics.values() if metric.reps), ())
