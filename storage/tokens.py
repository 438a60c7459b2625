"""Bearer tokens for /api/v1: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from storage import audit
from storage.db import StoreError, from_ms, to_ms
from storage.tables import tokens

SCOPES = ("read",)
_USED_MS = 60_000


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: never its value."""

    id: int
    name: str
    scope: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def add(conn: Connection, name: str, scope: str, who: str, at: datetime) -> str:
    """A new token; returns its value, which cannot be had again. A revoked one's name is free. Raises StoreError."""
    if scope not in SCOPES:
        raise StoreError(f"There is no scope called {scope!r}. Scopes: {', '.join(SCOPES)}.")
    conn.execute(delete(tokens).where((tokens.c.name == name) & tokens.c.revoked_at.is_not(None)))
    if not name or conn.execute(select(tokens.c.id).where(tokens.c.name == name)).first():
        raise StoreError(f"There is a token called {name!r} already." if name else "A token needs a name.")
    value = f"tablo_{secrets.token_urlsafe(32)}"
    conn.execute(insert(tokens).values(name=name, hash=_digest(value), scope=scope, created_at=to_ms(at)))
    audit.add(conn, who, "token", name, None, {"scope": scope}, at)
    return value


def verify(conn: Connection, value: str) -> Token | None:
    """The token of that value, if it stands."""
    digest = _digest(value)
    row = conn.execute(select(tokens).where(tokens.c.hash == digest, tokens.c.revoked_at.is_(None))).first()
    return _token(row) if row is not None and hmac.compare_digest(row.hash, digest) else None


def used(conn: Connection, token: Token, at: datetime) -> None:
    """Note that it was used (to the minute: a write for every request would be too many)."""
    stale = tokens.c.last_used_at.is_(None) | (tokens.c.last_used_at <= to_ms(at) - _USED_MS)
    conn.execute(update(tokens).where(tokens.c.id == token.id, stale).values(last_used_at=to_ms(at)))


def revoke(conn: Connection, name: str, who: str, at: datetime) -> None:
    """End a token. Raises StoreError when none of that name stands."""
    mine = (tokens.c.name == name) & tokens.c.revoked_at.is_(None)
    if not conn.execute(update(tokens).where(mine).values(revoked_at=to_ms(at))).rowcount:
        raise StoreError(f"There is no token called {name!r}.")
    audit.add(conn, who, "token", name, {"revoked": False}, {"revoked": True}, at)


def every(conn: Connection) -> list[Token]:
    """All tokens, in the order in which they were made."""
    return [_token(row) for row in conn.execute(select(tokens).order_by(tokens.c.id))]


def _token(row: Row[Any]) -> Token:
    revoked = None if row.revoked_at is None else from_ms(row.revoked_at)
    used_at = None if row.last_used_at is None else from_ms(row.last_used_at)
    return Token(row.id, row.name, row.scope, from_ms(row.created_at), revoked, used_at)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
