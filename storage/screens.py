"""Screens: TVs that may show the wall, bound by a code that they show and a team lead types."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage import audit, state
from storage.db import StoreError, from_ms, to_ms
from storage.tables import pairings, screens

CODE_LIVES = timedelta(minutes=10)
# What a screen says of itself is noted at most this often: it asks every few seconds.
_NOTED_EVERY = timedelta(minutes=1)
_DIGITS = 6
# So many screens may wait at once: whoever reloads the page for ever fills no disk.
_MOST_WAITING = 200
_LONGEST = 300
_EVER = "a screen was bound"


@dataclass(frozen=True, slots=True)
class Screen:
    """A bound TV. `showing`, `heap` and `errors` are what it said of itself at `seen_at`."""

    id: int
    name: str
    created_at: datetime
    seen_at: datetime | None
    agent: str
    showing: str
    heap: int | None
    errors: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a screen says of itself: browser, panel shown, bytes of JavaScript heap, script errors since its start."""

    agent: str
    showing: str
    heap: int | None = None
    errors: int | None = None


def new_cookie() -> str:
    """A screen's own secret: 256 random bits, of which only a hash is stored."""
    return secrets.token_urlsafe(32)


def offer(conn: Connection, cookie: str, agent: str, now: datetime) -> str:
    """The code that an unbound screen shows: the same for ten minutes, then another."""
    conn.execute(delete(pairings).where(pairings.c.expires_at <= to_ms(now)))
    mine = pairings.c.hash == _digest(cookie)
    code = conn.execute(select(pairings.c.code).where(mine)).scalar()
    if code is not None:
        return str(code)
    _make_room(conn)
    code = _free_code(conn)
    row = {"hash": _digest(cookie), "code": code, "agent": agent[:_LONGEST], "expires_at": to_ms(now + CODE_LIVES)}
    conn.execute(insert(pairings).values(row))
    return code


def bind(conn: Connection, code: str, name: str, who: str, at: datetime) -> Screen:
    """Make the screen that shows this code one of ours; the code is used up. Raises StoreError."""
    plain, name = "".join(code.split()), name.strip()
    waiting = conn.execute(select(pairings).where(pairings.c.code == plain, pairings.c.expires_at > to_ms(at))).first()
    if waiting is None:
        raise StoreError("No screen shows this code now. A code holds for ten minutes: look at the screen again.")
    if not name or len(name) > 60:
        raise StoreError("A screen's name has 1 to 60 characters.")
    if conn.execute(select(screens.c.id).where(screens.c.name == name)).first():
        raise StoreError(f"There is a screen called {name!r} already.")
    conn.execute(delete(pairings).where(pairings.c.hash == waiting.hash))
    row = {"name": name, "hash": waiting.hash, "created_at": to_ms(at), "agent": waiting.agent, "showing": ""}
    conn.execute(insert(screens).values(row))
    state.keep_note(conn, _EVER, "yes")
    audit.add(conn, who, "screen", name, None, {"bound": True}, at)
    return _screen(conn.execute(select(screens).where(screens.c.name == name)).one())


def look_up(conn: Connection, cookie: str) -> Screen | None:
    """The screen of a cookie, None when it is not (or no longer) bound."""
    row = conn.execute(select(screens).where(screens.c.hash == _digest(cookie))).first()
    return None if row is None else _screen(row)


def seen(conn: Connection, screen: Screen, report: Report, at: datetime) -> None:
    """Note what a screen says of itself."""
    values = {
        "seen_at": to_ms(at),
        "agent": report.agent[:_LONGEST],
        "showing": report.showing[:_LONGEST],
        "heap": report.heap,
        "errors": report.errors,
    }
    conn.execute(update(screens).where(screens.c.id == screen.id).values(values))


def is_news(screen: Screen, at: datetime) -> bool:
    """Whether it is time to note again what a screen says of itself."""
    return screen.seen_at is None or at - screen.seen_at >= _NOTED_EVERY


def rename(conn: Connection, number: int, name: str, who: str, at: datetime) -> None:
    """Give a screen another name. Raises StoreError."""
    old, name = _get(conn, number), name.strip()
    if not name or len(name) > 60:
        raise StoreError("A screen's name has 1 to 60 characters.")
    if conn.execute(select(screens.c.id).where(screens.c.name == name, screens.c.id != number)).first():
        raise StoreError(f"There is a screen called {name!r} already.")
    conn.execute(update(screens).where(screens.c.id == number).values(name=name))
    audit.add(conn, who, "screen", old.name, {"name": old.name}, {"name": name}, at)


def revoke(conn: Connection, number: int, who: str, at: datetime) -> None:
    """End a screen: its cookie opens nothing any more. Raises StoreError."""
    screen = _get(conn, number)
    conn.execute(delete(screens).where(screens.c.id == number))
    audit.add(conn, who, "screen", screen.name, {"bound": True}, {"bound": False}, at)


def every(conn: Connection) -> list[Screen]:
    """All bound screens, by name."""
    return [_screen(row) for row in conn.execute(select(screens).order_by(screens.c.name))]


def ever_bound(conn: Connection) -> bool:
    """Whether a screen was ever bound: from then on the wall is closed even to this machine."""
    return state.note(conn, _EVER) is not None


def _get(conn: Connection, number: int) -> Screen:
    row = conn.execute(select(screens).where(screens.c.id == number)).first()
    if row is None:
        raise StoreError("This screen is not bound any more.")
    return _screen(row)


def _make_room(conn: Connection) -> None:
    waiting = conn.execute(select(func.count()).select_from(pairings)).scalar_one()
    if waiting >= _MOST_WAITING:
        oldest = select(pairings.c.hash).order_by(pairings.c.expires_at).limit(waiting - _MOST_WAITING + 1)
        conn.execute(delete(pairings).where(pairings.c.hash.in_([row.hash for row in conn.execute(oldest)])))


def _free_code(conn: Connection) -> str:
    while True:
        code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        if not conn.execute(select(pairings.c.code).where(pairings.c.code == code)).first():
            return code


def _screen(row: Row[Any]) -> Screen:
    seen_at = None if row.seen_at is None else from_ms(row.seen_at)
    return Screen(row.id, row.name, from_ms(row.created_at), seen_at, row.agent, row.showing, row.heap, row.errors)


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
