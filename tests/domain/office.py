"""A small office to tell the rules by: Olena and Nikita in Kyiv, Dasha in New York."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from domain.board import Board, MetricBoard, Progress, Unmapped
from domain.building import Inputs, build_board
from domain.freshness import Connection
from domain.people import Rep, Team
from domain.settings import PeriodKind, Settings
from domain.targets import COMPANY, REP, TEAM, Target, TargetBook
from domain.totals import RateBook, Total
from domain.worktime import Calendar, office_calendar

KYIV = ZoneInfo("Europe/Kyiv")
# November 2026 begins on a Sunday and has 21 weekdays. The 20th is a Friday, the 15th weekday.
TODAY = date(2026, 11, 20)
AFTERNOON = datetime(2026, 11, 20, 14, 30, tzinfo=KYIV)

SETTINGS = Settings(country=None)
OFFICE = office_calendar(SETTINGS)
NORTH, SOUTH = Team("main:n", "North"), Team("main:s", "South")
OLENA = Rep("main:1", "Olena", team=NORTH.key)
NIKITA = Rep("main:2", "Nikita", team=NORTH.key)
DASHA = Rep("main:3", "Dasha", team=SOUTH.key)
REPS = (OLENA, NIKITA, DASHA)

_order = count()


def kyiv(day: date, clock: str) -> datetime:
    """An instant by Kyiv's clock."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=KYIV)


def target(
    value: int | str | None,
    rep: Rep | None = None,
    team: Team | None = None,
    metric: str = "calls",
    period: PeriodKind = PeriodKind.MONTH,
    since: date = date(2026, 1, 1),
    until: date | None = None,
) -> Target:
    """A recorded row, each later than the one before: of a rep, a team, or the company."""
    scope, key = (REP, rep.key) if rep else (TEAM, team.key) if team else (COMPANY, "")
    amount = None if value is None else Decimal(value)
    return Target(metric, scope, key, period, amount, since, until, next(_order))


def done(rep: Rep, metric: str, value: int, currency: str = "", day: date | None = None) -> Total:
    """A stored sum of one rep; money in minor units."""
    return Total(rep.key, metric, currency, value, day)


def nobody_asked(reps: Sequence[str], metric: str, first: date, last: date) -> Mapping[str, datetime]:
    """For boards without ties."""
    raise AssertionError(f"asked for {reps}")


def inputs(
    targets: Sequence[Target] = (), totals: Sequence[Total] = (), settings: Settings = SETTINGS, **rest: object
) -> Inputs:
    """Everything read for a board; the same totals for every period unless told otherwise."""
    made = Inputs(
        settings=settings,
        reps=REPS,
        teams=(NORTH, SOUTH),
        targets=TargetBook(targets),
        rates=RateBook(settings.currency),
        totals=totals,
        month=totals,
        rank=totals,
        rank_days=(),
        hours=(),
        by_day=(),
        reached=nobody_asked,
        connections=(Connection("main", "bitrix24", AFTERNOON, 30),),
        unmapped=Unmapped(0, 0),
    )
    return replace(made, **rest)  # type: ignore[arg-type]  # mypy cannot check replace() with a mapping


def board(
    given: Inputs, period: PeriodKind = PeriodKind.DAY, now: datetime = AFTERNOON, team: str | None = None
) -> Board:
    """The board of the period that holds today."""
    return build_board(given, period, TODAY, now, team)


def by_name(metric: MetricBoard) -> dict[str, Progress]:
    """The reps' progress by name."""
    return {row.name: row.progress for row in metric.reps}


def calendar(**changes: object) -> Calendar:
    """The office's calendar with changes."""
    return replace(OFFICE, **changes)  # type: ignore[arg-type]  # mypy cannot check replace() with a mapping
