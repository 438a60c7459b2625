"""Totals read back, by rep, metric and day or hour; nothing here reads a row that the period does not hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, CursorResult, select

from domain.facts import Rate
from domain.metrics import SUMS, Measure
from domain.totals import Total
from storage import joins
from storage.db import query
from storage.tables import rates as rates_table
from storage.tables import sources
from storage.tally import FACTS, is_amount, metrics_of_code, month_of

_MONTHS_IN_YEAR = 12
_AMOUNTS = tuple(metric.key for metric in SUMS if metric.measure is Measure.AMOUNT)


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What the reps came to on one day. `value` is a count, seconds, or minor units of `currency` ("" no money)."""

    metric: str
    currency: str
    day: date
    value: int


@dataclass(frozen=True, slots=True)
class HourTotal:
    """What the reps came to in one hour (0 to 23, local) of a day; facts without a time are in none."""

    metric: str
    currency: str
    day: date
    hour: int
    value: int


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody with facts in the period who is no rep. `rep` is `<source name>:<id>`, without id: nobody's facts."""

    rep: str
    facts: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span of `month_totals` or `day_totals`, both ends included, to be added (1) or taken away (-1)."""

    table: str
    first: int
    last: int
    sign: int = 1


def read(conn: Connection, first: date, last: date, base: str, wanted: Collection[str] | None = None) -> list[Total]:
    """Sums over the days, both included, for each rep, metric and currency; of joined people each one's own.

    Amounts in another currency than `base` come day by day, as each day has its rate. `wanted` are the only metrics
    that matter, None = all.
    """
    names, pieces = _names(conn), _pieces(first, last)
    foreign = _foreign(conn, names, first, last, base, wanted)
    known = joins.read(conn)
    if len(pieces) == 1:
        return known.of([*map(Total._make, _sums(conn, pieces[0], base, wanted).all()), *foreign])
    sums: dict[tuple[str, str, str], int] = {}
    for piece in pieces:
        for rep, metric, currency, value, _ in _sums(conn, piece, base, wanted).all():
            key = (rep, metric, currency)
            sums[key] = sums.get(key, 0) + piece.sign * value
    return known.of([*(Total(*key, value) for key, value in sums.items() if value), *foreign])


def by_day(conn: Connection, first: date, last: date, keys: Sequence[str] | None = None) -> list[DayTotal]:
    """Sums over everybody, or over the reps of these keys, for each day."""
    who, values = _who(conn, keys)
    sql = f"""SELECT metric, currency, day, sum(value) FROM day_totals t WHERE day BETWEEN ? AND ?
        AND metric <> '{FACTS}'{who} GROUP BY metric, currency, day ORDER BY metric, currency, day"""  # noqa: S608 (constants)
    rows = query(conn, sql, (first.toordinal(), last.toordinal(), *values))
    return [DayTotal(metric, currency, date.fromordinal(day), int(value)) for metric, currency, day, value in rows]


def reps_by_day(conn: Connection, metric: str, first: date, last: date) -> list[Total]:
    """One metric for each rep and day."""
    days = range(first.toordinal(), last.toordinal() + 1)
    # Every day is named: so the metric, which comes next in the key, is found in one step for each.
    sql = f"""SELECT s.name || ':' || rep, currency, value, day FROM day_totals t JOIN sources s ON s.id = t.source_id
        WHERE day IN ({_marks(days)}) AND metric = ? ORDER BY day, source_id, rep, currency"""  # noqa: S608 (constants)
    dates = {day: date.fromordinal(day) for day in days}
    rows = query(conn, sql, (*days, metric)).all()
    return joins.read(conn).of([Total(rep, metric, currency, value, dates[day]) for rep, currency, value, day in rows])


def by_hour(conn: Connection, days: Sequence[date], keys: Sequence[str] | None = None) -> list[HourTotal]:
    """Sums over everybody, or over the reps of these keys, for each hour of these days."""
    if not days:
        return []
    who, values = _who(conn, keys)
    sql = f"""SELECT day, hour, shape, currency, sum(n), sum(amount), sum(seconds) FROM hour_totals t
        WHERE day IN ({_marks(days)}){who} GROUP BY day, hour, shape, currency"""  # noqa: S608 (constants)
    sums: dict[tuple[str, str, int, int], int] = {}
    for day, hour, shape, currency, *values_of in query(conn, sql, (*(day.toordinal() for day in days), *values)):
        for metric, place in metrics_of_code(shape):
            key = (metric, currency if is_amount(place) else "", day, hour)
            sums[key] = sums.get(key, 0) + int(values_of[place])
    return [
        HourTotal(metric, currency, date.fromordinal(day), hour, value)
        for (metric, currency, day, hour), value in sorted(sums.items())
    ]


def strangers(conn: Connection, first: date, last: date, reps: Collection[str]) -> list[Stranger]:
    """Who has facts on these days and is none of the reps (keys), by the number of facts: they wait to be mapped."""
    names, known, sums = _names(conn), joins.read(conn), dict[str, int]()
    for piece in _pieces(first, last):
        places = range(piece.first, piece.last + 1)
        sql = f"""SELECT source_id, rep, sum(value) FROM {piece.table}_totals WHERE {piece.table} IN ({_marks(places)})
            AND metric = ? GROUP BY source_id, rep"""  # noqa: S608 (constants)
        for source_id, rep, value in query(conn, sql, (*places, FACTS)):
            key = known.main(f"{names[source_id]}:{rep}")
            sums[key] = sums.get(key, 0) + piece.sign * int(value)
    found = [Stranger(key, count) for key, count in sums.items() if count and key not in reps]
    return sorted(found, key=lambda stranger: (-stranger.facts, stranger.rep))


def unmapped(conn: Connection, first: date, last: date, reps: Collection[str]) -> tuple[int, int]:
    """How many people with facts on these days are none of the reps, and how many facts are theirs or nobody's."""
    found = strangers(conn, first, last, reps)
    return sum(not stranger.rep.endswith(":") for stranger in found), sum(stranger.facts for stranger in found)


