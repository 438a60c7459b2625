"""The office's people: what the sources say of them, and what the office has decided about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from domain.facts import Group, Kind, Person
from domain.people import Absence, Rep, Stint, Team
from domain.reach import Reach
from storage import absences, audit, joins, memberships, state
from storage.db import StoreError, many
from storage.joins import Joins
from storage.keys import split
from storage.tables import facts, groups, people, sources
from storage.tables import teams as own_teams

# What the office may decide about a person: the column of each.
_TERMS = ("is_rep", "name_shown", "team_override", "zone_override", "workdays", "joined", "left", "same_as",
          "photo_file", "hidden")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """Anybody a source knows. `said` is the source's word on whether this person sells, `is_rep` the office's.

    `team` (a team's key), `photo` and `zone` are what holds. `team_said` is the source's word; `name_shown`,
    `team_override` ("" = in none), `zone_override` and `photo_file` are the office's, None where it has none.
    """

    key: str
    name: str
    team: str | None
    email: str | None
    photo: str | None
    active: bool
    said: bool | None
    is_rep: bool | None
    name_shown: str | None
    team_override: str | None
    zone: str | None
    workdays: frozenset[int] | None
    joined: date | None
    left: date | None
    stints: tuple[Stint, ...] = ()
    hidden: bool = False
    team_said: str | None = None
    zone_override: str | None = None
    photo_file: int | None = None

    @property
    def sells(self) -> bool:
        """Whether this person is a rep: the office's word, else the source's, else no."""
        return bool(self.said if self.is_rep is None else self.is_rep)


def everybody(conn: Connection) -> list[Member]:
    """All that the sources know, by name; who is known to several of them comes several times."""
    stints = memberships.read(conn)
    rows = conn.execute(_all().order_by(people.c.name, people.c.source_id, people.c.id))
    return [_member(row, stints.get(f"{row.source}:{row.id}", ())) for row in rows]


def crew(conn: Connection) -> tuple[list[Rep], list[Team]]:
    """Those who sell, and the teams: read together, since both are made of everybody. Joined people are one."""
    members = everybody(conn)
    return _reps(conn, members), _teams(conn, members)


def reps(conn: Connection) -> list[Rep]:
    """Those who sell; joined people are one (see storage/joins.py), with the main one's name, team and days.

    Who is inactive in the CRM stays, and has left on the day of the last fact where nobody knows better.
    """
    return _reps(conn, everybody(conn))


def teams(conn: Connection) -> list[Team]:
    """The teams of the sources, those that only a person's record names, and the office's own, by name."""
    return _teams(conn, everybody(conn))


def within(conn: Connection, reach: Reach) -> set[str]:
    """The keys of everybody whom a login of that reach may see and change: every key of a joined person."""
    members, known = everybody(conn), joins.read(conn)
    mine = {member.key for member in _whole(members, known) if reach.person(member.team)}
    return {member.key for member in members if known.main(member.key) in mine}


def set_rep(conn: Connection, key: str, is_rep: bool | None, who: str, at: datetime) -> None:
    """Decide whether a person sells; None leaves it to the source. Also for one who is known from facts alone."""
    change(conn, key, {"is_rep": is_rep}, who, at)


def change(conn: Connection, key: str, terms: Mapping[str, object], who: str, at: datetime) -> None:
    """Set what the office decides about somebody, by the columns of `_TERMS`.

    A change of `zone_override` needs `facts.rebuild` afterwards, in the same transaction. Raises StoreError.
    """
    source_id, person = split(conn, key)
    if not _is_zone(terms.get("zone_override")):
        raise StoreError("There is no time zone called '{zone}'.", zone=terms["zone_override"])
    wrong = [term for term in terms if term not in _TERMS]
    if wrong:
        raise StoreError(f"A person has no {wrong[0]!r}. Known: {', '.join(_TERMS)}.")
    many(
        conn,
        "INSERT INTO people (source_id, id, name, active) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(source_id, person, person, True)],
    )
    mine = (people.c.source_id == source_id) & (people.c.id == person)
    before = conn.execute(select(people).where(mine)).one()._mapping
    values = {term: _column(value) for term, value in terms.items()}
    conn.execute(update(people).where(mine).values(**values))
    audit.add(conn, who, "person", key, {term: before[term] for term in terms}, values, at)
    state.bump(conn)


def replace_people(conn: Connection, source_id: int, given: Sequence[Person], today: date | None) -> bool:
    """The whole list of a source's people. Who is missing from it becomes inactive; the office's own words stay.

    `today` is noted as the last day of those who were active until now, and as the first one in another team of those
    whom the source has moved. True when anything changed.
    """
    old = {row.id: row for row in conn.execute(select(people).where(people.c.source_id == source_id))}
    # A zone that nobody knows (CRMs let people type one) must not keep the facts out: the office's holds instead.
    new = {each.id: each if _is_zone(each.zone) else replace(each, zone=None) for each in given}
    changed = [person for person in new.values() if person.id not in old or _differs(old[person.id], person)]
    moved = [p for p in changed if p.id in old and old[p.id].team_override is None and old[p.id].team != p.team]
    gone = [key for key, row in old.items() if key not in new and row.active]
    many(
        conn,
        """INSERT INTO people (source_id, id, name, team, email, photo, zone, active, rep)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_id, id) DO UPDATE SET name = excluded.name,
        team = excluded.team, email = excluded.email, photo = excluded.photo,
        zone = excluded.zone, active = excluded.active, rep = excluded.rep""",
        [(source_id, p.id, p.name, p.team, p.email, p.photo, p.zone, p.active, p.rep) for p in changed],
    )
    many(conn, "UPDATE people SET active = ? WHERE source_id = ? AND id = ?", [(False, source_id, key) for key in gone])
    left = [*gone, *(p.id for p in changed if p.id in old and old[p.id].active and not p.active)]
    back = [p.id for p in changed if p.id in old and not old[p.id].active and p.active]
    day = None if today is None else today.toordinal()
    rows = [(day, source_id, key) for key in left] + [(None, source_id, key) for key in back]
    many(conn, 'UPDATE people SET "left" = ? WHERE source_id = ? AND id = ?', rows)
    if moved and today is not None:
        name = conn.execute(select(sources.c.name).where(sources.c.id == source_id)).scalar()
        teams_of = {p.id: (_team_key(name, old[p.id].team), _team_key(name, p.team)) for p in moved}
        memberships.note(conn, source_id, teams_of, today)
    return bool(changed or gone)


def replace_groups(conn: Connection, source_id: int, given: Sequence[Group]) -> bool:
    """The whole list of a source's teams. True when anything changed."""
    old = {(row.id, row.name, row.head) for row in conn.execute(select(groups).where(groups.c.source_id == source_id))}
    new = {(group.id, group.name, group.head) for group in given}
    if old == new:
        return False
    conn.execute(delete(groups).where(groups.c.source_id == source_id))
    many(
        conn,
        "INSERT INTO groups (source_id, id, name, head) VALUES (?, ?, ?, ?)",
        [(source_id, group.id, group.name, group.head) for group in {group.id: group for group in given}.values()],
    )
    return True


