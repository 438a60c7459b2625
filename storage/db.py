"""The engine: SQLite or PostgreSQL behind one door, durable on commit, brought to the newest shape behind a lock."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, CursorResult, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

BUSY_MS = 15_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_MIGRATION_LOCK = 7_226_101
_SYNCHRONOUS_FULL = 2


class StoreError(Exception):
    """The store cannot do what was asked; the sentence says what and how to mend it.

    The `names` in it stand apart from the `sentence` and its `{placeholders}`, so that a page can say it in the
    reader's language.
    """

    def __init__(self, sentence: str, **names: object) -> None:
        super().__init__(sentence.format(**names) if names else sentence)
        self.sentence, self.names = sentence, names


def open_db(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql+psycopg://…`. Raises StoreError for anything else."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            return _open_sqlite(parsed)
        if backend == "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    except ValueError:
        # Not in the error's own words: what it takes for a port may be a part of the password.
        raise StoreError("The database address cannot be read: its port is no number.") from None
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"The database address cannot be read: {error}") from None
    raise StoreError(f"Tablo keeps its data in SQLite or PostgreSQL, not in {backend}.")


@contextmanager
def read(db: Engine) -> Iterator[Connection]:
    """A connection whose queries all see one and the same state of the store."""
    with db.connect() as conn:
        if db.dialect.name == "postgresql":
            conn.execution_options(isolation_level="REPEATABLE READ")
        yield conn


@contextmanager
def write(db: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, undone by any exception.

    On SQLite it takes the write lock at once: a reader that turns writer half way cannot wait for its turn.
    """
    with db.connect() as conn:
        conn.execution_options(tablo_write=True)
        with conn.begin():
            yield conn


def migrate(db: Engine) -> None:
    """Bring the store to the newest shape; one process at a time, all or nothing.

    Raises StoreError for a store that a newer Tablo has made.
    """
    with _migrating(db), write(db) as conn:
        config = _alembic(conn)
        script = ScriptDirectory.from_config(config)
        found = MigrationContext.configure(conn).get_current_revision()
        if found is not None and found not in {revision.revision for revision in script.walk_revisions()}:
            raise StoreError("This database was made by a newer Tablo. Start that version, or restore an older backup.")
        if found != script.get_current_head():
            command.upgrade(config, "head")


def check(db: Engine) -> None:
    """Look through the whole file for damage (SQLite). Raises StoreError. Reads every page: for start and upkeep."""
    if db.dialect.name != "sqlite":
        return
    try:
        with read(db) as conn:
            found = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except DatabaseError as error:
        found = str(error.orig)
    if found != "ok":
        raise StoreError(f"The database file is damaged ({found}). Restore a backup: python app.py restore FILE")


def describe(conn: Connection) -> dict[str, str]:
    """Which engine of which version, and the revision of its shape: for the health page."""
    version = "SELECT sqlite_version()" if conn.dialect.name == "sqlite" else "SHOW server_version"
    return {
        "engine": conn.dialect.name,
        "version": str(conn.exec_driver_sql(version).scalar_one()),
        "schema": str(MigrationContext.configure(conn).get_current_revision()),
    }


def to_ms(at: datetime) -> int:
    """An aware datetime as whole milliseconds UTC."""
    return (at - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Milliseconds UTC as an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def many(conn: Connection, sql: str, rows: list[tuple[Any, ...]]) -> None:
    """Run `sql`, its places marked `?`, once for every row: the driver's own executemany, the quickest way in."""
    if rows:
        conn.exec_driver_sql(_marked(conn, sql), rows)


def query(conn: Connection, sql: str, values: tuple[Any, ...]) -> CursorResult[*tuple[Any, ...]]:
    """Run `sql`, its places marked `?`, once."""
    return conn.exec_driver_sql(_marked(conn, sql), values)


def _marked(conn: Connection, sql: str) -> str:
    return sql if conn.dialect.name == "sqlite" else sql.replace("?", "%s")


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("The SQLite address must name a file, like sqlite:///data/tablo.db.")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file holds customers' names: only its owner may read it.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # What people wrote, and what is kept of secrets, is in no error's text.
    db = create_engine(url, hide_parameters=True)
    event.listen(db, "connect", _on_connect)
    event.listen(db, "begin", _on_begin)
    try:
        # Two processes that switch a new file to WAL at once would meet "database is locked", so one waits.
        with _file_lock(path), db.connect() as conn:
            conn.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except DatabaseError as error:
        raise StoreError(f"{path} is no database that Tablo can read: {error.orig}") from None
    return db


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: _on_begin does (SQLAlchemy's recipe for pysqlite).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    # With NORMAL a power cut loses transactions that were already acknowledged.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-65536")
    if cursor.execute("PRAGMA synchronous").fetchone()[0] != _SYNCHRONOUS_FULL:
        raise StoreError("SQLite refuses synchronous=FULL, so a power cut could lose data. Use another SQLite build.")
    cursor.close()


def _on_begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("tablo_write") else "BEGIN")


def _alembic(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    return config


@contextmanager
def _migrating(db: Engine) -> Iterator[None]:
    if db.dialect.name == "sqlite":
        with _file_lock(Path(str(db.url.database))):
            yield
        return
    with db.connect() as conn:
        conn.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        try:
            yield
        finally:
            conn.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
