"""A browser window before a real server of the desk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Request, ViewportSize
from werkzeug.serving import make_server

from storage import db as store
from storage import settings
from tests.desk.office import NOW, PASSWORD, Office, furnish

_CALLBACK = "/_dash-update-component"
# So many looks in a row without a request under way.
_QUIET = 4
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@dataclass
class Desk:
    """The office behind its address, and one window before it. `faults` are what the console said."""

    office: Office
    address: str
    page: Page
    faults: list[str]
    asked: set[Request] = field(default_factory=set)

    def log_in(self, who: str = "lead", password: str = PASSWORD) -> None:
        """A session from now on, without a page."""
        sent: dict[str, str | float | bool] = {"login": who, "password": password}
        answer = self.page.request.post(
            f"{self.address}/login", form=sent, headers={"Origin": self.address}, max_redirects=0
        )
        assert answer.headers["location"].startswith("/settings"), answer.text()

    def fill_in(self, who: str = "lead", password: str = PASSWORD) -> None:
        """Fill in the form and send it."""
        self.page.goto(f"{self.address}/login")
        self.page.fill("#login", who)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")
        self.page.wait_for_load_state()

    def speak(self, language: str) -> None:
        """From the next page on the office speaks another language."""
        with store.write(self.office.deps.db) as conn:
            settings.save(conn, {"language": language}, "test", NOW)

    def open(self, page: str) -> None:
        """Go to a page of the desk and wait until it is drawn."""
        self.page.goto(f"{self.address}/settings/{page}")
        self.page.wait_for_selector(".page h1")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has asked the server all that it asks by itself, as anybody's hand does."""
        quiet = 0
        while quiet < _QUIET:
            self.page.wait_for_timeout(50)
            quiet = 0 if self.asked else quiet + 1

    def cell(self, row: str, head: str) -> Locator:
        """The input in a row and under a head of the table, found by what a screen reader calls it."""
        return self.page.get_by_label(f"{row}, {head}", exact=True)


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    office = furnish(tmp_path)
    with serving(office.server) as address:
        context = chromium.new_context(viewport=DESKTOP)
        page, faults = context.new_page(), list[str]()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        desk = Desk(office, address, page, faults)
        page.on("request", lambda request: desk.asked.add(request) if _CALLBACK in request.url else None)
        page.on("requestfinished", lambda request: desk.asked.discard(request))
        page.on("requestfailed", lambda request: desk.asked.discard(request))
        yield desk
        context.close()


@contextmanager
def serving(server: Flask) -> Iterator[str]:
    """The server on a free port of this machine."""
    listener = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