def zones(conn: Connection, source_id: int) -> dict[str, str]:
    """The people of a source who have a zone of their own, by their id."""
    zone = func.coalesce(people.c.zone_override, people.c.zone).label("zone")
    query = select(people.c.id, zone).where(people.c.source_id == source_id, zone.is_not(None))
    return {row.id: row.zone for row in conn.execute(query)}


def _reps(conn: Connection, everyone: Sequence[Member]) -> list[Rep]:
    known = joins.read(conn)
    members = [member for member in _whole(everyone, known) if member.sells]
    away: dict[str, list[Absence]] = {}
    for stored in absences.every(conn):
        away.setdefault(known.main(stored.rep), []).append(stored.absence)
    last_days = _last_days(conn, known) if any(not m.active and m.left is None for m in members) else {}
    return [_rep(member, tuple(away.get(member.key, ())), last_days) for member in members]


def _whole(everyone: Sequence[Member], known: Joins) -> list[Member]:
    """Everybody once. What the main one lacks comes from the others; whether one sells, the main one decides first."""
    faces: dict[str, list[Member]] = {}
    for member in everyone:
        if member.key in known.mains:
            faces.setdefault(known.main(member.key), []).append(member)
    return [_with_faces(m, faces[m.key]) if m.key in faces else m for m in everyone if m.key not in known.mains]


