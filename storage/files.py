"""Small files of the office's own. What a file is was judged by whoever took it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage import audit, state
from storage.db import StoreError, to_ms
from storage.tables import files, people


@dataclass(frozen=True, slots=True)
class Named:
    """A file in a list: its number and its name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """A file. `mime` is what it goes out as."""

    id: int
    name: str
    mime: str
    content: bytes


def listed(conn: Connection, kind: str) -> list[Named]:
    """The files of a kind, by name."""
    query = select(files.c.id, files.c.name).where(files.c.kind == kind).order_by(files.c.name, files.c.id)
    return [Named(row.id, row.name) for row in conn.execute(query)]


def get(conn: Connection, number: int, kind: str) -> File | None:
    """The file of that kind and number; None where there is none."""
    row = conn.execute(select(files).where(files.c.id == number, files.c.kind == kind)).first()
    return None if row is None else File(row.id, row.name, row.mime, row.content)


def add(conn: Connection, kind: str, name: str, mime: str, content: bytes, who: str, at: datetime) -> int:
    """Keep a file; returns its number, which no other file will ever have."""
    row = {"kind": kind, "name": name, "mime": mime, "content": content, "created_at": to_ms(at)}
    key = conn.execute(insert(files).values(row)).inserted_primary_key
    audit.add(conn, who, kind, name, None, {"mime": mime, "bytes": len(content)}, at)
    state.bump(conn)
    return int(key[0]) if key else 0


def remove(conn: Connection, number: int, kind: str, who: str, at: datetime) -> None:
    """Forget a file. Raises StoreError for one that is not there."""
    file = get(conn, number, kind)
    if file is None:
        raise StoreError("This file is not there any more.")
    conn.execute(delete(files).where(files.c.id == number))
    audit.add(conn, who, kind, file.name, {"mime": file.mime, "bytes": len(file.content)}, None, at)
    state.bump(conn)


def forget_portraits(conn: Connection, source_id: int) -> None:
    """Forget the photos that the office gave to a source's people, who go with their source."""
    theirs = select(people.c.photo_file).where(people.c.source_id == source_id, people.c.photo_file.is_not(None))
    conn.execute(delete(files).where(files.c.id.in_(theirs)))
