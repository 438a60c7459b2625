"""What an Odoo costs: requests of the first read and of a quiet poll, and whether the numbers are right.

`python -m bench.odoo [--leads 2500] [--changes 2000]`: a database of 60 days on this machine, with time that passes
only while Tablo waits. Then so many random changes are polled in random batches, with every kind of fault switched on
and off and the poller killed between batches, and each number is compared with the ledger.
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
from tests.emulators.kommo_world import Clock
from tests.emulators.odoo import FAULTS, KEY, PASSWORD, Emulator, Habits
from tests.emulators.odoo_books import Books
from tests.emulators.odoo_story import happen, tell
from tests.emulators.odoo_world import LEAD, World
from tests.sources.kommo_office import first_day
from tests.sources.odoo_office import Office

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DAYS = 60


def main() -> int:
    """Run it; 0 = no difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=2_500)
    parser.add_argument("--changes", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--password", action="store_true", help="by JSON-RPC with a password instead of JSON-2")
    asked = parser.parse_args()
    rng, clock = Random(asked.seed), Clock(NOW)
    world = World(clock)
    books = Books(world)
    tell(world, books, rng, DAYS, asked.leads)
    clock.sleep(3600)
    secret = {"password": PASSWORD, "api_key": ""} if asked.password else {"api_key": KEY}
    with tempfile.TemporaryDirectory() as folder, Emulator(world, clock, Habits()) as emulator:
        office = Office(emulator, Path(folder), first_day(NOW, DAYS + 5), **secret)
        wrong = first_read(office) + quiet(office) + changes(office, books, rng, asked.changes)
        office.close()
    return 1 if wrong else 0


def first_read(office: Office) -> int:
    """The database from nothing, in steps of two minutes as the poller does it."""
    tables, requests, began = office.emulator.world.tables, 0, office.clock.seconds
    real = time.perf_counter()
    steps = 0
    while not office.batches or office.batches[-1].as_of is None:
        requests += office.poll(budget=120)
        steps += 1
    counts = ", ".join(
        f"{len(tables[model])} {model}" for model in (LEAD, "mail.activity", "mail.message", "account.move")
    )
    print(f"first read: {counts}")
    print(
        f"  {requests} requests in {steps} steps, {office.clock.seconds - began:.0f} s at the pace of one's own server",
        end="",
    )
    print(f" ({time.perf_counter() - real:.0f} s of work on this machine and the emulator)")
    return told(office)


def quiet(office: Office, polls: int = 120) -> int:
    """An hour of polls in which nothing happens."""
    costs = []
    for _ in range(polls):
        office.clock.sleep(30)
        costs.append(office.poll())
    usual = sorted(costs)[polls // 2]
    print(f"quiet poll: {usual} requests, {min(costs)} to {max(costs)} within an hour, {sum(costs)} in {polls} polls")
    return 0


def changes(office: Office, books: Books, rng: Random, count: int) -> int:
    """Random changes in random batches, with faults, rows that move while they are read, and a dying poller."""
    emulator, world = office.emulator, office.emulator.world
    trouble = 0.0

    def stir() -> None:
        if rng.random() < trouble:
            world.touch(rng.choice(list(world.tables[LEAD])))

    def fault(call: str) -> str | None:
        return rng.choice(FAULTS) if rng.random() < trouble else None

    emulator.stir, emulator.fault = stir, fault
    left, polls, errors, kills = count, 0, 0, 0
    while left > 0:
        trouble = rng.choice((0.0, 0.05, 0.4))
        some = min(left, rng.randrange(1, 60))
        happen(world, books, rng, some)
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
    office.poll(reconcile=True)
    print(f"changes: {count} in {polls} polls, {errors} of them failed, {kills} in danger of being killed")
    return told(office)


def _dies(rng: Random, deadly: float) -> bool:
    return rng.random() < deadly


def told(office: Office) -> int:
    """How many numbers of the store differ from the ledger's."""
    wrong = office.differences()
    print(f"  {len(wrong)} of {len(office.cells())} numbers (rep, day, metric, currency) differ from the ledger")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
