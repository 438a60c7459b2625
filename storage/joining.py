"""Joining: one person known to several sources becomes one, by e-mail or by hand, and two again. No fact changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from domain.connections import TOLD
from storage import joins, people
from storage.db import StoreError
from storage.joins import Joins
from storage.tables import people as table
from storage.tables import sources

BY_ITSELF = "tablo"
_ALONE = ""


@dataclass(frozen=True, slots=True)
class _Face:
    """A person of one source, as far as it matters here. `free`: nobody has decided who else it is."""

    key: str
    source_id: int
    told: bool
    sells: bool
    free: bool


def join(conn: Connection, key: str, other: str, who: str, at: datetime) -> None:
    """Say that `key` is the same person as `other`, whose name, team and plan hold. Raises StoreError."""
    known = joins.read(conn)
    main = known.main(other)
    if known.main(key) == main:
        raise StoreError("These two are one person already.")
    if main not in {member.key for member in people.everybody(conn)}:
        raise StoreError("'{who}' is nobody whom a source knows.", who=other)
    people.change(conn, key, {"same_as": main}, who, at)


def separate(conn: Connection, key: str, who: str, at: datetime) -> None:
    """Say that `key` is nobody else; the numbers are again what they were. It is not joined by e-mail any more."""
    people.change(conn, key, {"same_as": _ALONE}, who, at)


def settle(conn: Connection, at: datetime) -> None:
    """Join those who have one e-mail address in different sources, unless the office has decided otherwise.

    Of several people of one source with the same address nobody knows who is meant: then nobody is joined. The main
    one is who sells, then who comes from a source that is asked (a CRM before telephony), then the older source's.
    """
    known = joins.read(conn)
    for group in _groups(conn):
        ends = {known.main(face.key) for face in group}
        if len(ends) > 1 and max(Counter(face.source_id for face in group).values()) == 1:
            for key, main in _links(group, known):
                people.change(conn, key, {"same_as": main}, BY_ITSELF, at)


def forget(conn: Connection, source_id: int) -> None:
    """A source is being removed: whoever was joined with somebody there is undecided again."""
    name = conn.execute(select(sources.c.name).where(sources.c.id == source_id)).scalar()
    if name is not None:
        there = table.c.same_as.startswith(f"{name}:", autoescape=True)
        conn.execute(update(table).where(there).values(same_as=None))


def _links(group: Sequence[_Face], known: Joins) -> Iterator[tuple[str, str]]:
    """Who is to be joined with whom: the free ones that stand alone, with the best of all."""
    ends = [face for face in group if face.key not in known.mains]
    if not ends:
        return
    best = min(ends, key=lambda face: (not face.sells, face.told, face.source_id, face.key))
    yield from ((face.key, best.key) for face in ends if face.free and face is not best)


def _groups(conn: Connection) -> list[list[_Face]]:
    """People by e-mail address, without those who are expressly nobody else."""
    query = (
        select(table, sources.c.name.label("source"), sources.c.kind)
        .join(sources, table.c.source_id == sources.c.id)
        .where(table.c.email.is_not(None), table.c.email != "")
        .order_by(table.c.source_id, table.c.id)
    )
    found: dict[str, list[_Face]] = {}
    for row in conn.execute(query):
        if row.same_as == _ALONE:
            continue
        sells = bool(row.rep if row.is_rep is None else row.is_rep)
        face = _Face(f"{row.source}:{row.id}", row.source_id, row.kind in TOLD, sells, row.same_as is None)
        found.setdefault(row.email.strip().lower(), []).append(face)
    return [group for email, group in sorted(found.items()) if email and len(group) > 1]
