"""Building: `needs` says what has to be read for a board, `build_board` makes the board out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.board import Board, Curve, MetricBoard, Period, Unmapped, Win
from domain.curves import day_axis, day_curve, now_mark, period_curve, shaped
from domain.facts import Problem
from domain.freshness import Connection, missing, oldest, state
from domain.made import Made
from domain.metrics import METRICS, Metric
from domain.people import Rep, Team
from domain.periods import DAY, period_of
from domain.plans import OFFICE, employed, floor
from domain.ranking import Reached, leaderboard, ranked_parts, window
from domain.scene import Scene, daily, daily_by_zone, rep_lines, scene, whole
from domain.settings import DayShape, PeriodKind, Settings
from domain.shapes import WEEKS, Shape, learned
from domain.sums import Converter, DayRow, DaySums, HourRow, HourSums, RepSums, by_day, by_hour, by_rep
from domain.targets import TargetBook
from domain.totals import RateBook, Total
from domain.worktime import holidays_known, is_workday, office_calendar, today, workdays, zone_known

_ZERO = Decimal(0)
_WEEK = timedelta(days=7)
# The usual day is the mean of so many earlier ones, looked for so many weeks back.
_USUAL_DAYS, _USUAL_WEEKS = 4, 26


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be read for a board. Totals are by rep over a period; rows are over the board's reps together.

    `targets` and `rank_days` are first and last days: target rows that touch them; totals by rep and day of
    `rank_metrics`. `hours` are the days whose rows by hour are wanted, the board's own first; empty for a longer
    period, which wants rows by day (`by_day`). `shape_days` are those to learn the usual shape of a day from.
    """

    period: Period
    month: Period
    rank: Period
    targets: tuple[date, date]
    rank_metrics: tuple[str, ...]
    rank_days: tuple[date, date]
    hours: tuple[date, ...]
    by_day: Period | None
    shape_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything already read. For a team's board the rows by hour and by day are those of its reps.

    `targets` and `rates` may be kept between boards. `totals`, `month` and `rank` may be one and the same list where
    their periods are. `rank_days` holds totals with their day. `reached` is asked for tied reps alone.
    """

    settings: Settings
    reps: tuple[Rep, ...]
    teams: tuple[Team, ...]
    targets: TargetBook
    rates: RateBook
    totals: Sequence[Total]
    month: Sequence[Total]
    rank: Sequence[Total]
    rank_days: Sequence[Total]
    hours: Sequence[HourRow]
    by_day: Sequence[DayRow]
    reached: Reached
    connections: Sequence[Connection]
    unmapped: Unmapped
    last_win: Win | None = None
    problems: Sequence[Problem] = ()
    shape_hours: Sequence[HourRow] = ()


@dataclass(frozen=True, slots=True)
class _Past:
    """What the curves of a board are drawn from. It lives as long as the board does, and so holds nothing more."""

    day: date
    now: datetime
    by_hour: HourSums
    by_day: DaySums
    usual_days: tuple[date, ...]
    shapes: Mapping[str, Shape]


def needs(settings: Settings, period_kind: PeriodKind, day: date, now: datetime) -> Needs:
    """What to read for the board of the period that holds `day`."""
    settings, _ = sound(settings)
    office = office_calendar(settings)
    rank = _period(settings, settings.rank_period, day)
    period = _period(settings, period_kind, day)
    # A year's target is shared with all finer ones of that year, and weeks reach over its ends.
    year = _period(settings, PeriodKind.YEAR, day)
    of_day = period_kind is PeriodKind.DAY
    return Needs(
        period=period,
        month=_period(settings, PeriodKind.MONTH, day),
        rank=rank,
        targets=(year.first - _WEEK, year.last + _WEEK),
        rank_metrics=ranked_parts(settings),
        rank_days=window(office, rank, today(settings.timezone, now)),
        hours=(day, *_usual_days(settings, day)) if of_day else (),
        by_day=None if of_day else period,
        shape_days=_shape_days(settings, today(settings.timezone, now)),
    )


def build_board(inputs: Inputs, period_kind: PeriodKind, day: date, now: datetime, team: str | None = None) -> Board:
    """The board of the period that holds `day`, as it stands at `now`; a team's own with its key.

    Raises KeyError for an unknown team. Money without a rate is left out of every sum and listed in `problems`.
    """
    if team is not None and team not in {known.key for known in inputs.teams}:
        raise KeyError(team)
    settings, troubles = sound(inputs.settings)
    reps, strays = _sound_reps(inputs.reps)
    inputs = replace(inputs, settings=settings, reps=reps)
    past, converter = _past(inputs, day, now), Converter(inputs.rates)

    def set_up(kind: PeriodKind, totals: Sequence[Total]) -> Scene:
        return _scene(inputs, past, _period(settings, kind, day), by_rep(totals, converter), team)

    at = set_up(period_kind, inputs.totals)
    month = at if period_kind is PeriodKind.MONTH else set_up(PeriodKind.MONTH, inputs.month)
    places = leaderboard(set_up(settings.rank_period, inputs.rank), inputs.rank_days, converter, inputs.reached)
    here = today(settings.timezone, now)
    lacking = {key: missing(key, inputs.connections) for key in METRICS}
    return Board(
        now=now,
        as_of=oldest(inputs.connections),
        timezone=settings.timezone,
        currency=settings.currency,
        period=at.floor.period,
        metrics=Made(METRICS, lambda key: _full_metric(past, at, key, lacking[key])),
        month=Made(() if month is at else METRICS, lambda key: _metric(month, key, lacking[key])),
        leaderboard=places,
        sources=tuple(state(connection, now) for connection in inputs.connections),
        last_win=inputs.last_win,
        unmapped=inputs.unmapped,
        problems=(*inputs.problems, *troubles, *strays, *_unrated(converter)),
        closes=settings.hours.end if is_workday(office_calendar(settings), here) else None,
        demo=any(connection.kind == "demo" for connection in inputs.connections),
        team=team,
        team_name=next((known.name for known in inputs.teams if known.key == team), None),
    )


def sound(settings: Settings) -> tuple[Settings, list[Problem]]:
    """The settings without a country whose holidays nobody knows: the board goes on and says so."""
    if settings.country is None or holidays_known(settings.country):
        return settings, []
    text = f"No public holidays are known for {settings.country!r}: every weekday counts as worked. Choose the country."
    return replace(settings, country=None), [Problem("unknown_country", settings.country, text)]


def _past(inputs: Inputs, day: date, now: datetime) -> _Past:
    # What the curves lack for want of a rate, the totals lack too: it is counted there alone.
    curves = Converter(inputs.rates)
    usual = {row[2] for row in inputs.hours} - {day}
    return _Past(
        day=day,
        now=now,
        by_hour=by_hour(inputs.hours, curves),
        by_day=by_day(inputs.by_day, curves),
        usual_days=tuple(usual),
        shapes=learned(by_hour(inputs.shape_hours, curves), today(inputs.settings.timezone, now)),
    )


def _scene(inputs: Inputs, past: _Past, period: Period, sums: RepSums, team: str | None) -> Scene:
    busy = {rep for of in sums.of.values() for rep in of}
    guests = frozenset(rep.key for rep in inputs.reps if rep.key in busy and not employed(rep, period))
    on = floor(inputs.settings, inputs.reps, inputs.teams, period, team, guests)
    return scene(inputs.targets, on, sums, past.now, past.shapes)


def _metric(at: Scene, key: str, lacking: str | None) -> MetricBoard:
    """A metric as a whole, without the reps' lines and the curve. `lacking` says why no source can give it."""
    progress = whole(at, key, lacking is None)
    return MetricBoard(key, METRICS[key].unit, lacking is None, lacking, progress, reps=(), curve=None)


