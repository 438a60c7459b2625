"""Counting anew: after a change of the rules by which days and totals were counted, and as a check on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Engine

from domain.settings import Credit, Settings
from storage import people, state
from storage.db import many, query, read
from storage.rows import AT, DAY, FACT_COLUMNS, HOUR, KIND, REP, Calendar, FactRow, N
from storage.tally import TABLES, Heap, Sums, Tally, add_to_totals, expand

_COUNTED_BY = "counted_by"
_CHUNK = 20_000
_OF = ", ".join(f"f.{name}" for name in FACT_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class Basis:
    """The rules by which the stored totals were counted. They hold until the next rebuild, whatever settings say."""

    timezone: str
    credit: Credit
    productive_seconds: int

    @staticmethod
    def of(settings: Settings) -> Basis:
        """The rules that these settings ask for."""
        return Basis(settings.timezone, settings.credit, settings.productive_seconds)


def basis(conn: Connection, settings: Settings) -> Basis:
    """The rules in force; those of `settings` in a store that has none yet."""
    kept = state.note(conn, _COUNTED_BY)
    if kept is None:
        return Basis.of(settings)
    timezone, credit, productive_seconds = json.loads(kept)
    return Basis(timezone, Credit(credit), productive_seconds)


def keep_basis(conn: Connection, rules: Basis) -> None:
    """From now on everything is counted by these."""
    state.keep_note(conn, _COUNTED_BY, json.dumps([rules.timezone, rules.credit.value, rules.productive_seconds]))


def rebuild(conn: Connection, settings: Settings) -> None:
    """Put every fact on its day by these settings, and count all totals anew."""
    rules = Basis.of(settings)
    keep_basis(conn, rules)
    for source_id in _sources(conn):
        for name in TABLES:
            query(conn, f"DELETE FROM {name} WHERE source_id = ?", (source_id,))  # noqa: S608 (our own names)
        calendar = Calendar(rules.timezone, people.zones(conn, source_id), rules.credit)
        for _ in _redated(conn, source_id, calendar):
            pass
        for _, sums in _recounted(conn, source_id, rules):
            for name, part in zip(TABLES, sums, strict=True):
                add_to_totals(conn, name, part)


def redate(conn: Connection, source_id: int, rules: Basis) -> None:
    """Put a source's facts on their days after its people have moved to other zones, totals included."""
    calendar = Calendar(rules.timezone, people.zones(conn, source_id), rules.credit)
    tally = Tally(calendar, rules.productive_seconds)
    for old, new, owner in _redated(conn, source_id, calendar):
        tally.add(old, owner, -1)
        tally.add(new, owner, 1)
    tally.flush(conn, source_id)


def drift(db: Engine, settings: Settings) -> int:
    """How many stored totals differ from a recount of the facts, by the rules in force. 0 is expected."""
    wrong = 0
    with read(db) as conn:
        rules = basis(conn, settings)
        for source_id in _sources(conn):
            wrong += _drift(conn, source_id, rules)
    return wrong


def credited(credit: Credit) -> str:
    """In SQL, whose a fact `f` of a record `r` is."""
    if credit is Credit.AT_EVENT:
        return "f.rep"
    return """CASE WHEN coalesce(r.owner, '') <> '' AND (substr(f.kind, 1, 5) = 'deal_' OR
        substr(f.kind, 1, 8) = 'invoice_') THEN r.owner ELSE f.rep END"""


def _drift(conn: Connection, source_id: int, rules: Basis) -> int:
    """Day by day, so that the memory needed does not grow with history; months are few and compared at the end."""
    wrong, expected_days = 0, set()
    months: Sums = {}
    for day, (days, month_sums, hours) in _recounted(conn, source_id, rules):
        expected_days.add(day)
        wrong += _differences(days, _kept(conn, "day_totals", source_id, day))
        wrong += _differences(hours, _kept(conn, "hour_totals", source_id, day))
        for key, cell in month_sums.items():
            total = months.setdefault(key, [0, 0])
            total[0] += cell[0]
            total[1] += cell[1]
    wrong += _differences(months, _kept(conn, "month_totals", source_id, None))
    for name in ("day_totals", "hour_totals"):
        sql = f"SELECT day, count(*) FROM {name} WHERE source_id = ? GROUP BY day"  # noqa: S608 (our own names)
        wrong += sum(count for day, count in query(conn, sql, (source_id,)) if day not in expected_days)
    return wrong


