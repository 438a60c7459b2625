"""Teams: those that the office makes of its own, the names it gives them, and who is in which from when on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, func, select, update

from domain.people import Stint
from storage import audit, memberships, people, state
from storage.db import StoreError, many
from storage.names import LONGEST, TakenNameError, UnfitNameError
from storage.people import Member
from storage.tables import memberships as stints
from storage.tables import people as persons
from storage.tables import teams

# No source has an empty name, so no team of a source has such a key.
_OWN = ":"


def is_own(key: str) -> bool:
    """Whether the office made this team."""
    return key.startswith(_OWN)


def add(conn: Connection, name: str, who: str, at: datetime) -> str:
    """A team of the office's own; its key, which no other team will have while it is known. Raises StoreError."""
    name = _fit(conn, name, None)
    own = [int(row.key[len(_OWN) :]) for row in conn.execute(select(teams.c.key)) if is_own(row.key)]
    key = f"{_OWN}{max(own, default=0) + 1}"
    _write(conn, key, None, name, who, at)
    return key


def rename(conn: Connection, key: str, name: str, who: str, at: datetime) -> None:
    """Call a team otherwise than its source does; a source's team without a name has the source's again."""
    old = {team.key: team.name for team in people.teams(conn)}.get(key)
    if old is None:
        raise StoreError("This team is not there any more.")
    if not name.strip() and not is_own(key):
        conn.execute(delete(teams).where(teams.c.key == key))
        audit.add(conn, who, "team", key, old, None, at)
        state.bump(conn)
        return
    _write(conn, key, old, _fit(conn, name, key), who, at)


def remove(conn: Connection, key: str, who: str, at: datetime) -> None:
    """Forget a team of the office's own. Raises StoreError where anybody is or was in it."""
    name = conn.execute(select(teams.c.name).where(teams.c.key == key)).scalar()
    if name is None or not is_own(key):
        raise StoreError("This team is not there any more.")
    now = conn.execute(select(func.count()).select_from(persons).where(persons.c.team_override == key)).scalar_one()
    ever = conn.execute(select(func.count()).select_from(stints).where(stints.c.team == key)).scalar_one()
    if now or ever:
        raise StoreError("People are or were in this team: its numbers need it.")
    conn.execute(delete(teams).where(teams.c.key == key))
    audit.add(conn, who, "team", key, name, None, at)
    state.bump(conn)


def assign(
    conn: Connection, member: Member, team: str | None, since: date | None, who: str, at: datetime,
    follow: bool = False,
) -> None:  # fmt: skip
    """Put somebody into a team (None = into none) from a day on, or for all time; or `follow` the source's word."""
    team = member.team_said if follow else team
    if since is None:
        memberships.forget(conn, member.key, who, at)
    else:
        memberships.begin(conn, member.key, Stint(since, team), member.team, who, at)
    people.change(conn, member.key, {"team_override": None if follow else team or ""}, who, at)


def take_back(conn: Connection, member: Member, since: date, who: str, at: datetime) -> None:
    """Undo that somebody changed teams on a day. Raises StoreError where there is no such change."""
    team = memberships.take_back(conn, member.key, since, who, at)
    override = None if team == member.team_said else team or ""
    people.change(conn, member.key, {"team_override": override}, who, at)


def _fit(conn: Connection, name: str, key: str | None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise UnfitNameError(f"A team's name has 1 to {LONGEST} characters.")
    if any(team.name == name and team.key != key for team in people.teams(conn)):
        raise TakenNameError(f"There is a team called {name!r} already.")
    return name


def _write(conn: Connection, key: str, old: str | None, name: str, who: str, at: datetime) -> None:
    known = conn.execute(update(teams).where(teams.c.key == key).values(name=name)).rowcount
    if not known:
        many(conn, "INSERT INTO teams (key, name) VALUES (?, ?)", [(key, name)])
    audit.add(conn, who, "team", key, old, name, at)
    state.bump(conn)
