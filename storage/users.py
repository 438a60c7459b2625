"""Logins of the settings pages: argon2id hashes, server-side sessions, slow-down on guessing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, delete, insert, select, update

from storage import audit, guesses
from storage.db import StoreError, from_ms, to_ms
from storage.guesses import Limit
from storage.tables import sessions, users

ROLES = ("admin", "team_lead")
MIN_PASSWORD = 10
_ANYWHERE, _FROM_ONE_ADDRESS = Limit(10, 60), Limit(3, 900)
_TOUCH_MS = 30_000


@dataclass(frozen=True, slots=True)
class User:
    """`must_change`: the password was made by the program and has to be replaced at the first login."""

    id: int
    login: str
    role: str
    must_change: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A login that holds. `agent` is the browser, as it named itself."""

    user: User
    created_at: datetime
    seen_at: datetime
    agent: str


def add(
    conn: Connection, login: str, password: str, role: str, who: str, at: datetime, must_change: bool = False
) -> User:
    """A new login (upper and lower case are the same). Raises StoreError for what cannot be accepted."""
    login = _plain(login)
    if role not in ROLES:
        raise StoreError(f"There is no role called {role!r}. Roles: {', '.join(ROLES)}.")
    if not login or conn.execute(select(users.c.id).where(users.c.login == login)).first():
        raise StoreError(f"The login {login!r} exists already." if login else "A login needs a name.")
    row = {"login": login, "hash": _hash(password), "role": role, "must_change": must_change}
    conn.execute(insert(users).values(**row, created_at=to_ms(at)))
    audit.add(conn, who, "user", login, None, {"role": role}, at)
    return _get(conn, login)


def verify(conn: Connection, login: str, password: str) -> User | None:
    """The user if the password is right. An unknown login takes as long as a wrong password."""
    row = conn.execute(select(users).where(users.c.login == _plain(login))).first()
    fits = is_secret(row.hash if row else None, password)
    return _user(row) if row and fits else None


def set_password(
    conn: Connection, login: str, password: str, who: str, at: datetime, must_change: bool = False
) -> None:
    """Replace a password; every session of that user ends. Raises StoreError."""
    user = _get(conn, login)
    values = {"hash": _hash(password), "must_change": must_change}
    conn.execute(update(users).where(users.c.id == user.id).values(**values))
    end_all(conn, user.id)
    audit.add(conn, who, "password", user.login, None, None, at)


def remove(conn: Connection, login: str, who: str, at: datetime) -> None:
    """Take a login away, and its sessions with it. Raises StoreError for an unknown one."""
    user = _get(conn, login)
    conn.execute(delete(users).where(users.c.id == user.id))
    audit.add(conn, who, "user", user.login, {"role": user.role}, None, at)


def every(conn: Connection) -> list[User]:
    """All logins, by name."""
    return [_user(row) for row in conn.execute(select(users).order_by(users.c.login))]


def begin(conn: Connection, user: User, agent: str, now: datetime, lifetime: timedelta) -> str:
    """Open a session; returns the cookie's value, of which only a hash is stored."""
    cookie = secrets.token_urlsafe(32)
    row = {"id": _digest(cookie), "user_id": user.id, "created_at": to_ms(now), "seen_at": to_ms(now)}
    conn.execute(delete(sessions).where(sessions.c.expires_at <= to_ms(now)))
    conn.execute(insert(sessions).values(**row, expires_at=to_ms(now + lifetime), agent=agent[:200]))
    return cookie


def look_up(conn: Connection, cookie: str, now: datetime, idle: Mapping[str, timedelta]) -> Session | None:
    """The session of a cookie, unless it has expired or nobody used it for `idle[role]` (no entry = no limit)."""
    query = select(users, sessions.c.created_at.label("begun"), sessions.c.seen_at, sessions.c.agent).join(sessions)
    live = (sessions.c.id == _digest(cookie)) & (sessions.c.expires_at > to_ms(now))
    row = conn.execute(query.where(live)).first()
    if row is None or (row.role in idle and from_ms(row.seen_at) + idle[row.role] <= now):
        return None
    return Session(_user(row), from_ms(row.begun), from_ms(row.seen_at), row.agent)


def touch(conn: Connection, cookie: str, now: datetime) -> None:
    """The session was used just now."""
    old = (sessions.c.id == _digest(cookie)) & (sessions.c.seen_at <= to_ms(now) - _TOUCH_MS)
    conn.execute(update(sessions).where(old).values(seen_at=to_ms(now)))


def end(conn: Connection, cookie: str) -> None:
    """Close one session (logout)."""
    conn.execute(delete(sessions).where(sessions.c.id == _digest(cookie)))


def end_all(conn: Connection, user_id: int) -> None:
    """Close every session of a user."""
    conn.execute(delete(sessions).where(sessions.c.user_id == user_id))


def wrong_guess(conn: Connection, login: str, address: str, at: datetime) -> None:
    """Remember a failed login."""
    guesses.wrong(conn, _limits(login, address), at)


def right_guess(conn: Connection, login: str, address: str) -> None:
    """A login went through: this address has no more to wait for."""
    guesses.right(conn, _at(login, address))


def seconds_to_wait(conn: Connection, login: str, address: str, now: datetime) -> int:
    """How long this login, from this address, has to wait before the next guess; 0 = go on. Never a lock-out."""
    return guesses.seconds_to_wait(conn, _limits(login, address), now)


def secret_hash(secret: str) -> str:
    """An argon2id hash with its salt."""
    return _hasher().hash(secret)


def is_secret(hashed: str | None, secret: str) -> bool:
    """Whether the hash is of this secret. Without a hash it takes as long as a wrong guess."""
    try:
        _hasher().verify(hashed or _nobody(), secret)
    except VerificationError:
        return False
    return hashed is not None


def _limits(login: str, address: str) -> dict[str, Limit]:
    return {_plain(login): _ANYWHERE, _at(login, address): _FROM_ONE_ADDRESS}


def _at(login: str, address: str) -> str:
    return f"{_plain(login)}\n{address}"


def _get(conn: Connection, login: str) -> User:
    row = conn.execute(select(users).where(users.c.login == _plain(login))).first()
    if row is None:
        raise StoreError(f"There is no login called {login!r}.")
    return _user(row)


def _user(row: Row[Any]) -> User:
    return User(row.id, row.login, row.role, row.must_change, from_ms(row.created_at))


def _plain(login: str) -> str:
    return login.strip().casefold()


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise StoreError(f"A password has at least {MIN_PASSWORD} characters.")
    return secret_hash(password)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))
