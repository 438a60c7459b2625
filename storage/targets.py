"""Targets: a list that only grows. What holds on a day is decided by domain.targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select

from domain.facts import PlannedTarget
from domain.settings import PeriodKind
from domain.targets import REP, Target
from storage import audit, joins, state
from storage.db import from_ms, many, to_ms
from storage.joins import Joins
from storage.tables import targets


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
    standing = {_place(stored.target): stored.target for stored in current(conn)} if rows else {}
    for row in rows:
        old = standing.get(_place(row))
        subject = "/".join((row.metric, row.scope, row.scope_key, row.period.value, row.since.isoformat()))
        audit.add(conn, who, "target", subject, old and old.value, row.value, at, note)
    _append(conn, rows, who, at, note, None)


def current(conn: Connection, first: date | None = None, last: date | None = None) -> list[StoredTarget]:
    """Every recorded target in the order of recording; with days, only those that can matter to them.

    Those of joined people stand under the main key: of two for the same, the one recorded later holds.
    """
    query = select(targets).order_by(targets.c.id)
    if last is not None:
        query = query.where(targets.c.since <= last.toordinal())
    if first is not None:
        query = query.where(targets.c.until.is_(None) | (targets.c.until >= first.toordinal()))
    known = joins.read(conn)
    return [_under_main(_stored(row), known) for row in conn.execute(query)]


def last_change(conn: Connection) -> int:
    """The number of the newest row: an editor refuses to save when it has grown since the form was drawn."""
    return conn.execute(select(func.max(targets.c.id))).scalar() or 0


def replace_planned(
    conn: Connection, source_id: int, source: str, given: Sequence[PlannedTarget], at: datetime
) -> bool:
    """The whole list of targets that came with a source: only what is new, other or gone is recorded. True if any."""
    query = select(targets).where(targets.c.source_id == source_id).order_by(targets.c.id)
    standing = {_place(stored.target): stored.target for stored in map(_stored, conn.execute(query))}
    planned = {_place(row): row for row in (_of_source(source, each) for each in given)}
    changed = [row for place, row in planned.items() if place not in standing or standing[place].value != row.value]
    gone = [_withdrawn(old) for place, old in standing.items() if place not in planned and old.value is not None]
    _append(conn, [*changed, *gone], source, at, "", source_id)
    return bool(changed or gone)


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


def _stored(row: Row[Any]) -> StoredTarget:
    target = Target(
        metric=row.metric,
        scope=row.scope,
        scope_key=row.scope_key,
        period=PeriodKind(row.period),
        value=None if row.value is None else Decimal(row.value),
        since=date.fromordinal(row.since),
        until=None if row.until is None else date.fromordinal(row.until),
        order=row.id,
    )
    return StoredTarget(target, from_ms(row.recorded_at), row.author, row.note, row.source_id)
