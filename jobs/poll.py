"""One poll of one source under that source's lease: the last good data stays, breaks and recoveries are told once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from domain.board import SourceHealth
from domain.connections import TOLD
from domain.facts import Batch, Problem
from domain.settings import Settings
from jobs.house import House, open_source
from jobs.night import night_of
from sources import Ask, AuthError, Source, SourceError, ThrottledError
from storage import db as store
from storage import facts, leases, state, wishes
from storage import sources as connections
from storage.db import StoreError
from storage.leases import Lease, LeaseLost
from storage.sources import SourceRow
from storage.wishes import Haste

log = logging.getLogger("tablo.poll")

Connect = Callable[[House, SourceRow], Source]
Watch = Callable[["Report"], None]

# One poll stops asking after this long; a first read that needs more goes on in the next one.
BUDGET_S = 120.0
# A poll that has not come back by then hangs in something that knows no deadline.
STUCK_S = BUDGET_S + 100.0
LEASE_S = 45.0
_RENEW_EVERY_S = 10.0
_LONGEST_PAUSE = timedelta(minutes=5)
_HISTORY = timedelta(days=92)


@dataclass
class Report:
    """What one sync did; `json()` is the contract's line."""

    source: str
    kind: str
    ok: bool = True
    requests: int = 0
    records: int = 0
    facts_added: int = 0
    facts_removed: int = 0
    seconds: float = 0.0
    as_of: datetime | None = None
    done: int | None = None
    total: int | None = None
    problems: list[str] = field(default_factory=list)
    moved: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether a first read is under way and got on: then it goes on at once."""
        return self.ok and self.as_of is None and self.moved

    def add(self, other: Report) -> None:
        """Go on with what the next step of the same sync did."""
        self.ok, self.as_of, self.done, self.total = other.ok, other.as_of, other.done, other.total
        self.requests += other.requests
        self.records += other.records
        self.facts_added += other.facts_added
        self.facts_removed += other.facts_removed
        self.seconds += other.seconds
        self.problems += other.problems

    def json(self) -> dict[str, Any]:
        """The line that `sync` prints."""
        as_of = None if self.as_of is None else self.as_of.isoformat(timespec="seconds").replace("+00:00", "Z")
        return {
            "source": self.source,
            "kind": self.kind,
            "ok": self.ok,
            "requests": self.requests,
            "records": self.records,
            "facts_added": self.facts_added,
            "facts_removed": self.facts_removed,
            "seconds": round(self.seconds, 3),
            "as_of": as_of,
            "problems": self.problems,
        }


def poll(
    house: House,
    name: str,
    since: date | None = None,
    full: bool = False,
    wished: bool = False,
    connect: Connect = open_source,
    watch: Watch = lambda report: None,
) -> Report | None:
    """Ask one source once and store what it says. None = another process is at it, or its pause is not over.

    `wished` = a person asked for it now, which overrules the pause after a failure. `since` and `full` read again
    what was read before. What was wished for elsewhere (storage/wishes.py) is honoured too. `watch` is told the report
    after every batch. Raises StoreError for a name that does not exist, or of something that is never asked.
    """
    lease = leases.acquire(house.db, f"poll:{name}", house.owner, LEASE_S, house.clock())
    if lease is None:
        return None
    with _held(house, lease):
        with store.read(house.db) as conn:
            row = connections.get(conn, name)
            if row.kind in TOLD:
                raise StoreError(f"{name} is never read: facts are sent to its address.")
            if row.health is SourceHealth.CLOSED:
                raise StoreError(f"{name} is closed: nothing but its numbers was kept.")
            haste, again = wishes.hurried(conn, row.id), wishes.to_reread(conn, row.id)
        if haste is not None:
            with store.write(house.db) as conn:
                wishes.served(conn, row.id)
        wished = wished or haste is Haste.PERSON
        if not wished and row.next_try_at is not None and row.next_try_at > house.clock():
            return None
        report = _sync(house, row, lease, _ask(house, row, since or again, full, wished), connect, watch)
        if again is not None and (report.ok or report.records):
            with store.write(house.db) as conn:
                wishes.rereading(conn, row.id, again)
        return report


def _ask(house: House, row: SourceRow, since: date | None, full: bool, wished: bool) -> Ask:
    now, office = house.clock(), house.settings()
    night = night_of(now, office.timezone).toordinal()
    return Ask(
        now=now,
        since=since or _first_day(now, office),
        deadline=time.monotonic() + BUDGET_S,
        full=full or since is not None,
        reconcile=row.first_read_done and (full or _reconciled(house, row) < night),
        wished=wished,
    )


def _sync(house: House, row: SourceRow, lease: Lease, ask: Ask, connect: Connect, watch: Watch) -> Report:
    report = Report(row.name, row.kind)
    started, office = time.monotonic(), house.settings()
    source: Source | None = None
    try:
        source = connect(house, row)
        for batch in _batches(house, row, source, ask):
            # Of what is read again nothing is news.
            _store(house, row, batch, lease, office, report, None if ask.full else house.clock())
            report.requests, report.seconds = source.requests, time.monotonic() - started
            watch(report)
        report.requests = source.requests
        _recovered(house, row, report)
        if report.as_of is not None and (ask.reconcile or not row.first_read_done):
            _note_reconciled(house, row, night_of(ask.now, office.timezone))
    except SourceError as error:
        report.requests = source.requests if source else 0
        _broke(house, row, report, error)
    except (StoreError, SQLAlchemyError):
        raise
    except Exception as error:
        # A fault of ours must not look like silence: it is told in settings, and the log gets the whole of it.
        _broke(house, row, report, SourceError(f"Tablo failed on this answer ({type(error).__name__}); see the log."))
        raise
    report.seconds = time.monotonic() - started
    return report


def _batches(house: House, row: SourceRow, source: Source, ask: Ask) -> Iterator[Batch]:
    cursor = None if ask.full else row.cursor
    if cursor is None:
        with store.write(house.db) as conn:
            connections.begins(conn, row.id, ask.now)
    yield from source.sync(cursor, ask)


def _store(
    house: House,
    row: SourceRow,
    batch: Batch,
    lease: Lease,
    office: Settings,
    report: Report,
    live_at: datetime | None,
) -> None:
    applied = facts.apply(house.db, row.id, batch, settings=office, lease=lease, live_at=live_at)
    report.records += len(batch.changes)
    report.facts_added += applied.added
    report.facts_removed += applied.removed
    report.as_of = batch.as_of
    # A step may bring no record and still get on (a history read in between).
    report.moved |= batch.cursor != row.cursor
    report.done, report.total = batch.done, batch.total
    report.problems += [_sentence(problem) for problem in (*(batch.problems or ()), *applied.refused)]


def _recovered(house: House, row: SourceRow, report: Report) -> None:
    with store.write(house.db) as conn:
        if connections.succeeded(conn, row.id, house.clock(), report.requests):
            log.info("%s (%s) answers again.", row.name, row.kind)


def _broke(house: House, row: SourceRow, report: Report, error: SourceError) -> None:
    report.ok = False
    report.problems.append(str(error))
    now = house.clock()
    with store.write(house.db) as conn:
        news = connections.failed(
            conn, row.id, now, report.requests, _health(error), str(error), _next_try(house, row, error, now)
        )
    if news:
        log.warning("%s (%s) cannot be read: %s", row.name, row.kind, error)


def _health(error: SourceError) -> SourceHealth:
    if isinstance(error, ThrottledError):
        return SourceHealth.THROTTLED
    return SourceHealth.NEEDS_LOGIN if isinstance(error, AuthError) else SourceHealth.ERROR


def _next_try(house: House, row: SourceRow, error: SourceError, now: datetime) -> datetime:
    """The pause grows with how long the trouble has lasted; without a change by a person there is no hurry."""
    if isinstance(error, ThrottledError) and error.retry_at is not None:
        return error.retry_at
    if error.permanent:
        return now + _LONGEST_PAUSE
    lasted = now - (row.failing_since or now)
    return now + min(max(lasted / 2, timedelta(seconds=house.config.poll_seconds)), _LONGEST_PAUSE)


def _first_day(now: datetime, office: Settings) -> date:
    """A first read reaches back to the first day of a month, about three months ago."""
    return (now.astimezone(ZoneInfo(office.timezone)).date() - _HISTORY).replace(day=1)


def _reconciled(house: House, row: SourceRow) -> int:
    with store.read(house.db) as conn:
        return int(state.note(conn, f"reconciled:{row.id}") or 0)


def _note_reconciled(house: House, row: SourceRow, night: date) -> None:
    with store.write(house.db) as conn:
        state.keep_note(conn, f"reconciled:{row.id}", str(night.toordinal()))


def _sentence(problem: Problem) -> str:
    again = f" ({problem.count} times)" if problem.count > 1 else ""
    return f"{problem.where}: {problem.text}{again}"


@contextmanager
def _held(house: House, lease: Lease) -> Iterator[None]:
    """Renew the lease while the work lasts: one slow request may outlast it."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(_RENEW_EVERY_S):
            try:
                leases.renew(house.db, lease, LEASE_S, house.clock())
            except LeaseLost:
                log.warning("Another process has taken over %s.", lease.name)
                return

    keeper = threading.Thread(target=renew, name=f"lease {lease.name}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        leases.release(house.db, lease)
