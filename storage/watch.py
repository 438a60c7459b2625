"""Notices that something was committed, without asking what: cheap enough to look several times a second."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from sqlalchemy import Engine, PoolProxiedConnection, select
from sqlalchemy.exc import OperationalError

from storage.db import read
from storage.tables import playlists, screens

# SQLite counts what other connections commit; PostgreSQL tells what is under way.
_ASK = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT CAST(pg_current_snapshot() AS text)"}


class Watch:
    """A look-out with a connection of its own, for one thread."""

    def __init__(self, db: Engine) -> None:
        self._db, self._ask = db, _ASK[db.dialect.name]
        self._line: PoolProxiedConnection | None = None

    def stirred(self) -> Hashable:
        """Another value after any commit, and now and then without one. Raises SQLAlchemyError."""
        # Straight to the driver, which is quicker by far: every screen looks some times for every commit.
        line = self._line or self._db.raw_connection()
        # A line that breaks here is given back, and the next look takes another.
        self._line = None
        found = self._looked(line)
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

    def _looked(self, line: PoolProxiedConnection) -> Hashable:
        cursor = line.cursor()
        try:
            cursor.execute(self._ask)
            (found,) = cursor.fetchone() or (None,)
            # PostgreSQL would go on seeing what it saw first.
            line.rollback()
        except self._db.dialect.loaded_dbapi.Error as error:
            raise OperationalError(self._ask, None, error) from error
        finally:
            cursor.close()
        return cast(Hashable, found)
