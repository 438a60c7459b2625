"""A browser window before a real server of the desk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, ViewportSize
from werkzeug.serving import make_server

from tests.desk.office import PASSWORD, Office, furnish

DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@dataclass
class Desk:
    """The office behind its address, and one window before it. `faults` are what the console said."""

    office: Office
    address: str
    page: Page
    faults: list[str]

    def log_in(self, who: str = "lead", password: str = PASSWORD) -> None:
        """Fill in the form and send it."""
        self.page.goto(f"{self.address}/login")
        self.page.fill("#login", who)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")
        self.page.wait_for_load_state()

    def open(self, page: str) -> None:
        """Go to a page of the desk and wait until it is drawn."""
        self.page.goto(f"{self.address}/settings/{page}")
        self.page.wait_for_selector(".page h1")

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
        yield Desk(office, address, page, faults)
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
