"""A small sales floor to store: short ways to make facts, changes and sources."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from domain.facts import Batch, Change, Direction, Fact, Kind
from domain.settings import Settings
from storage import facts, sources, totals
from storage.db import read, write
from storage.secrets import Secrets

NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
OFFICE = Settings()
SECRETS = Secrets(b"of the tests")
_numbers = itertools.count()


@contextmanager
def source(db: Engine, name: str | None = None) -> Iterator[int]:
    """A connection of its own, gone afterwards."""
    with write(db) as conn:
        source_id = sources.add(conn, SECRETS, name or f"crm{next(_numbers)}", "files", {}, "test", NOW)
    yield source_id
    facts.remove(db, source_id)


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026 in UTC; Kyiv is two hours ahead in November."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def call(number: int, when: datetime, rep: str | None = "olena", seconds: int = 60, revision: int = 0) -> Change:
    """An answered outgoing call."""
    fact = Fact(Kind.CALL, when, rep, seconds=seconds, direction=Direction.OUT, answered=True)
    return Change(f"call:{number}", (fact,), revision)


def win(
    number: int, when: datetime, rep: str | None = "olena", amount: str = "1000", currency: str = "UAH",
    revision: int = 0, owner: str | None = None, as_seen: bool = False,
) -> Change:  # fmt: skip
    """A deal, created two days before it was won."""
    created = Fact(Kind.DEAL_CREATED, when - timedelta(days=2), rep, owner_as_seen=as_seen)
    won = Fact(
        Kind.DEAL_WON,
        when,
        rep,
        amount=Decimal(amount),
        currency=currency,
        title=f"Deal {number}",
        owner_as_seen=as_seen,
    )
    return Change(f"deal:{number}", (created, won), revision, owner)


def gone(record: str, revision: int = 0) -> Change:
    """The record was deleted in the CRM."""
    return Change(record, (), revision)


def store(db: Engine, source_id: int, *changes: Change, settings: Settings = OFFICE) -> facts.Applied:
    """Take these changes in as one batch."""
    return facts.apply(db, source_id, Batch(changes, "c", NOW), settings=settings)


def sums(db: Engine, source_id: int, first: date = FIRST, last: date = LAST) -> dict[tuple[str, str, str], int]:
    """(rep, metric, currency) -> value, the reps by their own ids."""
    with read(db) as conn:
        name = next(row.name for row in sources.every(conn) if row.id == source_id)
        found = totals.read(conn, first, last, "UAH")
    result: dict[tuple[str, str, str], int] = {}
    for total in found:
        of, _, rep = total.rep.partition(":")
        if of == name:
            key = (rep, total.metric, total.currency)
            result[key] = result.get(key, 0) + total.value
    return {key: value for key, value in result.items() if value}


def of(db: Engine, source_id: int, metric: str, first: date = FIRST, last: date = LAST) -> dict[str, int]:
    """rep -> value of one metric."""
    return {rep: value for (rep, key, _), value in sums(db, source_id, first, last).items() if key == metric}


def split(changes: Sequence[Change], cuts: Sequence[int]) -> Iterator[Sequence[Change]]:
    """The changes in pieces, cut before these places."""
    places = sorted({0, *(cut % (len(changes) + 1) for cut in cuts), len(changes)})
    for start, end in itertools.pairwise(places):
        yield changes[start:end]
