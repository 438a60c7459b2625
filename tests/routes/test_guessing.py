"""Guesses at passwords and PINs: how slow they are made, whoever makes them, and who still gets in meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Lock

import pytest

from routes import auth
from routes.auth import Wait
from storage import db as store
from storage import links, users
from tests.desk.office import NOW, Office, furnish

GUESSES = 1_000
DAY = timedelta(days=1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


def attack(office: Office, addresses: int) -> tuple[timedelta, int]:
    """Guess from so many addresses as fast as one is let; how long it took, and how long the owner has to wait (s)."""
    now = NOW
    with store.write(office.deps.db) as conn:
        for number in range(GUESSES):
            place = f"192.0.2.{number % addresses}"
            now += timedelta(seconds=users.seconds_to_wait(conn, "lead", place, now))
            users.wrong_guess(conn, "lead", place, now)
        return now - NOW, users.seconds_to_wait(conn, "lead", "198.51.100.9", now)


@pytest.mark.parametrize(("addresses", "days"), [(1, 2), (50, 0.6)])
def test_a_thousand_guesses_take_days_and_the_owner_waits_a_minute_at_most(
    office: Office, addresses: int, days: float
) -> None:
    took, wait = attack(office, addresses)
    assert took > days * DAY
    assert wait <= 60


@pytest.mark.parametrize(
    ("doors", "addresses", "tries"), [([False], 1, 124), ([False], 50, 124), ([True], 1, 121), ([True, False], 50, 125)]
)
def test_a_day_of_guessing_a_pin_allows_few_tries_by_whichever_way_in(
    office: Office, doors: list[bool], addresses: int, tries: int
) -> None:
    now, made = NOW, 0
    with store.write(office.deps.db) as conn:
        while now < NOW + DAY:
            door, place = doors[made % len(doors)], f"192.0.2.{made % addresses}"
            wait = links.seconds_to_wait(conn, "main:1", door, place, now)
            if not wait:
                links.wrong_pin(conn, "main:1", door, place, now)
                made += 1
            now += timedelta(seconds=wait)
    assert made == tries


def test_a_restart_forgets_no_guess(office: Office) -> None:
    tries = [auth.try_password(office.deps, Lock(), "lead", "guess", "192.0.2.1") for _ in range(4)]
    assert isinstance(tries[-1], Wait)
    with store.read(store.open_db(office.deps.config.database_url)) as conn:
        assert users.seconds_to_wait(conn, "lead", "192.0.2.1", office.clock()) > 0
