"""Whatever happens in an Odoo and on the way to it, the store ends where the ledger is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from sources import SourceError
from tests.emulators.kommo_world import Clock
from tests.emulators.odoo import FAULTS, PASSWORD, Emulator, Habits
from tests.emulators.odoo_books import Books
from tests.emulators.odoo_story import happen, tell
from tests.emulators.odoo_world import LEAD, World
from tests.sources.kommo_office import first_day
from tests.sources.odoo_office import Office

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
BY_PASSWORD = {"api_key": "", "password": PASSWORD}
Make = Callable[..., tuple[Office, Books]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an office around an Odoo with a history of its own."""
    made: list[tuple[Emulator, Office]] = []

    def build(habits: Habits, seed: int, leads: int = 40, **options: str) -> tuple[Office, Books]:
        clock = Clock(NOON)
        world = World(clock)
        world.keeps_done = habits.version >= 19
        books = Books(world)
        tell(world, books, Random(seed), 60, leads)
        clock.sleep(3600)
        emulator = Emulator(world, clock, habits)
        emulator.__enter__()
        office = Office(emulator, tmp_path, first_day(NOON, 65), **options)
        made.append((emulator, office))
        return office, books

    yield build
    for emulator, office in made:
        emulator.__exit__()
        office.close()


@pytest.mark.parametrize(
    ("habits", "options"),
    [(Habits(), {}), (Habits(), BY_PASSWORD), (Habits(version=18), BY_PASSWORD), (Habits(version=16), {})],
    ids=["19, JSON-2", "19, JSON-RPC", "18", "16"],
)
def test_every_day_of_every_rep_is_the_ledgers_after_each_round(
    make: Make, habits: Habits, options: dict[str, str]
) -> None:
    office, books = make(habits, 7, **options)
    office.poll()
    assert office.differences() == {}
    rng = Random(11)
    for _ in range(4):
        happen(books.world, books, rng, 30)
        office.clock.sleep(10)
        office.poll(reconcile=True)
        assert office.differences() == {}
    assert office.refused == []


def test_with_faults_kills_and_rows_that_move_nothing_is_lost(make: Make) -> None:
    office, books = make(Habits(), 5, leads=80)
    rng, emulator, world = Random(23), office.emulator, books.world
    trouble = 0.0

    def stir() -> None:
        if rng.random() < trouble:
            world.touch(rng.choice(sorted(world.tables[LEAD])))

    def fault(call: str) -> str | None:
        return rng.choice(FAULTS) if rng.random() < trouble else None

    emulator.stir, emulator.fault = stir, fault
    errors = 0
    for _ in range(25):
        trouble = rng.choice((0.0, 0.1, 0.4))
        happen(world, books, rng, rng.randrange(15))
        office.clock.sleep(rng.choice((1, 5, 30, 900)))
        try:
            office.poll(budget=rng.choice((4, 20, 600)), kill=lambda: rng.random() < 0.3, reconcile=rng.random() < 0.1)
        except SourceError:
            errors += 1
    trouble = 0.0
    office.clock.sleep(60)
    office.poll(reconcile=True)
    assert office.differences() == {}
    assert errors > 3
    assert office.refused == []


def test_a_store_brought_back_from_a_backup_misses_nothing_of_what_was_seen_since(make: Make) -> None:
    office, books = make(Habits(), 9)
    office.poll()
    office.db.dispose()
    store = office.folder / "tablo.db"
    backup = store.read_bytes()
    happen(books.world, books, Random(2), 40)
    office.poll(reconcile=True)
    office.db.dispose()
    for file in office.folder.glob("tablo.db*"):
        file.unlink()
    store.write_bytes(backup)
    office.poll(reconcile=True)
    assert office.differences() == {}


def test_a_lost_memory_and_a_full_read_change_nothing(make: Make) -> None:
    office, books = make(Habits(), 9)
    office.poll()
    happen(books.world, books, Random(2), 40)
    (office.folder / "odoo.sqlite3").unlink()
    office.poll(reconcile=True)
    assert office.differences() == {}
    office.poll(full=True)
    assert office.differences() == {}
