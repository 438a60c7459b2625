"""Who changed what: a list that only grows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage.db import from_ms, to_ms
from storage.tables import audit


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


def add(
    conn: Connection, who: str, what: str, subject: str, before: object, after: object, at: datetime, note: str = ""
) -> None:
    """Record one change. `before` and `after` are anything JSON can say; what it cannot becomes its text."""
    row = {"at": to_ms(at), "who": who, "what": what, "subject": subject, "note": note}
    row |= {"before": json.dumps(before, default=str), "after": json.dumps(after, default=str)}
    conn.execute(insert(audit).values(row))


def latest(conn: Connection, limit: int, before_id: int | None = None) -> list[Entry]:
    """The newest entries first, older than `before_id` where one is given."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    return [_entry(row) for row in conn.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    before, after = json.loads(row.before), json.loads(row.after)
    return Entry(row.id, from_ms(row.at), row.who, row.what, row.subject, before, after, row.note)
