"""The second step: a code of a phone after the password, good once, slowed down for those who guess."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from routes import sessions
from storage import audit, second_step, users
from storage import db as store
from storage.secrets import Secrets
from tests.desk.office import ORIGIN, PASSWORD, Office, furnish

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """One where the team lead has a second step; the code of that minute is used up."""
    here = furnish(tmp_path)
    with store.write(here.deps.db) as conn:
        user = users.get(conn, "lead")
        assert second_step.turn_on(conn, here.deps.secrets, user, SECRET, code(here), here.clock())
    here.clock.turn(timedelta(seconds=30))
    return here


def code(office: Office, off: int = 0) -> str:
    """What the phone shows, `off` steps from now."""
    return str(pyotp.TOTP(SECRET).at(office.clock() + timedelta(seconds=30 * off)))


def begin(office: Office, onward: str = "") -> tuple[FlaskClient, str]:
    """A browser after the right password, and its ticket."""
    client = office.server.test_client()
    form = {"login": "lead", "password": PASSWORD, "next": onward}
    page = client.post("/login", data=form, headers=ORIGIN)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    return client, ticket_of(page)


def ticket_of(page: TestResponse) -> str:
    found = re.search(r'name="ticket"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, ticket: str, typed: str, onward: str = "") -> TestResponse:
    form = {"ticket": ticket, "code": typed, "next": onward}
    return client.post("/login/code", data=form, headers=ORIGIN)


def inside(client: FlaskClient) -> bool:
    return client.get("/settings/").status_code == 200


def test_the_password_alone_opens_nothing_and_the_code_opens(office: Office) -> None:
    client, ticket = begin(office, "people")
    assert not inside(client)
    answer = send(client, ticket, f" {code(office)[:3]} {code(office)[3:]} ", "people")
    assert (answer.status_code, answer.location) == (303, "/settings/people")
    assert inside(client)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_phones_clock_may_be_half_a_minute_off(office: Office, off: int) -> None:
    office.clock.turn(timedelta(seconds=60))
    client, ticket = begin(office)
    assert send(client, ticket, code(office, off)).status_code == 303


@pytest.mark.parametrize("typed", ["", "000000", "abcdef", "шесть", "1" * 5000])
def test_a_wrong_code_opens_nothing(office: Office, typed: str) -> None:
    client, ticket = begin(office)
    for given in (typed, code(office, -3), code(office, 3)):
        answer = send(client, ticket, given)
        assert answer.status_code == 403
        assert "This code is not right" in answer.text
        assert "Set-Cookie" not in answer.headers
    assert not inside(client)


def test_a_code_is_good_once_and_so_is_every_older_one(office: Office) -> None:
    used = code(office)
    assert send(*begin(office), used).status_code == 303
    again = begin(office)
    assert send(*again, used).status_code == 403
    assert send(*again, code(office, -1)).status_code == 403
    office.clock.turn(timedelta(seconds=30))
    assert send(*again, code(office)).status_code == 303


@pytest.mark.parametrize("ticket", ["", "made-up", Secrets(b"other").seal('{"purpose": "second step"}')])
def test_a_made_up_ticket_leads_back_to_the_password(office: Office, ticket: str) -> None:
    answer = send(office.server.test_client(), ticket, code(office))
    assert (answer.status_code, answer.location) == (303, "/login")


def test_what_is_sealed_for_something_else_is_no_ticket(office: Office) -> None:
    for sealed in ("no json", "[]", '"text"', '{"rep": "main:1", "mark": "", "until": 9e15}', "12"):
        answer = send(office.server.test_client(), office.deps.secrets.seal(sealed), code(office))
        assert answer.location == "/login"


def test_a_ticket_ends_after_five_minutes_and_with_the_password(office: Office) -> None:
    client, ticket = begin(office)
    office.clock.turn(timedelta(minutes=5))
    assert send(client, ticket, code(office)).location == "/login"
    client, ticket = begin(office)
    with store.write(office.deps.db) as conn:
        users.set_password(conn, "lead", "changed meanwhile", "root", office.clock())
    assert send(client, ticket, code(office)).location == "/login"


def test_guessing_codes_is_slowed_and_the_right_password_forgives_none_of_it(office: Office) -> None:
    client, waits = office.server.test_client(), []

    def guess() -> TestResponse:
        """With a new ticket, as after the right password."""
        with store.write(office.deps.db) as conn:
            user = users.get(conn, "lead")
            users.right_guess(conn, "lead", "127.0.0.1")
            ticket = second_step.ticket(conn, office.deps.secrets, user, office.clock())
        return send(client, ticket, "000000")

    for _ in range(12):
        answer = guess()
        while answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            assert "Too many wrong codes" in answer.text
            office.clock.turn(timedelta(seconds=waits[-1]))
            answer = guess()
        assert answer.status_code == 403
    assert waits == sorted(waits)
    assert waits[-1] > 200


def form(client: FlaskClient) -> tuple[str, str]:
    """The secret that the page shows, and how it comes back."""
    page = client.get("/second-step").text
    sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page)
    shown = re.search(r'<code class="handed">([A-Z2-7 ]+)</code>', page)
    assert sealed
    assert shown
    return shown[1].replace(" ", ""), sealed[1]


def turn(client: FlaskClient, typed: str, sealed: str = "", password: str = PASSWORD, on: bool = True) -> TestResponse:
    given = {"sealed": sealed, "password": password, "code": typed}
    return client.post("/second-step" if on else "/second-step/off", data=given, headers=ORIGIN)


def test_it_is_turned_on_with_password_and_code_and_ends_other_sessions(office: Office) -> None:
    client, other = office.login("root"), office.login("root")
    secret, sealed = form(client)
    right = pyotp.TOTP(secret).at(office.clock())
    assert turn(client, right, sealed, "a wrong guess").status_code == 403
    assert turn(client, "000000", sealed).status_code == 403
    assert form(client)[0] != secret, "a new page has a new secret"
    assert turn(client, right, sealed).location == "/settings/account"
    assert inside(client)
    assert not inside(other)
    assert turn(client, right, sealed).status_code == 200, "it is on already, and stays as it is"
    with store.read(office.deps.db) as conn:
        assert users.get(conn, "root").second_step
        assert secret not in str(conn.exec_driver_sql("SELECT * FROM users").all())
        told = audit.latest(conn, 1)[0]
    assert (told.who, told.what, told.after) == ("root", "second step", {"on": True})


@pytest.mark.parametrize("sealed", ["", "made-up"])
def test_a_secret_that_was_never_shown_is_not_taken(office: Office, sealed: str) -> None:
    client = office.login("root")
    assert turn(client, "000000", sealed).status_code == 200
    assert turn(client, "000000", office.deps.secrets.seal("something else")).status_code == 200
    with store.read(office.deps.db) as conn:
        assert not users.get(conn, "root").second_step


def test_it_is_turned_off_with_password_and_code(office: Office) -> None:
    client, ticket = begin(office)
    send(client, ticket, code(office))
    office.clock.turn(timedelta(seconds=30))
    assert 'action="/second-step/off"' in client.get("/second-step").text
    assert turn(client, code(office), password="a wrong guess", on=False).status_code == 403
    assert turn(client, "000000", on=False).status_code == 403
    assert turn(client, code(office), on=False).location == "/settings/account"
    assert inside(office.login("lead"))


def test_who_lost_the_phone_is_helped_by_an_administrator_and_nobody_is_logged_out(office: Office) -> None:
    client, ticket = begin(office)
    send(client, ticket, code(office))
    with store.write(office.deps.db) as conn:
        second_step.turn_off(conn, "lead", "root", office.clock())
        second_step.turn_off(conn, "lead", "root", office.clock())
        told = [(each.who, each.what, each.subject, each.after) for each in audit.latest(conn, 2)]
    assert told[0] == ("root", "second step", "lead", {"on": False})
    assert told[1][3] == {"on": True}
    assert inside(client)
    assert inside(office.login("lead"))


def test_another_secret_key_keeps_everybody_out_and_says_why_in_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with store.write(office.deps.db) as conn:
        user = users.get(conn, "lead")
        assert not second_step.right(conn, Secrets(b"another key"), user, code(office), office.clock())
    assert "The second step of lead cannot be checked" in caplog.text


def test_a_one_time_password_comes_before_the_page(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        users.set_password(conn, "root", "one time only!", "test", office.clock(), must_change=True)
    client = office.server.test_client()
    client.post("/login", data={"login": "root", "password": "one time only!"}, headers=ORIGIN)
    assert client.get("/second-step").location == "/password"
    assert client.get_cookie(sessions.COOKIE)
