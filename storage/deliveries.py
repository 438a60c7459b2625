"""What was sent to a hook, taken in: its people, its facts, and which kinds it gives, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from domain.deliveries import Named, Told
from domain.facts import Batch, Change, Kind, Lack
from domain.settings import Settings
from storage import facts, joining, state
from storage.db import StoreError, many, write
from storage.facts import Applied
from storage.tables import people, sources

_NOT_YET = "Nothing of this kind has been sent yet."


@dataclass(frozen=True, slots=True)
class _Person:
    """A row of `people`, as far as a hook tells."""

    id: str
    name: str
    email: str | None
    extension: str | None
    active: bool


def take(
    db: Engine, source_id: int, told: Sequence[Told], gives: Collection[Kind], *, settings: Settings, now: datetime
) -> Applied:
    """Store a delivery, all or nothing; committed when this returns. Raises StoreError where the hook is gone.

    Nothing in it is a sign of life. The cursor of a hook is the list of the kinds that ever came.
    """
    with write(db) as conn:
        row = _locked(conn, source_id)
        ids = _introduce(conn, source_id, list(dict.fromkeys(each.by for each in told if each.by is not None)), now)
        came = {*_came(row), *(each.kind for each in told if each.fact is not None)}
        batch = Batch([_change(each, ids) for each in told], _cursor(came), now, missing=_missing(came, gives))
        return facts.apply(conn, source_id, batch, settings=settings, live_at=now)


def settle(conn: Connection, source_id: int, gives: Collection[Kind], *, settings: Settings) -> None:
    """Note which kinds a hook is going to give besides those that came."""
    came = _came(_locked(conn, source_id))
    facts.apply(conn, source_id, Batch((), _cursor(came), None, missing=_missing(came, gives)), settings=settings)


def _locked(conn: Connection, source_id: int) -> Row[Any]:
    """The hook's row; who takes in something else for it waits until this transaction ends."""
    query = select(sources.c.cursor).where(sources.c.id == source_id).with_for_update(key_share=True)
    row = conn.execute(query).first()
    if row is None:
        raise StoreError("This hook was removed meanwhile.")
    return row


def _came(row: Row[Any]) -> set[Kind]:
    return set(map(Kind, (row.cursor or "").split()))


def _cursor(came: Collection[Kind]) -> str:
    return " ".join(kind for kind in Kind if kind in came)


def _missing(came: Collection[Kind], gives: Collection[Kind]) -> dict[Lack, str]:
    return {kind: _NOT_YET for kind in Kind if kind not in came and kind not in gives}


def _change(told: Told, ids: Mapping[Named, str]) -> Change:
    if told.fact is None:
        return Change(told.record, (), told.revision)
    rep = None if told.by is None else ids[told.by]
    return Change(told.record, (replace(told.fact, rep=rep),), told.revision, url=told.url)


def _introduce(conn: Connection, source_id: int, named: Sequence[Named], now: datetime) -> dict[Named, str]:
    """Everybody's id, by the id, the e-mail or the extension that was sent; who is new is noted."""
    query = select(people).where(people.c.source_id == source_id).order_by(people.c.id)
    before = {row.id: _Person(row.id, row.name, row.email, row.extension, row.active) for row in conn.execute(query)}
    book = _Book(before)
    ids = {each: book.note(each) for each in named}
    changed = [person for key, person in book.known.items() if before.get(key) != person]
    many(
        conn,
        """INSERT INTO people (source_id, id, name, email, extension, active) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (source_id, id) DO UPDATE SET name = excluded.name, email = excluded.email,
        extension = excluded.extension, active = excluded.active""",
        [(source_id, p.id, p.name, p.email, p.extension, p.active) for p in changed],
    )
    if changed:
        state.bump(conn)
        joining.settle(conn, now)
    return ids


class _Book:
    """The people of one hook, found by what they are called."""

    def __init__(self, known: Mapping[str, _Person]) -> None:
        self.known = dict(known)
        self._emails = {each.email: key for key, each in known.items() if each.email}
        self._extensions = {each.extension: key for key, each in known.items() if each.extension}

    def note(self, named: Named) -> str:
        """The id of who is meant, with what was told of them."""
        key = self._id(named)
        old = self.known.get(key) or _Person(key, key, None, None, True)
        if named.email is not None:
            self._emails[named.email] = key
        if named.extension is not None:
            # An extension is that of the person who was called by it last.
            before = self._extensions.get(named.extension, key)
            if before != key:
                self.known[before] = replace(self.known[before], extension=None)
            self._extensions[named.extension] = key
        self.known[key] = _Person(
            key, named.name or old.name, named.email or old.email, named.extension or old.extension, True
        )
        return key

    def _id(self, named: Named) -> str:
        """A first mention by e-mail or extension alone makes that the id, and it stays so."""
        if named.id is not None:
            return named.id
        for told, found in ((named.email, self._emails), (named.extension, self._extensions)):
            if told is not None and (told in self.known or told in found):
                return told if told in self.known else found[told]
        return named.email or named.extension or ""
