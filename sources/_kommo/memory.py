"""What the event feed said, kept beside the store: who owned what when. It can be read again from Kommo at any time."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owner (family TEXT, id INTEGER, rep INTEGER, PRIMARY KEY (family, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover (family TEXT, id INTEGER, at INTEGER, event TEXT, before INTEGER,
    PRIMARY KEY (family, id, at, event)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS move (lead INTEGER, at INTEGER, event TEXT, pipeline INTEGER, status INTEGER,
    from_pipeline INTEGER, from_status INTEGER, PRIMARY KEY (lead, at, event)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (task INTEGER, at INTEGER, PRIMARY KEY (task, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fate (family TEXT, id INTEGER, at INTEGER, event TEXT, alive INTEGER,
    PRIMARY KEY (family, id, at, event)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (element INTEGER PRIMARY KEY, lead INTEGER);
CREATE TABLE IF NOT EXISTS paid (element INTEGER PRIMARY KEY, at INTEGER);
CREATE TABLE IF NOT EXISTS listed (stream TEXT, id INTEGER, PRIMARY KEY (stream, id)) WITHOUT ROWID;
"""
_VERSION = 1
# An event may be told so much later than the change itself.
_LATE_S = 600


@dataclass(frozen=True, slots=True)
class Move:
    """A lead went from one stage to another. `at` in unix seconds, `event` orders moves within a second."""

    lead: int
    at: int
    event: str
    pipeline: int
    status: int
    from_pipeline: int
    from_status: int


@dataclass(frozen=True, slots=True)
class Handover:
    """A record changed hands; `before` is who had it until then, 0 = nobody."""

    family: str
    id: int
    at: int
    event: str
    before: int


@dataclass(frozen=True, slots=True)
class Fate:
    """A record was deleted, or came back."""

    family: str
    id: int
    at: int
    event: str
    alive: bool


