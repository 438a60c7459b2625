"""Invitations: a link by which somebody makes a login for themselves, once and within three days."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from storage import audit, users
from storage.db import StoreError, from_ms, to_ms
from storage.tables import invitations
from storage.users import User

LIVES = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A login that is not there yet. `teams` are those that a team lead will answer for, None = all."""

    login: str
    role: str
    teams: frozenset[str] | None
    author: str
    expires_at: datetime


def invite(conn: Connection, login: str, role: str, teams: Collection[str] | None, who: str, at: datetime) -> str:
    """Invite somebody; returns the secret of the link, which cannot be had again. One for the same login ends.

    Raises StoreError for a login or a role that cannot be.
    """
    login = users.plain(login)
    users.check_new(conn, login, role)
    secret = secrets.token_urlsafe(32)
    conn.execute(delete(invitations).where((invitations.c.login == login) | (invitations.c.expires_at <= to_ms(at))))
    row = {"login": login, "role": role, "author": users.plain(who), "created_at": to_ms(at)}
    own = None if role == "admin" or teams is None else json.dumps(sorted(teams))
    conn.execute(insert(invitations).values(**row, hash=_digest(secret), teams=own, expires_at=to_ms(at + LIVES)))
    audit.add(conn, who, "invitation", login, None, _said(_get(conn, login)), at)
    return secret


def every(conn: Connection, now: datetime) -> list[Invitation]:
    """The invitations that can still be followed, by login."""
    query = select(invitations).where(invitations.c.expires_at > to_ms(now)).order_by(invitations.c.login)
    return [_invitation(row) for row in conn.execute(query)]


def find(conn: Connection, secret: str, now: datetime) -> Invitation | None:
    """The invitation of this link, None when it was used, withdrawn or is too old."""
    fits = (invitations.c.hash == _digest(secret)) & (invitations.c.expires_at > to_ms(now))
    row = conn.execute(select(invitations).where(fits)).first()
    return None if row is None else _invitation(row)


def accept(conn: Connection, secret: str, password: str, at: datetime) -> User:
    """The login that was promised, with the password that its owner chose; the link opens nothing more.

    Raises StoreError for a link that does not hold, a login that is there by now, a password that is too short.
    """
    found = find(conn, secret, at)
    if found is None:
        raise StoreError("This invitation holds no more. Ask for a new one.")
    conn.execute(delete(invitations).where(invitations.c.login == found.login))
    return users.add(conn, found.login, password, found.role, found.login, at, teams=found.teams)


def withdraw(conn: Connection, login: str, who: str, at: datetime) -> None:
    """Take an invitation back. Raises StoreError when there is none."""
    found = _get(conn, login)
    conn.execute(delete(invitations).where(invitations.c.login == found.login))
    audit.add(conn, who, "invitation", found.login, _said(found), None, at)


def _get(conn: Connection, login: str) -> Invitation:
    row = conn.execute(select(invitations).where(invitations.c.login == users.plain(login))).first()
    if row is None:
        raise StoreError("Nobody is invited as '{login}'.", login=login)
    return _invitation(row)


def _invitation(row: Row[Any]) -> Invitation:
    teams = None if row.teams is None else frozenset(json.loads(row.teams))
    return Invitation(row.login, row.role, teams, row.author, from_ms(row.expires_at))


def _said(found: Invitation) -> dict[str, object]:
    return {"role": found.role} | ({} if found.teams is None else {"teams": sorted(found.teams)})


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
