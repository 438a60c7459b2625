"""Logins, sessions, guessing and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from storage import audit, guesses, tokens, users
from storage.db import StoreError, read, write
from tests.storage.floor import NOW

PASSWORD = "correct horse battery"
IDLE = {"admin": timedelta(minutes=30)}
LIFE = timedelta(hours=12)


def test_a_password_opens_and_a_wrong_one_or_an_unknown_login_does_not(db: Engine) -> None:
    with write(db) as conn:
        users.add(conn, "Olena ", PASSWORD, "team_lead", "cli", NOW, must_change=True)
        user = users.verify(conn, "olena", PASSWORD)
        assert user is not None
        assert (user.login, user.role, user.must_change) == ("olena", "team_lead", True)
        assert users.verify(conn, "olena", PASSWORD + "x") is None
        assert users.verify(conn, "nobody", PASSWORD) is None
        assert PASSWORD not in repr(conn.exec_driver_sql("SELECT * FROM users").all())


@pytest.mark.parametrize(
    ("login", "password", "role", "reason"),
    [
        ("olena", PASSWORD, "admin", "exists"),
        (" ", PASSWORD, "admin", "needs a name"),
        ("nikita", PASSWORD, "boss", "no role"),
        ("nikita", "short", "admin", "10 characters"),
        ("nikita", "Password123", "admin", "first that anybody would try"),
    ],
)
def test_a_login_that_cannot_be_is_refused_in_words(
    db: Engine, login: str, password: str, role: str, reason: str
) -> None:
    with write(db) as conn:
        users.add(conn, "olena", PASSWORD, "admin", "cli", NOW)
        with pytest.raises(StoreError, match=reason):
            users.add(conn, login, password, role, "cli", NOW)


def test_a_session_ends_by_time_by_idleness_by_logout_and_by_a_new_password(db: Engine) -> None:
    with write(db) as conn:
        admin = users.add(conn, "admin", PASSWORD, "admin", "cli", NOW)
        lead = users.add(conn, "lead", PASSWORD, "team_lead", "cli", NOW)
        cookie, other = (users.begin(conn, user, "Firefox", NOW, LIFE) for user in (admin, lead))
        assert cookie not in repr(conn.exec_driver_sql("SELECT * FROM sessions").all())
        later = NOW + timedelta(minutes=29)
        session = users.look_up(conn, cookie, later, IDLE)
        assert session is not None
        assert (session.user, session.agent) == (admin, "Firefox")
        users.touch(conn, cookie, later)
        assert users.look_up(conn, cookie, later + timedelta(minutes=29), IDLE) is not None
        assert users.look_up(conn, cookie, later + timedelta(minutes=30), IDLE) is None
        assert users.look_up(conn, other, NOW + timedelta(hours=11), IDLE) is not None
        assert users.look_up(conn, other, NOW + LIFE, IDLE) is None
        assert users.look_up(conn, "forged", NOW, IDLE) is None
        users.end(conn, cookie)
        assert users.look_up(conn, cookie, NOW, IDLE) is None
        users.set_password(conn, "lead", PASSWORD * 2, "lead", NOW)
        assert users.look_up(conn, other, NOW, IDLE) is None
        assert users.verify(conn, "lead", PASSWORD) is None


def test_a_removed_login_takes_its_sessions_along(db: Engine) -> None:
    with write(db) as conn:
        users.add(conn, "root", PASSWORD, "admin", "cli", NOW)
        user = users.add(conn, "admin", PASSWORD, "admin", "cli", NOW)
        cookie = users.begin(conn, user, "", NOW, LIFE)
        users.remove(conn, "admin", "cli", NOW)
        assert [each.login for each in users.every(conn)] == ["root"]
        assert users.look_up(conn, cookie, NOW, IDLE) is None
        with pytest.raises(StoreError, match="no login"):
            users.remove(conn, "admin", "cli", NOW)


def test_neither_the_last_administrator_nor_oneself_can_be_taken_away(db: Engine) -> None:
    with write(db) as conn:
        users.add(conn, "root", PASSWORD, "admin", "cli", NOW)
        users.add(conn, "lead", PASSWORD, "team_lead", "cli", NOW)
        for take in (
            lambda: users.remove(conn, "root", "cli", NOW),
            lambda: users.change(conn, "root", "team_lead", None, "cli", NOW),
        ):
            with pytest.raises(StoreError, match="last administrator"):
                take()
        users.change(conn, "lead", "admin", None, "root", NOW)
        with pytest.raises(StoreError, match="their own login"):
            users.remove(conn, "root", "Root ", NOW)
        with pytest.raises(StoreError, match="their own login"):
            users.change(conn, "root", "team_lead", None, "root", NOW)
        users.remove(conn, "root", "lead", NOW)


def test_the_teams_of_a_lead_are_kept_and_an_administrators_reach_is_the_office(db: Engine) -> None:
    with write(db) as conn:
        users.add(conn, "root", PASSWORD, "admin", "cli", NOW)
        lead = users.add(conn, "lead", PASSWORD, "team_lead", "cli", NOW, teams=["crm:s", "crm:n"])
        assert lead.teams == frozenset(("crm:n", "crm:s"))
        assert lead.reach.person("crm:s")
        assert not lead.reach.person(None)
        assert not lead.reach.team("crm:x")
        assert users.change(conn, "lead", "admin", ["crm:s"], "root", NOW).reach.whole
        assert audit.latest(conn, 1)[0].before == {"role": "team_lead", "teams": ["crm:n", "crm:s"]}
        before = len(audit.latest(conn, 99))
        users.change(conn, "lead", "admin", None, "root", NOW)
        assert len(audit.latest(conn, 99)) == before


def test_a_session_is_ended_by_its_id_and_by_its_owner_only_where_that_is_said(db: Engine) -> None:
    with write(db) as conn:
        root = users.add(conn, "root", PASSWORD, "admin", "cli", NOW)
        lead = users.add(conn, "lead", PASSWORD, "team_lead", "cli", NOW)
        cookie = users.begin(conn, lead, "phone", NOW, LIFE)
        users.begin(conn, root, "laptop", NOW, LIFE)
        listed = users.open_sessions(conn, NOW)
        assert [(each.user.login, each.agent) for each in listed] == [("lead", "phone"), ("root", "laptop")]
        assert users.open_sessions(conn, NOW + LIFE) == []
        phone = users.open_sessions(conn, NOW, lead)[0].id
        assert users.look_up(conn, phone, NOW, IDLE) is None
        with pytest.raises(StoreError, match="ended already"):
            users.revoke(conn, phone, "root", NOW, root)
        users.revoke(conn, phone, "root", NOW)
        assert users.look_up(conn, cookie, NOW, IDLE) is None
        assert [(each.what, each.subject) for each in audit.latest(conn, 1)] == [("session", "lead")]


def test_guessing_gets_slower_and_slower_and_is_forgiven_in_time(db: Engine) -> None:
    with write(db) as conn:
        waits = []
        for _ in range(7):
            users.wrong_guess(conn, "olena", "10.0.0.1", NOW)
            waits.append(users.seconds_to_wait(conn, "olena", "10.0.0.1", NOW))
        assert waits == [0, 0, 1, 2, 4, 8, 16]
        assert users.seconds_to_wait(conn, "OLENA", "10.0.0.1", NOW + timedelta(seconds=15)) == 1
        assert users.seconds_to_wait(conn, "olena", "10.0.0.1", NOW + timedelta(seconds=16)) == 0
        assert users.seconds_to_wait(conn, "nikita", "10.0.0.1", NOW) == 0
        assert users.seconds_to_wait(conn, "olena", "10.0.0.1", NOW + guesses.WINDOW) == 0


def test_guessing_from_many_addresses_slows_that_login_a_little_and_locks_nobody_out(db: Engine) -> None:
    with write(db) as conn:
        for number in range(40):
            users.wrong_guess(conn, "olena", f"10.0.0.{number}", NOW)
        assert users.seconds_to_wait(conn, "olena", "192.168.0.1", NOW) == 60


def test_a_right_password_forgives_the_address(db: Engine) -> None:
    with write(db) as conn:
        for _ in range(5):
            users.wrong_guess(conn, "olena", "10.0.0.1", NOW)
        users.right_guess(conn, "olena", "10.0.0.1")
        assert users.seconds_to_wait(conn, "olena", "10.0.0.1", NOW) == 0


def test_a_token_opens_until_it_is_revoked_and_is_nowhere_in_clear(db: Engine) -> None:
    with write(db) as conn:
        value = tokens.add(conn, "excel", "read", "cli", NOW)
        assert value.encode() not in repr(conn.exec_driver_sql("SELECT * FROM tokens").all()).encode()
        token = tokens.verify(conn, value)
        assert token is not None
        assert (token.name, token.scope, token.last_used_at) == ("excel", "read", None)
        assert tokens.verify(conn, value[:-1]) is None
        with pytest.raises(StoreError, match="already"):
            tokens.add(conn, "excel", "read", "cli", NOW)
        tokens.revoke(conn, "excel", "cli", NOW)
        assert tokens.verify(conn, value) is None
        assert tokens.add(conn, "excel", "read", "cli", NOW) != value
        with pytest.raises(StoreError, match="no token"):
            tokens.revoke(conn, "word", "cli", NOW)
        with pytest.raises(StoreError, match="no scope"):
            tokens.add(conn, "word", "write", "cli", NOW)


def test_the_use_of_a_token_is_noted_to_the_minute(db: Engine) -> None:
    with write(db) as conn:
        value = tokens.add(conn, "excel", "read", "cli", NOW)
        for seconds in (0, 59, 60):
            token = tokens.verify(conn, value)
            assert token is not None
            tokens.used(conn, token, NOW + timedelta(seconds=seconds))
            if seconds == 59:
                assert tokens.every(conn)[0].last_used_at == NOW
    with read(db) as conn:
        assert tokens.every(conn)[0].last_used_at == NOW + timedelta(seconds=60)
