"""Whatever happens in the account and on the way to it, the store ends where the ledger is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from sources import SourceError
from tests.emulators.kommo import FAULTS, Emulator, Habits
from tests.emulators.kommo_story import happen, tell
from tests.emulators.kommo_world import Clock, World
from tests.sources.kommo_office import Office, first_day

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
Make = Callable[..., Office]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an office around an account with a history of its own."""
    made: list[tuple[Emulator, Office]] = []

    def build(habits: Habits, seed: int, leads: int = 60, calls: int = 300, mail: bool = True) -> Office:
        clock = Clock(NOON)
        world = World(clock, shared_mail=mail)
        tell(world, Random(seed), 60, leads, calls)
        emulator = Emulator(world, clock, habits, seed)
        emulator.__enter__()
        office = Office(emulator, tmp_path, first_day(NOON, 65))
        made.append((emulator, office))
        return office

    yield build
    for emulator, office in made:
        emulator.__exit__()
        office.close()


@pytest.mark.parametrize(
    ("habits", "mail"),
    [
        (Habits(), True),
        (Habits(events_order="asc", elements_by_time=True), True),
        (Habits(events_order="shuffled", inclusive=False), False),
        (Habits(inclusive=False, elements_by_time=True, reason_as_object=True), True),
        (Habits(filters=False), True),
        (Habits(filters=False, orders=False), True),
        (Habits(heavy=60), True),
        (Habits(untold=frozenset(("entity_responsible_changed", "lead_status_changed", "task_completed"))), True),
    ],
    ids=[
        "usual",
        "oldest first",
        "no order, open borders",
        "invoices by time",
        "no filters",
        "neither filters nor order",
        "504",
        "silent feed",
    ],
)
def test_every_day_of_every_rep_is_the_ledgers_after_each_round(make: Make, habits: Habits, mail: bool) -> None:
    office = make(habits, 7, leads=60 if habits.orders else 400, mail=mail)
    silent = bool(habits.untold)
    office.poll()
    if not silent:
        assert office.differences() == {}
    before = office.differences()
    rng = Random(11)
    for _ in range(8):
        happen(office.emulator.world, rng, 1 if silent else 25)
        office.clock.sleep(10)
        office.poll()
        assert office.differences().keys() <= before.keys()
    assert office.emulator.meter.most <= 3
    assert office.refused == []


def test_with_faults_kills_and_rows_that_move_nothing_is_lost(make: Make) -> None:
    office = make(Habits(elements_by_time=True), 5, leads=400, calls=800)
    rng, emulator, world = Random(23), office.emulator, office.emulator.world
    trouble = 0.0

    def stir() -> None:
        if rng.random() < trouble:
            world.bump(rng.choice(sorted(world.leads.rows)))

    def fault(path: str) -> str | None:
        return rng.choice(FAULTS) if rng.random() < trouble else None

    emulator.stir, emulator.fault = stir, fault
    errors = 0
    for _ in range(40):
        trouble = rng.choice((0.0, 0.1, 0.6))
        happen(world, rng, rng.randrange(20))
        office.clock.sleep(rng.choice((1, 5, 30, 900)))
        try:
            office.poll(budget=rng.choice((4, 20, 600)), kill=lambda: rng.random() < 0.3, reconcile=rng.random() < 0.1)
        except SourceError:
            errors += 1
    trouble = 0.0
    office.clock.sleep(60)
    office.poll()
    assert office.differences() == {}
    assert errors > 3
    assert emulator.meter.most <= 3
    assert emulator.meter.offences == 0
    assert office.refused == []


def test_a_full_read_after_a_lost_memory_changes_nothing(make: Make) -> None:
    office = make(Habits(), 9)
    office.poll()
    happen(office.emulator.world, Random(2), 60)
    office.poll()
    (office.folder / "kommo.sqlite3").unlink()
    office.poll()
    assert office.differences() == {}
    office.poll(full=True)
    assert office.differences() == {}
