"""What can happen to a wall from outside, and how long it needs to get over it by itself, in a real Chromium.

    python -m bench.failures

Goal: 30 seconds after the cause has ended the wall is live again, with the numbers that came meanwhile, untouched.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.stage import FLAGS
from routes import fonts
from tests.wall.failures import FAILURES, HEALED_WITHIN, try_all

# So many screens at once do not slow each other down much.
_AT_ONCE = 6
_LASTS_S, _GIVE_UP_S = 16.0, 150.0
_LIVE = "document.getElementById('wall').dataset.state === 'live'"


@dataclass
class Tablo:
    """A whole Tablo, with its poller, on a folder of sheets."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def as_of(self) -> int:
        """Up to when the numbers are complete, in milliseconds; 0 while nobody says."""
        with suppress(OSError), urlopen(f"{self.address}/wall/state", timeout=5) as answer:
            return int(answer.headers["Tablo-As-Of"] or 0)
        return 0

    def answers(self) -> bool:
        """Whether the server is there."""
        with suppress(OSError), urlopen(f"{self.address}/healthz", timeout=5) as answer:
            return int(answer.status) == 200
        return False

    def health(self) -> str:
        """How the one source is."""
        with suppress(OSError), urlopen(f"{self.address}/wall/state", timeout=5) as answer:
            return str(json.load(answer)["sources"][0]["state"])
        return ""

    def pollers(self) -> list[psutil.Process]:
        """The process that polls."""
        return psutil.Process(self.process.pid).children()


Deed = Callable[[Tablo], None]


def kill(tablo: Tablo) -> None:
    """As a power cut does."""
    for each in (*tablo.pollers(), psutil.Process(tablo.process.pid)):
        each.kill()
    tablo.process.wait()


def start(tablo: Tablo) -> None:
    """The same store, the same port. The cause is over when the server answers."""
    tablo.process = _start(tablo.folder, tablo.port)
    _until(tablo.answers, 120)


def stop_poller(tablo: Tablo) -> None:
    """Nobody polls; the server does not know yet."""
    for each in tablo.pollers():
        each.kill()


def lock(tablo: Tablo) -> None:
    """Another program holds the database for itself."""
    held = sqlite3.connect(tablo.folder / "data" / "tablo.db", isolation_level=None, timeout=30)
    held.execute("BEGIN EXCLUSIVE")
    time.sleep(_LASTS_S)
    held.rollback()
    held.close()


def hide(tablo: Tablo) -> None:
    """The CRM is gone."""
    (tablo.folder / "sheets").rename(tablo.folder / "elsewhere")
    _until(lambda: tablo.health() == "error", 30)


def give_back(tablo: Tablo) -> None:
    """The CRM is there again."""
    (tablo.folder / "elsewhere").rename(tablo.folder / "sheets")


def nothing(_tablo: Tablo) -> None:
    """A cause that is over by itself."""


DEEDS: tuple[tuple[str, Deed, Deed], ...] = (
    ("the whole server killed, and started again", kill, start),
    ("the whole server stopped (SIGSTOP), and going on", lambda at: _signal(at, signal.SIGSTOP),
     lambda at: _signal(at, signal.SIGCONT)),
    ("the database locked by another program", lock, nothing),
    ("the poller killed", stop_poller, nothing),
    ("the CRM gone, and back", hide, give_back),
)  # fmt: skip


def main() -> None:
    """Print a line for each, with the seconds after which all was well again; exit code 1 where one was not in time."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    late = 0
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        fonts.make(Path(folder) / "fonts")
        for first in range(0, len(FAILURES), _AT_ONCE):
            for case in try_all(browser, Path(folder), FAILURES[first : first + _AT_ONCE]):
                late += _say(case.failure.name, case.seconds)
        for name, begin, end in DEEDS:
            with tablo() as one:
                late += _say(name, _try(browser, one, begin, end))
        browser.close()
    sys.exit(late > 0)


@contextmanager
def tablo() -> Iterator[Tablo]:
    """A Tablo whose one source is a folder with a sheet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sheets").mkdir()
        (folder / "sheets" / "calls.csv").write_text("id,rep,date,seconds\n1,Olena Koval,2026-11-20 10:00,60\n")
        made = ("sources", "add", "files", "sheets", f"path={folder / 'sheets'}")
        subprocess.run(
            (sys.executable, "app.py", *made), env=_environment(folder), check=True, stdout=subprocess.DEVNULL
        )
        port = _free_port()
        one = Tablo(folder, port, _start(folder, port))
        try:
            _until(lambda: one.as_of > 0, 90)
            yield one
        finally:
            with suppress(psutil.NoSuchProcess):
                _signal(one, signal.SIGCONT)
            one.process.terminate()
            one.process.wait(30)


def _try(browser: Browser, one: Tablo, begin: Deed, end: Deed) -> float | None:
    """Seconds from the end of the cause until the wall is live and newer numbers have come."""
    page = browser.new_page(viewport={"width": 640, "height": 360})
    try:
        page.goto(one.address)
        _until(lambda: _is_live(page), 30)
        page.evaluate("window.stayed = true")
        begin(one)
        page.wait_for_timeout(_LASTS_S * 1000)
        before = int(time.time() * 1000)
        end(one)
        ended = time.monotonic()
        while time.monotonic() - ended < _GIVE_UP_S:
            if one.as_of > before and _is_live(page):
                return time.monotonic() - ended
            page.wait_for_timeout(200)
        return None
    finally:
        page.close()


def _is_live(page: Page) -> bool:
    return bool(page.evaluate(_LIVE))


def _say(name: str, seconds: float | None) -> bool:
    """Print a line; whether it is late."""
    print(f"{name:55} {'not at all' if seconds is None else f'{seconds:5.1f} s'}", flush=True)
    return seconds is None or seconds > HEALED_WITHIN


def _signal(one: Tablo, which: signal.Signals) -> None:
    psutil.Process(one.process.pid).send_signal(which)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = (sys.executable, "app.py", "--port", str(port))
    return subprocess.Popen(command, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _environment(folder: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TABLO_")}
    return env | {"TABLO_DATA_DIR": str(folder / "data"), "TABLO_POLL_SECONDS": "3", "TABLO_DEMO": "off"}


def _until(is_so: Callable[[], bool], seconds: float) -> None:
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"Not so after {seconds:.0f} s.")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
