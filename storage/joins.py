"""Joins: people whom several sources know, and which of their keys is the one that counts. Only read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from domain.totals import Total
from storage.db import query


@dataclass(frozen=True, slots=True)
class Joins:
    """`mains` has the main key of everybody who is somebody else too. Whoever is in none of it stands alone."""

    mains: Mapping[str, str] = field(default_factory=dict)

    def main(self, key: str) -> str:
        """The key that counts for a person."""
        return self.mains.get(key, key)

    def faces(self, keys: Iterable[str]) -> list[str]:
        """These people by all of their keys, the main ones first."""
        wanted = list(keys)
        if not self.mains:
            return wanted
        known = set(wanted)
        return [*wanted, *(face for face, main in self.mains.items() if main in known and face not in known)]

    def of(self, totals: list[Total]) -> list[Total]:
        """Totals under the main keys; a person may then be among them several times."""
        mains = self.mains
        if not mains:
            return totals
        return [total._replace(rep=mains[total.rep]) if total.rep in mains else total for total in totals]


NOBODY = Joins()


def read(conn: Connection) -> Joins:
    """Who is joined with whom now."""
    sql = """SELECT s.name || ':' || p.id, p.same_as FROM people p JOIN sources s ON s.id = p.source_id
        WHERE p.same_as <> ''"""
    links: dict[str, str] = dict(query(conn, sql, ()).all())
    return Joins({key: main for key in links if (main := _end(links, key)) != key}) if links else NOBODY


def _end(links: Mapping[str, str], key: str) -> str:
    """Where the links lead to. A circle leads nowhere: everybody in it stands alone."""
    seen = [key]
    while (following := links.get(seen[-1])) is not None:
        if following in seen:
            return key
        seen.append(following)
    return seen[-1]
