"""Targets: a list that only grows. What holds on a day is decided by domain.targets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from domain.facts import PlannedTarget
from domain.settings import PeriodKind
from domain.targets import REP, Target
from storage import audit, joins, state
from storage.db import from_ms, many, query, to_ms
from storage.joins import Joins
from storage.tables import targets

_COLUMNS = "id, metric, scope, scope_key, period, value, since, until, recorded_at, author, note, source_id"
_KINDS = {kind.value: kind for kind in PeriodKind}


@dataclass(frozen=True, slots=True)
class NewTarget:
    """`scope` is company, team or rep, `scope_key` '' or the team's or rep's key, `value` in whole units, None = none.

    `since` is the day from which it holds; `until` its last day, None = for every such period from then on.
    """

    metric: str
    scope: str
    scope_key: str
    period: PeriodKind
    value: Decimal | None
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A recorded target, who recorded it and when. `source_id` is set when it came with that source's file."""

    target: Target
    recorded_at: datetime
    author: str
    note: str
    source_id: int | None


def add(conn: Connection, rows: Sequence[NewTarget], who: str, at: datetime, note: str = "") -> None:
    """Record targets, with an audit entry each, and show them. A value of None withdraws what holds there."""
    standing, changes = _standing(conn, {row.metric for row in rows}) if rows else {}, []
    for row in rows:
        subject = "/".join((row.metric, row.scope, row.scope_key, row.period.value, row.since.isoformat()))
        metric, scope, key, period, _, since, until = _values(row)
        changes.append((subject, standing.get((metric, scope, key, period, since, until)), row.value))
    audit.add_all(conn, who, "target", changes, at, note)
    _append(conn, rows, who, at, note, None)


def current(
    conn: Connection, first: date | None = None, last: date | None = None, after: int = 0
) -> list[StoredTarget]:
    """Every recorded target in the order of recording; with days, only those that can matter to them.

    `after` leaves out what is already known, up to that number. Those of joined people stand under the main key: of
    two for the same, the one recorded later holds.
    """
    known = joins.read(conn)
    where = ["id > ?"]
    where += ["since <= ?"] if last is not None else []
    where += ["(until IS NULL OR until >= ?)"] if first is not None else []
    values = (after, *(day.toordinal() for day in (last, first) if day is not None))
    # By the driver itself: a year of a large floor is thousands of rows, read for every board and every look at them.
    sql = f"SELECT {_COLUMNS} FROM targets WHERE {' AND '.join(where)} ORDER BY id"  # noqa: S608 (constants)
    rows = map(_stored, map(tuple, query(conn, sql, values).all()))
    return [_under_main(row, known) for row in rows] if known.mains else list(rows)


def last_change(conn: Connection) -> int:
    """The number of the newest row: an editor refuses to save when it has grown since the form was drawn."""
    return conn.execute(select(func.max(targets.c.id))).scalar() or 0


def replace_planned(
    conn: Connection, source_id: int, source: str, given: Sequence[PlannedTarget], at: datetime
) -> bool:
    """The whole list of targets that came with a source: only what is new, other or gone is recorded. True if any."""
    sql = f"SELECT {_COLUMNS} FROM targets WHERE source_id = ? ORDER BY id"  # noqa: S608 (constants)
    rows = map(_stored, map(tuple, query(conn, sql, (source_id,))))
    standing = {_place(stored.target): stored.target for stored in rows}
    planned = {_place(row): row for row in (_of_source(source, each) for each in given)}
    changed = [row for place, row in planned.items() if place not in standing or standing[place].value != row.value]
    gone = [_withdrawn(old) for place, old in standing.items() if place not in planned and old.value is not None]
    _append(conn, [*changed, *gone], source, at, "", source_id)
    return bool(changed or gone)


def _standing(conn: Connection, metrics: Collection[str]) -> dict[tuple[object, ...], str]:
    """The value of these metrics recorded last for each place as the store has it, as text."""
    known, marks = joins.read(conn), ", ".join("?" * len(metrics))
    sql = f"""SELECT metric, scope, scope_key, period, since, until, value FROM targets WHERE metric IN ({marks})
        ORDER BY id"""  # noqa: S608 (constants)
    return {
        (metric, scope, known.main(key) if scope == REP else key, period, since, until): value
        for metric, scope, key, period, since, until, value in query(conn, sql, tuple(metrics)).all()
    }


def _under_main(stored: StoredTarget, known: Joins) -> StoredTarget:
    target = stored.target
    if target.scope != REP or target.scope_key not in known.mains:
        return stored
    return replace(stored, target=replace(target, scope_key=known.main(target.scope_key)))


def _append(
    conn: Connection, rows: Sequence[NewTarget], who: str, at: datetime, note: str, source_id: int | None
) -> None:
    if not rows:
        return
    many(
        conn,
        """INSERT INTO targets (metric, scope, scope_key, period, value, since, until, recorded_at, author, note,
        source_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [(*_values(row), to_ms(at), who, note, source_id) for row in rows],
    )
    state.bump(conn)


def _values(row: NewTarget) -> tuple[object, ...]:
    value = None if row.value is None else format(row.value, "f")
    until = None if row.until is None else row.until.toordinal()
    return row.metric, row.scope, row.scope_key, row.period.value, value, row.since.toordinal(), until


def _place(row: NewTarget | Target) -> tuple[object, ...]:
    return row.metric, row.scope, row.scope_key, row.period, row.since, row.until


def _of_source(source: str, planned: PlannedTarget) -> NewTarget:
    key = "" if planned.scope_id is None else f"{source}:{planned.scope_id}"
    return NewTarget(
        planned.metric, planned.scope, key, PeriodKind(planned.period), planned.value, planned.since, planned.until
    )


def _withdrawn(old: Target) -> NewTarget:
    return NewTarget(old.metric, old.scope, old.scope_key, old.period, None, old.since, old.until)


# A row is never changed, so what is made of it is kept; a large floor's thousands are read at each look at their table.
@lru_cache(maxsize=16384)
def _stored(row: tuple[Any, ...]) -> StoredTarget:
    order, metric, scope, key, period, value, since, until, recorded_at, author, note, source_id = row
    target = Target(
        metric=metric,
        scope=scope,
        scope_key=key,
        period=_KINDS[period],
        value=None if value is None else Decimal(value),
        since=date.fromordinal(since),
        until=None if until is None else date.fromordinal(until),
        order=order,
    )
    return StoredTarget(target, _instant(recorded_at), author, note, source_id)


# Those of one save share it.
@lru_cache(maxsize=4096)
def _instant(ms: int) -> datetime:
    return from_ms(ms)
