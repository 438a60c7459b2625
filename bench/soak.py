"""A month of refreshes in minutes: does the wall's page keep its memory and its nodes?

    python -m bench.soak [REFRESHES]

There is something new fifteen times a second, and panels stay for one second; everything else is real: the server that
tells it on the open line, the panels that change with every refresh and take turns, the chart. Goals: the JavaScript
heap grows by less than 0.5 MB in a thousand refreshes, and the nodes stay within 2 %.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.stage import FLAGS
from domain.settings import PeriodKind, Slot
from routes import fonts
from routes.pulse import Pulse
from tests import boards
from tests.wall.office import Office, Running, office, server_of

_REFRESHES, _STEP = 20_000, 1_000
_SLOPE_MB, _NODES = 0.5, 0.02
# The heap is still filling while Dash and Plotly come and every panel is shown for the first time.
_WARM = 2_000
# As many walls as the server keeps made.
_DIFFERENT, _CHANGING = 6, ("calls", "emails", "deals_created", "deals_won")
_COUNT = """
window.refreshes = 0;
document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => { window.refreshes += 1; })
  .observe(document.getElementById("wall"), { attributes: true, attributeFilter: ["data-version"] }));
"""
_LOOK_EVERY = 0.01


def main() -> None:
    """Print a line every thousand refreshes, then the slopes; exit code 1 where a goal was missed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else _REFRESHES
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        fonts.make(folder / "fonts")
        floor = _floor(folder)
        deps = floor.deps()
        server = Running(server_of(deps, Pulse(deps, look_every=_LOOK_EVERY)))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 640, "height": 360})
        page.add_init_script(_COUNT)
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url) if "/wall/state" in request.url else None)
        page.goto(server.url)
        with _busy(floor):
            samples = _samples(page, page.context.new_cdp_session(page), wanted)
        print(f"{len(fetched)} of them were fetched, the others came on the line.")
        browser.close()
        server.stop()
    sys.exit(not _judge(samples))


def _floor(folder: Path) -> Office:
    """An office whose clock stands."""
    now = datetime.now(UTC)
    floor = office(folder, replace(boards.board(), now=now, as_of=now))
    floor.clock = lambda: now
    slots = (Slot("overview", 1), Slot("calls", 1), Slot("invoices_paid", 1), Slot("leaderboard", 1))
    floor.settings = replace(floor.settings, playlist=slots)
    return floor


@contextmanager
def _busy(floor: Office) -> Iterator[None]:
    """Other numbers fifteen times a second, over and over the same few."""
    over = threading.Event()
    first = floor.boards[PeriodKind.DAY]
    others = [first]
    for more in range(1, _DIFFERENT):
        for key in _CHANGING:
            first = boards.with_progress(first, key, boards.progress(Decimal(50 + more), Decimal(99)))
        others.append(first)

    def turn() -> None:
        while not over.wait(1 / 15):
            floor.version = floor.version % _DIFFERENT + 1
            floor.boards = {PeriodKind.DAY: others[floor.version - 1]}

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _samples(page: Page, client: CDPSession, wanted: int) -> list[tuple[int, float, int]]:
    """Refreshes, MB of heap and nodes after a garbage collection, every thousand."""
    client.send("Performance.enable")
    found, began = [], time.monotonic()
    for goal in range(_STEP, wanted + 1, _STEP):
        while (done := page.evaluate("window.refreshes")) < goal:
            page.wait_for_timeout(200)
        for _ in range(3):
            client.send("HeapProfiler.collectGarbage")
        heap = client.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        nodes = int(page.evaluate("document.getElementsByTagName('*').length"))
        found.append((int(done), heap, nodes))
        print(f"{done:6d} refreshes, {time.monotonic() - began:5.0f} s: {heap:6.2f} MB, {nodes} nodes", flush=True)
    return found


def _judge(samples: list[tuple[int, float, int]]) -> bool:
    warm = [sample for sample in samples if sample[0] >= _WARM]
    slope, _ = statistics.linear_regression([done / _STEP for done, _, _ in warm], [heap for _, heap, _ in warm])
    counts = [nodes for _, _, nodes in warm]
    spread = (max(counts) - min(counts)) / 2 / statistics.mean(counts)
    print(f"heap {slope:+.3f} MB per 1,000 refreshes, nodes ±{spread:.1%}")
    return slope < _SLOPE_MB and spread <= _NODES


if __name__ == "__main__":
    main()
