"""Backups: the whole store in one checked file, written while Tablo runs, the same file from and for either engine.

The file is an SQLite database with a seal behind it: a mark and the SHA-256 of all before.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, insert, select

from storage.db import StoreError, migrate, open_db, read, write
from storage.tables import facts, metadata, sources

_MARK = b"TABLO-SEAL-1"
_SEAL_BYTES = len(_MARK) + hashlib.sha256().digest_size
_BLOCK = 1 << 20
_ROWS = 5_000


def backup(db: Engine, path: Path) -> None:
    """Write the store, as it is at one instant, to `path` (mode 0600). It is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path) as draft:
        if db.dialect.name == "sqlite":
            _copy_file(Path(str(db.url.database)), draft)
        else:
            _dump(db, draft)
        _seal(draft)
        verify(draft)
        os.replace(draft, path)
        _sync_folder(path.parent)


def restore(url: str, path: Path) -> None:
    """Put a backup in place of the store at `url`; nothing else may be using it. Raises StoreError.

    A backup of an older Tablo is brought to today's shape. An SQLite store that was there before is kept beside the
    new one, its name ending in `.before-restore`.
    """
    verify(path)
    with tempfile.TemporaryDirectory(prefix="tablo-") as folder:
        copy = Path(folder) / "tablo.db"
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            file.truncate(copy.stat().st_size - _SEAL_BYTES)
        source = open_db(f"sqlite:///{copy}")
        migrate(source)
        try:
            _restore_from(source, copy, url)
        finally:
            source.dispose()


def verify(path: Path) -> str:
    """Look whether a file is a whole, undamaged backup; says what is in it. Raises StoreError."""
    if not path.is_file():
        raise StoreError(f"There is no file {path}.")
    if _seal_of(path) != _digest(path):
        raise StoreError(f"{path} is no whole backup of Tablo: it was damaged, cut off or changed after it was made.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
            counts = [conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (sources, facts)]  # noqa: S608 (our own names)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None
    if found != "ok":
        raise StoreError(f"{path} is damaged: {found}.")
    return f"{path} is whole: {counts[0]} sources, {counts[1]} facts."


def _restore_from(source: Engine, copy: Path, url: str) -> None:
    if url.startswith("postgresql"):
        target = open_db(url)
        migrate(target)
        with read(source) as old, write(target) as new:
            for table in reversed(metadata.sorted_tables):
                new.execute(table.delete())
            for table in metadata.sorted_tables:
                _copy_rows(old, new, table)
                _go_on_counting(new, table)
        target.dispose()
        return
    empty = open_db(url)
    place = Path(str(empty.url.database))
    empty.dispose()
    for suffix in ("", "-wal", "-shm"):
        file = place.with_name(place.name + suffix)
        if file.exists():
            os.replace(file, file.with_name(f"{place.name}.before-restore{suffix}"))
    with _draft(place) as draft:
        _copy_file(copy, draft)
        os.replace(draft, place)
        _sync_folder(place.parent)


def _copy_file(source: Path, target: Path) -> None:
    """SQLite's online backup: writers go on meanwhile, and the copy is of one instant."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        # One file, no log beside it.
        new.execute("PRAGMA journal_mode=DELETE")
    _sync(target)


def _dump(db: Engine, path: Path) -> None:
    target = open_db(f"sqlite:///{path}")
    try:
        migrate(target)
        with read(db) as old, write(target) as new:
            for table in metadata.sorted_tables:
                _copy_rows(old, new, table)
        with target.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        target.dispose()
        path.with_name(path.name + ".lock").unlink()
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")
    _sync(path)


def _copy_rows(old: Connection, new: Connection, table: Table) -> None:
    rows = old.execution_options(yield_per=_ROWS).execute(select(table))
    for part in rows.mappings().partitions():
        new.execute(insert(table), [dict(row) for row in part])


def _go_on_counting(conn: Connection, table: Table) -> None:
    """New rows take numbers after those restored (PostgreSQL counts apart from the rows)."""
    if table.autoincrement_column is not None:
        last = conn.execute(select(func.max(table.autoincrement_column))).scalar()
        if last is not None:
            conn.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """An empty file beside `path` that only its owner can read; gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        for suffix in ("", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _seal(path: Path) -> None:
    digest = hashlib.sha256(_MARK)
    with path.open("r+b") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
        file.write(_MARK + digest.digest())
        file.flush()
        os.fsync(file.fileno())


def _seal_of(path: Path) -> bytes | None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _SEAL_BYTES))
        seal = file.read()
    return seal[len(_MARK) :] if seal.startswith(_MARK) else None


def _digest(path: Path) -> bytes:
    digest, left = hashlib.sha256(_MARK), path.stat().st_size - _SEAL_BYTES
    with path.open("rb") as file:
        while left > 0:
            block = file.read(min(_BLOCK, left))
            digest.update(block)
            left -= len(block)
    return digest.digest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