def _differences(expected: Sums, kept: Sums) -> int:
    return sum(expected.get(key) != kept.get(key) for key in expected.keys() | kept.keys())


def _kept(conn: Connection, name: str, source_id: int, day: int | None) -> Sums:
    keys, values = TABLES[name]
    sql = f"SELECT {', '.join((*keys, *values))} FROM {name} WHERE source_id = ?"  # noqa: S608 (our own names)
    rows = query(conn, sql, (source_id,)) if day is None else query(conn, f"{sql} AND day = ?", (source_id, day))
    return {tuple(row[: len(keys)]): list(row[len(keys) :]) for row in rows}


def _recounted(conn: Connection, source_id: int, rules: Basis) -> Iterator[tuple[int, tuple[Sums, Sums, Sums]]]:
    """The sums that a source's facts come to, one day after the other."""
    for day, heaps in groupby(_heaps(conn, source_id, rules), key=lambda heap: heap[0]):
        yield day, expand(heaps, source_id)


def _heaps(conn: Connection, source_id: int, rules: Basis) -> Iterator[Heap]:
    """Facts heaped up by the database: the very heaps that a Tally makes, in the order of days."""
    rep = credited(rules.credit)
    sql = f"""SELECT day, hour, credited, currency, kind, direction, answered, long, has_amount,
        count(*), coalesce(sum(amount), 0), coalesce(sum(seconds), 0)
        FROM (SELECT f.day, f.hour, {rep} AS credited, f.currency, f.kind, f.direction, f.answered,
            coalesce(f.seconds, 0) >= ? AS long, f.amount IS NOT NULL AS has_amount, f.amount, f.seconds
            FROM facts f JOIN records r ON r.source_id = f.source_id AND r.record = f.record
            WHERE f.source_id = ?) heaped
        GROUP BY day, hour, credited, currency, kind, direction, answered, long, has_amount
        ORDER BY day"""  # noqa: S608 (constants)
    for row in query(conn, sql, (rules.productive_seconds, source_id)):
        yield row[0], row[1], (row[2], row[3], tuple(row[4:9])), list(map(int, row[9:]))


def _redated(conn: Connection, source_id: int, calendar: Calendar) -> Iterator[tuple[FactRow, FactRow, str | None]]:
    """Facts that now fall on another day or hour, already stored so: before, after, and their record's owner."""
    sql = f"""SELECT f.record, r.owner, {_OF} FROM facts f JOIN records r ON r.source_id = f.source_id
        AND r.record = f.record WHERE f.source_id = ? AND f.hour IS NOT NULL AND (f.record, f.n) > (?, ?)
        ORDER BY f.record, f.n LIMIT {_CHUNK}"""  # noqa: S608 (constants)
    record, n = "", -1
    while rows := query(conn, sql, (source_id, record, n)).all():
        moved = []
        for name, owner, *row in rows:
            old: FactRow = tuple(row)
            local = calendar.local(old[AT], calendar.credited(old[KIND], old[REP], owner))
            if local != (old[DAY], old[HOUR]):
                moved.append((*local, source_id, name, old[N]))
                yield old, (*old[:DAY], local[0], *old[DAY + 1 : HOUR], local[1]), owner
        many(conn, "UPDATE facts SET day = ?, hour = ? WHERE source_id = ? AND record = ? AND n = ?", moved)
        record, n = rows[-1][0], rows[-1][2]


def _sources(conn: Connection) -> list[int]:
    return [row[0] for row in query(conn, "SELECT id FROM sources ORDER BY id", ())]
