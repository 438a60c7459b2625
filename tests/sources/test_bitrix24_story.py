"""Whatever happens on the floor and to the wire: every rep's every metric of each day equals the ledger."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.emulators.bitrix24_office import Clock, Office, fill, office
from tests.emulators.bitrix24_story import happen, live, settle
from tests.emulators.bitrix24_world import World


def floor(seed: int, deals: int = 150, calls: int = 300, emails: int = 200) -> World:
    world = World(Clock().now, random.Random(seed), list(range(11, 19)))
    fill(world, 60, deals, calls, emails)
    return world


def assert_true(place: Office) -> None:
    assert place.differences() == {}
    assert place.open_deals() == place.world.open_plans()
    assert place.portal.limits.over == 0


def test_a_first_read_equals_the_ledger_within_its_budget_of_requests(tmp_path: Path) -> None:
    with office(tmp_path, floor(1, 600, 1800, 900)) as place:
        batches = place.sync()
        assert_true(place)
        assert len(place.expected()) > 1000
        assert place.requests <= 1.05 * place.portal.rows / 2500 + 10
        assert batches[-1].as_of is not None
        assert [batch.as_of for batch in batches[:-1]] == [None] * (len(batches) - 1)


def test_a_quiet_poll_is_one_request_and_changes_nothing(tmp_path: Path) -> None:
    with office(tmp_path, floor(2)) as place:
        place.sync()
        for pause in (0, 5, 30, 119, 3600):
            place.clock.sleep(pause)
            batches = place.sync()
            assert place.requests == 1
            assert [list(batch.changes) for batch in batches] == [[]]


def test_a_poll_after_a_change_is_quiet_again_though_it_reads_the_overlap(tmp_path: Path) -> None:
    with office(tmp_path, floor(3)) as place:
        place.sync()
        for _ in range(30):
            place.clock.sleep(1)
            happen(place.world)
        place.sync()
        place.clock.sleep(1)
        batches = place.sync()
        assert place.requests == 1
        assert not [change for batch in batches for change in batch.changes if change.record.startswith("deal:")]


@pytest.mark.parametrize("seed", range(2))
def test_random_life_with_faults_and_kills_equals_the_ledger(tmp_path: Path, seed: int) -> None:
    with office(tmp_path, floor(10 + seed)) as place:
        place.sync()
        assert live(place, 180, random.Random(seed)) == 3
        assert_true(place)


@pytest.mark.parametrize("seed", range(2))
def test_life_that_goes_on_inside_the_requests_of_a_first_read_is_not_lost(tmp_path: Path, seed: int) -> None:
    with office(tmp_path, floor(20 + seed, 300, 500, 300)) as place:
        # Nobody can tell who had a deal before it was seen for the first time.
        place.world.dirty.update(place.world.truth)
        place.portal.between = lambda n: happen(place.world) if n % 5 == 0 else None
        place.sync()
        place.portal.between = lambda _: None
        settle(place)
        assert_true(place)


@pytest.mark.parametrize("dies_after", [1, 2])
def test_a_first_read_that_is_killed_again_and_again_goes_on_where_it_was(tmp_path: Path, dies_after: int) -> None:
    with office(tmp_path, floor(30, 400, 1500, 700)) as place:
        place.world.dirty.update(place.world.truth)
        place.sync(stop_after=dies_after)
        before = place.portal.rows
        for _ in range(20):
            happen(place.world)
            taken = place.sync(stop_after=dies_after)
            if taken[-1].as_of:
                break
        assert place.portal.rows - before < 5000
        settle(place)
        assert_true(place)


def test_a_lost_cache_of_a_first_read_is_read_again(tmp_path: Path) -> None:
    with office(tmp_path, floor(31, 500, 1500, 700)) as place:
        place.sync(stop_after=2)
        for file in tmp_path.glob("first-read*"):
            file.write_bytes(b"not a database")
        place.sync()
        assert_true(place)
        assert not list(tmp_path.glob("first-read*"))


def test_a_full_read_again_changes_nothing(tmp_path: Path) -> None:
    with office(tmp_path, floor(32)) as place:
        place.sync()
        before = place.stored()
        place.sync(full=True)
        assert place.stored() == before
        assert_true(place)
