"""Backups: whole or refused, and the same file goes into either engine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from domain.facts import Batch, Person
from domain.settings import PeriodKind
from storage import facts, people, sources, state, targets
from storage.backup import backup, restore, verify
from storage.db import StoreError, check, migrate, open_db, read, write
from storage.tables import metadata
from tests.storage.floor import NOW, OFFICE, SECRETS, at, call, of, source, store, win


def fill(db: Engine) -> int:
    with write(db) as conn:
        crm = sources.add(conn, SECRETS, "main", "files", {"token": "s3cret"}, "test", NOW)
    batch = Batch(
        [win(1, at(20)), call(1, at(20), "нікіта")], "c", NOW, people=[Person("olena", "Олена Коваль", rep=True)]
    )
    facts.apply(db, crm, batch, settings=OFFICE)
    with write(db) as conn:
        plan = targets.NewTarget("calls", "company", "", PeriodKind.MONTH, Decimal("10.5"), NOW.date())
        targets.add(conn, [plan], "test", NOW)
    return crm


def everything(db: Engine) -> dict[str, list[tuple[object, ...]]]:
    with read(db) as conn:
        return {
            table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_backup_brings_everything_back_in_either_engine(
    db: Engine, into: str, tmp_path: Path, make_url: Callable[..., str]
) -> None:
    crm = fill(db)
    file = tmp_path / "tablo.backup"
    backup(db, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "1 sources, 3 facts" in verify(file)
    url = make_url(into)
    restore(url, file)
    restored = open_db(url)
    migrate(restored)
    assert everything(restored) == everything(db)
    with source(restored, "other") as other:
        assert other > crm
        store(restored, other, call(1, at(20)))
        assert of(restored, other, "calls") == {"olena": 1}
    assert facts.drift(restored, OFFICE) == 0
    restored.dispose()


def test_restoring_replaces_what_was_there_and_keeps_it_aside(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tablo.db'}"
    db = open_db(url)
    migrate(db)
    fill(db)
    backup(db, tmp_path / "one.backup")
    with write(db) as conn:
        people.set_rep(conn, "main:dasha", True, "test", NOW)
    db.dispose()
    restore(url, tmp_path / "one.backup")
    check(db)
    with read(db) as conn:
        assert [member.key for member in people.everybody(conn)] == ["main:olena"]
    db.dispose()
    aside = open_db(f"sqlite:///{tmp_path / 'tablo.db.before-restore'}")
    with read(aside) as conn:
        assert [member.key for member in people.everybody(conn)] == ["main:dasha", "main:olena"]
    aside.dispose()


@pytest.mark.parametrize("harm", ["flip", "cut", "grow", "other"])
def test_a_damaged_backup_is_refused_and_the_store_stays(db: Engine, url: str, tmp_path: Path, harm: str) -> None:
    fill(db)
    file = tmp_path / "tablo.backup"
    backup(db, file)
    content = bytearray(file.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    harmed = {"flip": content, "cut": content[:-1000], "grow": content + b"x", "other": bytearray(b"Dear customer,")}
    file.write_bytes(harmed[harm])
    before = everything(db)
    with pytest.raises(StoreError, match="no whole backup"):
        restore(url, file)
    assert everything(db) == before


def test_a_missing_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no file"):
        verify(tmp_path / "nothing")


def _write_on(url: str, stop: str) -> None:
    db = open_db(url)
    while not Path(stop).exists():
        with write(db) as conn:
            state.bump(conn)


def test_a_backup_is_whole_while_others_write(db: Engine, url: str, tmp_path: Path) -> None:
    fill(db)
    stop = tmp_path / "stop"
    writer = multiprocessing.get_context("spawn").Process(target=_write_on, args=(url, str(stop)))
    writer.start()
    try:
        for n in range(5):
            backup(db, tmp_path / f"{n}.backup")
    finally:
        stop.touch()
        writer.join(30)
    assert writer.exitcode == 0
    assert sorted(path.name for path in tmp_path.glob("*.backup*")) == [f"{n}.backup" for n in range(5)]
    assert list(tmp_path.glob(".*.backup*")) == []
