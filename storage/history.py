"""Single facts, read back: for the export, the last wins, and who reached a value first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from domain.facts import Fact, Kind
from domain.metrics import METRICS, Metric
from storage import joins
from storage.db import from_ms, query, read, to_ms
from storage.joins import Joins
from storage.rows import AT, DAY, FACT_COLUMNS, REP, FactRow, fact_of
from storage.tables import sources
from storage.tally import metrics_of

_OF = ", ".join(f"f.{name}" for name in FACT_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact with where it came from. `rep` is `<source name>:<id>` or None, `day` the local day it counts on.

    Of joined people `rep` is the main key, wherever the fact came from.
    """

    source: str
    record: str
    rep: str | None
    day: date
    fact: Fact


def facts(db: Engine, first: date, last: date, kind: Kind | None = None) -> Iterator[StoredFact]:
    """Every fact of these days, day by day and by time, read as it is asked for. `rep` is who it was at the event."""
    with read(db) as conn:
        held = span(conn)
        if held is None:
            return
        first, last = max(first, held[0]), min(last, held[1])
        names = {row.id: row.name for row in conn.execute(select(sources.c.id, sources.c.name).order_by(sources.c.id))}
        known = joins.read(conn)
        reps = {source_id: list(_reps(conn, source_id)) for source_id in names}
        for day in range(first.toordinal(), last.toordinal() + 1):
            for source_id, name in names.items():
                for record, *row in _of_day(conn, source_id, reps[source_id], day, kind):
                    yield _stored(name, record, row, known)


def span(conn: Connection) -> tuple[date, date] | None:
    """First and last day of the months that have facts; None without any."""
    # Each by itself is one step into the key; asked for together they would be a scan.
    sql = "SELECT (SELECT min(month) FROM month_totals), (SELECT max(month) FROM month_totals)"
    first, last = query(conn, sql, ()).one()
    if first is None:
        return None
    after = last + 1
    end = date(after // 12, after % 12 + 1, 1) - timedelta(days=1) if after // 12 <= date.max.year else date.max
    return date(first // 12, first % 12 + 1, 1), end


def recent_wins(conn: Connection, since: datetime, limit: int) -> list[StoredFact]:
    """The deals won since then, the latest first."""
    sql = f"""SELECT s.name, f.record, {_OF} FROM facts f JOIN sources s ON s.id = f.source_id
        WHERE f.kind = 'deal_won' AND f.at >= ? ORDER BY f.at DESC, f.record LIMIT ?"""  # noqa: S608 (constants)
    known = joins.read(conn)
    return [_stored(name, record, row, known) for name, record, *row in query(conn, sql, (to_ms(since), limit))]


def last_at(
    conn: Connection, keys: Sequence[str], metric: str, first: date, last: date, productive_seconds: int
) -> dict[str, datetime]:
    """When each rep's last fact that counts for the metric (a ratio: for its numerator) happened; none = no entry."""
    known, latest = joins.read(conn), dict[str, datetime]()
    for face in known.faces(keys):
        at, key = _last(conn, face, metric, first, last, productive_seconds), known.main(face)
        if at is not None:
            latest[key] = max(at, latest.get(key, at))
    return latest


def people_with_facts(conn: Connection, source: str) -> list[str]:
    """The ids of everybody in a source who has facts, '' = nobody."""
    source_id = conn.execute(select(sources.c.id).where(sources.c.name == source)).scalar()
    return [] if source_id is None else list(_reps(conn, source_id))


def _last(conn: Connection, key: str, metric: str, first: date, last: date, productive_seconds: int) -> datetime | None:
    declared = METRICS[metric]
    if not isinstance(declared, Metric):
        return _last(conn, key, declared.over, first, last, productive_seconds)
    source, _, rep = key.partition(":")
    sql = f"""SELECT {_OF} FROM facts f JOIN sources s ON s.id = f.source_id WHERE s.name = ? AND f.rep = ?
        AND f.kind = ? AND f.day BETWEEN ? AND ? ORDER BY f.day DESC, f.at DESC"""  # noqa: S608 (constants)
    values = (source, rep, declared.kind.value, first.toordinal(), last.toordinal())
    for row in query(conn, sql, values):
        if metric in metrics_of(tuple(row), productive_seconds):
            return from_ms(row[AT])
    return None


def _reps(conn: Connection, source_id: int) -> Iterator[str]:
    """Whoever has facts, one step into the index each."""
    sql = "SELECT min(rep) FROM facts WHERE source_id = ?"
    rep = query(conn, sql, (source_id,)).scalar()
    while rep is not None:
        yield rep
        rep = query(conn, f"{sql} AND rep > ?", (source_id, rep)).scalar()


def _of_day(conn: Connection, source_id: int, reps: Sequence[str], day: int, kind: Kind | None) -> Iterator[Any]:
    if not reps:
        return
    kinds = [each.value for each in Kind] if kind is None else [kind.value]
    places = [", ".join("?" * len(values)) for values in (reps, kinds)]
    sql = f"""SELECT f.record, {_OF} FROM facts f WHERE f.source_id = ? AND f.rep IN ({places[0]})
        AND f.kind IN ({places[1]}) AND f.day = ? ORDER BY f.at, f.record, f.n"""  # noqa: S608 (constants)
    yield from query(conn, sql, (source_id, *reps, *kinds, day))


def _stored(source: str, record: str, row: Sequence[Any], known: Joins) -> StoredFact:
    fact_row: FactRow = tuple(row)
    rep = known.main(f"{source}:{fact_row[REP]}") if fact_row[REP] else None
    return StoredFact(source, record, rep, date.fromordinal(fact_row[DAY]), fact_of(fact_row))
