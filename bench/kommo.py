"""What a Kommo account costs: requests of the first read and of a quiet cycle, and whether the numbers are right.

`python -m bench.kommo [--leads 20000] [--calls 100000] [--changes 2000]`: an account of 60 days on this machine, with
time that passes only while Tablo waits. Then so many random changes are polled in random batches, with every kind of
fault switched on and off and the poller killed between batches, and each number is compared with the ledger.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from sources import SourceError
from tests.emulators.kommo import FAULTS, Emulator, Habits
from tests.emulators.kommo_story import happen, tell
from tests.emulators.kommo_world import Clock, World
from tests.sources.kommo_office import Office, first_day

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DAYS = 60


def main() -> int:
    """Run it; 0 = no difference and no limit exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--invoices-by-time", action="store_true", help="an account that filters its invoice list")
    asked = parser.parse_args()
    rng, clock = Random(asked.seed), Clock(NOW)
    world = World(clock)
    tell(world, rng, DAYS, asked.leads, asked.calls)
    habits = Habits(elements_by_time=asked.invoices_by_time)
    with tempfile.TemporaryDirectory() as folder, Emulator(world, clock, habits) as emulator:
        office = Office(emulator, Path(folder), first_day(NOW, DAYS + 5))
        wrong = first_read(office) + quiet(office) + changes(office, rng, asked.changes)
        print(f"most requests in one second: {emulator.meter.most} (7 are allowed)")
        office.close()
    return 1 if wrong or emulator.meter.most > 7 else 0


def first_read(office: Office) -> int:
    """The account from nothing, in steps of two minutes as the poller does it."""
    world, requests, began = office.emulator.world, 0, office.clock.seconds
    real = time.perf_counter()
    steps = 0
    while not office.batches or office.batches[-1].as_of is None:
        requests += office.poll(budget=120)
        steps += 1
    rows = len(world.leads.rows) + sum(len(table.rows) for table in world.notes.values())
    print(f"first read: {rows} leads and notes, {len(world.events.rows)} events, {len(world.elements.rows)} invoices")
    print(f"  {requests} requests in {steps} steps, {office.clock.seconds - began:.0f} s at Kommo's pace", end="")
    print(f" ({time.perf_counter() - real:.0f} s of work on this machine and the emulator)")
    return told(office)


def quiet(office: Office, cycles: int = 120) -> int:
    """An hour of polls in which nothing happens."""
    costs = []
    for _ in range(cycles):
        office.clock.sleep(30)
        costs.append(office.poll())
    print(f"quiet cycle: {sorted(costs)[cycles // 2]} requests, {min(costs)} to {max(costs)} within an hour", end="")
    print(f", {sum(cost > 8 for cost in costs)} of {cycles} above 8")
    return 0


def changes(office: Office, rng: Random, count: int) -> int:
    """Random changes in random batches, with faults, rows that move while they are read, and a dying poller."""
    emulator, world = office.emulator, office.emulator.world
    trouble = 0.0

    def stir() -> None:
        if rng.random() < trouble:
            world.bump(rng.choice(list(world.leads.rows)))

    def fault(path: str) -> str | None:
        return rng.choice(FAULTS) if rng.random() < trouble else None

    emulator.stir, emulator.fault = stir, fault
    left, polls, errors, kills = count, 0, 0, 0
    while left > 0:
        trouble = rng.choice((0.0, 0.05, 0.4))
        some = min(left, rng.randrange(1, 60))
        happen(world, rng, some)
        left -= some
        polls += 1
        office.clock.sleep(rng.choice((5, 30, 300)))
        deadly = 0.5 if rng.random() < 0.3 else 0.0
        kills += deadly > 0
        try:
            office.poll(budget=rng.choice((20, 120)), kill=partial(_dies, rng, deadly))
        except SourceError:
            errors += 1
    trouble = 0.0
    office.clock.sleep(60)
    office.poll()
    print(f"changes: {count} in {polls} polls, {errors} of them failed, {kills} killed")
    return told(office)


def _dies(rng: Random, deadly: float) -> bool:
    return rng.random() < deadly


def told(office: Office) -> int:
    """How many numbers of the store differ from the ledger's."""
    wrong = office.differences()
    print(f"  {len(wrong)} of {len(office.cells())} numbers (rep, day, metric) differ from the ledger")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
