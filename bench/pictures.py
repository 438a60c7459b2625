"""Takes the pictures of the docs: panels of the demo sales floor in every language, a celebration, a phone.

python -m bench.pictures            writes docs/images/<panel>-<language>.jpg, celebration-<language>.jpg, phone-en.jpg
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.celebration import cheer, living
from bench.stage import FLAGS, tablo
from config import Config
from jobs.house import open_house
from routes import fonts
from storage import db as store
from storage import links, people
from tests.wall.office import Running, server_of

_FOLDER = Path(__file__).parent.parent / "docs" / "images"
# What is shown where: one language for each panel is enough to see all of both.
_WANTED = {
    "en": ("calls", "overview", "leaderboard"),
    "uk": ("deals_won", "leaderboard"),
    "ru": ("invoices_paid", "overview"),
}
_CELEBRATED = ("en", "uk")
_PHONE: ViewportSize = {"width": 390, "height": 844}
_PIN = "490517"
_SIZE: ViewportSize = {"width": 1280, "height": 720}
_LONGEST_CYCLE_S = 130


def take(page: Page, language: str) -> None:
    """Wait for each wanted panel of the rotation and keep what it looks like."""
    missing = set(_WANTED[language])
    for _ in range(_LONGEST_CYCLE_S * 2):
        shown = page.locator("#wall").get_attribute("data-panel")
        if shown in missing:
            # The chart is drawn and the entry is over by then.
            page.wait_for_timeout(3500)
            page.screenshot(path=_FOLDER / f"{shown}-{language}.jpg", type="jpeg", quality=82)
            missing.discard(shown)
        if not missing:
            return
        page.wait_for_timeout(500)
    raise SystemExit(f"These panels did not come: {', '.join(sorted(missing))}")


def celebrate(browser: Browser, language: str) -> None:
    """Keep what a won deal looks like when everything has come in."""
    with tempfile.TemporaryDirectory() as folder:
        fonts.make(Path(folder) / "fonts")
        floor = living(Path(folder))
        floor.settings = replace(floor.settings, language=language)
        server = Running(server_of(floor.deps()))
        page = browser.new_page(viewport=_SIZE)
        page.goto(server.url)
        page.wait_for_timeout(2000)
        floor.wins = [cheer(2)]
        page.wait_for_selector("#celebration", timeout=20_000)
        page.wait_for_timeout(1800)
        page.screenshot(path=_FOLDER / f"celebration-{language}.jpg", type="jpeg", quality=82)
        page.close()
        server.stop()


def carry(browser: Browser, language: str) -> None:
    """Keep what the page on a manager's phone looks like."""
    with tempfile.TemporaryDirectory() as data_dir, tablo(language, Path(data_dir)) as address:
        folder = Path(data_dir)
        house = open_house(Config(folder, f"sqlite:///{folder}/tablo.db", secret_key_file=folder / "secret.key"))
        context = browser.new_context(viewport=_PHONE, device_scale_factor=2, locale=language)
        page = context.new_page()
        # The fonts are being made meanwhile.
        page.wait_for_timeout(8000)
        with store.write(house.db) as conn:
            rep = people.reps(conn)[-1].key
            secret = links.renew(conn, rep, "pictures", house.clock())
            links.set_pin(conn, rep, _PIN, "pictures", house.clock())
        page.goto(f"{address}/me/{secret}")
        page.fill("#pin", _PIN)
        page.press("#pin", "Enter")
        page.wait_for_selector("[data-card=rank]")
        page.wait_for_timeout(1500)
        page.screenshot(path=_FOLDER / f"phone-{language}.jpg", type="jpeg", quality=78)
        context.close()
        house.db.dispose()


def main() -> None:
    """Every picture, language by language."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language in _WANTED:
            with tablo(language) as address:
                page = browser.new_page(viewport=_SIZE)
                page.goto(address)
                # Plotly's bundle is on its way meanwhile.
                page.wait_for_timeout(8000)
                take(page, language)
                page.close()
        for language in _CELEBRATED:
            celebrate(browser, language)
        carry(browser, "en")
        browser.close()


if __name__ == "__main__":
    main()
