"""The office's people as Tablo knows them: reps, teams and who was in which when, absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Team:
    """`key` is `<source name>:<the CRM's id>`."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Stint:
    """From a day on somebody is in a team; `team` is its key, None = in none."""

    since: date
    team: str | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a rep does not work, both ends included. `lowers` = the target shrinks by these days' share."""

    first: date
    last: date
    lowers: bool = True


@dataclass(frozen=True, slots=True)
class Rep:
    """A person who sells. `key` is `<source name>:<the CRM's id>`, `team` the key of the team of today.

    `workdays` None = the office's. `zone` None = the office's. `joined` and `left` are the first and last day.
    `stints` are in order, and empty for who has always been in one team. `hidden`: counted, but not on the wall.
    """

    key: str
    name: str
    team: str | None = None
    photo: str | None = None
    zone: str | None = None
    workdays: frozenset[int] | None = None
    joined: date | None = None
    left: date | None = None
    absences: tuple[Absence, ...] = ()
    stints: tuple[Stint, ...] = ()
    hidden: bool = False
