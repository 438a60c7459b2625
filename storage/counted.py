"""What a figure is made of, read from the facts themselves: record by record, and in piles of equal ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Connection

from domain.board import Period
from domain.facts import Kind
from domain.metrics import Metric
from domain.records import Pile, Record, RecordPage
from domain.settings import Credit, Settings
from storage import history, joins, recount
from storage.db import query
from storage.joins import Joins
from storage.recount import Basis
from storage.rows import AT, DAY, FACT_COLUMNS, KIND, REP, Calendar, FactRow, N, fact_of
from storage.tally import metrics_of, sample

_OF = ", ".join(f"f.{name}" for name in FACT_COLUMNS.split(", "))
# How a place is written: four numbers and the record's id.
_NUMBERS, _LONGEST_NUMBER = 4, 16

# Where a record stands in the list: day and instant (both negative, the newest come first), source, record, n.
_Place = tuple[int, int, int, str, int]


class Crowd(Protocol):
    """Some people by their main keys, all of them and those of a day: domain.counting.Whose is one."""

    @property
    def keys(self) -> frozenset[str]:
        """Everybody."""
        ...

    def on(self, day: date) -> frozenset[str]:
        """Who counts on that day."""
        ...


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is the same for every query of one list."""

    conn: Connection
    rules: Basis
    known: Joins
    sources: tuple[tuple[int, str], ...]


def records(
    conn: Connection, settings: Settings, crowd: Crowd, metric: Metric, period: Period, limit: int, after: str = ""
) -> RecordPage:
    """What counted for a metric that is a sum, of the people of each day, after a page that ended with `after`."""
    reading, begin = _reading(conn, settings), _place(after)
    last = period.last.toordinal() if begin is None else min(period.last.toordinal(), -begin[0])
    whose = _whose(reading, crowd.keys)
    found: list[tuple[_Place, Record]] = []
    for day in range(last, period.first.toordinal() - 1, -1):
        of_day = sorted(_of_day(reading, whose, crowd.on(date.fromordinal(day)), metric, day), key=itemgetter(0))
        found += [each for each in of_day if begin is None or each[0] > begin]
        if len(found) > limit:
            return RecordPage(tuple(record for _, record in found[:limit]), _said(found[limit - 1][0]))
    return RecordPage(tuple(record for _, record in found), None)


def piles(conn: Connection, settings: Settings, kind: Kind, period: Period) -> list[Pile]:
    """Every fact of a kind in a period, whoever it is credited to, added up by the database."""
    reading = _reading(conn, settings)
    owned = reading.rules.credit is Credit.CURRENT_OWNER
    found = []
    for source_id, name in reading.sources:
        whose = history.people_with_facts(conn, name)
        if not whose:
            continue
        join = "LEFT JOIN records r ON r.source_id = f.source_id AND r.record = f.record" if owned else ""
        sql = f"""SELECT credited, day, currency, direction, answered, long, has_amount, count(*),
            coalesce(sum(amount), 0), coalesce(sum(seconds), 0)
            FROM (SELECT f.day, {recount.credited(reading.rules.credit)} AS credited, f.currency, f.direction,
                f.answered, coalesce(f.seconds, 0) >= ? AS long, f.amount IS NOT NULL AS has_amount, f.amount, f.seconds
                FROM facts f {join} WHERE f.source_id = ? AND f.rep IN ({_marks(whose)}) AND f.kind = ?
                AND f.day BETWEEN ? AND ?) heaped
            GROUP BY credited, day, currency, direction, answered, long, has_amount"""  # noqa: S608 (constants)
        span = (period.first.toordinal(), period.last.toordinal())
        values = (reading.rules.productive_seconds, source_id, *whose, kind.value, *span)
        found += [_pile(reading, name, kind, row) for row in query(conn, sql, values)]
    return found


def _pile(reading: _Reading, source: str, kind: Kind, row: Sequence[Any]) -> Pile:
    rep, day, currency, direction, answered, long, has_amount, count, amount, seconds = row
    shape = (kind.value, direction, None if answered is None else bool(answered), bool(long), bool(has_amount))
    return Pile(
        rep=reading.known.main(f"{source}:{rep}"),
        day=date.fromordinal(day),
        currency=currency or "",
        sample=sample(shape),
        count=int(count),
        amount=int(amount),
        seconds=int(seconds),
    )


def _reading(conn: Connection, settings: Settings) -> _Reading:
    rows = query(conn, "SELECT id, name FROM sources ORDER BY id", ()).all()
    return _Reading(conn, recount.basis(conn, settings), joins.read(conn), tuple((row[0], row[1]) for row in rows))


def _of_day(
    reading: _Reading, whose: dict[int, list[str]], keys: frozenset[str], metric: Metric, day: int
) -> Iterator[tuple[_Place, Record]]:
    rules = reading.rules
    calendar = Calendar(rules.timezone, {}, rules.credit)
    for source_id, name in reading.sources:
        for record, url, owner, *rest in _asked(reading, source_id, whose[source_id], metric.kind, day):
            row: FactRow = tuple(rest)
            rep = reading.known.main(f"{name}:{calendar.credited(row[KIND], row[REP], owner)}")
            if rep in keys and metric.key in metrics_of(row, rules.productive_seconds):
                place = (-row[DAY], -row[AT], source_id, record, row[N])
                yield place, Record(date.fromordinal(row[DAY]), fact_of(row), url, rep, name)


def _asked(reading: _Reading, source_id: int, whose: Sequence[str], kind: Kind, day: int) -> Iterator[Any]:
    if not whose:
        return
    sql = f"""SELECT f.record, r.url, r.owner, {_OF} FROM facts f
        LEFT JOIN records r ON r.source_id = f.source_id AND r.record = f.record
        WHERE f.source_id = ? AND f.rep IN ({_marks(whose)}) AND f.kind = ? AND f.day = ?"""  # noqa: S608 (constants)
    yield from query(reading.conn, sql, (source_id, *whose, kind.value, day))


def _whose(reading: _Reading, keys: Collection[str]) -> dict[int, list[str]]:
    """By source, the ids under which facts of these people may stand; those of the present owner, under anybody's."""
    if reading.rules.credit is Credit.CURRENT_OWNER:
        return {source_id: history.people_with_facts(reading.conn, name) for source_id, name in reading.sources}
    faces = [face.partition(":") for face in reading.known.faces(keys)]
    return {source_id: [person for of, _, person in faces if of == name] for source_id, name in reading.sources}


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _said(place: _Place) -> str:
    day, at, source_id, record, n = place
    return f"{-day}.{-at}.{source_id}.{n}.{record}"


def _place(after: str) -> _Place | None:
    """Where a page ended; what cannot be read begins anew."""
    *numbers, record = after.split(".", 4)
    known = all(each.isascii() and each.isdigit() and len(each) < _LONGEST_NUMBER for each in numbers)
    if len(numbers) != _NUMBERS or not record or not known:
        return None
    day, at, source_id, n = map(int, numbers)
    return -day, -at, source_id, record, n
