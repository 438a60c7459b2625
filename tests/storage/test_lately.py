"""What is handed out again is never older than the last commit, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from storage import state
from storage.db import read, write
from storage.lately import Lately
from storage.watch import Watch

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


class Shelf:
    """A version that is asked for, and how often it was looked up."""

    def __init__(self, db: Engine) -> None:
        self.db, self.asked, self.now = db, 0, START
        self.watch = Watch(db)
        self.lately = Lately(self.watch, lambda: self.now)

    def version(self) -> int:
        return self.lately.get("version", self.look_up)

    def look_up(self) -> int:
        self.asked += 1
        with read(self.db) as conn:
            return state.version(conn)

    def commit(self) -> None:
        with write(self.db) as conn:
            state.bump(conn)


@pytest.fixture
def shelf(db: Engine) -> Iterator[Shelf]:
    found = Shelf(db)
    yield found
    found.watch.close()


def test_fifty_who_ask_cost_one_look_up_until_something_is_committed(shelf: Shelf) -> None:
    first = shelf.version()
    assert {shelf.version() for _ in range(49)} == {first}
    assert shelf.asked == 1
    for number in range(1, 4):
        shelf.commit()
        assert shelf.version() == first + number


def test_what_moves_with_the_clock_is_looked_up_anew_after_some_seconds(shelf: Shelf) -> None:
    shelf.version()
    shelf.now += timedelta(seconds=5)
    shelf.version()
    assert shelf.asked == 2


def test_a_commit_while_something_is_made_is_seen_by_who_asks_next(shelf: Shelf) -> None:
    def slowly() -> int:
        found = shelf.look_up()
        shelf.commit()
        # Whoever is asked meanwhile finds the later moment.
        assert shelf.lately.get("other", shelf.look_up) == found + 1
        return found

    first = shelf.lately.get("version", slowly)
    assert shelf.version() == first + 1


def test_what_could_not_be_made_is_tried_again(shelf: Shelf) -> None:
    def fail() -> int:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        shelf.lately.get("version", fail)
    assert shelf.version() >= 0
