"""What people and CRMs want of the poller: a look at once, or everything again from a day on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.facts import Batch, Change, Fact, Kind, Person
from jobs.connections import Connections
from jobs.house import House
from jobs.poll import poll
from jobs.poller import Poller, due
from sources import Ask, Finding, Source, TransientError
from storage import db as store
from storage import sources as stored
from storage import wishes
from storage.sources import SourceRow
from storage.wishes import Haste
from tests.jobs.conftest import Clock

DAY = date(2026, 3, 1)


@dataclass
class FakeSource:
    """Says one call, or fails; keeps what it was asked."""

    error: Exception | None = None
    requests: int = 1
    asked: list[tuple[str | None, Ask]] = field(default_factory=list)

    def check(self) -> list[Finding]:
        return []

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        self.asked.append((cursor, ask))
        if self.error:
            raise self.error
        call = Change("call:1", (Fact(Kind.CALL, ask.now, "1", seconds=60),))
        yield Batch([call], "c1", ask.now, people=[Person("1", "Olena", rep=True)])


@pytest.fixture
def main(house: House) -> int:
    """A connection of that name; its number."""
    with store.write(house.db) as conn:
        return stored.add(conn, house.secrets, "main", "files", {}, "test", house.clock())


def look(house: House, source: FakeSource) -> bool:
    """Whether a regular poll asked the source."""

    def connect(_house: House, _row: SourceRow) -> Source:
        return source

    return poll(house, "main", connect=connect) is not None


def wish(house: House, haste: Haste | None = None, since: date | None = None) -> None:
    with store.write(house.db) as conn:
        if haste is not None:
            wishes.hurry(conn, 1, haste)
        if since is not None:
            wishes.reread(conn, 1, since)


def row_of(house: House) -> SourceRow:
    with store.read(house.db) as conn:
        return stored.get(conn, "main")


def wanted(house: House) -> tuple[Haste | None, date | None]:
    with store.read(house.db) as conn:
        return wishes.hurried(conn, 1), wishes.to_reread(conn, 1)


def test_reading_again_begins_at_the_day_and_goes_on_from_the_cursor_afterwards(house: House, main: int) -> None:
    source = FakeSource()
    look(house, source)
    wish(house, since=DAY)
    look(house, source)
    look(house, source)
    assert [cursor for cursor, _ in source.asked] == [None, None, "c1"]
    assert [ask.full for _, ask in source.asked] == [False, True, False]
    assert source.asked[1][1].since == DAY
    assert wanted(house) == (None, None)


def test_reading_again_is_not_forgotten_while_the_crm_is_down(house: House, main: int, clock: Clock) -> None:
    wish(house, since=DAY)
    look(house, FakeSource(error=TransientError("down")))
    assert wanted(house) == (None, DAY)
    clock.forward(hours=1)
    source = FakeSource()
    look(house, source)
    assert source.asked[0][1].since == DAY
    assert wanted(house) == (None, None)


def test_the_time_left_is_reckoned_from_the_last_beginning(house: House, main: int, clock: Clock) -> None:
    source = FakeSource()
    first = clock.now
    look(house, source)
    clock.forward(hours=1)
    look(house, source)
    with store.read(house.db) as conn:
        assert stored.began(conn, 1) == first
    wish(house, since=DAY)
    look(house, source)
    with store.read(house.db) as conn:
        assert stored.began(conn, 1) == clock.now


def test_a_person_overrules_the_pause_after_a_failure_once_and_an_event_never(
    house: House, main: int, clock: Clock
) -> None:
    down = FakeSource(error=TransientError("down"))
    assert look(house, down)
    assert not look(house, down)
    wish(house, Haste.EVENT)
    assert not look(house, down)
    wish(house, Haste.PERSON)
    assert look(house, down)
    assert not look(house, down)
    assert wanted(house) == (None, None)


def test_an_event_does_not_lessen_what_a_person_wants(house: House, main: int) -> None:
    wish(house, Haste.EVENT)
    wish(house, Haste.PERSON)
    wish(house, Haste.EVENT)
    assert wanted(house) == (Haste.PERSON, None)


def test_events_by_the_second_are_served_every_five(house: House, main: int, clock: Clock) -> None:
    row = row_of(house)
    assert due(row, Haste.EVENT, clock.now)
    assert not due(row, None, clock.now)
    row = replace(row, polled_at=clock.now)
    assert not due(row, Haste.EVENT, clock.now + timedelta(seconds=4))
    assert due(row, Haste.EVENT, clock.now + timedelta(seconds=5))
    assert due(row, Haste.PERSON, clock.now)
    row = replace(row, next_try_at=clock.now + timedelta(minutes=1))
    assert not due(row, Haste.EVENT, clock.now + timedelta(seconds=30))


def test_the_poller_serves_a_wish_at_once_and_not_at_the_next_interval(house: House, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("id,rep_id,date,seconds\na,1,2026-11-20,45\n", "utf-8")
    slow = replace(house, config=replace(house.config, poll_seconds=3600))
    Connections(slow).add("main", "files", {"path": str(tmp_path / "calls.csv")}, "test")
    poller = Poller(slow)
    poller.start()
    try:
        assert _within(8, lambda: row_of(house).first_read_done)
        wish(house, Haste.PERSON)
        assert _within(3, lambda: wanted(house) == (None, None))
    finally:
        poller.stop()


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.05)
    return False
