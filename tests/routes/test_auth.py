"""Login: who gets in, what is said, how guessing is slowed, and how a session ends."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

import pytest
from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from routes import auth, sessions
from routes.auth import Wait
from storage import db as store
from storage import users
from tests.desk.office import NOW, ORIGIN, PASSWORD, Office, furnish

NEW = "another quiet morning"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


def log_in(client: FlaskClient, login: str, password: str, **more: str) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password, **more}, headers=ORIGIN)


def inside(client: FlaskClient) -> bool:
    return client.get("/settings/").status_code == 200


def test_the_right_password_opens_a_session_in_a_guarded_cookie(office: Office) -> None:
    answer = log_in(office.server.test_client(), "Lead ", PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert (answer.status_code, answer.location) == (303, "/settings/targets")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 43


def test_the_cookie_is_secure_over_https(office: Office) -> None:
    form = {"login": "lead", "password": PASSWORD}
    client = office.server.test_client()
    answer = client.post("/login", data=form, headers=ORIGIN, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_proxy_that_speaks_https_is_believed_and_plain_http_promises_nothing(office: Office) -> None:
    form, proxy = {"login": "lead", "password": PASSWORD}, ORIGIN | {"X-Forwarded-Proto": "https"}
    answer = office.server.test_client().post("/login", data=form, headers=proxy)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers
    assert "Strict-Transport-Security" not in office.server.test_client().get("/login").headers


def test_the_store_keeps_no_cookie_in_plain_words(office: Office) -> None:
    cookie = log_in(office.server.test_client(), "lead", PASSWORD).headers["Set-Cookie"].partition("=")[2][:43]
    assert cookie.encode() not in (office.deps.config.data_dir / "tablo.db").read_bytes()


@pytest.mark.parametrize(
    ("login", "password"), [("lead", "wrong password"), ("nobody", PASSWORD), ("", ""), ("lead", "x" * 5000)]
)
def test_a_wrong_pair_never_says_which_part_was_wrong(office: Office, login: str, password: str) -> None:
    answer = log_in(office.server.test_client(), login, password)
    assert answer.status_code == 403
    assert "This login and this password do not belong together." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_what_was_typed_as_a_login_cannot_become_a_tag(office: Office) -> None:
    answer = log_in(office.server.test_client(), '"><script>alert(1)</script>', "x", next="<b>")
    assert "<script" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    ("onward", "lands"),
    [
        ("wall", "/settings/wall"),
        ("", "/settings/targets"),
        ("https://evil.example", "/settings/targets"),
        ("//evil.example", "/settings/targets"),
        ("../login", "/settings/targets"),
        ("wall\r\nX: y", "/settings/targets"),
    ],
)
def test_a_login_leads_to_a_page_of_ours_and_nowhere_else(office: Office, onward: str, lands: str) -> None:
    assert log_in(office.server.test_client(), "lead", PASSWORD, next=onward).location == lands


def test_who_comes_without_a_login_is_led_back_to_the_page_after_it(office: Office) -> None:
    client = office.server.test_client()
    assert client.get("/settings/office").location == "/login?next=office"
    assert 'value="office"' in client.get("/login?next=office").text
    assert client.get("/settings/elsewhere").location == "/login"


def test_guessing_is_slowed_more_and_more_and_never_locked(office: Office) -> None:
    client, waits = office.server.test_client(), []
    for _ in range(12):
        answer = log_in(client, "lead", "a wrong guess")
        while answer.status_code == 429:
            wait = int(answer.headers["Retry-After"])
            assert "Too many wrong passwords. Try again in" in answer.text
            assert log_in(client, "lead", PASSWORD).status_code == 429, "the right password has to wait as well"
            waits.append(wait)
            office.clock.turn(timedelta(seconds=wait))
            answer = log_in(client, "lead", "a wrong guess")
        assert answer.status_code == 403
    assert waits == sorted(waits)
    assert waits[0] == 1
    assert waits[-1] > 60
    office.clock.turn(timedelta(seconds=waits[-1] * 2))
    assert log_in(client, "lead", PASSWORD).status_code == 303


def test_who_guesses_from_elsewhere_does_not_lock_the_owner_out_for_long(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        for number in range(500):
            users.wrong_guess(conn, "lead", f"192.0.2.{number}", NOW)
    office.clock.turn(timedelta(seconds=61))
    assert log_in(office.server.test_client(), "lead", PASSWORD).status_code == 303


def test_guesses_at_once_are_counted_one_by_one(office: Office) -> None:
    turn, found = Lock(), []

    def guess() -> None:
        found.append(auth.try_password(office.deps, turn, "lead", "wrong", "192.0.2.1"))

    crowd = [Thread(target=guess) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sum(each is None for each in found) <= 4
    assert sum(isinstance(each, Wait) for each in found) >= 8


class Watched(PasswordHasher):
    """Notes what each guess costs."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.costs: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.costs.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    monkeypatch.setattr(users, "HASHER", watched)
    with store.read(office.deps.db) as conn:
        assert [users.verify(conn, login, "a wrong guess") for login in ("lead", "nobody")] == [None, None]
    known, unknown = watched.costs
    assert known == unknown


