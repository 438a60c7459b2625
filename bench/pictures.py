"""Takes the pictures of the docs: every panel of the demo sales floor in each language, a celebration, a phone.

python -m bench.pictures      writes docs/images/wall-<language>.jpg, calls-en.jpg, celebration-en.jpg, phone-en.jpg
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.celebration import cheer, living
from bench.stage import FLAGS, tablo
from config import Config
from domain.settings import Slot
from jobs.house import House, open_house
from routes import fonts
from storage import db as store
from storage import links, people, settings
from tests.wall.office import Running, server_of

_FOLDER = Path(__file__).parent.parent / "docs" / "images"
_LANGUAGES = ("en", "uk", "ru")
_SIX = ("calls", "emails", "invoices_issued", "invoices_paid", "deals_created", "deals_won")
_SHOWN = (*_SIX, "overview", "leaderboard", "phone")
_PHONE: ViewportSize = {"width": 390, "height": 844}
_PIN = "490517"
_SIZE: ViewportSize = {"width": 1920, "height": 1080}
# Sixteenths of the width of each picture, by the number of columns.
_WIDE = {1: 80, 3: 40}
_SHEET = '<body style="margin:0;display:flex;flex-wrap:wrap;background:#000">{}</body>'


def panels(browser: Browser, language: str) -> list[bytes]:
    """Every panel as it looks when its chart is drawn and its entry is over."""
    with tempfile.TemporaryDirectory() as data_dir, tablo(language, Path(data_dir)) as address:
        house = _house(data_dir)
        with store.write(house.db) as conn:
            # A phone is offered a page only where there is an address for it.
            chosen = {"playlist": tuple(Slot(panel, 600) for panel in _SHOWN), "public_address": "http://tablo.example"}
            settings.save(conn, chosen, "pictures", house.clock())
        page = browser.new_page(viewport=_SIZE)
        page.goto(address)
        page.wait_for_selector("#wall-chart-layer.ready", state="attached", timeout=60_000)
        taken = [_picture(page, panel) for panel in _SHOWN]
        page.close()
        house.db.dispose()
    return taken


def _picture(page: Page, panel: str) -> bytes:
    page.evaluate("key => tabloWall.show(tabloWall.state().panels.find((slot) => slot.key === key).id)", panel)
    page.wait_for_timeout(3500)
    page.locator("#celebration").wait_for(state="detached", timeout=90_000)
    return page.screenshot(type="png")


def sheet(browser: Browser, pictures: list[bytes], path: Path, columns: int = 3) -> None:
    """The pictures side by side on one, small."""
    width, height = _WIDE[columns] * 16, _WIDE[columns] * 9
    page = browser.new_page(viewport={"width": width * columns, "height": height * -(-len(pictures) // columns)})
    encoded = (b64encode(picture).decode() for picture in pictures)
    page.set_content(
        _SHEET.format("".join(f'<img src="data:image/png;base64,{each}" width="{width}">' for each in encoded))
    )
    page.screenshot(path=path, type="jpeg", quality=78)
    page.close()


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
        floor.wins = [cheer(7)]
        page.wait_for_selector("#celebration", timeout=20_000)
        page.wait_for_timeout(1800)
        page.screenshot(path=_FOLDER / f"celebration-{language}.jpg", type="jpeg", quality=82)
        page.close()
        server.stop()


def carry(browser: Browser, language: str) -> None:
    """Keep what the page on a manager's phone looks like."""
    with tempfile.TemporaryDirectory() as data_dir, tablo(language, Path(data_dir)) as address:
        house = _house(data_dir)
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
        for language in _LANGUAGES:
            taken = panels(browser, language)
            sheet(browser, taken, _FOLDER / f"wall-{language}.jpg")
            if language == "en":
                sheet(browser, taken[:1], _FOLDER / "calls-en.jpg", columns=1)
        celebrate(browser, "en")
        carry(browser, "en")
        browser.close()


def _house(data_dir: str) -> House:
    folder = Path(data_dir)
    return open_house(Config(folder, f"sqlite:///{folder}/tablo.db", secret_key_file=folder / "secret.key"))


if __name__ == "__main__":
    main()
