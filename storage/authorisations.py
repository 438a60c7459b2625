"""Logins at a CRM that are under way: begun here, ended when the browser comes back, each of them once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from storage.db import to_ms
from storage.tables import authorisations, sources

LIVES = timedelta(minutes=10)


def begin(conn: Connection, source_id: int, session: str, at: datetime) -> str:
    """A new `state` for the browser that is known by the cookie `session`; it holds for ten minutes."""
    conn.execute(delete(authorisations).where(authorisations.c.expires_at <= to_ms(at)))
    state = secrets.token_urlsafe(32)
    row = {"hash": _digest(state), "source_id": source_id, "session": _digest(session).hex()}
    conn.execute(insert(authorisations).values(**row, expires_at=to_ms(at + LIVES)))
    return state


def end(conn: Connection, state: str, session: str, at: datetime) -> str | None:
    """The name of the connection that this state was made for, by this browser, in time; used up either way."""
    digest = _digest(state)
    query = select(authorisations, sources.c.name).join(sources, sources.c.id == authorisations.c.source_id)
    row = conn.execute(query.where(authorisations.c.hash == digest)).first()
    conn.execute(delete(authorisations).where(authorisations.c.hash == digest))
    if row is None or row.expires_at <= to_ms(at):
        return None
    ours = hmac.compare_digest(row.hash, digest) and hmac.compare_digest(row.session, _digest(session).hex())
    return str(row.name) if ours else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
