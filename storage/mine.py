"""What is one rep's own: the days of a month, the records behind a number, when it was reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from domain.board import Board, Period, Place
from domain.counting import Whose
from domain.days import Day, rep_days
from domain.leaderboard import Explanation, explain
from domain.metrics import METRICS, Metric, Ratio
from domain.people import Rep
from domain.periods import so_far
from domain.ranking import reaching
from domain.records import RecordPage
from domain.settings import Settings
from domain.sums import Converter, by_day
from domain.targets import REP, TargetBook
from domain.worktime import rep_calendar, today, workdays
from storage import counted, history, rates, targets, totals


def days(conn: Connection, settings: Settings, rep: Rep, metric: str, period: Period, now: datetime) -> tuple[Day, ...]:
    """The days of the period by a metric that is a sum."""
    converter = Converter(rates.book(conn, settings.currency))
    stored = totals.by_day(conn, period.first, period.last, [rep.key])
    rows = [(row.metric, row.currency, row.day, row.value) for row in stored if row.metric == metric]
    known = (each.target for each in targets.current(conn, period.first, period.last))
    book = TargetBook(target for target in known if target.scope_key == rep.key and target.metric == metric)
    here = today(rep_calendar(settings, rep).zone, now)
    return rep_days(book, settings, rep, metric, period, by_day(rows, converter).get(metric, {}), here)


def reached(conn: Connection, settings: Settings, rep: str, metrics: Sequence[str], period: Period) -> datetime | None:
    """When the rep had what they have now of metrics that are sums."""
    seconds = settings.productive_seconds
    found = (history.last_at(conn, [rep], metric, period.first, period.last, seconds).get(rep) for metric in metrics)
    return max((at for at in found if at is not None), default=None)


def records(
    conn: Connection, settings: Settings, rep: Rep, metric: str, period: Period, limit: int, after: str = ""
) -> RecordPage:
    """What counted for a metric (a ratio: for its numerator), after a page that ended with `after`."""
    return counted.records(conn, settings, Whose(REP, rep.key, (rep,)), _sum(metric), period, limit, after)


def why(conn: Connection, settings: Settings, rep: Rep, own: Place, board: Board) -> Explanation:
    """The explanation of a place on the board's leaderboard."""
    ranks, calendar = board.leaderboard, rep_calendar(settings, rep)
    last = reached(conn, settings, rep.key, reaching(settings), so_far(ranks.period, today(calendar.zone, board.now)))
    worked = workdays(calendar, ranks.period.first, ranks.period.last)
    day = today(calendar.zone, board.now)
    return explain(own, ranks.metric, ranks.rank_by, ranks.period, ranks.rows, last, worked, day)


def _sum(metric: str) -> Metric:
    declared = METRICS[metric]
    return _sum(declared.over) if isinstance(declared, Ratio) else declared
