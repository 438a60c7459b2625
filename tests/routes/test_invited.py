"""An invitation makes one login, once, within three days, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storage import audit, invitations, users
from storage import db as store
from tests.desk.office import ORIGIN, Office, furnish

NEW = "another quiet morning"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path, host="0.0.0.0")


def invite(office: Office, login: str = "olena", role: str = "team_lead", who: str = "root") -> str:
    with store.write(office.deps.db) as conn:
        return invitations.invite(conn, login, role, ["main:s"], who, office.clock())


def follow(client: FlaskClient, secret: str, new: str = NEW, again: str = NEW) -> TestResponse:
    return client.post(f"/invited/{secret}", data={"new": new, "again": again}, headers=ORIGIN)


def logins(office: Office) -> set[str]:
    with store.read(office.deps.db) as conn:
        return {user.login for user in users.every(conn)}


def test_who_is_invited_chooses_a_password_and_is_in(office: Office) -> None:
    secret, client = invite(office, " Olena"), office.server.test_client()
    page = client.get(f"/invited/{secret}")
    assert page.status_code == 200
    assert 'value="olena"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert follow(client, secret).location == "/settings/targets"
    assert client.get("/settings/").status_code == 200
    with store.read(office.deps.db) as conn:
        made = users.verify(conn, "olena", NEW)
        told = [(each.who, each.what, each.subject) for each in audit.latest(conn, 2)]
        assert secret not in str(audit.latest(conn, 99))
    assert made
    assert (made.role, made.teams, made.must_change) == ("team_lead", frozenset(("main:s",)), False)
    assert told == [("olena", "user", "olena"), ("root", "invitation", "olena")]


def test_the_link_is_nowhere_in_the_store(office: Office) -> None:
    secret = invite(office)
    kept = b"".join(path.read_bytes() for path in office.deps.config.data_dir.glob("tablo.db*"))
    assert secret.encode() not in kept


def test_a_link_works_once(office: Office) -> None:
    secret = invite(office)
    assert follow(office.server.test_client(), secret).status_code == 303
    client = office.server.test_client()
    for answer in (client.get(f"/invited/{secret}"), follow(client, secret, "my own password", "my own password")):
        assert answer.status_code == 404
        assert "This invitation holds no more" in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_link_holds_for_three_days(office: Office) -> None:
    secret, client = invite(office), office.server.test_client()
    office.clock.turn(timedelta(hours=72) - timedelta(seconds=1))
    assert client.get(f"/invited/{secret}").status_code == 200
    office.clock.turn(timedelta(seconds=1))
    assert client.get(f"/invited/{secret}").status_code == 404
    assert follow(client, secret).status_code == 404
    assert logins(office) == {"lead", "root"}


@pytest.mark.parametrize("secret", ["x", "x" * 43, "x" * 5000, "%00", "..", "<script>"])
def test_a_made_up_link_opens_nothing(office: Office, secret: str) -> None:
    answer = office.server.test_client().get(f"/invited/{secret}")
    assert answer.status_code == 404
    assert "<script" not in answer.text


def test_a_newer_invitation_ends_the_one_before_and_one_taken_back_ends(office: Office) -> None:
    first, second, client = invite(office), invite(office), office.server.test_client()
    assert client.get(f"/invited/{first}").status_code == 404
    assert client.get(f"/invited/{second}").status_code == 200
    with store.write(office.deps.db) as conn:
        invitations.withdraw(conn, "olena", "root", office.clock())
    assert follow(client, second).status_code == 404


def test_an_administrator_who_has_to_go_leaves_no_invitation_behind(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        users.change(conn, "lead", "admin", None, "root", office.clock())
    ghost, kept = invite(office, "ghost", "admin", who="root"), invite(office, "olena", who="lead")
    with store.write(office.deps.db) as conn:
        users.change(conn, "root", "team_lead", None, "lead", office.clock())
    assert follow(office.server.test_client(), ghost).status_code == 404
    other = invite(office, "ghost", "admin", who="root")
    with store.write(office.deps.db) as conn:
        users.remove(conn, "root", "lead", office.clock())
    assert follow(office.server.test_client(), other).status_code == 404
    assert follow(office.server.test_client(), kept).status_code == 303


def test_a_login_that_is_there_by_now_is_not_overwritten(office: Office) -> None:
    secret = invite(office)
    with store.write(office.deps.db) as conn:
        users.add(conn, "olena", "somebody else's one", "team_lead", "test", office.clock())
    assert follow(office.server.test_client(), secret).status_code != 303
    with store.read(office.deps.db) as conn:
        assert users.verify(conn, "olena", NEW) is None


@pytest.mark.parametrize(("new", "again", "said"), [("short", "short", "at least 10"), (NEW, NEW + "x", "differ")])
def test_a_password_that_cannot_be_taken_costs_no_invitation(office: Office, new: str, again: str, said: str) -> None:
    secret, client = invite(office), office.server.test_client()
    answer = follow(client, secret, new, again)
    assert answer.status_code == 422
    assert said in answer.text
    assert follow(client, secret).status_code == 303


def test_another_page_cannot_follow_it_for_somebody(office: Office) -> None:
    secret = invite(office)
    headers = {"Origin": "http://evil.example"}
    assert office.server.test_client().post(f"/invited/{secret}", data={}, headers=headers).status_code == 403


def test_a_fault_is_logged_without_the_link(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    secret = invite(office)
    with store.write(office.deps.db) as conn:
        conn.exec_driver_sql("DROP TABLE invitations")
    assert office.server.test_client().get(f"/invited/{secret}").status_code == 500
    assert "Exception on /invited/<secret> [GET]" in caplog.text
    assert not re.search(re.escape(secret), caplog.text)
