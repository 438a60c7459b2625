"""Board: everything the wall shows at one instant, immutable. domain.building makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.facts import Problem
from domain.metrics import Unit
from domain.settings import PeriodKind


class Status(StrEnum):
    """The verdict on one actual against its target."""

    NO_TARGET = "no_target"
    MET = "met"
    TOO_EARLY = "too_early"
    AHEAD = "ahead"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"


class Health(StrEnum):
    """How fresh a source is, or what keeps it from being read."""

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    THROTTLED = "throttled"
    NEEDS_LOGIN = "needs_login"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of calendar days in the office's zone, both ends included."""

    kind: PeriodKind
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RequiredRate:
    """What has to be done from now on to end on the target. `per` is "hour" or "day" of working time."""

    value: Decimal
    per: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Plan against fact at one instant, in whole units: a count, seconds, base currency, or a ratio (0.25 = 25 %).

    None is "not known", never 0: `actual` of a metric that no source gives or of a ratio over nothing, `attainment`
    of a missing or zero target, `required_rate` when the target is met or no working time is left.
    `elapsed` is the part of the period's working time that has passed, 0 to 1.
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
    """One rep's line of a metric. `rep` is the key, `team` the team's name, `photo` as stored for the rep."""

    rep: str
    name: str
    team: str | None
    photo: str | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class TeamProgress:
    """One team's line of a metric. `team` is the key."""

    team: str
    name: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Point:
    """`x` is the office's local hour (14.5 = 14:30) or the number of the day in the period (1 = its first)."""

    x: Decimal
    y: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """How a sum grows over the period: cumulative values. `axis` is "hour" or "day", `first` to `last` its range.

    `actual` ends at now. `plan` is empty without a target, `usual` with fewer than two earlier days to learn from.
    """

    axis: str
    first: Decimal
    last: Decimal
    plan: tuple[Point, ...]
    actual: tuple[Point, ...]
    usual: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class MetricBoard:
    """One metric of the board. Not `available`: no source can give it, and `missing` says why in English.

    `whole` is the company's progress, or the team's on a team's board; `month` the same for the month that holds the
    board's day. `reps` come with the highest actual first. `curve` is None for ratios and unavailable metrics.
    """

    key: str
    unit: Unit
    higher_is_better: bool
    available: bool
    missing: str | None
    whole: Progress
    month: Progress
    teams: tuple[TeamProgress, ...]
    reps: tuple[RepProgress, ...]
    curve: Curve | None


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """One place. `value` is the actual of the ranking metric, `records` how many records made it.

    `movement` is places gained since the close of the previous working day (negative = lost), None for a rep who had
    no place then. `gap_to_next` is what is missing to draw level with the next better place, None for the first.
    It is in the metric's unit, or in attainment (0.05 = 5 %) where attainment ranks.
    `days_in_lead` counts the working days in a row, today's included, for who holds the first place now.
    """

    place: int
    rep: str
    name: str
    team: str | None
    photo: str | None
    value: Decimal | None
    attainment: Decimal | None
    movement: int | None
    gap_to_next: Decimal | None
    records: int | None
    days_in_lead: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Everybody's places by one metric over a period. `by` is "value" or "attainment"."""

    metric: str
    unit: Unit
    by: str
    period: Period
    rows: tuple[LeaderboardRow, ...]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One connection as the wall tells of it. `as_of` None = nothing complete yet; `retry_at` the next try planned.

    `done` of `total` records while a first read is under way, where the source knows.
    """

    name: str
    kind: str
    health: Health
    as_of: datetime | None
    problem: str | None = None
    retry_at: datetime | None = None
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """A won deal. `deal` is `<source name>:<record>`; `amount` in `currency`, whole units."""

    deal: str
    at: datetime
    rep: str | None
    name: str | None
    photo: str | None
    title: str | None
    customer: str | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Workday:
    """The board's day in the office. `number` of `count`: how many working days of the month have begun, and there are.

    `opens` and `closes` are instants, None on a day off.
    """

    day: date
    number: int
    count: int
    opens: datetime | None
    closes: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the wall shows at one instant. All times aware; money in the base currency.

    `as_of` is the oldest `as_of` of the enabled sources, None while any of them has none. `metrics` has every key of
    METRICS in the order of declaration. `demo` = the numbers are invented. `team` is the key whose board this is.
    """

    now: datetime
    as_of: datetime | None
    timezone: str
    currency: str
    period: Period
    workday: Workday
    team: str | None
    demo: bool
    poll_seconds: int
    sources: tuple[SourceState, ...]
    metrics: Mapping[str, MetricBoard]
    leaderboard: Leaderboard
    last_win: Win | None
    unmapped_people: int
    unmapped_facts: int
    problems: tuple[Problem, ...]
