"""Settings: everything about the office that a team lead may change, with the defaults of a first start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum


class Credit(StrEnum):
    """Whose a fact is when its record changed hands later."""

    AT_EVENT = "at_event"
    CURRENT_OWNER = "current_owner"


class PeriodKind(StrEnum):
    """The periods that Tablo measures by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class DayShape(StrEnum):
    """What part of a day's plan is expected by now: that of the office hours, or what such days usually had brought."""

    HOURS = "hours"
    USUAL = "usual"


class Theme(StrEnum):
    """How the wall is coloured."""

    DARK = "dark"
    LIGHT = "light"


class AfterHours(StrEnum):
    """What the wall does while nobody works."""

    ON = "on"
    DIM = "dim"
    SLEEP = "sleep"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the rotation of the wall: a panel's key, its dwell time, the period it measures, and when it is on.

    `metric` is what a leaderboard ranks by over the slot's period, None = as the office ranks. `team` is a team's key,
    None = everybody. `top` is how many managers are shown, 0 = all, None = as the office says. `weekdays` are ISO
    weekdays on which it is shown, none = all; `start` and `end` are local times, which may lie around midnight, None =
    from, or to, the end of the day.
    """

    panel: str
    seconds: int
    period: PeriodKind = PeriodKind.DAY
    metric: str | None = None
    team: str | None = None
    top: int | None = None
    weekdays: frozenset[int] = frozenset()
    start: time | None = None
    end: time | None = None


PLAYLIST = (
    Slot("overview", 15),
    Slot("calls", 12),
    Slot("emails", 12),
    Slot("invoices_issued", 12),
    Slot("invoices_paid", 12),
    Slot("deals_created", 12),
    Slot("deals_won", 12),
    Slot("leaderboard", 15, PeriodKind.MONTH),
)


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a working day, local time; the break counts as no working time. No break = equal times."""

    start: time = time(9)
    end: time = time(18)
    break_start: time = time(13)
    break_end: time = time(14)


@dataclass(frozen=True, slots=True)
class Celebrating:
    """How a won deal is celebrated: for so many seconds, never from `quiet_from` to `quiet_to` (equal = any time).

    `sound` is a name of domain.tunes or the number of an uploaded file, '' = none; teams and reps may have their own,
    as pairs of key and sound. `volume` is 0 (mute) to 100.
    """

    on: bool = True
    seconds: int = 8
    quiet_from: time = time(0)
    quiet_to: time = time(0)
    workdays_only: bool = False
    sound: str = "fanfare"
    volume: int = 70
    team_sounds: tuple[tuple[str, str], ...] = ()
    rep_sounds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The office. `workdays` are ISO weekdays (1 = Monday). `country` is an ISO 3166 code, None = no holidays.

    `holidays_added`, `holidays_removed` and `workdays_added` are the office's own exceptions. `productive_seconds` is
    the shortest productive call. `week_start` is an ISO weekday, `year_start` a month. `rank_by` is "value",
    "attainment" or "points"; `rank_points` is what so much of a metric is worth (domain/points.py). `early_percent` of
    a period pass without a verdict, and so much below what is expected "behind" goes (`behind_percent`).
    `metrics_hidden` are seen neither on the wall nor on a phone.
    `public_address` is where phones reach Tablo (`http://192.168.1.20:8050`), "" = wherever the reader is.
    `first_names_only`, `hide_amounts` and `hide_ranking` are what the wall keeps to itself (domain/privacy.py).
    """

    timezone: str = "Europe/Kyiv"
    currency: str = "UAH"
    language: str = "en"
    country: str | None = "UA"
    hours: Hours = Hours()
    workdays: frozenset[int] = frozenset((1, 2, 3, 4, 5))
    week_start: int = 1
    year_start: int = 1
    holidays_added: frozenset[date] = frozenset()
    holidays_removed: frozenset[date] = frozenset()
    workdays_added: frozenset[date] = frozenset()
    productive_seconds: int = 30
    credit: Credit = Credit.AT_EVENT
    rank_metric: str = "deals_won_amount"
    rank_by: str = "value"
    rank_period: PeriodKind = PeriodKind.MONTH
    rank_top: int = 10
    rank_points: tuple[tuple[str, Decimal], ...] = ()
    metrics_hidden: frozenset[str] = frozenset()
    early_percent: int = 20
    behind_percent: int = 15
    day_shape: DayShape = DayShape.HOURS
    public_address: str = ""
    playlist: tuple[Slot, ...] = PLAYLIST
    celebrating: Celebrating = Celebrating()
    theme: Theme = Theme.DARK
    after_hours: AfterHours = AfterHours.ON
    first_names_only: bool = False
    hide_amounts: bool = False
    hide_ranking: bool = False
