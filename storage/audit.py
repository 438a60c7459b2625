"""Who changed what: a list that only grows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from storage.db import from_ms, many, to_ms
from storage.tables import audit

_AT_ONCE = 500
# A subject with what it was before and after.
Changed = tuple[str, object, object]
_said = json.JSONEncoder(default=str).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `what` kind of thing, which `subject`, JSON values `before` and `after`."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    before: Any
    after: Any
    note: str


@dataclass(frozen=True, slots=True)
class Search:
    """Which changes are wanted: '' or None = all. `until` is the first instant that is not."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


def add(
    conn: Connection, who: str, what: str, subject: str, before: object, after: object, at: datetime, note: str = ""
) -> None:
    """Record one change. `before` and `after` are anything JSON can say; what it cannot becomes its text."""
    row = {"at": to_ms(at), "who": who, "what": what, "subject": subject, "note": note}
    row |= {"before": _said(before), "after": _said(after)}
    conn.execute(insert(audit).values(row))


def add_all(conn: Connection, who: str, what: str, changes: Sequence[Changed], at: datetime, note: str = "") -> None:
    """Record many changes of one kind at once."""
    many(
        conn,
        "INSERT INTO audit (at, who, what, subject, before, after, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(to_ms(at), who, what, subject, _said(before), _said(after), note) for subject, before, after in changes],
    )


def latest(conn: Connection, limit: int, before_id: int | None = None) -> list[Entry]:
    """The newest entries first, older than `before_id` where one is given."""
    return [_entry(row) for row in conn.execute(_newest_first(Search(), before_id).limit(limit))]


def find(conn: Connection, wanted: Search, before_id: int | None = None) -> Iterator[Entry]:
    """The wanted entries, the newest first, read as they are asked for."""
    for row in conn.execute(_newest_first(wanted, before_id), execution_options={"yield_per": _AT_ONCE}):
        yield _entry(row)


def named(conn: Connection) -> tuple[list[str], list[str]]:
    """Everybody who ever changed something, and every kind of thing that was changed."""
    who, what = (conn.execute(select(column).distinct().order_by(column)) for column in (audit.c.who, audit.c.what))
    return list(who.scalars()), list(what.scalars())


def _newest_first(wanted: Search, before_id: int | None) -> Select[Any]:
    query = select(audit).order_by(audit.c.id.desc())
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    if wanted.who:
        query = query.where(audit.c.who == wanted.who)
    if wanted.what:
        query = query.where(audit.c.what == wanted.what)
    if wanted.since is not None:
        query = query.where(audit.c.at >= to_ms(wanted.since))
    return query if wanted.until is None else query.where(audit.c.at < to_ms(wanted.until))


def _entry(row: Row[Any]) -> Entry:
    before, after = json.loads(row.before), json.loads(row.after)
    return Entry(row.id, from_ms(row.at), row.who, row.what, row.subject, before, after, row.note)
