"""The addresses that a CRM calls when something changed: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage import audit
from storage.db import to_ms
from storage.tables import hooks, sources


def renew(conn: Connection, source_id: int, who: str, at: datetime) -> str:
    """A new secret for a connection's address; the one before opens nothing any more. It cannot be had again."""
    secret = secrets.token_urlsafe(32)
    conn.execute(delete(hooks).where(hooks.c.source_id == source_id))
    conn.execute(insert(hooks).values(source_id=source_id, hash=_digest(secret), created_at=to_ms(at)))
    name = conn.execute(select(sources.c.name).where(sources.c.id == source_id)).scalar_one()
    audit.add(conn, who, "source", name, None, {"address for events": "new"}, at)
    return secret


def forget(conn: Connection, source_id: int) -> None:
    """Take a connection's address away: it opens nothing any more."""
    conn.execute(delete(hooks).where(hooks.c.source_id == source_id))


def look_up(conn: Connection, secret: str) -> str | None:
    """The name of the connection whose address has this secret, None for any other."""
    digest = _digest(secret)
    query = select(hooks.c.hash, sources.c.name).join(sources, sources.c.id == hooks.c.source_id)
    row = conn.execute(query.where(hooks.c.hash == digest)).first()
    return str(row.name) if row is not None and hmac.compare_digest(row.hash, digest) else None


def known(conn: Connection) -> set[int]:
    """The connections that have an address."""
    return set(conn.execute(select(hooks.c.source_id)).scalars())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