def _with_faces(main: Member, others: Sequence[Member]) -> Member:
    decided = main.stints or main.team or main.team_override is not None
    teamed = main if decided else next((each for each in others if each.team), main)
    return replace(
        main,
        team=teamed.team,
        stints=teamed.stints,
        email=main.email or next((each.email for each in others if each.email), None),
        photo=main.photo or next((each.photo for each in others if each.photo), None),
        active=main.active or any(each.active for each in others),
        said=main.said or any(each.sells for each in others),
    )


def _teams(conn: Connection, everyone: Sequence[Member]) -> list[Team]:
    query = select(groups, sources.c.name.label("source")).join(sources)
    named = {f"{row.source}:{row.id}": row.name for row in conn.execute(query)}
    for member in everyone:
        if member.team is not None:
            named.setdefault(member.team, member.team.partition(":")[2])
        for stint in member.stints:
            if stint.team is not None:
                named.setdefault(stint.team, stint.team.partition(":")[2])
    named |= {row.key: row.name for row in conn.execute(select(own_teams))}
    return sorted((Team(key, name) for key, name in named.items()), key=lambda team: (team.name, team.key))


def _all() -> Select[Any]:
    return select(people, sources.c.name.label("source")).join(sources, people.c.source_id == sources.c.id)


def _member(row: Row[Any], stints: tuple[Stint, ...]) -> Member:
    said = _team_key(row.source, row.team)
    team = said if row.team_override is None else row.team_override or None
    return Member(
        key=f"{row.source}:{row.id}",
        name=row.name,
        team=stints[-1].team if stints else team,
        email=row.email,
        photo=row.photo if row.photo_file is None else f"portraits/{row.photo_file}",
        active=row.active,
        said=row.rep,
        is_rep=row.is_rep,
        name_shown=row.name_shown,
        team_override=row.team_override,
        zone=row.zone_override or row.zone,
        workdays=None if row.workdays is None else frozenset(json.loads(row.workdays)),
        joined=_day(row.joined),
        left=_day(row.left),
        stints=stints,
        hidden=bool(row.hidden),
        team_said=said,
        zone_override=row.zone_override,
        photo_file=row.photo_file,
    )


def _rep(member: Member, away: tuple[Absence, ...], last_days: Mapping[str, date]) -> Rep:
    left = member.left
    if left is None and not member.active:
        left = last_days.get(member.key, date.min)
    return Rep(
        key=member.key,
        name=member.name_shown or member.name,
        team=member.team,
        photo=member.photo,
        zone=member.zone,
        workdays=member.workdays,
        joined=member.joined,
        left=left,
        absences=away,
        stints=member.stints,
        hidden=member.hidden,
    )


def _last_days(conn: Connection, known: Joins) -> dict[str, date]:
    """The day of the last fact of every inactive person: one step into the index for each kind."""
    last = [
        select(func.max(facts.c.day))
        .where(facts.c.source_id == people.c.source_id, facts.c.rep == people.c.id, facts.c.kind == kind.value)
        .scalar_subquery()
        for kind in Kind
    ]
    query = select(sources.c.name, people.c.id, *last).join(sources, people.c.source_id == sources.c.id)
    rows = conn.execute(query.where(people.c.active.is_(False)))
    found: dict[str, list[int]] = {}
    for name, person, *days in rows:
        found.setdefault(known.main(f"{name}:{person}"), []).extend(day for day in days if day is not None)
    return {key: date.fromordinal(max(days)) for key, days in found.items() if days}


def _team_key(source: str | None, team: str | None) -> str | None:
    return None if team is None else f"{source}:{team}"


def _is_zone(name: object) -> bool:
    return name is None or name in _known_zones()


@cache
def _known_zones() -> set[str]:
    return available_timezones()


def _differs(row: Row[Any], person: Person) -> bool:
    stored = (row.name, row.team, row.email, row.photo, row.zone, row.active, row.rep)
    return stored != (person.name, person.team, person.email, person.photo, person.zone, person.active, person.rep)


def _column(value: object) -> object:
    if isinstance(value, frozenset | set):
        return json.dumps(sorted(value))
    return value.toordinal() if isinstance(value, date) else value


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
