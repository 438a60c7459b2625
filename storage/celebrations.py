"""Wins to be celebrated: each record once for ever, whatever becomes of it later."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from domain.celebrations import NEWS, Celebration, is_news
from domain.totals import from_minor
from storage import joins
from storage.db import from_ms, many, query, to_ms
from storage.joins import Joins
from storage.merge import Won

# Rows are kept for ever, since they tell which records have had their celebration; these alone are looked at.
_RECENT = """SELECT c.id, s.name AS source, c.record, c.rep, c.at, c.noted_at, f.amount, f.currency, f.detail
    FROM celebrations c JOIN sources s ON s.id = c.source_id
    JOIN facts f ON f.source_id = c.source_id AND f.record = c.record AND f.kind = 'deal_won'
    WHERE c.noted_at > ? ORDER BY c.id, f.at DESC"""


def unexcused(won: Iterable[Won], lost: Iterable[Won]) -> list[Won]:
    """Those of a batch's wins that take the place of none that the very same batch took away.

    A row without an id is another record once it is edited: as many wins of a person and a day as are lost are no news.
    """
    left = Counter((win.rep, win.day) for win in lost)
    fresh = []
    for win in won:
        if left[win.rep, win.day]:
            left[win.rep, win.day] -= 1
        else:
            fresh.append(win)
    return fresh


def note(
    conn: Connection, source_id: int, wins: Iterable[Won], told: datetime | None, today: int, now: datetime
) -> None:
    """Write down those of a batch's wins that are news. `told` is up to when the source had told everything before.

    Where the CRM knows the day alone, a win of `today` (ordinal) is of this moment, if we had listened until now.
    """
    listened = told is not None and is_news(told, now)
    news = []
    for win in wins:
        at = from_ms(win.at) if win.timed else now
        if win.rep and is_news(at, now) and (win.timed or (listened and win.day == today)):
            news.append((source_id, win.record, win.rep, to_ms(at), to_ms(now)))
    many(
        conn,
        "INSERT INTO celebrations (source_id, record, rep, at, noted_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        news,
    )


def recent(conn: Connection, now: datetime) -> list[Celebration]:
    """What was won lately and still is, in the order in which we heard of it."""
    found: dict[int, Celebration] = {}
    known = joins.read(conn)
    for row in query(conn, _RECENT, (to_ms(now - NEWS),)):
        found.setdefault(row.id, _celebration(row, known))
    return list(found.values())


def _celebration(row: Row[Any], known: Joins) -> Celebration:
    detail = json.loads(row.detail) if row.detail else {}
    return Celebration(
        id=row.id,
        deal=f"{row.source}:{row.record}",
        rep=known.main(f"{row.source}:{row.rep}"),
        at=from_ms(row.at),
        noted_at=from_ms(row.noted_at),
        amount=None if row.amount is None else from_minor(row.amount, row.currency),
        currency=row.currency,
        title=detail.get("title"),
        customer=detail.get("customer"),
    )
