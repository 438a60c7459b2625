"""How long does a year of targets take to open and to save in a browser? 200 managers by 12 months, one metric.

    python -m bench.desk [FOLDER]         with a folder: pictures of the page are left there

Goals: open in at most 1.5 s (from the click to the drawn table), saved in at most 1 s (from the press to the answer on
the page), with every one of the 2,400 targets changed.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.board import fill
from bench.stage import FLAGS
from config import Config
from deps import open_deps
from domain.settings import PeriodKind
from jobs.house import House, open_house
from storage import db as store
from storage import targets, users
from tests.desk.office import serve
from tests.wall.office import Running

NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
REPS, _FACTS, _A_DAY = 200, 400_000, 12
_PASSWORD = "a quiet morning tea"
_ROUNDS = 3
# From the press to the frame after the one in which the answer stands on the page and no cell is marked as unsaved.
_WATCH = """() => {
  window.saved = new Promise(done => document.addEventListener("click", press => {
    (function look() {
      const over = document.querySelector(".said") && !document.querySelector("#targets-grid td.changed");
      requestAnimationFrame(over ? () => setTimeout(() => done(new Event("over").timeStamp - press.timeStamp)) : look);
    })();
  }, {capture: true, once: true}));
}"""
_AT_REST = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def main() -> None:
    logging.disable(logging.INFO)
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = Running(serve(open_deps(_house(Path(folder)))))
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{server.url}login")
        page.fill("#login", "root")
        page.fill("#password", _PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("#targets-grid td.cell")
        opened, saved = [], []
        for number in range(_ROUNDS):
            opened.append(_open(page))
            saved.append(_save(page, number))
        if pictures:
            _picture(page, pictures)
        browser.close()
        server.stop()
    print(f"{REPS} managers x 12 months opened in {_best(opened)}, saved in {_best(saved)}")


def _picture(page: Page, folder: Path) -> None:
    page.locator("tr.rep td.cell input").first.focus()
    page.screenshot(path=str(folder / "desk.png"))


def _open(page: Page) -> float:
    """Seconds from the click on the way to the year until its table is drawn and the browser is at rest."""
    page.get_by_role("link", name="Month", exact=True).click()
    page.wait_for_selector("#targets-grid th:has-text('Emails')")
    start = time.monotonic()
    page.get_by_role("link", name="Year by months").click()
    page.wait_for_selector("#targets-grid th:has-text('February')", state="attached")
    page.evaluate(_AT_REST)
    return time.monotonic() - start


def _save(page: Page, number: int) -> float:
    """Seconds from the press on Save until the answer is on the page, all cells changed.

    The page's own clock measures it. What the script typed is drawn before the press: nobody types 2,400 values in the
    instant in which they press.
    """
    page.evaluate(
        """value => document.querySelectorAll("tr.rep td.cell input").forEach((input, at) => {
            input.value = String(value + at % 7);
            input.dispatchEvent(new Event("input", {bubbles: true}));
        })""",
        400 + 10 * number,
    )
    page.evaluate(_AT_REST)
    page.evaluate(_WATCH)
    page.get_by_role("button", name="Save", exact=True).click()
    milliseconds: float = page.evaluate("window.saved")
    said = page.inner_text(".said.good")
    if str(REPS * 12) not in said.replace(",", ""):
        raise SystemExit(f"Not every target was saved: {said}")
    return milliseconds / 1000


def _house(folder: Path) -> House:
    key, address = folder / "secret.key", f"sqlite:///{folder / 'tablo.db'}"
    config = Config(data_dir=folder, database_url=address, secret_key_file=key, language="en", country="DE")
    house = replace(open_house(config), clock=lambda: NOW)
    fill(house, REPS, _FACTS, _A_DAY)
    with store.write(house.db) as conn:
        users.add(conn, "root", _PASSWORD, "admin", "bench", NOW)
        months = [(date(2026, month, 1), date(2026, month, 28)) for month in range(1, 13)]
        rows = [
            targets.NewTarget("calls", "rep", f"main:{rep}", PeriodKind.MONTH, Decimal(300), first, last)
            for rep in range(REPS)
            for first, last in months
        ]
        targets.add(conn, rows, "root", NOW)
    return house


def _best(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} s (all: {', '.join(f'{each:.2f}' for each in seconds)})"


if __name__ == "__main__":
    main()
