"""The facts: one transaction takes a batch in, with the totals it touches and the cursor to go on from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, delete, select, update

from domain.board import SourceHealth
from domain.connections import TOLD
from domain.corrections import settled_before
from domain.facts import Batch, Problem, Rate
from domain.settings import Settings
from storage import celebrations, corrections, files, joining, leases, people, recount, sources, state, targets
from storage.corrections import Journal
from storage.db import StoreError, from_ms, many, to_ms, write
from storage.history import StoredFact, facts, last_at, recent_wins
from storage.leases import Lease
from storage.merge import MASS_DELETION, Merger
from storage.recount import Basis, drift
from storage.rows import IMPOSSIBLE_AMOUNT, Calendar
from storage.tables import (
    day_totals,
    hour_totals,
    month_totals,
    open_deals,
    rates,
    records,
)
from storage.tables import facts as facts_table
from storage.tables import sources as sources_table
from storage.tally import Tally

__all__ = [
    "Applied",
    "StoredFact",
    "apply",
    "drift",
    "facts",
    "last_at",
    "out_of_date",
    "rebuild",
    "recent_wins",
    "remove",
]

# Problems that the store itself finds: they stand until the same place is judged anew.
_OURS = (MASS_DELETION, IMPOSSIBLE_AMOUNT)
# Where what is new may be of any day.
_UPLOADED = (*TOLD, "files")
_OWNED = (facts_table, records, open_deals, day_totals, month_totals, hour_totals)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch did: facts added and removed, records unchanged, ignored as too old, and vanished in a census.

    `refused` is what was not believed (a mass deletion, an impossible amount).
    """

    added: int
    removed: int
    unchanged: int
    ignored: int
    vanished: int
    refused: list[Problem]


def apply(
    db: Engine | Connection,
    source_id: int,
    batch: Batch,
    *,
    settings: Settings,
    lease: Lease | None = None,
    live_at: datetime | None = None,
) -> Applied:
    """Store a batch, all or nothing, in a transaction of its own or in the caller's.

    Each change replaces what its record said before, unless it is older. Totals follow by exact differences.
    When the batch tells news, `live_at` is the present instant: then deals won just now are noted to be celebrated, and
    what changed in days that are over to be seen. It is None where history is read. Raises LeaseLost when another
    process has taken the source over meanwhile.
    """
    with _writing(db) as conn:
        if lease is not None:
            leases.confirm(conn, lease)
        row = conn.execute(select(sources_table).where(sources_table.c.id == source_id)).first()
        if row is None:
            raise StoreError("This source was removed while it was being read.")
        if row.health == SourceHealth.CLOSED.value:
            raise StoreError("This source was closed while it was being read.")
        basis = recount.basis(conn, settings)
        recount.keep_basis(conn, basis)
        lists = _replace_lists(conn, row, batch, basis)
        calendar = Calendar(basis.timezone, people.zones(conn, source_id), basis.credit)
        tally = Tally(calendar, basis.productive_seconds)
        journal = None if live_at is None else _journal(row, calendar, settings, live_at)
        merger = Merger(conn, source_id, calendar, tally, settings.currency, journal)
        merger.changes(batch.changes)
        seen = {change.record for change in batch.changes}
        for census in batch.census:
            merger.census(census, seen)
        tally.flush(conn, source_id)
        merged = merger.merged
        if live_at is not None and row.first_read_done:
            today = live_at.astimezone(ZoneInfo(basis.timezone)).toordinal()
            as_of = None if row.as_of is None else from_ms(row.as_of)
            fresh = celebrations.unexcused(merged.won, merged.lost)
            celebrations.note(conn, source_id, fresh, as_of, today, live_at)
        if live_at is not None and journal is not None:
            corrections.note(conn, source_id, journal.found, live_at)
        told = _move_on(conn, row, batch, merged.refused)
        if lists or told or merged.added or merged.removed or merged.deals:
            state.bump(conn)
    return Applied(merged.added, merged.removed, merged.unchanged, merged.ignored, merged.vanished, merged.refused)


def out_of_date(conn: Connection, settings: Settings) -> bool:
    """Whether the totals were counted by other rules than these: then `rebuild` is due."""
    return recount.basis(conn, settings) != Basis.of(settings)


def rebuild(db: Engine | Connection, settings: Settings) -> None:
    """Count everything anew by these settings, in a transaction of its own or in the caller's."""
    with _writing(db) as conn:
        recount.rebuild(conn, settings)
        state.bump(conn)


