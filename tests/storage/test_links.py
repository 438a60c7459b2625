"""Personal links, PINs and phones: shown once, hashed, ended together; guessing gets slower and locks nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from storage import audit, links
from storage.db import StoreError, read, write
from storage.secrets import Secrets
from storage.tables import personal_links, visits
from tests.storage.floor import NOW, source

PIN, HERE, THERE = "4917", "10.0.0.1", "10.0.0.2"


@pytest.fixture
def rep(db: Engine) -> Iterator[str]:
    with source(db, "main"):
        yield "main:17"


def link(conn: Connection, rep: str) -> str:
    return links.renew(conn, rep, "lead", NOW)


def visit(conn: Connection, cookie: str, days: int = 0) -> str | None:
    found = links.visitor(conn, cookie, NOW + timedelta(days=days))
    return None if found is None else found.rep


def test_a_link_opens_for_its_secret_alone_and_is_kept_as_a_hash(db: Engine, rep: str) -> None:
    with write(db) as conn:
        secret = link(conn, rep)
        opened = links.open_link(conn, secret, NOW)
        assert opened is not None
        assert (opened.rep, opened.has_pin, opened.used_at) == (rep, False, None)
        assert links.open_link(conn, secret + "x", NOW) is None
        stored = links.of_rep(conn, rep)
        assert stored is not None
        assert stored.used_at == NOW
        rows = str(conn.execute(select(personal_links)).all()) + str(audit.latest(conn, 9))
        assert secret not in rows
    assert len(secret) * 6 >= 128


def test_a_renewed_or_revoked_link_ends_the_old_one_its_pin_and_its_phones(db: Engine, rep: str) -> None:
    with write(db) as conn:
        old = link(conn, rep)
        links.set_pin(conn, rep, PIN, rep, NOW)
        phone = links.let_in(conn, rep, NOW)
        other = links.let_in(conn, "main:18", NOW)
        new = link(conn, rep)
        assert links.open_link(conn, old, NOW) is None
        assert not links.is_pin(conn, rep, PIN)
        assert (visit(conn, phone), visit(conn, other)) == (None, "main:18")
        phone = links.let_in(conn, rep, NOW)
        links.revoke(conn, rep, "lead", NOW)
        assert links.open_link(conn, new, NOW) is None
        assert visit(conn, phone) is None
        with pytest.raises(StoreError, match="no personal link"):
            links.revoke(conn, rep, "lead", NOW)
        said = [(entry.who, entry.what, entry.subject) for entry in audit.latest(conn, 4)]
    assert said == [("lead", "phone page", rep)] * 2 + [(rep, "phone page", rep), ("lead", "phone page", rep)]


def test_a_pin_is_kept_as_a_hash_and_a_new_one_sends_the_phones_back_to_the_door(db: Engine, rep: str) -> None:
    with write(db) as conn:
        links.set_pin(conn, rep, PIN, "lead", NOW)
        assert links.is_pin(conn, rep, PIN)
        assert not links.is_pin(conn, rep, "4918")
        assert not links.is_pin(conn, "main:18", PIN)
        phone = links.let_in(conn, rep, NOW)
        links.set_pin(conn, rep, "739164", "lead", NOW)
        assert visit(conn, phone) is None
        assert not links.is_pin(conn, rep, PIN)
        assert PIN not in str(conn.execute(select(personal_links.c.pin)).all())
        with pytest.raises(StoreError, match="cannot be taken"):
            links.set_pin(conn, rep, "1234", "lead", NOW)
        with pytest.raises(StoreError, match="names nobody"):
            links.set_pin(conn, "elsewhere:1", PIN, "lead", NOW)


def test_a_phone_stays_let_in_for_ninety_days_after_its_last_use(db: Engine, rep: str) -> None:
    with write(db) as conn:
        phone = links.let_in(conn, rep, NOW)
        assert visit(conn, phone, days=89) == rep
        assert visit(conn, phone, days=90) is None
        found = links.visitor(conn, phone, NOW)
        assert found is not None
        assert not links.is_news(found, NOW + timedelta(hours=5))
        assert links.is_news(found, NOW + timedelta(hours=6))
        links.touch(conn, phone, NOW + timedelta(days=80))
        assert visit(conn, phone, days=169) == rep
        links.leave(conn, phone)
        assert visit(conn, phone) is None
        links.let_in(conn, rep, NOW)
        links.let_in(conn, rep, NOW + timedelta(days=91))
        assert len(conn.execute(select(visits)).all()) == 1


def test_guessing_a_pin_gets_slower_for_that_person_and_address_and_is_forgiven_when_it_is_right(
    db: Engine, rep: str
) -> None:
    def wait(by_link: bool, address: str = HERE, person: str = rep, after: int = 0) -> int:
        return links.seconds_to_wait(conn, person, by_link, address, NOW + timedelta(seconds=after))

    with write(db) as conn:
        for _ in range(3):
            assert wait(by_link=True) == 0
            links.wrong_pin(conn, rep, True, HERE, NOW)
        assert wait(by_link=True) == 1
        assert wait(by_link=True, after=1) == 0
        assert wait(by_link=True, address=THERE) == 0
        assert wait(by_link=False) == 0
        links.right_pin(conn, rep, True, HERE)
        assert wait(by_link=True) == 0


def test_a_few_wrong_pins_by_a_colleague_keep_nobody_out_for_longer_than_a_minute_nor_from_their_own_link(
    db: Engine, rep: str
) -> None:
    with write(db) as conn:
        for _ in range(25):
            links.wrong_pin(conn, rep, False, HERE, NOW)
        assert links.seconds_to_wait(conn, rep, False, HERE, NOW) == 60
        assert links.seconds_to_wait(conn, rep, False, THERE, NOW) == 60
        assert links.seconds_to_wait(conn, "main:18", False, HERE, NOW) == 32
        assert links.seconds_to_wait(conn, "main:18", False, THERE, NOW) == 0
        assert links.seconds_to_wait(conn, rep, True, HERE, NOW) == 0


def test_from_the_thirtieth_wrong_pin_in_a_day_a_try_waits_a_quarter_of_an_hour_until_the_lead_helps(
    db: Engine, rep: str
) -> None:
    """Petro guesses at Olena's PIN, Olena comes in, and the lead reads of it; Nikita is left alone."""
    hour, nikita = timedelta(hours=1), "main:18"

    def wait(at: datetime, by_link: bool = False, person: str = rep) -> int:
        return links.seconds_to_wait(conn, person, by_link, THERE, at)

    def told() -> list[str]:
        return [entry.subject for entry in audit.find(conn, audit.Search(what="wrong PINs"))]

    with write(db) as conn:
        links.set_pin(conn, rep, PIN, "lead", NOW)
        phone = links.let_in(conn, rep, NOW)
        for number in range(29):
            # Slowly, and by both ways in: half an hour later none of these counts for the short waits.
            links.wrong_pin(conn, rep, number % 2 == 0, HERE, NOW + number * hour / 2)
        at = NOW + 15 * hour
        assert (wait(at), wait(at, by_link=True), told()) == (0, 0, [])
        links.wrong_pin(conn, rep, False, HERE, at)
    # As after a restart: all that is known is in the store.
    with write(db) as conn:
        assert (wait(at), wait(at, by_link=True), wait(at, person=nikita)) == (900, 900, 0)
        assert wait(at + timedelta(minutes=15)) == 0
        assert (told(), visit(conn, phone)) == ([rep], rep)
        # Olena's right PIN lets her in, and gives Petro no new tries.
        links.right_pin(conn, rep, False, THERE)
        assert wait(at) == 900
        for number in range(1, 5):
            links.wrong_pin(conn, rep, False, HERE, at + number * hour / 4)
            links.wrong_pin(conn, "", False, HERE, at + number * hour / 4)
        assert told() == [rep]
        at += hour
        assert wait(at) == 900
        links.set_pin(conn, rep, "739164", "lead", at)
        assert wait(at + timedelta(minutes=1)) == 0
        for _ in range(30):
            links.wrong_pin(conn, rep, False, HERE, at + 24 * hour)
        assert told() == [rep, rep]
        links.renew(conn, rep, "lead", at + 24 * hour)
        assert wait(at + 24 * hour + timedelta(minutes=1)) == 0
        for _ in range(30):
            links.wrong_pin(conn, rep, False, HERE, at + 25 * hour)
        assert wait(at + 25 * hour) == 900
        assert wait(at + 49 * hour) == 0


def test_links_go_with_their_source(db: Engine, rep: str) -> None:
    with write(db) as conn:
        link(conn, rep)
        links.let_in(conn, rep, NOW)
        assert [each.rep for each in links.every(conn)] == [rep]
    with source(db, "second"), read(db) as conn:
        assert [each.rep for each in links.every(conn)] == [rep]


def test_what_was_signed_here_is_known_again_and_nothing_else() -> None:
    key = Secrets(b"one")
    text = key.sign(b"\x01wall")
    assert key.signed(text) == b"\x01wall"
    assert Secrets(b"two", b"one").signed(text) == b"\x01wall"
    assert Secrets(b"two").signed(text) is None
    for forged in ("", "x", text[:-1], text + "A", text.swapcase(), "é" * 24, Secrets(b"two").sign(b"\x01wall")):
        assert key.signed(forged) is None
