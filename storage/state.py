"""Small facts about the store itself: the version of the numbers, and the heartbeats of its processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from storage.db import from_ms, many, to_ms
from storage.tables import state

_VERSION = "version"


def version(conn: Connection) -> int:
    """Grows whenever something that a board shows has changed."""
    return conn.execute(select(state.c.number).where(state.c.key == _VERSION)).scalar() or 0


def bump(conn: Connection) -> None:
    """Say that something visible has changed: boards are built anew."""
    many(
        conn,
        "INSERT INTO state (key, number) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET number = state.number + 1",
        [(_VERSION,)],
    )


def beat(conn: Connection, name: str, at: datetime) -> None:
    """A process says that it is alive and working."""
    many(
        conn,
        "INSERT INTO state (key, number) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET number = excluded.number",
        [(f"beat:{name}", to_ms(at))],
    )


def last_beat(conn: Connection, name: str) -> datetime | None:
    """When that process last said so; None = never."""
    ms = conn.execute(select(state.c.number).where(state.c.key == f"beat:{name}")).scalar()
    return None if ms is None else from_ms(ms)


def note(conn: Connection, key: str) -> str | None:
    """A line kept under `key`; None = nothing."""
    return conn.execute(select(state.c.note).where(state.c.key == key)).scalar()


def keep_note(conn: Connection, key: str, text: str) -> None:
    """Keep a line under `key`, in place of the one before."""
    many(
        conn,
        "INSERT INTO state (key, number, note) VALUES (?, 0, ?) ON CONFLICT (key) DO UPDATE SET note = excluded.note",
        [(key, text)],
    )
