"""Playlists with a name, which screens may show instead of the shared one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from domain.settings import Slot
from storage import audit, names, slots
from storage.db import StoreError
from storage.tables import playlists, screens


class InUseError(StoreError):
    """A playlist cannot go: the screens of these names show it."""

    def __init__(self, name: str, shown_by: Sequence[str]) -> None:
        super().__init__(f"{name} is shown by {', '.join(shown_by)}: choose another playlist there first.")
        self.shown_by = tuple(shown_by)


@dataclass(frozen=True, slots=True)
class Playlist:
    """A named playlist."""

    id: int
    name: str
    slots: tuple[Slot, ...]


def every(conn: Connection) -> list[Playlist]:
    """All named playlists, by name."""
    return [_playlist(row) for row in conn.execute(select(playlists).order_by(playlists.c.name))]


def find(conn: Connection, number: int | None) -> Playlist | None:
    """The playlist of that number, None where there is none (any more)."""
    row = conn.execute(select(playlists).where(playlists.c.id == number)).first() if number is not None else None
    return None if row is None else _playlist(row)


def add(conn: Connection, name: str, chosen: Sequence[Slot], who: str, at: datetime) -> Playlist:
    """A new playlist. Raises StoreError for a name that is taken, empty or too long."""
    name = names.free(conn, playlists, name, None, "playlist")
    stored = slots.encode(chosen)
    number = conn.execute(insert(playlists).values(name=name, slots=json.dumps(stored))).inserted_primary_key
    audit.add(conn, who, "playlist", name, None, {"slots": stored}, at)
    return Playlist(int(number[0]) if number else 0, name, tuple(chosen))


def save(conn: Connection, number: int, chosen: Sequence[Slot], who: str, at: datetime) -> None:
    """Other slots for a playlist. Raises StoreError where it is gone."""
    old, stored = get(conn, number), slots.encode(chosen)
    conn.execute(update(playlists).where(playlists.c.id == number).values(slots=json.dumps(stored)))
    audit.add(conn, who, "playlist", old.name, {"slots": slots.encode(old.slots)}, {"slots": stored}, at)


def rename(conn: Connection, number: int, name: str, who: str, at: datetime) -> None:
    """Another name for a playlist. Raises StoreError."""
    old, name = get(conn, number), names.free(conn, playlists, name, number, "playlist")
    conn.execute(update(playlists).where(playlists.c.id == number).values(name=name))
    audit.add(conn, who, "playlist", old.name, {"name": old.name}, {"name": name}, at)


def remove(conn: Connection, number: int, who: str, at: datetime) -> None:
    """Delete a playlist that no screen shows. Raises InUseError, or StoreError where it is gone."""
    old = get(conn, number)
    users = conn.execute(select(screens.c.name).where(screens.c.playlist_id == number).order_by(screens.c.name))
    shown_by = [str(row.name) for row in users]
    if shown_by:
        raise InUseError(old.name, shown_by)
    conn.execute(delete(playlists).where(playlists.c.id == number))
    audit.add(conn, who, "playlist", old.name, {"slots": slots.encode(old.slots)}, None, at)


def get(conn: Connection, number: int) -> Playlist:
    """The playlist of that number. Raises StoreError where it is gone."""
    found = find(conn, number)
    if found is None:
        raise StoreError("This playlist is not there any more.")
    return found


def _playlist(row: Row[Any]) -> Playlist:
    return Playlist(row.id, row.name, slots.decode(json.loads(row.slots)))
