"""What the wall costs, beside the usual page of `dcc.Interval` and `dcc.Graph`: time, bytes, the server, the browser.

    python -m bench.wall [PART …]     all of it, forty minutes on a machine with nothing else to do; or these parts
    python -m bench.wall --short …    fewer rounds, and one minute in the browser instead of ten

The parts are load, news, browser, server and rest; each is the wall first, then the usual page, and for load a page
with nothing but a heading: what the browser and the machine take by themselves.

The first panel is on the screen when the browser has painted its first figure (Element Timing), from a cold cache. A
commit has reached the screen in the second frame after the figure changed in the page. Server CPU is that of the web
process alone, with a commit every ten seconds and screens that are bound. Idle is a night without a commit.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from playwright.sync_api import Browser, CDPSession, Error, Page, sync_playwright

from bench import screens
from bench.stage import AFTERNOON, FLAGS, NIGHT, Server, cpu_seconds, still_tablo, until, usual_page
from bench.usual import BARE

# Element Timing tells when a text was painted; it times the block around the text, so each of the next ones is marked.
_FIRST = """
(function () {
  var seen = new MutationObserver(function () {
    var node = document.querySelector("FIGURE");
    if (!node || !node.textContent) return;
    seen.disconnect();
    for (var up = 0; up < 3; up += 1, node = node.parentElement) node.setAttribute("elementtiming", "figure");
  });
  seen.observe(document, { childList: true, subtree: true, characterData: true });
  new PerformanceObserver(function (list) {
    window.__first = window.__first || list.getEntries()[0].renderTime;
  }).observe({ type: "element", buffered: true });
})();
"""
_PIXEL = """
(function () {
  var before = null;
  window.__pixels = [];
  function look() {
    var text = document.querySelector("FIGURE").textContent;
    if (before !== null && text !== before) requestAnimationFrame(function () {
      requestAnimationFrame(function () { window.__pixels.push(new Date().getTime()); });
    });
    before = text;
  }
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
})()
"""
_SCREENS = (1, 50, 200)
_SETTLED_S = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """How long everything takes: rounds of loading, commits, seconds at the server, of rest and in the browser."""

    rounds: int = 7
    commits: int = 30
    server_s: float = 60
    idle_s: float = 240
    browser_s: float = 600


SHORT = Plan(rounds=3, commits=8, server_s=30, idle_s=70, browser_s=60)


@dataclass
class Wire:
    """Everything that came over the wire while a page loaded, by the browser's own clock (seconds)."""

    began: float = 0.0
    parts: list[tuple[float, int]] = field(default_factory=list)

    def listen(self, client: CDPSession) -> None:
        """Count from now on."""
        client.send("Network.enable")
        client.on("Network.requestWillBeSent", self._sent)
        client.on("Network.responseReceived", lambda event: self._came(event, event["response"]["encodedDataLength"]))
        client.on("Network.dataReceived", lambda event: self._came(event, event["encodedDataLength"]))

    def bytes_until(self, at: float) -> int:
        """Bytes that had come `at` seconds after the start."""
        return sum(size for when, size in self.parts if when - self.began <= at)

    def _sent(self, event: dict[str, Any]) -> None:
        self.began = self.began or event["timestamp"]

    def _came(self, event: dict[str, Any], size: float) -> None:
        self.parts.append((event["timestamp"], int(size)))


def first_panel(browser: Browser, server: Server, throttle: int) -> tuple[float, Wire]:
    """One visit with an empty cache: seconds to the first figure, and everything that came until the page rested."""
    with _page(browser) as (page, client):
        client.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        wire = Wire()
        wire.listen(client)
        page.add_init_script(_FIRST.replace("FIGURE", server.figure))
        page.goto(server.address, wait_until="commit")
        # The wall's own policy forbids what wait_for_function does.
        first = until(partial(_ask, page, "window.__first"), pause=lambda: page.wait_for_timeout(50)) / 1000
        if server.chart:
            page.wait_for_selector(server.chart, state="attached", timeout=90_000)
        page.wait_for_timeout(3000)
        return first, wire


def delays(browser: Browser, server: Server, commits: int) -> list[float]:
    """Seconds from the end of each commit to the frame that shows it."""
    with _page(browser) as (page, _):
        _rest(page, server)
        page.evaluate(_PIXEL.replace("FIGURE", server.figure))
        found = []
        for number in range(1, commits + 1):
            page.wait_for_timeout(random.uniform(2500, 4500))
            server.commit()
            committed = time.time()
            shown = partial(_ask, page, f"window.__pixels[{number - 1}]")
            found.append(until(shown, pause=lambda: page.wait_for_timeout(100)) / 1000 - committed)
        return found


def server_load(server: Server, most: int, seconds: float) -> tuple[float, screens.Count]:
    """CPU seconds of the web process a screen and minute, a commit every ten seconds, and what the screens heard."""
    used = 0.0

    def work() -> None:
        nonlocal used
        before, end = cpu_seconds(server.pid), time.monotonic() + seconds
        while time.monotonic() < end:
            server.commit()
            time.sleep(min(10.0, max(0.0, end - time.monotonic())))
        used = cpu_seconds(server.pid) - before

    count = asyncio.run(screens.run(_play(server), server.port, server.bind(most), _SETTLED_S + most / 10, work))
    return used / most / seconds * 60, count


