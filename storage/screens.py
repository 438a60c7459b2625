"""Screens: TVs that may show the wall, bound by a code that they show and a team lead types."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage import audit, names, playlists, state
from storage.db import StoreError, from_ms, to_ms
from storage.tables import pairings, screens

CODE_LIVES = timedelta(minutes=10)
_DIGITS = 6
# So many screens may wait at once: whoever reloads the page for ever fills no disk.
_MOST_WAITING = 200
_LONGEST = 300
_EVER = "a screen was bound"


class UnknownCodeError(StoreError):
    """No screen waits with this code."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A bound TV. `showing`, `heap` and `errors` are what it said of itself at `seen_at`. `playlist` and `language` are
    None where they are the office's. `command` is what it was last told to do."""

    id: int
    name: str
    created_at: datetime
    seen_at: datetime | None
    agent: str
    showing: str
    heap: int | None
    errors: int | None
    playlist: int | None = None
    language: str | None = None
    command: Command | None = None

    @property
    def due(self) -> Command | None:
        """What it is still to do."""
        return None if self.command is None or self.command.done else self.command


@dataclass(frozen=True, slots=True)
class Command:
    """What a screen shall do: "reload", or "show" and the id of a slot. `number` grows with each for this screen."""

    number: int
    do: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a screen says of itself: browser, panel shown (None = not told), bytes of JavaScript heap, script errors
    since its start."""

    agent: str
    showing: str | None
    heap: int | None = None
    errors: int | None = None


def new_cookie() -> str:
    """A screen's own secret: 256 random bits, of which only a hash is stored."""
    return secrets.token_urlsafe(32)


def offer(conn: Connection, cookie: str, agent: str, now: datetime) -> str:
    """The code that an unbound screen shows: the same for ten minutes, then another."""
    conn.execute(delete(pairings).where(pairings.c.expires_at <= to_ms(now)))
    mine = pairings.c.hash == digest(cookie)
    code = conn.execute(select(pairings.c.code).where(mine)).scalar()
    if code is not None:
        return str(code)
    _make_room(conn)
    code = _free_code(conn)
    row = {"hash": digest(cookie), "code": code, "agent": agent[:_LONGEST], "expires_at": to_ms(now + CODE_LIVES)}
    conn.execute(insert(pairings).values(row))
    return code


def bind(conn: Connection, code: str, name: str, who: str, at: datetime) -> Screen:
    """Make the screen that shows this code one of ours; the code is used up. Raises StoreError."""
    plain = "".join(code.split())
    waiting = conn.execute(select(pairings).where(pairings.c.code == plain, pairings.c.expires_at > to_ms(at))).first()
    if waiting is None:
        raise UnknownCodeError("No screen shows this code now. A code holds for ten minutes: look at the screen again.")
    name = names.free(conn, screens, name, None, "screen")
    conn.execute(delete(pairings).where(pairings.c.hash == waiting.hash))
    row = {"name": name, "hash": waiting.hash, "created_at": to_ms(at), "agent": waiting.agent, "showing": ""}
    conn.execute(insert(screens).values(row))
    state.keep_note(conn, _EVER, "yes")
    audit.add(conn, who, "screen", name, None, {"bound": True}, at)
    return _screen(conn.execute(select(screens).where(screens.c.name == name)).one())


def digest(cookie: str) -> bytes:
    """What is stored of a screen's cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def bound(conn: Connection) -> dict[bytes, Screen]:
    """All bound screens, by the digests of their cookies."""
    return {row.hash: _screen(row) for row in conn.execute(select(screens))}


def seen(conn: Connection, screen: Screen, report: Report, at: datetime) -> None:
    """Note what a screen says of itself."""
    values: dict[str, Any] = {"seen_at": to_ms(at), "agent": report.agent[:_LONGEST]}
    if report.showing is not None:
        values |= {"showing": report.showing[:_LONGEST], "heap": report.heap, "errors": report.errors}
    conn.execute(update(screens).where(screens.c.id == screen.id).values(values))


def rename(conn: Connection, number: int, name: str, who: str, at: datetime) -> None:
    """Give a screen another name. Raises StoreError."""
    old, name = _get(conn, number), names.free(conn, screens, name, number, "screen")
    conn.execute(update(screens).where(screens.c.id == number).values(name=name))
    audit.add(conn, who, "screen", old.name, {"name": old.name}, {"name": name}, at)


def choose(conn: Connection, number: int, playlist: int | None, language: str | None, who: str, at: datetime) -> None:
    """What a screen shows and in which language, None = as the office. Raises StoreError."""
    old = _get(conn, number)
    if playlist is not None:
        playlists.get(conn, playlist)
    conn.execute(update(screens).where(screens.c.id == number).values(playlist_id=playlist, language=language))
    before, after = ({"playlist": each[0], "language": each[1]} for each in ((old.playlist, old.language),
                                                                             (playlist, language)))  # fmt: skip
    audit.add(conn, who, "screen", old.name, before, after, at)


def command(conn: Connection, number: int, do: str) -> Command:
    """Tell a screen to do something, in place of what it has not done yet. Raises StoreError.

    It hears of it in a header, which takes nothing but plain characters.
    """
    if not (do.isascii() and do.isprintable()):
        raise StoreError("No screen can be told this.")
    last = _get(conn, number).command
    wanted = Command((last.number if last else 0) + 1, do)
    _keep_command(conn, number, wanted)
    return wanted


def obeyed(conn: Connection, screen: Screen, number: int) -> None:
    """A screen says that it has taken this command: it is not told again. Another one stays; a screen that was ended
    meanwhile has none."""
    row = conn.execute(select(screens).where(screens.c.id == screen.id)).first()
    due = _screen(row).due if row else None
    if due is not None and due.number == number:
        _keep_command(conn, screen.id, replace(due, done=True))


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


def _keep_command(conn: Connection, number: int, wanted: Command) -> None:
    conn.execute(update(screens).where(screens.c.id == number).values(command=json.dumps(asdict(wanted))))


def _screen(row: Row[Any]) -> Screen:
    return Screen(
        id=row.id,
        name=row.name,
        created_at=from_ms(row.created_at),
        seen_at=None if row.seen_at is None else from_ms(row.seen_at),
        agent=row.agent,
        showing=row.showing,
        heap=row.heap,
        errors=row.errors,
        playlist=row.playlist_id,
        language=row.language,
        command=None if row.command is None else Command(**json.loads(row.command)),
    )
