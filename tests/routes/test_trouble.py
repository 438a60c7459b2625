"""An error while a screen's page is made: nobody stands there to load it again, so it does that by itself."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from layouts.text import LANGUAGES, Text
from routes import guard, pairing
from storage import db as store
from storage import screens
from tests.desk.office import NOW, Office, furnish
from tests.wall.office import Running

FAR = {"REMOTE_ADDR": "192.0.2.7"}
AGAIN = '<noscript><meta http-equiv="refresh" content="10"></noscript>'
SAID = "The wall cannot be shown just now. It comes back by itself."


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A Ukrainian office whose store is not waited for."""
    monkeypatch.setattr(store, "BUSY_MS", 50)
    made = furnish(tmp_path, host="0.0.0.0", language="uk")
    yield made
    made.deps.db.dispose()


def screen(office: Office, language: str | None = None) -> FlaskClient:
    """A bound one."""
    with store.write(office.deps.db) as conn:
        bound = screens.bind(conn, screens.offer(conn, "cookie", "TV", NOW), "Hall", "lead", NOW)
        screens.choose(conn, bound.id, None, language, "lead", NOW)
    client = office.server.test_client()
    client.set_cookie(pairing.COOKIE, "cookie")
    return client


def fail() -> str:
    raise ZeroDivisionError


def comes_back(client: FlaskClient, address: str, language: str) -> bool:
    answer = client.get(address, environ_base=FAR)
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    (script,) = re.findall("<script>(.*?)</script>", answer.text, re.DOTALL)
    assert guard.script_hash(script) in answer.headers["Content-Security-Policy"]
    assert "ZeroDivision" not in answer.text
    return AGAIN in answer.text and Text(language).t(SAID) in answer.text


def test_an_unbound_screen_asks_for_its_code_again_when_the_store_takes_nothing(office: Office) -> None:
    tv = office.server.test_client()
    with closing(sqlite3.connect(office.deps.config.data_dir / "tablo.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert all(comes_back(tv, address, "uk") for address in pairing.PAGES)
    assert "data-code" in tv.get("/", environ_base=FAR).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_breaks_a_screens_page_is_logged_and_the_screen_reads_why_in_its_own_language(
    office: Office, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    tv = screen(office, language)
    office.server.view_functions |= {"wall": fail, "lite": fail}
    for address in pairing.PAGES:
        caplog.clear()
        assert comes_back(tv, address, language)
        (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert record.exc_info is not None
        assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.browser
def test_a_screen_waits_for_its_page_through_an_error_and_a_server_that_is_gone(
    office: Office, chromium: Browser
) -> None:
    screen(office)
    office.server.view_functions["lite"] = fail
    server, page = Running(office.server), chromium.new_page()
    page.context.add_cookies([{"name": pairing.COOKIE, "value": "cookie", "url": server.url}])
    try:
        page.add_init_script("const wait = window.setTimeout; window.setTimeout = (then, ms) => wait(then, ms / 20);")
        said = page.get_by_text(Text("uk").t(SAID))
        page.goto(f"{server.url}tv-lite")
        with page.expect_response("**/tv-lite"):
            expect(said).to_be_visible()
        server.stop()
        with page.expect_event("requestfailed"):
            expect(said).to_be_visible()
        server.start()
        with page.expect_response("**/tv-lite"):
            expect(said).to_be_visible()
        office.server.view_functions["lite"] = lambda: '<!DOCTYPE html><title>Tablo</title><p id="wall">numbers</p>'
        expect(page.locator("#wall")).to_be_visible()
    finally:
        page.close()
        server.stop()


def test_without_any_store_it_is_said_in_the_language_of_the_installation(office: Office) -> None:
    def gone(_conn: Connection) -> None:
        raise OperationalError("", None, Exception("unable to open database file"))

    event.listen(office.deps.db, "engine_connect", gone)
    assert comes_back(office.server.test_client(), "/", "uk")


def test_the_page_has_the_walls_dark_ground_and_asks_for_nothing_else(office: Office) -> None:
    tv = screen(office)
    office.server.view_functions["wall"] = fail
    page = tv.get("/").text
    assert "background: #080d1c" in page
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_everything_else_answers_an_error_as_it_did(office: Office) -> None:
    tv = screen(office)
    office.server.view_functions["state"] = fail
    answer = tv.get("/wall/state")
    assert answer.status_code == 500
    assert AGAIN not in answer.text
