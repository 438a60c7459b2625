"""Notices that something was committed, without asking what: cheap enough to look several times a second."""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import Connection, Engine, select

from storage.db import read
from storage.tables import playlists, screens

# Both cost some microseconds. SQLite counts what other connections commit; PostgreSQL tells what is under way.
_ASK = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT CAST(pg_current_snapshot() AS text)"}


class Watch:
    """A look-out with a connection of its own, for one thread."""

    def __init__(self, db: Engine) -> None:
        self._db, self._ask = db, _ASK[db.dialect.name]
        self._line: Connection | None = None

    def stirred(self) -> Hashable:
        """Another value after any commit, and now and then without one. Raises SQLAlchemyError."""
        line = self._line or self._db.connect()
        # A line that breaks here is given back, and the next look takes another.
        self._line = None
        with line.begin():
            found: Hashable = line.exec_driver_sql(self._ask).scalar_one()
        self._line = line
        return found

    def close(self) -> None:
        """Give the connection back."""
        if self._line is not None:
            self._line.close()

    def orders(self) -> Hashable:
        """Which screens there are, what each is to show and what it was told to do: another value for another."""
        told = select(screens.c.id, screens.c.playlist_id, screens.c.language, screens.c.command)
        lists = select(playlists.c.id, playlists.c.slots)
        with read(self._db) as conn:
            rows = (*conn.execute(told.order_by(screens.c.id)), *conn.execute(lists.order_by(playlists.c.id)))
        return tuple(map(tuple, rows))
