"""Memberships: who was in which team from a day on. Whoever never changed teams is in none of these rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from domain.people import Stint
from storage import audit, state
from storage.db import StoreError, many
from storage.keys import split
from storage.tables import memberships, sources

# The day of a first row: before all others.
_ALWAYS = date.min


def read(conn: Connection) -> dict[str, tuple[Stint, ...]]:
    """The stints of everybody who ever changed teams, in order."""
    query = select(memberships, sources.c.name.label("source")).join(sources).order_by(memberships.c.since)
    found: dict[str, list[Stint]] = {}
    for row in conn.execute(query):
        stint = Stint(date.fromordinal(row.since), row.team)
        found.setdefault(f"{row.source}:{row.person_id}", []).append(stint)
    return {key: tuple(stints) for key, stints in found.items()}


def begin(conn: Connection, key: str, stint: Stint, before: str | None, who: str, at: datetime) -> None:
    """Somebody is in a team from a day on, and in what came before until then: `before`, where nothing is known.

    What was known of later days is forgotten.
    """
    old = read(conn).get(key, (Stint(_ALWAYS, before),))
    kept = [each for each in old if each.since < stint.since] or [Stint(_ALWAYS, before)]
    _replace(conn, key, old, [*kept, stint], who, at)


def take_back(conn: Connection, key: str, since: date, who: str, at: datetime) -> str | None:
    """Forget a change of teams; the team that holds then. Raises StoreError for one that is not there."""
    old = read(conn).get(key, ())
    kept = [each for each in old if each.since != since]
    if since == _ALWAYS or len(kept) == len(old):
        raise StoreError("This change of teams is not there any more.")
    _replace(conn, key, old, kept, who, at)
    return kept[-1].team


def forget(conn: Connection, key: str, who: str, at: datetime) -> None:
    """Somebody has always been in one team."""
    old = read(conn).get(key, ())
    if old:
        _replace(conn, key, old, [], who, at)


def note(conn: Connection, source_id: int, moved: Mapping[str, tuple[str | None, str | None]], today: date) -> None:
    """A source has moved people, by their ids there, from one team to another (keys) today."""
    named = select(memberships.c.person_id).where(memberships.c.source_id == source_id)
    known = {row.person_id for row in conn.execute(named)}
    first = [(source_id, person, _ALWAYS.toordinal(), moved[person][0]) for person in moved if person not in known]
    rows = [(source_id, person, today.toordinal(), team) for person, (_, team) in moved.items()]
    many(
        conn,
        """INSERT INTO memberships (source_id, person_id, since, team) VALUES (?, ?, ?, ?)
        ON CONFLICT (source_id, person_id, since) DO UPDATE SET team = excluded.team""",
        [*first, *rows],
    )


def _replace(conn: Connection, key: str, old: Sequence[Stint], new: Iterable[Stint], who: str, at: datetime) -> None:
    source_id, person = split(conn, key)
    stints = _plain(new)
    mine = (memberships.c.source_id == source_id) & (memberships.c.person_id == person)
    conn.execute(delete(memberships).where(mine))
    many(
        conn,
        "INSERT INTO memberships (source_id, person_id, since, team) VALUES (?, ?, ?, ?)",
        [(source_id, person, each.since.toordinal(), each.team) for each in stints],
    )
    audit.add(conn, who, "membership", key, _said(old), _said(stints), at)
    state.bump(conn)


def _plain(stints: Iterable[Stint]) -> list[Stint]:
    """Only real changes; none at all where there is but one team."""
    found: list[Stint] = []
    for stint in stints:
        if not found or found[-1].team != stint.team:
            found.append(stint)
    return found if len(found) > 1 else []


def _said(stints: Iterable[Stint]) -> dict[str, str | None]:
    return {"" if each.since == _ALWAYS else each.since.isoformat(): each.team for each in stints}
