"""What was seen of an Odoo, kept beside the store: it saves requests, and can be read again at any time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sources._odoo.values import Row

_SCHEMA = """
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (list TEXT, id INTEGER, at TEXT, digest BLOB, PRIMARY KEY (list, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (activity INTEGER PRIMARY KEY, day TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS plan (lead INTEGER PRIMARY KEY, day TEXT);
"""


class Memory:
    """A small file. Nothing is kept until `stored`, which comes after the batch that it belongs to."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=30)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self._db.close()

    def belongs_to(self, account: str) -> None:
        """Forget everything that was seen of another account."""
        if self.recall("account") != account:
            self.start_anew()
            self._db.execute("DELETE FROM done")
            self.keep("account", account)

    def start_anew(self) -> None:
        """Everything is read again, the dictionaries too. When something was first seen done stays known."""
        self._db.execute("DELETE FROM note WHERE key <> 'account'")
        self.forget_rows()

    def forget_rows(self) -> None:
        """Nothing is known of the rows: what was seen may not be what the store has."""
        self._db.execute("DELETE FROM seen")
        self._db.execute("DELETE FROM plan")

    def stored(self, cursor: str) -> None:
        """The batch of this cursor was stored, and what was seen up to it may be kept."""
        self.keep("cursor", _hash(cursor.encode()).hex())
        self._db.commit()

    def fits(self, cursor: str) -> bool:
        """Whether what is known belongs to that cursor: a store brought back from a backup has an older one."""
        return bool(self.recall("cursor") == _hash(cursor.encode()).hex())

    def recall(self, key: str) -> Any:
        """A kept JSON value, None where there is none."""
        row = self._db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, key: str, value: object) -> None:
        """Keep a JSON value under a key."""
        self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, json.dumps(value)))

    def news(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that were not seen just like this before."""
        if not rows:
            return []
        span = (name, min(row["id"] for row in rows), max(row["id"] for row in rows))
        known = dict(self._db.execute("SELECT id, digest FROM seen WHERE list = ? AND id BETWEEN ? AND ?", span))
        return [row for row in rows if known.get(row["id"]) != _digest(row)]

    def saw(self, name: str, rows: Iterable[Row]) -> None:
        """These rows were taken in."""
        values = [(name, row["id"], str(row.get("write_date") or ""), _digest(row)) for row in rows]
        self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", values)

    def unseen(self, name: str, ids: Sequence[int]) -> list[int]:
        """Those of the numbers that were not seen, whatever their row said."""
        known = {row[0] for row in self._db.execute("SELECT id FROM seen WHERE list = ?", (name,))} if ids else set()
        return [each for each in ids if each not in known]

    def drop_before(self, name: str, low: str) -> None:
        """Rows that changed before this time of change cannot come again unchanged."""
        self._db.execute("DELETE FROM seen WHERE list = ? AND at < ?", (name, low))

    def drop_up_to(self, name: str, number: int) -> None:
        """Rows with lower numbers will not be asked for again."""
        self._db.execute("DELETE FROM seen WHERE list = ? AND id <= ?", (name, number))

    def forget(self, name: str) -> None:
        """Nothing of this list was seen."""
        self._db.execute("DELETE FROM seen WHERE list = ?", (name,))

    def done_at(self, activity: int, day: str, at: str) -> str:
        """When an activity was first seen done on that day: a later edit of it moves its time of change."""
        self._db.execute("DELETE FROM done WHERE activity = ? AND day <> ?", (activity, day))
        self._db.execute("INSERT OR IGNORE INTO done VALUES (?, ?, ?)", (activity, day, at))
        return str(self._db.execute("SELECT at FROM done WHERE activity = ?", (activity,)).fetchone()[0])

    def not_done(self, activity: int) -> None:
        """An activity is open, or open again."""
        self._db.execute("DELETE FROM done WHERE activity = ?", (activity,))

    def new_plans(self, plans: Sequence[tuple[int, str]]) -> list[int]:
        """The deals whose next planned day is not what was seen last."""
        known = dict(self._db.execute("SELECT lead, day FROM plan"))
        return [lead for lead, day in plans if known.get(lead) != day]

    def saw_plans(self, plans: Iterable[tuple[int, str]]) -> None:
        """(deal, its next planned day, empty = none)."""
        self._db.executemany("INSERT OR REPLACE INTO plan VALUES (?, ?)", plans)


def _digest(row: Row) -> bytes:
    said = json.dumps(row, sort_keys=True, ensure_ascii=False).encode(errors="replace")
    return _hash(said)


def _hash(said: bytes) -> bytes:
    return blake2b(said, digest_size=8).digest()