def ahead(conn: Connection, day: date) -> bool:
    """Whether anything is dated after that day; one step into the key."""
    return query(conn, "SELECT 1 FROM day_totals WHERE day > ? LIMIT 1", (day.toordinal(),)).first() is not None


def rates(conn: Connection) -> list[Rate]:
    """Every rate that the sources have brought, by day."""
    rows = conn.execute(select(rates_table).order_by(rates_table.c.day, rates_table.c.source_id))
    return [Rate(row.currency, row.base, date.fromordinal(row.day), Decimal(row.value)) for row in rows]


def _sums(conn: Connection, piece: _Piece, base: str, wanted: Collection[str] | None) -> CursorResult[*tuple[Any, ...]]:
    """The rows in the order of Total's fields: a large floor has tens of thousands for each board."""
    when = piece.table
    which = f"metric <> '{FACTS}'" if wanted is None else f"metric IN ({_marks(wanted)})"
    source = f"""FROM {when}_totals t JOIN sources s ON s.id = t.source_id WHERE {when} BETWEEN ? AND ?
        AND currency IN ('', ?) AND {which}"""
    if piece.first == piece.last:
        sql = f"SELECT s.name || ':' || rep, metric, currency, value, NULL {source} AND value <> 0"
    else:
        sql = f"""SELECT s.name || ':' || rep, metric, currency, CAST(sum(value) AS BIGINT), NULL {source}
            GROUP BY s.name, rep, metric, currency HAVING sum(value) <> 0"""
    return query(conn, sql, (piece.first, piece.last, base, *(wanted or ())))


def _foreign(
    conn: Connection, names: dict[int, str], first: date, last: date, base: str, wanted: Collection[str] | None
) -> list[Total]:
    """Amounts in other currencies, by day. Whether there are any is seen from the months, which are few."""
    months = range(month_of(first.toordinal()), month_of(last.toordinal()) + 1)
    amounts = _AMOUNTS if wanted is None else tuple(metric for metric in _AMOUNTS if metric in wanted)
    if not amounts:
        return []
    sql = f"""SELECT DISTINCT currency FROM month_totals WHERE month IN ({_marks(months)})
        AND metric IN ({_marks(amounts)}) AND currency NOT IN ('', ?)"""  # noqa: S608 (constants)
    currencies = [row[0] for row in query(conn, sql, (*months, *amounts, base))]
    if not currencies:
        return []
    days = range(first.toordinal(), last.toordinal() + 1)
    sql = f"""SELECT day, source_id, rep, metric, currency, value FROM day_totals WHERE day IN ({_marks(days)})
        AND metric IN ({_marks(amounts)}) AND currency IN ({_marks(currencies)})
        ORDER BY day, metric, currency, source_id, rep"""  # noqa: S608 (constants)
    return [
        Total(f"{names[source_id]}:{rep}", metric, currency, value, date.fromordinal(day))
        for day, source_id, rep, metric, currency, value in query(conn, sql, (*days, *amounts, *currencies))
    ]


def _names(conn: Connection) -> dict[int, str]:
    return {row.id: row.name for row in conn.execute(select(sources.c.id, sources.c.name))}


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))


def _who(conn: Connection, keys: Sequence[str] | None) -> tuple[str, tuple[Any, ...]]:
    """A condition on totals `t` that leaves only the reps of these keys, and its values."""
    if keys is None:
        return "", ()
    ids = {name: source_id for source_id, name in _names(conn).items()}
    parts = [key.partition(":") for key in joins.read(conn).faces(keys)]
    known = [(ids[source], rep) for source, _, rep in parts if source in ids]
    if not known:
        return " AND 1 = 0", ()
    pairs = ", ".join(["(?, ?)"] * len(known))
    return f" AND (t.source_id, t.rep) IN (VALUES {pairs})", tuple(value for pair in known for value in pair)


def _pieces(first: date, last: date) -> list[_Piece]:
    """The period as whole months and, at its ends, days: those inside, or those left out if they are fewer."""
    start, end = month_of(first.toordinal()), month_of(last.toordinal())
    if start == end:
        return _part_of(start, first.toordinal(), last.toordinal())
    head = _part_of(start, first.toordinal(), _first_of(start + 1) - 1)
    tail = _part_of(end, _first_of(end), last.toordinal())
    return [*head, *([_Piece("month", start + 1, end - 1)] if end - start > 1 else []), *tail]


def _part_of(month: int, first: int, last: int) -> list[_Piece]:
    begin, finish = _first_of(month), _first_of(month + 1) - 1
    outside = [(begin, first - 1), (last + 1, finish)]
    if sum(end - start + 1 for start, end in outside) > last - first:
        return [_Piece("day", first, last)]
    less = [_Piece("day", start, end, -1) for start, end in outside if start <= end]
    return [_Piece("month", month, month), *less]


def _first_of(month: int) -> int:
    year, index = divmod(month, _MONTHS_IN_YEAR)
    # The last month of the calendar is followed by a day that has a number and no name.
    return date.max.toordinal() + 1 if year > date.max.year else date(year, index + 1, 1).toordinal()