def test_a_password_is_kept_as_it_is_recommended() -> None:
    said = "from storage.users import secret_hash; print(secret_hash('a quiet morning'))"
    made = subprocess.run((sys.executable, "-c", said), capture_output=True, text=True, check=True, cwd=ROOT).stdout
    shipped = extract_parameters(made.strip())
    assert (shipped.type, shipped.time_cost, shipped.memory_cost, shipped.salt_len) == (Type.ID, 3, 65536, 16)


def test_leaving_ends_the_session_in_the_store(office: Office) -> None:
    client = office.login()
    stolen = client.get_cookie(sessions.COOKIE)
    assert stolen is not None
    assert client.post("/logout", headers=ORIGIN).location == "/login"
    thief = office.server.test_client()
    thief.set_cookie(sessions.COOKIE, stolen.value)
    assert not inside(thief)


def test_logging_in_again_ends_the_session_before(office: Office) -> None:
    client = office.login()
    old = client.get_cookie(sessions.COOKIE)
    assert old is not None
    log_in(client, "lead", PASSWORD)
    other = office.server.test_client()
    other.set_cookie(sessions.COOKIE, old.value)
    assert inside(client)
    assert not inside(other)


def test_a_session_ends_after_a_working_day(office: Office) -> None:
    client = office.login()
    office.clock.turn(timedelta(hours=11, minutes=59))
    assert inside(client)
    office.clock.turn(timedelta(minutes=1))
    assert not inside(client)


def test_an_administrator_is_logged_out_when_idle_and_not_while_at_work(office: Office) -> None:
    client = office.login("root")
    for _ in range(4):
        office.clock.turn(timedelta(minutes=20))
        assert inside(client)
    office.clock.turn(timedelta(minutes=30))
    assert not inside(client)


def test_a_removed_login_is_out_at_once(office: Office) -> None:
    client = office.login()
    with store.write(office.deps.db) as conn:
        users.remove(conn, "lead", "root", NOW)
    assert not inside(client)


@pytest.fixture
def newcomer(office: Office) -> FlaskClient:
    """Somebody who logged in with a one-time password."""
    with store.write(office.deps.db) as conn:
        users.set_password(conn, "lead", "one time only!", "test", NOW, must_change=True)
    client = office.server.test_client()
    assert log_in(client, "lead", "one time only!").location == "/password"
    return client


def change(client: FlaskClient, new: str, again: str, old: str = "") -> TestResponse:
    return client.post("/password", data={"old": old, "new": new, "again": again}, headers=ORIGIN)


def test_a_one_time_password_opens_nothing_but_the_choice_of_another(newcomer: FlaskClient) -> None:
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert newcomer.get("/settings/targets").location == "/password"
    assert "numbers" not in newcomer.get("/", environ_base=far).text
    assert newcomer.get("/settings/_dash-layout").status_code == 403
    assert newcomer.post("/settings/_dash-update-component", json={}, headers=ORIGIN).status_code == 403
    page = newcomer.get("/password")
    assert "works once" in page.text
    assert 'name="old"' not in page.text


def test_a_chosen_password_opens_the_desk_and_ends_the_old_sessions(office: Office, newcomer: FlaskClient) -> None:
    before = newcomer.get_cookie(sessions.COOKIE)
    assert before is not None
    assert change(newcomer, NEW, NEW).location == "/settings/targets"
    other = office.server.test_client()
    other.set_cookie(sessions.COOKIE, before.value)
    assert inside(newcomer)
    assert not inside(other)
    assert log_in(office.server.test_client(), "lead", NEW).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "at least 10 characters"),
        ("x" * 300, "x" * 300, "at most 200 characters"),
        (NEW, "another quiet evening", "differ"),
        ("Qwertyuiop", "Qwertyuiop", "anybody would try"),
        ("leadleadlead1", "leadleadlead1", "anybody would try"),
        ("1111111111111", "1111111111111", "anybody would try"),
        ("one time only!", "one time only!", "the password you have now"),
    ],
)
def test_a_password_that_cannot_be_taken_is_told_why(newcomer: FlaskClient, new: str, again: str, said: str) -> None:
    answer = change(newcomer, new, again)
    assert answer.status_code == 422
    assert said in answer.text


def test_ones_own_password_is_changed_with_the_present_one_only(office: Office) -> None:
    client = office.login()
    assert "present password is another one" in change(client, NEW, NEW, "a wrong guess").text
    assert change(client, NEW, NEW, PASSWORD).location == "/settings/targets"
    assert inside(client)


def test_guessing_the_present_password_is_slowed_too(office: Office) -> None:
    client = office.login()
    answers = [change(client, NEW, NEW, "a wrong guess").status_code for _ in range(5)]
    assert answers[-1] == 429
    assert answers[0] == 422


@pytest.mark.parametrize(("language", "title"), [("uk", "Увійти"), ("ru", "Войти"), ("en", "Log in")])
def test_the_login_speaks_the_offices_language(tmp_path: Path, language: str, title: str) -> None:
    office = furnish(tmp_path, language=language)
    page = office.server.test_client().get("/login").text
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}">' in page
