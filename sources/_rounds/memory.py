"""What was seen of an account, kept beside the store: ids, dictionaries, first sights. It can be read again."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (list TEXT, id TEXT, stamp INTEGER, round INTEGER, hidden INTEGER DEFAULT 0,
    PRIMARY KEY (list, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sight (key TEXT PRIMARY KEY, at INTEGER) WITHOUT ROWID;
"""
_VERSION = 1


class Memory:
    """A small file that saves requests and remembers first sights; the facts are in the store.

    `generation` names this very file: a cursor that names another one has to start again. Nothing is kept until
    `commit`, which must come before the cursor that relies on it is handed out. Stamps are milliseconds.
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

    def listed(self, name: str, number: int, rows: Iterable[tuple[str, int]]) -> None:
        """Rows (id, stamp) of a list were read in the round of that number, or since then."""
        self._db.executemany(
            """INSERT INTO known (list, id, stamp, round) VALUES (?, ?, ?, ?) ON CONFLICT (list, id)
            DO UPDATE SET stamp = max(stamp, excluded.stamp), round = excluded.round, hidden = 0""",
            [(name, key, stamp, number) for key, stamp in rows],
        )

    def stamp(self, name: str, key: str) -> int | None:
        """The newest stamp seen of a record, None = never seen."""
        row = self._db.execute("SELECT stamp FROM known WHERE list = ? AND id = ?", (name, key)).fetchone()
        return None if row is None else int(row[0])

    def unlisted(self, name: str, number: int) -> list[tuple[str, int]]:
        """Records that the round of that number did not meet, with the last round that did; without hidden ones."""
        sql = "SELECT id, round FROM known WHERE list = ? AND round < ? AND hidden = 0 ORDER BY id"
        return self._db.execute(sql, (name, number)).fetchall()

    def hide(self, name: str, key: str) -> None:
        """The record exists although the list does not show it (archived, say)."""
        self._db.execute("UPDATE known SET hidden = 1 WHERE list = ? AND id = ?", (name, key))

    def forget(self, name: str, key: str) -> None:
        """The record does not exist any more."""
        self._db.execute("DELETE FROM known WHERE list = ? AND id = ?", (name, key))

    def ids(self, name: str) -> list[str]:
        """Every record of a list that is known."""
        return [row[0] for row in self._db.execute("SELECT id FROM known WHERE list = ?", (name,))]

    def sight(self, key: str, at: int) -> int:
        """The first time that something was seen: this one, or an earlier one."""
        self._db.execute("INSERT OR IGNORE INTO sight VALUES (?, ?)", (key, at))
        return int(self._db.execute("SELECT at FROM sight WHERE key = ?", (key,)).fetchone()[0])

    def unsee(self, key: str) -> None:
        """It is not so any more: the next sight is the first again."""
        self._db.execute("DELETE FROM sight WHERE key = ?", (key,))


def open_memory(path: Path) -> Memory:
    """The memory at this place; a damaged file is thrown away, for all of it can be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(sqlite3.DatabaseError):
        return Memory(path)
    path.unlink(missing_ok=True)
    return Memory(path)
