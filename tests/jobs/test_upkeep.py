"""The night's work: once a night by the office's clock, with backups that thin out and totals that are recounted."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from domain.facts import Batch, Change, Fact, Kind, Person
from jobs.house import House, folder
from jobs.night import night_of
from jobs.upkeep import keep, tick
from storage import backup, corrections, facts
from storage import db as store
from storage import sources as connections
from tests.jobs.conftest import Clock


def test_the_night_begins_at_three_in_the_office_whatever_the_season() -> None:
    kyiv = "Europe/Kyiv"
    assert night_of(datetime(2026, 11, 20, 0, 59, tzinfo=UTC), kyiv) == date(2026, 11, 19)
    assert night_of(datetime(2026, 11, 20, 1, 0, tzinfo=UTC), kyiv) == date(2026, 11, 20)
    # In summer Kyiv is an hour further from UTC.
    assert night_of(datetime(2026, 7, 20, 0, 0, tzinfo=UTC), kyiv) == date(2026, 7, 20)


def test_a_week_of_backups_stays_and_the_newest_of_each_of_four_weeks() -> None:
    days = [date(2026, 11, 20) - timedelta(days=number) for number in range(60)]
    kept = keep(days)
    assert {date(2026, 11, 20) - timedelta(days=number) for number in range(7)} <= kept
    # Sundays close their weeks: the 15th is among the last seven days.
    assert {date(2026, 11, 8), date(2026, 11, 1)} <= kept
    assert date(2026, 11, 7) not in kept
    assert min(kept) == date(2026, 11, 1)


def test_a_backup_is_made_once_a_night_and_can_be_restored(house: House, clock: Clock) -> None:
    folder = house.config.data_dir / "backups"
    tick(house)
    assert not folder.exists()
    clock.forward(days=1)
    for _ in range(3):
        tick(house)
        clock.forward(minutes=1)
    assert [path.name for path in folder.iterdir()] == ["tablo-2026-11-21.backup"]
    assert backup.verify(folder / "tablo-2026-11-21.backup")
    clock.forward(days=1)
    tick(house)
    assert len(list(folder.iterdir())) == 2


def test_photos_of_a_source_that_is_no_more_go_and_those_of_the_others_stay(house: House, clock: Clock) -> None:
    with store.write(house.db) as conn:
        connections.add(conn, house.secrets, "crm", "files", {}, "root", clock.now)
    for name in ("crm", "gone"):
        (folder(house, name) / "photos").mkdir()
        (folder(house, name) / "photos" / "1.png").write_bytes(b"a face")
        (folder(house, name) / "calls.csv").touch()
    tick(house)
    clock.forward(days=1)
    tick(house)
    left = sorted(
        str(path.relative_to(house.config.data_dir / "sources")) for path in folder(house, "crm").parent.glob("*/*")
    )
    assert left == ["crm/calls.csv", "crm/photos", "gone/calls.csv"]


def test_old_backups_go_and_files_of_other_names_stay(house: House, clock: Clock) -> None:
    folder = house.config.data_dir / "backups"
    folder.mkdir()
    (folder / "tablo-2020-01-01.backup").touch()
    (folder / "tablo-before-the-move.backup").touch()
    for number in range(4):
        (folder / f"tablo-2026-10-{20 + number}.backup").touch()
    tick(house)
    clock.forward(days=1)
    tick(house)
    names = {path.name for path in folder.iterdir()}
    assert "tablo-before-the-move.backup" in names
    assert "tablo-2026-11-21.backup" in names
    assert len(names) == 7


def test_corrections_of_more_than_a_year_ago_go(house: House, clock: Clock) -> None:
    with store.write(house.db) as conn:
        source = connections.add(conn, house.secrets, "main", "files", {}, "test", clock.now)
        for days in (0, 500):
            found = ("deal:1", "deleted", "1", "1", 1, "null", "null", None)
            corrections.note(conn, source, [found], clock.now - timedelta(days=days))
    tick(house)
    clock.forward(days=1)
    tick(house)
    with store.read(house.db) as conn:
        assert conn.execute(text("SELECT count(*) FROM corrections")).scalar() == 1


def test_a_total_that_differs_from_its_facts_is_mended_and_told(
    house: House, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with store.write(house.db) as conn:
        source = connections.add(conn, house.secrets, "main", "files", {}, "test", clock.now)
    call = Change("call:1", (Fact(Kind.CALL, clock.now, "1", seconds=60),))
    facts.apply(
        house.db, source, Batch([call], "c", clock.now, people=[Person("1", "Olena")]), settings=house.settings()
    )
    tick(house)
    with store.write(house.db) as conn:
        conn.execute(text("UPDATE day_totals SET value = value + 1 WHERE metric = 'calls'"))
    clock.forward(days=1)
    with caplog.at_level(logging.ERROR, "tablo.upkeep"):
        tick(house)
    assert len(caplog.records) == 1
    assert facts.drift(house.db, house.settings()) == 0
