"""Absences: days on which somebody does not work. Of one person's no two overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from domain.people import Absence
from storage import audit, joins, state
from storage.db import StoreError
from storage.keys import split
from storage.tables import absences, sources


class OverlapError(StoreError):
    """Somebody is away on some of these days already: `absence` says from when to when."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(f"Overlaps with the absence from {absence.first} to {absence.last}.")
        self.absence = absence


@dataclass(frozen=True, slots=True)
class StoredAbsence:
    """An absence with its number, which `change` and `remove` ask for."""

    id: int
    rep: str
    absence: Absence


def every(conn: Connection) -> list[StoredAbsence]:
    """Every absence, by day."""
    query = select(absences, sources.c.name.label("source")).join(sources).order_by(absences.c.first, absences.c.id)
    return [StoredAbsence(row.id, f"{row.source}:{row.person_id}", _absence(row)) for row in conn.execute(query)]


def get(conn: Connection, number: int) -> StoredAbsence:
    """The absence of that number. Raises StoreError for one that is not there."""
    found = next((each for each in every(conn) if each.id == number), None)
    if found is None:
        raise StoreError("This absence is not there any more.")
    return found


def add(conn: Connection, key: str, absence: Absence, who: str, at: datetime) -> int:
    """Note an absence; returns its number. Raises StoreError when it ends before it begins, or overlaps another."""
    source_id, person = split(conn, key)
    _check(conn, key, absence)
    row = {"source_id": source_id, "person_id": person, **_columns(absence)}
    added = conn.execute(insert(absences).values(row)).inserted_primary_key
    audit.add(conn, who, "absence", key, None, _said(absence), at)
    state.bump(conn)
    return int(added[0]) if added else 0


def change(conn: Connection, number: int, absence: Absence, who: str, at: datetime) -> None:
    """Give an absence other days, or another say on the target. Raises StoreError as `add` does."""
    old = get(conn, number)
    _check(conn, old.rep, absence, number)
    conn.execute(update(absences).where(absences.c.id == number).values(**_columns(absence)))
    audit.add(conn, who, "absence", old.rep, _said(old.absence), _said(absence), at)
    state.bump(conn)


def remove(conn: Connection, number: int, who: str, at: datetime) -> None:
    """Take an absence back. Raises StoreError for one that is not there."""
    old = get(conn, number)
    conn.execute(delete(absences).where(absences.c.id == number))
    audit.add(conn, who, "absence", old.rep, _said(old.absence), None, at)
    state.bump(conn)


def _check(conn: Connection, key: str, absence: Absence, number: int | None = None) -> None:
    if absence.last < absence.first:
        raise StoreError("An absence cannot end before it begins.")
    for other in _others(conn, key, number):
        if other.first <= absence.last and absence.first <= other.last:
            raise OverlapError(other)


def _others(conn: Connection, key: str, number: int | None) -> Iterator[Absence]:
    """The other absences of a person, by whichever of their keys they were noted."""
    known = joins.read(conn)
    same = known.main(key)
    return (each.absence for each in every(conn) if each.id != number and known.main(each.rep) == same)


def _columns(absence: Absence) -> dict[str, object]:
    return {"first": absence.first.toordinal(), "last": absence.last.toordinal(), "lowers": absence.lowers}


def _absence(row: Row[Any]) -> Absence:
    return Absence(date.fromordinal(row.first), date.fromordinal(row.last), row.lowers)


def _said(absence: Absence) -> dict[str, object]:
    return {"first": absence.first.isoformat(), "last": absence.last.isoformat(), "lowers": absence.lowers}
