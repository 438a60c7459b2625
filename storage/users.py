"""Logins of the settings pages: argon2id hashes, server-side sessions, slow-down on guessing."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from domain.reach import Reach
from storage import audit, guesses
from storage.db import StoreError, from_ms, to_ms
from storage.guesses import Limit
from storage.passwords import MIN_PASSWORD, is_common
from storage.tables import invitations, sessions, users

ROLES = ("admin", "team_lead")
_ANYWHERE, _FROM_ONE_ADDRESS = Limit(10, 60), Limit(3, 900)
_TOUCH_MS = 30_000
# As argon2-cffi recommends it; the tests, which log in a thousand times, take a light one.
HASHER = PasswordHasher()
_SESSIONS = select(
    users, sessions.c.id.label("session"), sessions.c.created_at.label("begun"), sessions.c.seen_at, sessions.c.agent
).join(sessions)


@dataclass(frozen=True, slots=True)
class User:
    """`must_change`: the password was made by somebody else and has to be replaced at the first login.

    `teams` are the keys of those that a team lead answers for, None = all. `second_step`: a phone's code is asked for.
    """

    id: int
    login: str
    role: str
    must_change: bool
    created_at: datetime
    teams: frozenset[str] | None = None
    second_step: bool = False

    @property
    def reach(self) -> Reach:
        """Whom this login may see and change. An administrator's is the whole office, whatever else is stored."""
        return Reach(None if self.role == "admin" else self.teams)


@dataclass(frozen=True, slots=True)
class Session:
    """A login that holds. `id` names it and opens nothing; `agent` is the browser, as it named itself."""

    id: str
    user: User
    created_at: datetime
    seen_at: datetime
    agent: str


def add(conn: Connection, login: str, password: str, role: str, who: str, at: datetime, must_change: bool = False,
        teams: Collection[str] | None = None) -> User:  # fmt: skip
    """A new login (upper and lower case are the same). Raises StoreError for what cannot be accepted."""
    login = plain(login)
    check_new(conn, login, role)
    row = {"login": login, "hash": _hash(password, login), "role": role, "must_change": must_change}
    conn.execute(insert(users).values(**row, teams=_column(teams), created_at=to_ms(at)))
    user = get(conn, login)
    audit.add(conn, who, "user", login, None, _said(user), at)
    return user


def check_new(conn: Connection, login: str, role: str) -> None:
    """Raises StoreError for a login (`plain`) or a role that a new one cannot have."""
    _check_role(role)
    if not login or conn.execute(select(users.c.id).where(users.c.login == login)).first():
        raise StoreError("The login '{login}' exists already." if login else "A login needs a name.", login=login)


def plain(login: str) -> str:
    """A login as it is kept: upper and lower case are the same."""
    return login.strip().casefold()


def verify(conn: Connection, login: str, password: str) -> User | None:
    """The user if the password is right. An unknown login takes as long as a wrong password."""
    row = conn.execute(select(users).where(users.c.login == plain(login))).first()
    fits = is_secret(row.hash if row else None, password)
    return _user(row) if row and fits else None


def set_password(
    conn: Connection, login: str, password: str, who: str, at: datetime, must_change: bool = False
) -> None:
    """Replace a password; every session of that user ends. Raises StoreError."""
    user = get(conn, login)
    values = {"hash": _hash(password, user.login), "must_change": must_change}
    conn.execute(update(users).where(users.c.id == user.id).values(**values))
    end_all(conn, user.id)
    audit.add(conn, who, "password", user.login, None, None, at)


def change(conn: Connection, login: str, role: str, teams: Collection[str] | None, who: str, at: datetime) -> User:
    """Give a login another role, and a team lead other teams (None = all); it holds from the next request on.

    Raises StoreError for an unknown login or role, one's own role, and the last administrator.
    """
    user = get(conn, login)
    _check_role(role)
    if role != user.role:
        _keep_an_administrator(conn, user, who)
        _withdraw_all(conn, user)
    values = {"role": role, "teams": None if role == "admin" else _column(teams)}
    conn.execute(update(users).where(users.c.id == user.id).values(values))
    new = get(conn, login)
    if _said(new) != _said(user):
        audit.add(conn, who, "user", user.login, _said(user), _said(new), at)
    return new


