"""Whatever S2 and Aspro.Cloud turn out to be able to do, the store ends where the ledger is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from sources import SourceError
from sources._rounds.state import parse
from storage import sources as connections
from storage.db import read
from tests.emulators import aspro, s2
from tests.emulators.beta_server import FAULTS
from tests.emulators.beta_world import World, happen, tell
from tests.emulators.kommo_world import Clock
from tests.sources.beta_office import Account, Office

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
Make = Callable[..., Office]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an office around an account with a past."""
    made: list[Office] = []

    def build(habits: s2.Habits | aspro.Habits, deals: int = 130, others: int = 25, **options: str) -> Office:
        world = World(Clock(NOON))
        tell(world, Random(7), 60, deals, others)
        account: Account = s2.S2(world, habits) if isinstance(habits, s2.Habits) else aspro.Aspro(world, habits)
        made.append(Office(account, tmp_path, 40, **options))
        return made[-1]

    yield build
    for office in made:
        office.close()


def way(office: Office, name: str) -> str:
    """How a list is being kept up to date."""
    with read(office.db) as conn:
        state = parse(connections.get(conn, "main").cursor)
    assert state is not None
    return state.lists[name].way


S2_CASES: dict[str, tuple[s2.Habits, str, dict[str, str]]] = {
    "nothing is possible": (s2.Habits(), "whole", {}),
    "sorted": (s2.Habits(sort="yes"), "newest", {}),
    "sorting is ignored": (s2.Habits(sort="ignored", filter="ignored"), "whole", {}),
    "filtered": (s2.Habits(filter="gte"), "since", {}),
    "the filter means equal": (s2.Habits(filter="equal"), "whole", {}),
    "small pages, no counts, no single records": (s2.Habits(size=50, count=False, single=False), "whole", {}),
    "calls in the diary": (s2.Habits(sort="yes", calls="diary", users=False), "newest", {"call_types": "звонок"}),
    "paid is only a yes": (s2.Habits(sort="yes", paid="paid"), "newest", {"won_stages": "Done", "lost_stages": "19"}),
}
ASPRO_CASES: dict[str, tuple[aspro.Habits, str]] = {
    "filtered by day": (aspro.Habits(), "since"),
    "the filter is ignored, old names": (aspro.Habits(filter="ignored", old_names=True), "whole"),
    "the filter is an error, no totals": (aspro.Habits(filter="error", total=False, past_end="error"), "whole"),
    "the filter gives nothing, small pages": (aspro.Habits(filter="empty", size=50, order="asc"), "whole"),
}


@pytest.mark.parametrize("case", S2_CASES)
def test_s2_comes_out_at_the_ledger_in_whatever_way_it_can_be_read(make: Make, case: str) -> None:
    habits, expected, options = S2_CASES[case]
    office = make(habits, **options)
    if habits.calls == "diary":
        for call in office.world.of("calls").values():
            # The diary knows no direction: whatever is in it was done by the rep.
            call.incoming = False
    walk_through(office)
    assert way(office, "deals") == expected


@pytest.mark.parametrize("case", ASPRO_CASES)
def test_aspro_comes_out_at_the_ledger_in_whatever_way_it_can_be_read(make: Make, case: str) -> None:
    habits, expected = ASPRO_CASES[case]
    office = make(habits)
    walk_through(office)
    assert way(office, "crm/lead") == expected
    assert all(path.split("/")[6] in ("list", "get") for path, _ in office.account.server.asked)


def walk_through(office: Office) -> None:
    """A first read, rounds in which something happens, and a night."""
    office.poll()
    assert office.differences() == {}
    assert office.batches[-1].as_of is not None
    rng, diary = Random(11), isinstance(office.account, s2.S2) and office.account.habits.calls == "diary"
    for _ in range(3):
        happen(office.world, rng, 25)
        if diary:
            for call in office.world.of("calls").values():
                call.incoming = False
        office.clock.sleep(40)
        office.poll()
    office.clock.sleep(40)
    office.poll(reconcile=True)
    # Where single records cannot be asked for, a second walk has to confirm that something is gone.
    office.poll(reconcile=True)
    assert office.differences() == {}
    assert office.account.server.refused == 0
    assert office.refused == []


@pytest.mark.parametrize("habits", [s2.Habits(sort="yes"), aspro.Habits(total=False)], ids=["s2", "aspro"])
def test_with_faults_kills_and_little_time_nothing_is_lost(make: Make, habits: s2.Habits | aspro.Habits) -> None:
    office, rng, trouble, suffered = make(habits), Random(23), [0.0], []
    world = office.world

    def fault(path: str) -> str | None:
        if rng.random() >= trouble[-1]:
            return None
        suffered.append(rng.choice(FAULTS))
        return suffered[-1]

    def stir() -> None:
        if rng.random() < trouble[-1]:
            world.reprice(rng.choice(list(world.of("deals").values())), Decimal(rng.randrange(1, 10_000)))

    office.account.server.fault, office.account.server.stir = fault, stir
    # A first read in many small steps: whoever has a deal by its end has had it from the start.
    office.read_first(budget=14, kill=lambda: rng.random() < 0.2)
    for _ in range(8):
        trouble.append(rng.choice((0.0, 0.2, 0.7)))
        happen(office.world, rng, rng.randrange(10))
        fresh = set(office.world.fresh)
        office.clock.sleep(rng.choice((1, 30, 900)))
        with suppress(SourceError):
            office.poll(budget=rng.choice((14, 30, 600)), kill=lambda: rng.random() < 0.2, reconcile=rng.random() < 0.2)
        # Nobody knows what a poll that was cut short has seen.
        office.world.fresh |= fresh
    trouble.append(0.0)
    office.clock.sleep(60)
    office.poll()
    office.poll(reconcile=True)
    assert office.differences() == {}
    assert len(set(suffered)) > 3
