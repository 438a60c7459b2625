"""What the wall costs a weak browser: time and bytes to the first panel, an unchanged refresh, memory over hours.

    python -m bench.wall

Goals: the first panel at 6x CPU throttle from a cold cache in at most 1.6 s with at most 320 kB before it, Plotly asked
for after that, at most 1.8 MB in all; an unchanged refresh in at most 400 bytes; the JavaScript heap after 600 panel
changes within 10 % of that after 60.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The time of the frame after the one in which the first figure has a place on the screen.
_FIRST = """
(function watch() {
  var figure = document.querySelector("[data-slot] [data-role=actual]");
  if (figure && figure.getClientRects().length) {
    requestAnimationFrame(function () { requestAnimationFrame(function (at) { window.__first = at; }); });
  } else requestAnimationFrame(watch);
})();
"""
_ROUNDS = 3
_DWELL_MS = 16_000


@dataclass
class Wire:
    """Everything that came over the wire while a page loaded, by the browser's own clock (seconds)."""

    began: float = 0.0
    parts: list[tuple[float, int]] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)

    def listen(self, client: CDPSession) -> None:
        """Count from now on."""
        client.send("Network.enable")
        client.on("Network.requestWillBeSent", self._sent)
        client.on("Network.responseReceived", lambda event: self._came(event, event["response"]["encodedDataLength"]))
        client.on("Network.dataReceived", lambda event: self._came(event, event["encodedDataLength"]))

    def bytes_until(self, at: float) -> int:
        """Bytes that had come `at` seconds after the start."""
        return sum(size for when, size in self.parts if when - self.began <= at)

    def first(self, word: str) -> float | None:
        """Seconds after which an address with that word in it was asked for."""
        return next((when - self.began for when, address in self.asked if word in address), None)

    def _sent(self, event: dict[str, Any]) -> None:
        self.began = self.began or event["timestamp"]
        self.asked.append((event["timestamp"], event["request"]["url"]))

    def _came(self, event: dict[str, Any], size: float) -> None:
        self.parts.append((event["timestamp"], int(size)))


@contextmanager
def tablo(language: str = "en", folder: Path | None = None) -> Iterator[str]:
    """A Tablo of its own (in the folder) with the demo sales floor on a working afternoon; gives its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder)) as data_dir:
        env = {name: value for name, value in os.environ.items() if not name.startswith("TABLO_")}
        env |= {"TABLO_DATA_DIR": data_dir, "TABLO_DEMO": "on", "TABLO_NOW": "2026-11-20T14:26:00+02:00"}
        env |= {"TABLO_LANGUAGE": language}
        child = subprocess.Popen((sys.executable, "app.py", "--port", str(port)), env=env, stdout=subprocess.DEVNULL)
        try:
            _until_ready(address)
            yield address
        finally:
            child.terminate()
            child.wait(20)


def load(browser: Browser, address: str, throttle: int) -> tuple[float, Wire]:
    """One visit with an empty cache: seconds to the first panel, and the wire until the chart was there too."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    client, wire = context.new_cdp_session(page), Wire()
    client.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    wire.listen(client)
    page.add_init_script(_FIRST)
    page.goto(address, wait_until="commit")
    # The page's own policy forbids what wait_for_function does.
    while not page.evaluate("window.__first || 0"):
        page.wait_for_timeout(50)
    first = page.evaluate("window.__first") / 1000
    page.wait_for_selector(".js-plotly-plot", state="attached", timeout=90_000)
    page.wait_for_timeout(3000)
    context.close()
    return first, wire


def refresh_bytes(address: str) -> int:
    """Every byte of the answer to a screen that knows the present state."""
    host, _, port = address.removeprefix("http://").partition(":")
    with urlopen(f"{address}/wall/state") as answer:  # our own server
        mark = answer.headers["ETag"]
    with socket.create_connection((host, int(port))) as line:
        lines = (
            "GET /wall/state HTTP/1.1",
            f"Host: {host}:{port}",
            f"If-None-Match: {mark}",
            "Connection: close",
            "",
            "",
        )
        line.sendall("\r\n".join(lines).encode())
        whole = b"".join(iter(lambda: line.recv(65536), b""))
    if not whole.startswith(b"HTTP/1.1 304"):
        raise SystemExit(f"The state changed meanwhile: {whole[:40]!r}; run it again.")
    return len(whole)


def heaps(browser: Browser, address: str) -> tuple[int, int]:
    """Bytes of JavaScript heap after 60 and after 600 panel changes, garbage collected."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.clock.install()
    page.goto(address)
    client = context.new_cdp_session(page)
    page.evaluate(
        "window.__changes = 0; new MutationObserver(function () { window.__changes += 1; })"
        ".observe(document.getElementById('wall'), {attributes: true, attributeFilter: ['data-panel']})"
    )
    sizes = []
    for changes in (60, 600):
        _cycle(page, changes)
        sizes.append(_heap(client))
    context.close()
    return sizes[0], sizes[1]


def _cycle(page: Page, changes: int) -> None:
    while page.evaluate("window.__changes") < changes:
        page.clock.run_for(_DWELL_MS)
        page.wait_for_timeout(15)


def _heap(client: CDPSession) -> int:
    for _ in range(3):
        client.send("HeapProfiler.collectGarbage")
    return int(client.send("Runtime.getHeapUsage")["usedSize"])


def _until_ready(address: str) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/wall/state") as answer:
                if answer.headers["Tablo-As-Of"]:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("Tablo did not come up within 90 s.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Print everything, one line a figure."""
    with tablo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for throttle in (1, 6):
            visits = [load(browser, address, throttle) for _ in range(_ROUNDS)]
            first = statistics.median(seconds for seconds, _ in visits)
            before = max(wire.bytes_until(seconds) for seconds, wire in visits)
            whole = max(wire.bytes_until(1e9) for _, wire in visits)
            asked = min((wire.first("plotly.min") or 0) - seconds for seconds, wire in visits)
            print(
                f"cold cache, {throttle}x CPU throttle: first panel after {first:.2f} s (median of {_ROUNDS}), "
                f"{before / 1000:.0f} kB before it, Plotly asked for {asked:.2f} s later, {whole / 1e6:.2f} MB in all",
                flush=True,
            )
        print(f"an unchanged refresh: {refresh_bytes(address)} bytes", flush=True)
        early, late = heaps(browser, address)
        print(f"heap after 60 changes {early / 1e6:.2f} MB, after 600 {late / 1e6:.2f} MB: {late / early - 1:+.1%}")
        browser.close()


if __name__ == "__main__":
    main()