class Memory:
    """A small file that only saves requests: the facts are in the store, and the truth is in Kommo.

    `generation` names this very file; a cursor that names another one has to start again. Nothing is kept until
    `commit`, which must come before the cursor that relies on it is handed out.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        if self.recall("version") != _VERSION:
            self.keep("version", _VERSION)
            self.keep("generation", uuid.uuid4().hex)
            self.commit()
        self.generation = str(self.recall("generation"))

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self._db.close()

    def commit(self) -> None:
        """Everything told so far is on the disk when this returns."""
        self._db.commit()

    def recall(self, key: str) -> Any:
        """A kept JSON value, None where there is none."""
        row = self._db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, key: str, value: object) -> None:
        """Keep a JSON value under a key."""
        self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, json.dumps(value)))

    def saw_moves(self, moves: Iterable[Move]) -> None:
        """Stage moves from the event feed; telling one twice is harmless."""
        rows = [(m.lead, m.at, m.event, m.pipeline, m.status, m.from_pipeline, m.from_status) for m in moves]
        self._db.executemany("INSERT OR REPLACE INTO move VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def moves(self, lead: int) -> list[Move]:
        """Every known move of a lead, oldest first."""
        return [Move(*row) for row in self._db.execute("SELECT * FROM move WHERE lead = ? ORDER BY at, event", (lead,))]

    def saw_handovers(self, handovers: Iterable[Handover]) -> None:
        """Changes of owner from the event feed."""
        rows = [(h.family, h.id, h.at, h.event, h.before) for h in handovers]
        guesses = [(family, record, at - _LATE_S, at + _LATE_S) for family, record, at, _, _ in rows]
        self._db.executemany(
            "DELETE FROM handover WHERE family = ? AND id = ? AND event = '' AND at BETWEEN ? AND ?", guesses
        )
        self._db.executemany("INSERT OR REPLACE INTO handover VALUES (?, ?, ?, ?, ?)", rows)

    def saw_owners(self, family: str, owners: Iterable[tuple[int, int, int]]) -> None:
        """(record, who has it now, second of its last change), from the records themselves.

        A new owner of whom no event tells was made so at that last change, as far as anyone can know; when the
        event comes late, it replaces the guess.
        """
        for record, rep, changed in owners:
            before = self.owner_now(family, record)
            if before is not None and before != rep and not self._explained(family, record, changed, before):
                guess = (family, record, changed, before)
                self._db.execute("INSERT OR IGNORE INTO handover VALUES (?, ?, ?, '', ?)", guess)
            if before != rep:
                self._db.execute("INSERT OR REPLACE INTO owner VALUES (?, ?, ?)", (family, record, rep))

    def _explained(self, family: str, record: int, changed: int, before: int) -> bool:
        """Whether the feed tells that this owner gave the record away around then."""
        query = "SELECT 1 FROM handover WHERE family = ? AND id = ? AND at > ? AND before = ?"
        return self._db.execute(query, (family, record, changed - _LATE_S, before)).fetchone() is not None

    def owner_now(self, family: str, record: int) -> int | None:
        """Who had the record when it was last read; None = never read."""
        row = self._db.execute("SELECT rep FROM owner WHERE family = ? AND id = ?", (family, record)).fetchone()
        return None if row is None else int(row[0])

    def owner_at(self, family: str, record: int, at: int, now: int, event: str | None = None) -> int:
        """Who had the record at a second, given who has it `now`.

        The first change of hands afterwards tells who had it before. Within one second the order of events decides
        where the event is known, else the change counts as having come first.
        """
        row = self._db.execute(
            "SELECT before FROM handover WHERE family = ? AND id = ? AND (at > ? OR (at = ? AND event > ?))"
            " ORDER BY at, event LIMIT 1",
            (family, record, at, at, event if event is not None else "\U0010ffff"),
        ).fetchone()
        return now if row is None else int(row[0])

    def saw_done(self, tasks: Iterable[tuple[int, int]]) -> None:
        """(task, second at which it was completed)."""
        self._db.executemany("INSERT OR IGNORE INTO done VALUES (?, ?)", tasks)

    def done_at(self, task: int) -> int | None:
        """When the task was last completed, None = no event told."""
        row = self._db.execute("SELECT max(at) FROM done WHERE task = ?", (task,)).fetchone()
        return None if row[0] is None else int(row[0])

    def saw_fates(self, fates: Iterable[Fate]) -> None:
        """Deletions and returns from the event feed."""
        rows = [(f.family, f.id, f.at, f.event, f.alive) for f in fates]
        self._db.executemany("INSERT OR REPLACE INTO fate VALUES (?, ?, ?, ?, ?)", rows)

    def knows_fate(self, fate: Fate) -> bool:
        """Whether this very event was told before."""
        key = (fate.family, fate.id, fate.at, fate.event)
        query = "SELECT 1 FROM fate WHERE family = ? AND id = ? AND at = ? AND event = ?"
        return self._db.execute(query, key).fetchone() is not None

    def last_fate(self, family: str, record: int) -> Fate | None:
        """The newest of a record's deletions and returns."""
        row = self._db.execute(
            "SELECT * FROM fate WHERE family = ? AND id = ? ORDER BY at DESC, event DESC LIMIT 1", (family, record)
        ).fetchone()
        return None if row is None else Fate(row[0], row[1], row[2], row[3], bool(row[4]))

    def saw_links(self, links: Iterable[tuple[int, int]]) -> list[int]:
        """(invoice, its lead); returns the invoices whose link is news."""
        fresh = []
        for element, lead in links:
            changed = self._db.execute(
                "INSERT INTO link VALUES (?, ?) ON CONFLICT (element) DO UPDATE SET lead = excluded.lead"
                " WHERE lead <> excluded.lead",
                (element, lead),
            ).rowcount
            if changed > 0:
                fresh.append(element)
        return fresh

    def lead_of(self, element: int) -> int | None:
        """The lead that an invoice is linked to."""
        row = self._db.execute("SELECT lead FROM link WHERE element = ?", (element,)).fetchone()
        return None if row is None else int(row[0])

    def paid_since(self, element: int, at: int) -> int:
        """When the invoice was first seen paid; that is `at` if it never was."""
        self._db.execute("INSERT OR IGNORE INTO paid VALUES (?, ?)", (element, at))
        return int(self._db.execute("SELECT at FROM paid WHERE element = ?", (element,)).fetchone()[0])

    def not_paid(self, element: int) -> None:
        """The invoice is not paid, or not any more."""
        self._db.execute("DELETE FROM paid WHERE element = ?", (element,))

    def start_list(self, stream: str) -> None:
        """Begin a new census of a stream."""
        self._db.execute("DELETE FROM listed WHERE stream = ?", (stream,))

    def saw_listed(self, stream: str, records: Sequence[int]) -> None:
        """These records exist."""
        self._db.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?)", [(stream, each) for each in records])

    def listed(self, stream: str) -> Iterator[int]:
        """Every record seen since `start_list`."""
        return (row[0] for row in self._db.execute("SELECT id FROM listed WHERE stream = ?", (stream,)))
