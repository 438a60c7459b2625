"""What screens say of themselves is stored for all of them about once a minute, and nothing of it is lost meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from storage import screens
from storage.db import read, write
from storage.screens import Report, Screen
from storage.sightings import Sightings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALLS, HERE = Report("Chromium", "calls", 4_000_000, 0), Report("Chromium", None)


@pytest.fixture
def sightings() -> Sightings:
    return Sightings()


def bind(db: Engine, name: str) -> None:
    with write(db) as conn:
        screens.bind(conn, screens.offer(conn, name, "Chromium", NOW), name, "olena", NOW)


def stored(db: Engine, name: str) -> Screen:
    with read(db) as conn:
        screen = screens.bound(conn).get(screens.digest(name))
    assert screen is not None
    return screen


def say(db: Engine, sightings: Sightings, name: str, report: Report, seconds: int) -> None:
    sightings.note(db, stored(db, name), report, NOW + timedelta(seconds=seconds))


@contextmanager
def full(db: Engine) -> Iterator[None]:
    """A store that can be read and takes nothing."""

    def refuse(_conn: Connection) -> None:
        raise OperationalError("COMMIT", None, Exception("database or disk is full"))

    event.listen(db, "commit", refuse)
    try:
        yield
    finally:
        event.remove(db, "commit", refuse)


def test_the_first_word_is_stored_at_once_and_so_is_what_is_shown_first(db: Engine, sightings: Sightings) -> None:
    bind(db, "Hall")
    say(db, sightings, "Hall", HERE, 0)
    assert stored(db, "Hall").seen_at == NOW
    say(db, sightings, "Hall", CALLS, 8)
    known = stored(db, "Hall")
    assert (known.seen_at, known.agent, known.showing, known.heap, known.errors) == (
        NOW + timedelta(seconds=8), "Chromium", "calls", 4_000_000, 0
    )  # fmt: skip


def test_the_others_words_wait_for_the_minute_and_are_stored_together(db: Engine, sightings: Sightings) -> None:
    for name in ("Hall", "Kitchen"):
        bind(db, name)
        say(db, sightings, name, CALLS, 0)
    say(db, sightings, "Hall", Report("Chromium", "emails", 5_000_000, 1), 20)
    say(db, sightings, "Hall", HERE, 40)
    say(db, sightings, "Kitchen", HERE, 59)
    assert [stored(db, name).seen_at for name in ("Hall", "Kitchen")] == [NOW, NOW]
    say(db, sightings, "Kitchen", HERE, 60)
    hall, kitchen = stored(db, "Hall"), stored(db, "Kitchen")
    assert (hall.seen_at, hall.showing, hall.heap, hall.errors) == (NOW + timedelta(seconds=40), "emails", 5_000_000, 1)
    assert (kitchen.seen_at, kitchen.showing) == (NOW + timedelta(seconds=60), "calls")


def test_who_was_ended_meanwhile_is_in_nobodys_way(db: Engine, sightings: Sightings) -> None:
    for name in ("Hall", "Kitchen"):
        bind(db, name)
        say(db, sightings, name, CALLS, 0)
    say(db, sightings, "Hall", CALLS, 30)
    with write(db) as conn:
        screens.revoke(conn, stored(db, "Hall").id, "olena", NOW)
    say(db, sightings, "Kitchen", CALLS, 61)
    assert stored(db, "Kitchen").seen_at == NOW + timedelta(seconds=61)


def test_a_clock_that_is_set_back_keeps_nobodys_words_waiting(db: Engine, sightings: Sightings) -> None:
    bind(db, "Hall")
    say(db, sightings, "Hall", CALLS, 0)
    yesterday = -24 * 3600
    say(db, sightings, "Hall", HERE, yesterday)
    say(db, sightings, "Hall", HERE, yesterday + 30)
    assert stored(db, "Hall").seen_at == NOW + timedelta(seconds=yesterday)
    say(db, sightings, "Hall", HERE, yesterday + 60)
    assert stored(db, "Hall").seen_at == NOW + timedelta(seconds=yesterday + 60)


def test_a_store_that_takes_nothing_is_told_of_once_and_once_when_it_does_again(
    db: Engine, sightings: Sightings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tablo.screens")
    bind(db, "Hall")
    say(db, sightings, "Hall", HERE, 0)
    with full(db):
        for seconds in (60, 100, 120, 180):
            say(db, sightings, "Hall", CALLS, seconds)
    assert stored(db, "Hall").seen_at == NOW
    say(db, sightings, "Hall", CALLS, 240)
    say(db, sightings, "Hall", HERE, 300)
    assert (stored(db, "Hall").seen_at, stored(db, "Hall").showing) == (NOW + timedelta(seconds=300), "calls")
    (broke, over) = caplog.messages
    assert "disk is full" in broke
    assert "again" in over


def test_a_command_whose_taking_cannot_be_stored_is_told_once_all_the_same(db: Engine, sightings: Sightings) -> None:
    """Else a screen that is told to load its page anew would do so for as long as the disk is full."""
    for name in ("Hall", "Kitchen"):
        bind(db, name)
        with write(db) as conn:
            screens.command(conn, stored(db, name).id, "reload")
    with full(db):
        for name in ("Hall", "Kitchen"):
            sightings.note(db, stored(db, name), CALLS, NOW, done=1)
            assert sightings.left_to_do(stored(db, name)).due is None
    with write(db) as conn:
        screens.revoke(conn, stored(db, "Kitchen").id, "olena", NOW)
    say(db, sightings, "Hall", HERE, 60)
    assert stored(db, "Hall").due is None
    with write(db) as conn:
        told = screens.command(conn, stored(db, "Hall").id, "reload")
    assert sightings.left_to_do(stored(db, "Hall")).due == told


def test_what_is_no_fault_of_the_stores_is_not_kept_quiet(db: Engine, sightings: Sightings) -> None:
    bind(db, "Hall")
    wrong = Report(None, "calls")  # type: ignore[arg-type]  # as a mistake of ours would be
    with pytest.raises(TypeError):
        sightings.note(db, stored(db, "Hall"), wrong, NOW)
