"""What a first read has to keep until the deals come: stage histories and plans, and the ids of a census, in a file.

It is a cache: when the file is missing or behind the cursor, what is in it is read again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sources._bitrix24.changes import Step

_FILE = "first-read.sqlite"
_CHUNK = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS steps (kind TEXT, owner INTEGER, id INTEGER, at INTEGER, stage TEXT, semantic TEXT,
    pipeline INTEGER, PRIMARY KEY (kind, owner, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS plans (owner INTEGER, id INTEGER, due INTEGER, PRIMARY KEY (owner, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ids (family TEXT, id INTEGER, PRIMARY KEY (family, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS read (stream TEXT PRIMARY KEY, run INTEGER, last INTEGER) WITHOUT ROWID;
"""


class Spill:
    """The file. `close` keeps it, `drop` removes it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._db: sqlite3.Connection | None = None

    def reaches(self, stream: str, run: int, last: int) -> bool:
        """Whether all that this run read of a stream up to `last` is here."""
        found = self._open().execute("SELECT run, last FROM read WHERE stream = ?", (stream,)).fetchone()
        return last == 0 or (found is not None and found[0] == run and found[1] >= last)

    def keep_steps(self, kind: str, run: int, last: int, steps: Iterable[tuple[int, Step]]) -> None:
        """Rows of a stage history with their owners."""
        rows = [
            (kind, owner, step.id, int(step.at.timestamp() * 1000), step.stage, step.semantic, step.pipeline)
            for owner, step in steps
        ]
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            db.execute("INSERT OR REPLACE INTO read VALUES (?, ?, ?)", (kind, run, last))

    def keep_plans(self, stream: str, run: int, last: int, plans: Iterable[tuple[int, int, datetime]]) -> None:
        """Planned activities: deal, activity, due."""
        rows = [(owner, activity, int(due.timestamp() * 1000)) for owner, activity, due in plans]
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO plans VALUES (?, ?, ?)", rows)
            db.execute("INSERT OR REPLACE INTO read VALUES (?, ?, ?)", (stream, run, last))

    def keep_ids(self, family: str, run: int, last: int, found: Iterable[int]) -> None:
        """Ids of a census."""
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO ids VALUES (?, ?)", [(family, number) for number in found])
            db.execute("INSERT OR REPLACE INTO read VALUES (?, ?, ?)", (family, run, last))

    def steps(self, kind: str, owners: Sequence[int]) -> dict[int, list[Step]]:
        """The histories of these owners, by id."""
        found: dict[int, list[Step]] = {}
        sql = "SELECT owner, id, at, stage, semantic, pipeline FROM steps WHERE kind = ? AND owner IN ({}) ORDER BY id"
        for chunk in _chunks(owners):
            marks = ",".join("?" * len(chunk))
            for owner, number, at, stage, semantic, pipeline in self._open().execute(sql.format(marks), (kind, *chunk)):
                moment = datetime.fromtimestamp(at / 1000, UTC)
                found.setdefault(owner, []).append(Step(number, moment, stage, semantic, pipeline))
        return found

    def plans(self, owners: Sequence[int]) -> dict[int, datetime]:
        """The earliest plan of each owner that has one."""
        found: dict[int, datetime] = {}
        for chunk in _chunks(owners):
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT owner, MIN(due) FROM plans WHERE owner IN ({marks}) GROUP BY owner"  # noqa: S608 (only ? marks)
            for owner, due in self._open().execute(sql, chunk):
                found[owner] = datetime.fromtimestamp(due / 1000, UTC)
        return found

    def ids(self, family: str) -> list[int]:
        """All ids of a census."""
        return [row[0] for row in self._open().execute("SELECT id FROM ids WHERE family = ?", (family,))]

    def clear(self, *streams: str) -> None:
        """Forget how far these were read, with the ids kept for them."""
        with self._open() as db:
            for stream in streams:
                db.execute("DELETE FROM read WHERE stream = ?", (stream,))
                db.execute("DELETE FROM ids WHERE family = ?", (stream,))

    def close(self) -> None:
        """Let go of the file and keep it."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def drop(self) -> None:
        """Nothing here is needed any more."""
        self.close()
        for suffix in ("", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._usable()
        return self._db

    def _usable(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError:
            # A damaged cache is an empty one.
            self._path.unlink(missing_ok=True)
            return _connect(self._path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=15)
    try:
        db.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    path.chmod(0o600)
    return db


def _chunks(owners: Sequence[int]) -> Iterable[Sequence[int]]:
    return (owners[start : start + _CHUNK] for start in range(0, len(owners), _CHUNK))