def idle_bytes(server: Server, seconds: float) -> float:
    """Bytes a minute in both directions while nothing changes."""
    rest = partial(time.sleep, seconds)
    count = asyncio.run(screens.run(_play(server), server.port, server.bind(1), _SETTLED_S, rest))
    return count.bytes / seconds * 60


def browser_load(browser: Browser, server: Server, seconds: float) -> tuple[float, float, float]:
    """The share of a core that all processes of the browser take; MB of JavaScript heap at the start and the end."""
    with _page(browser) as (page, client):
        _rest(page, server)
        whole = browser.new_browser_cdp_session()
        early, before, start = _heap(client), _browser_cpu(whole), time.monotonic()
        end = start + seconds
        while time.monotonic() < end:
            server.commit()
            page.wait_for_timeout(min(10_000, max(0, (end - time.monotonic()) * 1000)))
        share = (_browser_cpu(whole) - before) / (time.monotonic() - start)
        return share, early, _heap(client)


def main(plan: Plan, parts: Sequence[str]) -> None:
    """Print the parts, one line a figure."""
    for part in parts:
        # A screen that was ever bound closes the wall to a browser that is none: each part has a server of its own.
        for place in (still_tablo(NIGHT if part == "rest" else AFTERNOON), usual_page()):
            with place as server:
                _PARTS[part](server, plan)


def _loading(server: Server, plan: Plan) -> None:
    _load(server, plan)
    if server.name == "usual":
        _load(replace(server, name="bare", chart="", path=BARE), plan)


def _load(server: Server, plan: Plan) -> None:
    for throttle in (1, 6):
        with _chromium() as browser:
            visits = [first_panel(browser, server, throttle) for _ in range(plan.rounds)]
        firsts = sorted(seconds for seconds, _ in visits)
        before = max(wire.bytes_until(seconds) for seconds, wire in visits)
        whole = max(wire.bytes_until(1e9) for _, wire in visits)
        _say(
            server,
            f"first panel at {throttle}x CPU throttle: {statistics.median(firsts):.2f} s "
            f"({firsts[0]:.2f} to {firsts[-1]:.2f}), {before / 1000:.0f} kB before it, {whole / 1e6:.2f} MB in all",
        )


def _news(server: Server, plan: Plan) -> None:
    with _chromium() as browser:
        times = sorted(delays(browser, server, plan.commits))
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    _say(server, f"commit to pixel: {statistics.median(times):.2f} s median, {p95:.2f} s at the 95th percentile")


def _browsing(server: Server, plan: Plan) -> None:
    with _chromium() as browser:
        share, early, late = browser_load(browser, server, plan.browser_s)
    minutes = plan.browser_s / 60
    _say(
        server,
        f"browser for {minutes:.0f} min, a change every ten seconds: {share:.1%} of a core, "
        f"heap {early:.1f} MB at first and {late:.1f} MB then",
    )


def _at_the_server(server: Server, plan: Plan) -> None:
    for most in _SCREENS:
        used, heard = server_load(server, most, plan.server_s)
        _say(
            server,
            f"server with {most} screens: {used:.4f} CPU s a screen and minute "
            f"({heard.lines} lines, {heard.answers} answers, {heard.news} with news)",
        )


def _at_rest(server: Server, plan: Plan) -> None:
    kilobytes = idle_bytes(server, plan.idle_s) / 1000
    _say(server, f"idle: {kilobytes:.2f} kB a minute and screen, headers and both directions counted")


def _say(server: Server, what: str) -> None:
    print(f"{server.name:6}{what}", flush=True)


def _play(server: Server) -> screens.Play:
    return screens.bound_screen if server.name == "tablo" else screens.usual_screen


def _rest(page: Page, server: Server) -> None:
    """Open the page and let everything come that comes."""
    page.goto(server.address)
    page.wait_for_selector(server.chart, state="attached", timeout=90_000)
    page.wait_for_timeout(8000)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _page(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    yield page, context.new_cdp_session(page)
    context.close()


def _ask(page: Page, script: str) -> float:
    """A number that the page holds; 0 where it has none, or is too busy with its own start to be asked."""
    try:
        return float(page.evaluate(f"{script} || 0"))
    except Error as error:
        if "Execution context was destroyed" not in error.message:
            raise
        return 0.0


def _browser_cpu(client: CDPSession) -> float:
    return float(sum(each["cpuTime"] for each in client.send("SystemInfo.getProcessInfo")["processInfo"]))


def _heap(client: CDPSession) -> float:
    for _ in range(3):
        client.send("HeapProfiler.collectGarbage")
    return float(client.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


_PARTS = {"load": _loading, "news": _news, "browser": _browsing, "server": _at_the_server, "rest": _at_rest}

if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("parts", nargs="*", choices=[*_PARTS, []], metavar="PART", help=", ".join(_PARTS))
    options.add_argument("--short", action="store_true", help="fewer rounds, and one minute in the browser")
    chosen = options.parse_args()
    main(SHORT if chosen.short else Plan(), chosen.parts or tuple(_PARTS))
