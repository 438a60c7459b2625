"""A TV without a keyboard: it shows a code, Olena types it in the settings, and from then on it shows the wall."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from callbacks.settings import screens as page
from callbacks.settings.screens import Typed
from layouts import ids
from layouts.text import Text
from routes import guard, pairing
from storage import db as store
from storage import screens
from tests.desk.office import NOW, Office, furnish

FAR = {"REMOTE_ADDR": "192.0.2.7"}
EN = Text("en")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A server for many machines."""
    return furnish(tmp_path, host="0.0.0.0")


def test_an_unbound_tv_is_shown_a_code_and_never_a_login_or_a_number(office: Office) -> None:
    tv = office.server.test_client()
    answer = tv.get("/", environ_base=FAR)
    assert answer.status_code == 200
    assert re.search(r'data-code="\d{6}"', answer.text)
    assert "password" not in answer.text
    assert tv.get("/wall/state", environ_base=FAR).status_code == 401
    cookie = tv.get_cookie(page_cookie())
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_the_script_that_asks_comes_with_the_code_and_may_run(office: Office) -> None:
    tv = office.server.test_client()
    for address in pairing.PAGES:
        answer = tv.get(address, environ_base=FAR)
        ((about, script),) = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
        assert about == ""
        assert "/pairing?" in script
        allowed = re.findall("script-src ([^;]*)", answer.headers["Content-Security-Policy"])[0]
        assert guard.script_hash(script) in allowed


def test_an_old_tv_is_bound_on_its_own_page(office: Office) -> None:
    tv = office.server.test_client()
    code = re.search(r'data-code="(\d{6})"', tv.get("/tv-lite", environ_base=FAR).text)
    assert code is not None
    bind(office, code[1], "Kitchen")
    answer = tv.get("/tv-lite", environ_base=FAR)
    assert answer.text == "numbers"
    assert "Max-Age=34560000" in answer.headers["Set-Cookie"]


def test_the_code_is_typed_once_and_the_tv_shows_the_wall_from_then_on(office: Office) -> None:
    tv = office.server.test_client()
    code = code_of(tv)
    assert tv.get("/pairing").get_json() == {"bound": False, "code": code}
    said = bind(office, code, "Hall")
    assert "Hall is bound" in str(said)
    assert tv.get("/pairing").get_json() == {"bound": True, "code": None}
    assert tv.get("/", environ_base=FAR).text == "numbers"
    office.clock.turn(timedelta(days=180))
    assert tv.get("/wall/state", environ_base=FAR).status_code == 200
    assert tv.get("/settings/", environ_base=FAR).status_code == 302
    assert tv.get("/api/v1/board", environ_base=FAR).status_code == 401


def test_an_ended_screen_shows_a_code_again_at_its_next_request(office: Office) -> None:
    tv = office.server.test_client()
    bind(office, code_of(tv), "Hall")
    assert tv.get("/wall/state").status_code == 200
    with store.read(office.deps.db) as conn:
        number = screens.every(conn)[0].id
    page.answer(office.deps, EN, "lead", ids.screen_do("end", number), Typed())
    assert tv.get("/wall/state").status_code == 401
    assert "data-code" in tv.get("/").text


def test_a_wrong_code_binds_nothing_and_says_what_to_do(office: Office) -> None:
    code_of(office.server.test_client())
    assert "look at the screen again" in str(bind(office, "000000x", "Hall"))
    with store.read(office.deps.db) as conn:
        assert screens.every(conn) == []


def test_on_a_machine_of_ones_own_the_wall_is_open_until_the_first_screen_is_bound(tmp_path: Path) -> None:
    office = furnish(tmp_path)
    here = office.server.test_client()
    assert here.get("/").text == "numbers"
    tv = office.server.test_client()
    with store.write(office.deps.db) as conn:
        code = screens.offer(conn, "cookie", "TV", NOW)
    bind(office, code, "Hall")
    assert "data-code" in here.get("/").text
    tv.set_cookie(page_cookie(), "cookie")
    assert tv.get("/").text == "numbers"
    assert office.login().get("/").text == "numbers"


def test_what_a_screen_says_of_itself_is_seen_in_settings(office: Office) -> None:
    tv = office.server.test_client()
    bind(office, code_of(tv), "Hall")
    tv.get("/wall/state?panel=calls&heap=5500000&errors=0", headers={"User-Agent": "WebTV 4"})
    html = str(page.page(office.deps, EN, None))
    assert "WebTV 4" in html
    assert "Calls" in html
    assert "5 MB" in html
    # Nonsense is no number, and spoils nothing; with a command done it is stored at once.
    tv.get(f"/wall/state?panel=emails&heap={'9' * 30}&errors=-7&done=1")
    html = str(page.page(office.deps, EN, None))
    assert "Emails" in html
    assert "5 MB" not in html


def test_a_store_that_takes_nothing_keeps_no_bound_screen_from_its_wall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_MS", 50)
    office = furnish(tmp_path, host="0.0.0.0")
    tv = office.server.test_client()
    bind(office, code_of(tv), "Hall")
    with locked(office):
        assert tv.get("/", environ_base=FAR).text == "numbers"
        assert tv.get("/wall/state?panel=calls&done=1", environ_base=FAR).text == "numbers"


@contextmanager
def locked(office: Office) -> Iterator[None]:
    """Another program writes to the store, and does not end."""
    other = sqlite3.connect(office.deps.config.data_dir / "tablo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def bind(office: Office, code: str, name: str) -> object:
    return page.answer(office.deps, EN, "lead", ids.SCREEN_BIND, Typed(code=code, new_name=name))


def code_of(tv: FlaskClient) -> str:
    found = re.search(r'data-code="(\d{6})"', tv.get("/", environ_base=FAR).text)
    assert found
    return found[1]


def page_cookie() -> str:
    return "tablo_screen"
