"""The engine and its migrations: durable, one shape, safe to start twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, insert, inspect, select

from storage import state
from storage.db import StoreError, check, from_ms, migrate, open_db, read, to_ms, write
from storage.tables import metadata, settings


def test_the_migrations_make_what_the_tables_say(db: Engine) -> None:
    with db.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_the_migrations_give_no_number_twice_where_the_tables_say_so(db: Engine) -> None:
    # Alembic compares columns and constraints, and not this. PostgreSQL never counts back.
    said = {table.name for table in metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]}
    assert {"screens", "playlists"} <= said
    if db.dialect.name == "sqlite":
        with db.connect() as conn:
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
            assert set(conn.exec_driver_sql(query).scalars()) == said


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory(str(Path("storage/migrations").resolve())).get_heads()) == 1


def test_migrating_again_changes_nothing(db: Engine) -> None:
    with write(db) as conn:
        state.bump(conn)
    migrate(db)
    with read(db) as conn:
        assert state.version(conn) == 1


def test_a_store_made_by_a_newer_tablo_is_refused(db: Engine) -> None:
    with write(db) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
    with pytest.raises(StoreError, match="newer Tablo"):
        migrate(db)


def _open_and_write(url: str) -> None:
    engine = open_db(url)
    migrate(engine)
    for _ in range(20):
        with write(engine) as conn:
            state.bump(conn)


def test_two_processes_may_start_at_once_and_no_write_is_lost(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_and_write, args=(url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    engine = open_db(url)
    with read(engine) as conn:
        assert state.version(conn) == 40
    engine.dispose()


def _die_in_the_middle_of_migrating(url: str) -> None:
    engine = open_db(url)
    with write(engine) as conn:
        metadata.tables["facts"].create(conn)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_while_migrating_leaves_nothing_behind(url: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die_in_the_middle_of_migrating, args=(url,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    engine = open_db(url)
    assert inspect(engine).get_table_names() == []
    migrate(engine)
    with read(engine) as conn:
        assert state.version(conn) == 0
    engine.dispose()


def test_every_sqlite_connection_is_durable_waits_for_its_turn_and_keeps_references(tmp_path: Path) -> None:
    engine = open_db(f"sqlite:///{tmp_path / 'tablo.db'}")
    with engine.connect() as one, engine.connect() as two:
        for conn in (one, two):
            found = [
                conn.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 15_000]
    engine.dispose()


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    open_db(f"sqlite:///{tmp_path / 'deep' / 'tablo.db'}").dispose()
    assert (tmp_path / "deep" / "tablo.db").stat().st_mode & 0o777 == 0o600


def test_a_reader_sees_one_state_while_another_writes(db: Engine) -> None:
    with read(db) as conn:
        before = state.version(conn)
        with write(db) as other:
            state.bump(other)
        assert state.version(conn) == before
    with read(db) as conn:
        assert state.version(conn) == before + 1


def test_an_exception_undoes_the_whole_write(db: Engine) -> None:
    def broken() -> None:
        with write(db) as conn:
            conn.execute(insert(settings).values(key="language", value='"uk"'))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with read(db) as conn:
        assert conn.execute(select(func.count()).select_from(settings)).scalar() == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tablo.db"
    engine = open_db(f"sqlite:///{path}")
    migrate(engine)
    with write(engine) as conn:
        conn.execute(insert(settings), [{"key": f"k{n}", "value": "x" * 500} for n in range(500)])
    check(engine)
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(20_000))
    with pytest.raises(StoreError, match="damaged"):
        check(open_db(f"sqlite:///{path}"))


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "sqlite://", "duckling:///x"])
def test_an_address_that_tablo_cannot_use_is_refused_in_words(url: str) -> None:
    with pytest.raises(StoreError):
        open_db(url)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 100)
    with pytest.raises(StoreError, match="no database"):
        open_db(f"sqlite:///{path}")


def test_instants_keep_their_milliseconds() -> None:
    at = datetime(2026, 11, 20, 14, 26, 0, 999000, UTC)
    assert from_ms(to_ms(at)) == at


def test_a_process_that_never_beat_is_told_from_one_that_did(db: Engine) -> None:
    with write(db) as conn:
        state.beat(conn, "poller", datetime(2026, 1, 1, tzinfo=UTC))
        state.beat(conn, "poller", datetime(2026, 1, 2, tzinfo=UTC))
    with read(db) as conn:
        assert state.last_beat(conn, "poller") == datetime(2026, 1, 2, tzinfo=UTC)
        assert state.last_beat(conn, "web") is None
