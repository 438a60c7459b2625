"""Addresses for events, logins that are under way, and wishes for the poller, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from storage import authorisations, facts, hooks, sources, wishes
from storage.db import read, write
from storage.secrets import Secrets
from storage.wishes import Haste

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture
def main(db: Engine) -> int:
    with write(db) as conn:
        return sources.add(conn, Secrets(b"k" * 32), "main", "kommo", {}, "root", NOW)


def test_an_address_is_found_by_its_secret_until_the_next_one_is_made(db: Engine, main: int) -> None:
    with write(db) as conn:
        first = hooks.renew(conn, main, "root", NOW)
        assert hooks.look_up(conn, first) == "main"
        second = hooks.renew(conn, main, "root", NOW)
    with read(db) as conn:
        assert hooks.look_up(conn, first) is None
        assert hooks.look_up(conn, second) == "main"
        assert hooks.look_up(conn, "") is None


def test_a_removed_source_takes_its_address_and_its_logins_with_it(db: Engine, main: int) -> None:
    with write(db) as conn:
        secret = hooks.renew(conn, main, "root", NOW)
        state = authorisations.begin(conn, main, "cookie", NOW)
    facts.remove(db, main)
    with write(db) as conn:
        assert hooks.look_up(conn, secret) is None
        assert authorisations.end(conn, state, "cookie", NOW) is None


def test_a_login_ends_once_in_its_own_browser_within_ten_minutes(db: Engine, main: int) -> None:
    with write(db) as conn:
        states = [authorisations.begin(conn, main, "cookie", NOW) for _ in range(3)]
        assert len(set(states)) == 3
        assert authorisations.end(conn, states[0], "cookie", NOW + timedelta(minutes=9)) == "main"
        assert authorisations.end(conn, states[0], "cookie", NOW + timedelta(minutes=9)) is None
        assert authorisations.end(conn, states[1], "another", NOW) is None
        assert authorisations.end(conn, states[1], "cookie", NOW) is None
        assert authorisations.end(conn, states[2], "cookie", NOW + authorisations.LIVES) is None


def test_wishes_are_kept_until_they_are_served(db: Engine, main: int) -> None:
    day = date(2026, 10, 1)
    with write(db) as conn:
        wishes.hurry(conn, main, Haste.EVENT)
        wishes.reread(conn, main, day)
    with write(db) as conn:
        assert (wishes.hurried(conn, main), wishes.to_reread(conn, main)) == (Haste.EVENT, day)
        wishes.served(conn, main)
        wishes.rereading(conn, main, date(2026, 9, 1))
        assert (wishes.hurried(conn, main), wishes.to_reread(conn, main)) == (None, day)
        wishes.rereading(conn, main, day)
        assert wishes.to_reread(conn, main) is None


def test_what_is_wanted_of_one_source_is_not_wanted_of_another(db: Engine, main: int) -> None:
    with write(db) as conn:
        wishes.hurry(conn, main, Haste.PERSON)
        wishes.forget(conn, main + 1)
        assert wishes.hurried(conn, main + 1) is None
        assert wishes.hurried(conn, main) is Haste.PERSON
