"""Settings, secrets, connections, leases and the audit."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.board import SourceHealth
from domain.settings import AfterHours, Celebrating, Credit, Hours, PeriodKind, Settings, Slot, Theme
from storage import audit, leases, settings, sources, state
from storage.db import StoreError, open_db, read, write
from storage.secrets import Secrets, open_secrets
from tests.storage.floor import NOW, OFFICE, SECRETS, source


def test_settings_come_back_as_they_were_saved(db: Engine) -> None:
    wanted = Settings(
        timezone="America/Sao_Paulo",
        currency="BRL",
        language="uk",
        country=None,
        hours=Hours(time(8, 30), time(17), time(12), time(12)),
        workdays=frozenset((1, 2, 6)),
        week_start=7,
        year_start=4,
        holidays_added=frozenset((date(2026, 12, 31),)),
        holidays_removed=frozenset((date(2026, 5, 1), date(2026, 3, 8))),
        productive_seconds=45,
        credit=Credit.CURRENT_OWNER,
        rank_metric="calls",
        rank_by="attainment",
        rank_period=PeriodKind.WEEK,
        rank_top=5,
        playlist=(Slot("calls", 9, PeriodKind.MONTH),),
        celebrating=Celebrating(
            on=False, quiet_from=time(20, 30), sound="", team_sounds=(("main:n", "bell"),), rep_sounds=(("main:1", ""),)
        ),
        theme=Theme.LIGHT,
        after_hours=AfterHours.SLEEP,
        first_names_only=True,
        hide_amounts=True,
        hide_ranking=True,
    )
    changes = {name: getattr(wanted, name) for name in Settings.__slots__}
    with write(db) as conn:
        settings.save(conn, changes, "lead", NOW)
        assert settings.load(conn, OFFICE) == wanted


def test_what_was_never_saved_follows_the_default(db: Engine) -> None:
    with write(db) as conn:
        settings.save(conn, {"language": "ru"}, "lead", NOW)
        assert settings.load(conn, replace(OFFICE, currency="EUR")) == replace(OFFICE, currency="EUR", language="ru")


def test_saving_settings_is_seen_and_recorded(db: Engine) -> None:
    with write(db) as conn:
        before = state.version(conn)
        settings.save(conn, {"hours": Hours(time(8))}, "lead", NOW)
        assert state.version(conn) == before + 1
        entry = audit.latest(conn, 1)[0]
    assert (entry.who, entry.subject, entry.before, entry.after["start"]) == ("lead", "hours", None, "08:00:00")


def test_a_name_that_is_no_setting_is_refused(db: Engine) -> None:
    with write(db) as conn, pytest.raises(StoreError, match="colour"):
        settings.save(conn, {"colour": "red"}, "lead", NOW)


def test_the_audit_is_read_newest_first_and_page_by_page(db: Engine) -> None:
    with write(db) as conn:
        for number in range(5):
            audit.add(conn, "lead", "thing", str(number), None, {"n": number}, NOW, "because")
        newest = audit.latest(conn, 2)
        older = audit.latest(conn, 2, newest[-1].id)
    assert [entry.subject for entry in newest + older] == ["4", "3", "2", "1"]
    assert (newest[0].at, newest[0].after, newest[0].note) == (NOW, {"n": 4}, "because")


def test_a_secret_is_opened_by_its_key_or_an_older_one_and_by_no_other() -> None:
    sealed = Secrets(b"old").seal("s3cret")
    assert "s3cret" not in sealed
    assert Secrets(b"new", b"old").unseal(sealed) == "s3cret"
    with pytest.raises(StoreError, match="another secret key"):
        Secrets(b"new").unseal(sealed)
    assert "new" not in repr(Secrets(b"new"))


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret.key"
    assert open_secrets(path).unseal(open_secrets(path).seal("s3cret")) == "s3cret"
    assert len(path.read_bytes()) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]
    path.write_bytes(b"\n")
    with pytest.raises(StoreError, match="empty"):
        open_secrets(path)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a/b", "x" * 41])
def test_a_name_that_would_break_the_reps_keys_is_refused(db: Engine, name: str) -> None:
    with write(db) as conn, pytest.raises(StoreError, match="Rename"):
        sources.add(conn, SECRETS, name, "files", {}, "lead", NOW)


def test_a_source_is_found_by_name_or_the_names_are_told(db: Engine) -> None:
    with source(db, "main"), write(db) as conn:
        assert sources.get(conn, "main").kind == "files"
        with pytest.raises(StoreError, match="main"):
            sources.get(conn, "mian")
        with pytest.raises(StoreError, match="already"):
            sources.add(conn, SECRETS, "main", "files", {}, "lead", NOW)


def test_a_break_and_a_recovery_are_news_once(db: Engine) -> None:
    with source(db, "main") as crm, write(db) as conn:
        for minute, news in ((1, True), (2, False)):
            at = NOW + timedelta(minutes=minute)
            told = sources.failed(
                conn, crm, at, 3, SourceHealth.NEEDS_LOGIN, "Log in again.", at + timedelta(minutes=5)
            )
            assert told is news
        row = sources.get(conn, "main")
        assert (row.health, row.problem, row.requests) == (SourceHealth.NEEDS_LOGIN, "Log in again.", 6)
        assert row.failing_since == NOW + timedelta(minutes=1)
        assert row.next_try_at == NOW + timedelta(minutes=7)
        assert sources.succeeded(conn, crm, NOW + timedelta(minutes=9), 1) is True
        assert sources.succeeded(conn, crm, NOW + timedelta(minutes=10), 1) is False
        row = sources.get(conn, "main")
        assert (row.health, row.problem, row.failing_since, row.next_try_at) == (SourceHealth.LIVE, None, None, None)


def test_a_source_can_be_switched_off_and_the_audit_never_shows_an_option(db: Engine) -> None:
    with source(db, "main") as crm, write(db) as conn:
        sources.enable(conn, crm, False, "lead", NOW)
        sources.set_options(conn, SECRETS, crm, {"token": "s3cret"}, "lead", NOW)
        assert sources.get(conn, "main").enabled is False
        entries = audit.latest(conn, 10)
    assert entries[0].after == {"options": ["token"]}
    assert "s3cret" not in repr(entries)


def test_a_vault_keeps_what_was_written_and_one_process_opens_it_at_a_time(db: Engine) -> None:
    with source(db, "main") as crm:
        vault = sources.vault(db, crm, SECRETS, lambda: NOW)
        assert vault.read() == {}
        with vault.lock():
            assert leases.acquire(db, f"vault:{crm}", "another", 5, NOW) is None
            vault.write({"refresh_token": "rotating-one"})
        assert sources.vault(db, crm, SECRETS, lambda: NOW).read() == {"refresh_token": "rotating-one"}
        with read(db) as conn:
            assert "rotating-one" not in str(conn.exec_driver_sql("SELECT vault FROM sources").scalar())
        lease = leases.acquire(db, f"vault:{crm}", "another", 5, NOW)
        assert lease is not None


def test_a_lease_is_held_by_one_until_it_ends_or_is_given_back(db: Engine) -> None:
    one = leases.acquire(db, "poll", "one", 10, NOW)
    assert one is not None
    assert leases.acquire(db, "poll", "two", 10, NOW + timedelta(seconds=9)) is None
    one = leases.renew(db, one, 10, NOW + timedelta(seconds=9))
    assert leases.acquire(db, "poll", "two", 10, NOW + timedelta(seconds=18)) is None
    two = leases.acquire(db, "poll", "two", 10, NOW + timedelta(seconds=19))
    assert two is not None
    assert two.token > one.token
    with pytest.raises(leases.LeaseLost):
        leases.renew(db, one, 10, NOW + timedelta(seconds=20))
    leases.release(db, one)
    assert leases.acquire(db, "poll", "three", 10, NOW + timedelta(seconds=20)) is None
    leases.release(db, two)
    assert leases.acquire(db, "poll", "three", 10, NOW + timedelta(seconds=20)) is not None


def _take_turns(url: str, folder: str) -> None:
    """Hold the lease 15 times, each time alone in the room."""
    db, room = open_db(url), Path(folder) / "room"
    held = 0
    while held < 15:
        lease = leases.acquire(db, "room", str(os.getpid()), 60, NOW)
        if lease is not None:
            room.touch(exist_ok=False)
            room.unlink()
            leases.release(db, lease)
            held += 1


def _die_holding(url: str) -> None:
    assert leases.acquire(open_db(url), "poll", leases.holder(), 3600, NOW) is not None


def test_the_lease_of_a_dead_process_is_taken_at_once_but_not_that_of_a_living_one(db: Engine, url: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die_holding, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == 0
    heir = leases.acquire(db, "poll", leases.holder(), 3600, NOW)
    assert heir is not None
    assert heir.token == 2, "what the dead one had under way must not be stored"
    assert leases.acquire(db, "poll", leases.holder(), 3600, NOW) is None


def test_whether_a_process_of_another_machine_lives_is_not_known_here(db: Engine) -> None:
    here, number, end = leases.holder().rsplit(" ", 2)
    dead = multiprocessing.get_context("spawn").Process(target=os.getpid)
    dead.start()
    dead.join()
    assert leases.acquire(db, "poll", f"elsewhere {here} {dead.pid} {end}", 3600, NOW) is not None
    assert leases.acquire(db, "poll", leases.holder(), 3600, NOW) is None
    assert leases.acquire(db, "other", f"{here} {dead.pid} {end}", 3600, NOW) is not None
    assert leases.acquire(db, "other", f"{here} {number} {end}", 3600, NOW) is not None


def test_two_processes_never_hold_one_lease(db: Engine, url: str, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_take_turns, args=(url, str(tmp_path))) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