def remove(db: Engine | Connection, source_id: int) -> None:
    """A source with everything that came from it, in a transaction of its own or in the caller's."""
    with _writing(db) as conn:
        files.forget_portraits(conn, source_id)
        for table in _OWNED:
            conn.execute(delete(table).where(table.c.source_id == source_id))
        joining.forget(conn, source_id)
        conn.execute(delete(sources_table).where(sources_table.c.id == source_id))
        state.bump(conn)


def _writing(db: Engine | Connection) -> AbstractContextManager[Connection]:
    return nullcontext(db) if isinstance(db, Connection) else write(db)


def _journal(row: Row[Any], calendar: Calendar, settings: Settings, now: datetime) -> Journal | None:
    """What notes corrections, once everything was read for the first time."""
    if not row.first_read_done or row.as_of is None:
        return None
    zone = ZoneInfo(settings.timezone)
    today = now.astimezone(zone).date()
    settled = settled_before(settings, today, from_ms(row.as_of).astimezone(zone).date())
    return Journal(calendar, today.toordinal(), settled.toordinal(), row.kind in _UPLOADED)


def _replace_lists(conn: Connection, row: Row[Any], batch: Batch, basis: Basis) -> bool:
    """The lists that a batch brings whole: people, teams, rates, targets. True when one of them changed."""
    changed = False
    if batch.people is not None:
        before = people.zones(conn, row.id)
        today = None if batch.as_of is None else batch.as_of.astimezone(ZoneInfo(basis.timezone)).date()
        if people.replace_people(conn, row.id, batch.people, today):
            changed = True
            joining.settle(conn, _instant(row, batch))
        if people.zones(conn, row.id) != before:
            recount.redate(conn, row.id, basis)
    if batch.groups is not None:
        changed |= people.replace_groups(conn, row.id, batch.groups)
    if batch.rates is not None:
        changed |= _replace_rates(conn, row.id, batch.rates)
    if batch.targets is not None:
        changed |= targets.replace_planned(conn, row.id, row.name, batch.targets, _instant(row, batch))
    return changed


def _instant(row: Row[Any], batch: Batch) -> datetime:
    """When a batch's lists are noted to have come."""
    return batch.as_of or from_ms(row.as_of or row.created_at)


def _replace_rates(conn: Connection, source_id: int, given: Iterable[Rate]) -> bool:
    query = select(rates.c.currency, rates.c.base, rates.c.day, rates.c.value).where(rates.c.source_id == source_id)
    old = {tuple(row[:3]): row.value for row in conn.execute(query)}
    new = {(rate.currency, rate.base, rate.day.toordinal()): format(rate.value, "f") for rate in given}
    if old == new:
        return False
    conn.execute(delete(rates).where(rates.c.source_id == source_id))
    many(
        conn,
        "INSERT INTO rates (source_id, currency, base, day, value) VALUES (?, ?, ?, ?, ?)",
        [(source_id, *key, value) for key, value in new.items()],
    )
    return True


def _move_on(conn: Connection, row: Row[Any], batch: Batch, refused: list[Problem]) -> bool:
    """Keep the cursor and how far the source has come. True when a reader of the board would see it."""
    values: dict[str, Any] = {"cursor": batch.cursor, "done": batch.done, "total": batch.total}
    if batch.as_of is not None:
        values |= {"as_of": to_ms(batch.as_of), "first_read_done": True}
    if batch.missing is not None:
        values["missing"] = json.dumps({lack.value: why for lack, why in batch.missing.items()}, ensure_ascii=False)
    values["problems"] = sources.problems_json(_problems(row, batch, refused))
    conn.execute(update(sources_table).where(sources_table.c.id == row.id).values(**values))
    first = batch.as_of is not None and not row.first_read_done
    return first or any(values.get(key, row._mapping[key]) != row._mapping[key] for key in ("missing", "problems"))


def _problems(row: Row[Any], batch: Batch, refused: list[Problem]) -> list[Problem]:
    """What stands: the source's own list (the last one it gave) and what the store refused, until it is mended."""
    judged = {census.prefix for census in batch.census}
    touched = {change.record for change in batch.changes}
    stored = sources.problems_of(row.problems)
    ours = [p for p in stored if p.code in _OURS and p.where not in (judged if p.code == MASS_DELETION else touched)]
    theirs = [p for p in stored if p.code not in _OURS] if batch.problems is None else list(batch.problems)
    return theirs + ours + refused