def remove(conn: Connection, login: str, who: str, at: datetime) -> None:
    """Take a login away, and its sessions with it. Raises StoreError for an unknown one, oneself, the last
    administrator."""
    user = get(conn, login)
    _keep_an_administrator(conn, user, who)
    conn.execute(delete(users).where(users.c.id == user.id))
    _withdraw_all(conn, user)
    audit.add(conn, who, "user", user.login, _said(user), None, at)


def get(conn: Connection, login: str) -> User:
    """The login of that name. Raises StoreError when there is none."""
    row = conn.execute(select(users).where(users.c.login == plain(login))).first()
    if row is None:
        raise StoreError("There is no login called '{login}'.", login=login)
    return _user(row)


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
    query = _SESSIONS.where(sessions.c.id == _digest(cookie), sessions.c.expires_at > to_ms(now))
    row = conn.execute(query).first()
    if row is None or (row.role in idle and from_ms(row.seen_at) + idle[row.role] <= now):
        return None
    return _session(row)


def open_sessions(conn: Connection, now: datetime, of: User | None = None) -> list[Session]:
    """The sessions that have not expired, of one login or of all, by login and the latest used first."""
    query = _SESSIONS.where(sessions.c.expires_at > to_ms(now))
    mine = query if of is None else query.where(sessions.c.user_id == of.id)
    return [_session(row) for row in conn.execute(mine.order_by(users.c.login, sessions.c.seen_at.desc()))]


def revoke(conn: Connection, session: str, who: str, at: datetime, of: User | None = None) -> None:
    """End a session by its id, of any login or of one alone. Raises StoreError when there is no such one."""
    found = [each for each in open_sessions(conn, at, of) if each.id == session]
    if not found:
        raise StoreError("This session has ended already.")
    conn.execute(delete(sessions).where(sessions.c.id == session))
    audit.add(conn, who, "session", found[0].user.login, {"browser": found[0].agent}, None, at)


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
    return HASHER.hash(secret)


def is_secret(hashed: str | None, secret: str) -> bool:
    """Whether the hash is of this secret. Without a hash it takes as long as a wrong guess."""
    try:
        HASHER.verify(hashed or _nobody(), secret)
    except VerificationError:
        return False
    return hashed is not None


def _limits(login: str, address: str) -> dict[str, Limit]:
    return {plain(login): _ANYWHERE, _at(login, address): _FROM_ONE_ADDRESS}


def _at(login: str, address: str) -> str:
    return f"{plain(login)}\n{address}"


def _withdraw_all(conn: Connection, user: User) -> None:
    """Whoever has to go, or may invite no more, has left no way back in."""
    conn.execute(delete(invitations).where(invitations.c.author == user.login))


def _user(row: Row[Any]) -> User:
    teams = None if row.teams is None else frozenset(json.loads(row.teams))
    return User(row.id, row.login, row.role, row.must_change, from_ms(row.created_at), teams, row.totp is not None)


def _session(row: Row[Any]) -> Session:
    return Session(row.session, _user(row), from_ms(row.begun), from_ms(row.seen_at), row.agent)


def _column(teams: Collection[str] | None) -> str | None:
    return None if teams is None else json.dumps(sorted(teams))


def _said(user: User) -> dict[str, object]:
    return {"role": user.role} | ({} if user.teams is None else {"teams": sorted(user.teams)})


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise StoreError(f"There is no role called {role!r}. Roles: {', '.join(ROLES)}.")


def _keep_an_administrator(conn: Connection, user: User, who: str) -> None:
    """Raises StoreError where a login would go that is one's own or that nobody could replace."""
    if user.login == plain(who):
        raise StoreError("Nobody takes away their own login or role: ask another administrator.")
    others = (users.c.role == "admin") & (users.c.id != user.id)
    if user.role == "admin" and not conn.execute(select(func.count()).where(others)).scalar():
        raise StoreError("This is the last administrator. Make another one first.")


def _hash(password: str, login: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise StoreError("A password has at least {n} characters.", n=MIN_PASSWORD)
    if is_common(password, login):
        raise StoreError("This password is one of the first that anybody would try. Choose another one.")
    return secret_hash(password)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_hex(16))