def _full_metric(past: _Past, at: Scene, key: str, lacking: str | None) -> MetricBoard:
    made = _metric(at, key, lacking)
    drawn = made.available and isinstance(METRICS[key], Metric)
    curve = _curve(past, at, key, made.progress.actual or _ZERO) if drawn else None
    return replace(made, reps=rep_lines(at, key, made.available), curve=curve)


def _curve(past: _Past, at: Scene, key: str, total: Decimal) -> Curve:
    period, settings = at.floor.period, at.floor.settings
    if period.kind is not PeriodKind.DAY:
        return period_curve(period, at.paces[OFFICE].day, past.by_day.get(key, {}), daily(at, key))
    days = past.by_hour.get(key, {})
    plan = daily_by_zone(at, key, past.day)
    hours = days.get(past.day, {})
    axis = day_axis(settings.timezone, settings.hours, plan, past.day, hours)
    if key in past.shapes:
        axis = shaped(axis, settings.timezone, past.day, past.shapes[key])
    mark = now_mark(settings.timezone, past.day, past.now)
    return day_curve(axis, mark, total, hours, plan, [days.get(day, {}) for day in past.usual_days])


def _period(settings: Settings, kind: PeriodKind, day: date) -> Period:
    return period_of(kind, day, settings.week_start, settings.year_start)


def _usual_days(settings: Settings, day: date) -> list[date]:
    """The latest earlier working days of the office on the same weekday."""
    office = office_calendar(settings)
    weeks = (day - _WEEK * number for number in range(1, _USUAL_WEEKS + 1))
    return [before for before in weeks if is_workday(office, before)][:_USUAL_DAYS]


def _shape_days(settings: Settings, here: date) -> tuple[date, ...]:
    """The office's working days of the last four weeks, where the plan of a day follows its usual shape."""
    if settings.day_shape is DayShape.HOURS:
        return ()
    return workdays(office_calendar(settings), here - _WEEK * WEEKS, here - DAY)


def _unrated(converter: Converter) -> list[Problem]:
    base = converter.rates.base
    return [
        Problem(
            code="no_rate",
            where=currency,
            text=f"Amounts in {currency} are left out of every sum: there is no rate to {base} for their days. "
            f"Add the rate of {currency} in the CRM or in settings.",
            count=len(places),
        )
        for currency, places in sorted(converter.unrated.items())
    ]


def _sound_reps(reps: tuple[Rep, ...]) -> tuple[tuple[Rep, ...], list[Problem]]:
    """The reps, in the office's zone where their own is none that exists."""
    lost = [rep for rep in reps if rep.zone is not None and not zone_known(rep.zone)]
    if not lost:
        return reps, []
    problems = [
        Problem("unknown_zone", rep.key, f"{rep.name} has the unknown time zone {rep.zone!r}: the office's is used.")
        for rep in lost
    ]
    return tuple(replace(rep, zone=None) if rep in lost else rep for rep in reps), problems
