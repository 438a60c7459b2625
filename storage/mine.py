"""What is one rep's own: the days of a month, the records behind a number, when it was reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from heapq import merge
from typing import Any

from sqlalchemy import Connection

from domain.board import Period
from domain.days import Day, rep_days
from domain.metrics import METRICS, Metric
from domain.people import Rep
from domain.records import Record, RecordPage
from domain.settings import Credit, Settings
from domain.sums import Converter, by_day
from domain.targets import TargetBook
from domain.totals import RateBook
from domain.worktime import rep_calendar, today
from storage import history, joins, recount, targets, totals
from storage.db import query
from storage.rows import AT, DAY, FACT_COLUMNS, KIND, REP, Calendar, FactRow, N, fact_of
from storage.tally import metrics_of

_OF = ", ".join(f"f.{name}" for name in FACT_COLUMNS.split(", "))
_BEFORE_ALL = (2**31 - 1, 2**62, "", 0)


def days(conn: Connection, settings: Settings, rep: Rep, metric: str, period: Period, now: datetime) -> tuple[Day, ...]:
    """The days of the period by a metric that is a sum."""
    converter = Converter(RateBook(settings.currency, totals.rates(conn)))
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
    conn: Connection, settings: Settings, rep: str, metric: str, period: Period, limit: int, after: str = ""
) -> RecordPage:
    """What counted for a metric (a ratio: for its numerator), after a page that ended with `after`."""
    found: list[Record] = []
    last: tuple[Any, ...] | None = None
    for record, url, row in _rows(conn, settings, rep, metric, period, _place(after)):
        if len(found) == limit and last is not None:
            return RecordPage(tuple(found), ".".join(map(str, last)))
        found.append(Record(date.fromordinal(row[DAY]), fact_of(row), url))
        last = (row[DAY], row[AT], row[N], record)
    return RecordPage(tuple(found), None)


def _rows(
    conn: Connection, settings: Settings, rep: str, metric: str, period: Period, after: tuple[int, int, str, int]
) -> Iterator[tuple[str, str | None, FactRow]]:
    declared = METRICS[metric]
    if not isinstance(declared, Metric):
        yield from _rows(conn, settings, rep, declared.over, period, after)
        return
    faces = joins.read(conn).faces([rep])
    yield from merge(*(_rows_of(conn, settings, face, declared, period, after) for face in faces), key=_order)


def _order(found: tuple[str, str | None, FactRow]) -> tuple[int, int, str, int]:
    record, _, row = found
    return -row[DAY], -row[AT], record, row[N]


def _rows_of(
    conn: Connection, settings: Settings, rep: str, declared: Metric, period: Period, after: tuple[int, int, str, int]
) -> Iterator[tuple[str, str | None, FactRow]]:
    """The same of one source's person, in this order."""
    source, _, person = rep.partition(":")
    rules = recount.basis(conn, settings)
    calendar = Calendar(rules.timezone, {}, rules.credit)
    whose = history.people_with_facts(conn, source) if rules.credit is Credit.CURRENT_OWNER else [person]
    for record, url, owner, *rest in _asked(conn, source, whose, declared.kind.value, period, after):
        row: FactRow = tuple(rest)
        theirs = calendar.credited(row[KIND], row[REP], owner) == person
        if theirs and declared.key in metrics_of(row, rules.productive_seconds):
            yield record, url, row


def _asked(
    conn: Connection, source: str, whose: Sequence[str], kind: str, period: Period, after: tuple[int, int, str, int]
) -> Iterator[Any]:
    if not whose:
        return
    day, at, record, n = after
    sql = f"""SELECT f.record, r.url, r.owner, {_OF} FROM facts f JOIN sources s ON s.id = f.source_id
        LEFT JOIN records r ON r.source_id = f.source_id AND r.record = f.record
        WHERE s.name = ? AND f.rep IN ({", ".join("?" * len(whose))}) AND f.kind = ? AND f.day BETWEEN ? AND ?
        AND (f.day < ? OR (f.day = ? AND (f.at < ? OR (f.at = ? AND (f.record > ? OR (f.record = ? AND f.n > ?))))))
        ORDER BY f.day DESC, f.at DESC, f.record, f.n"""  # noqa: S608 (constants)
    span = (period.first.toordinal(), min(period.last.toordinal(), day))
    yield from query(conn, sql, (source, *whose, kind, *span, day, day, at, at, record, record, n))


def _place(after: str) -> tuple[int, int, str, int]:
    """Where a page ended; what cannot be read begins anew."""
    day, _, rest = after.partition(".")
    at, _, rest = rest.partition(".")
    n, _, record = rest.partition(".")
    if not record or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (day, at, n)):
        return _BEFORE_ALL
    return int(day), int(at), record, int(n)
