"""What a celebration costs a browser without a graphics card: time of all its processes, as a share of one core.

    python -m bench.celebration

Goal: confetti adds at most 10 % of one core, at 1920x1080.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.stage import FLAGS
from domain.celebrations import Celebration, Cheer
from domain.people import Rep
from domain.settings import Slot
from routes import fonts
from tests import boards
from tests.wall.office import Office, Running, office, server_of

# A panel that stays, so that nothing else moves; the first celebration starts when everything has come to rest.
_STILL = (Slot("overview", 600),)
_SETTLED_S = 12
_SECONDS, _ROUNDS = 8, 3


def share(browser: Browser, data_dir: Path, wins: int, motion: bool = True, confetti: bool = True) -> float:
    """The share of a core that the browser takes over the length of a celebration of so many deals."""
    floor = living(data_dir)
    server = Running(server_of(floor.deps()))
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, reduced_motion="no-preference" if motion else "reduce"
    )
    page, client = context.new_page(), browser.new_browser_cdp_session()
    if not confetti:
        page.add_init_script("delete Element.prototype.animate")
    page.goto(server.url)
    page.wait_for_timeout(_SETTLED_S * 1000)
    floor.wins = [cheer(number) for number in range(1, wins + 1)]
    if wins:
        page.wait_for_selector("#celebration", timeout=20_000)
    before, start = cpu_seconds(client), time.monotonic()
    page.wait_for_timeout(_SECONDS * 1000)
    used = (cpu_seconds(client) - before) / (time.monotonic() - start)
    context.close()
    server.stop()
    return used


def living(data_dir: Path) -> Office:
    """An office of twelve whose numbers are fresh."""
    now = datetime.now(UTC)
    board = replace(boards.board(), now=now, as_of=now - timedelta(seconds=8), last_win=None)
    floor = office(data_dir, board)
    floor.clock = lambda: datetime.now(UTC)
    floor.settings = replace(floor.settings, playlist=_STILL)
    return floor


def cpu_seconds(client: CDPSession) -> float:
    """Processor time of all processes of the browser so far."""
    return float(sum(each["cpuTime"] for each in client.send("SystemInfo.getProcessInfo")["processInfo"]))


def cheer(number: int) -> Cheer:
    """A deal that was just won by one of the twelve."""
    now = datetime.now(UTC)
    win = Celebration(
        number, f"main:deal:{number}", f"main:{number}", now, now, Decimal(240_000), "UAH", None, "Customer"
    )
    return Cheer(win, Rep(f"main:{number}", boards.name_of(number - 1)))


def _median(browser: Browser, data_dir: Path, wins: int, confetti: bool) -> float:
    return statistics.median(share(browser, data_dir, wins, confetti=confetti) for _ in range(_ROUNDS))


def main() -> None:
    """Print the shares, one line each."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data_dir = Path(folder)
        fonts.make(data_dir / "fonts")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, wins, motion in (("the wall alone", 0, True), ("one deal, no motion", 1, False)):
            print(f"{name}: {share(browser, data_dir, wins, motion):.1%} of a core over {_SECONDS} s", flush=True)
        for wins in (1, 5):
            plain, festive = (_median(browser, data_dir, wins, confetti) for confetti in (False, True))
            said = f"{plain:.1%} of a core without confetti, {festive:.1%} with it"
            print(f"deals shown: {wins}: {said}: {festive - plain:+.1%} (medians of {_ROUNDS})", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
