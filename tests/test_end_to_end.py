"""The main job, whole: sheets come in, the poller stores them, the wall shows them, the team lead changes a target.

The program is the real one in its own processes, the browser a real Chromium; nothing is faked but the clock.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

# How fast it goes is told by the benches: on a busy machine everything here takes its time (seconds).
_PATIENCE = 60
# A Friday afternoon in Kyiv.
NOW = "2026-11-20T14:26:00+02:00"
PASSWORD = "a long enough secret"


@dataclass
class Tablo:
    """The program in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    password: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TABLO_")}
        ours = {"TABLO_DATA_DIR": str(self.folder), "TABLO_NOW": NOW, "TABLO_POLL_SECONDS": "1", "TABLO_DEMO": "off"}
        return clean | ours | {"PYTHONUNBUFFERED": "1"}

    def command(self, *args: str) -> str:
        done = subprocess.run(
            (sys.executable, "app.py", *args), env=self.environment(), capture_output=True, text=True, check=True
        )
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "app.py", "--port", str(self.port)),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        _until(self._answers)

    def kill(self) -> None:
        """As a power cut would: no process of it has a chance to say goodbye."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for each in (parent, *parent.children(recursive=True)):
            each.send_signal(signal.SIGKILL)
        self._ended()

    def poller(self) -> psutil.Process | None:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        return next((child for child in alive if "jobs" in child.cmdline()), None)

    def hear_password(self) -> None:
        """Of the first login: it is printed once."""
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"one-time password: (\S+)", line)
            if found:
                self.password = found[1]
                return
        raise AssertionError("no password was printed")

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None and self.runs():
            self.process.terminate()
            self._ended()

    def _ended(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.wait(30)
        self.process.stdout.close()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two managers and five calls of today, three of them Olena's."""
    folder = tmp_path_factory.mktemp("sheets")
    (folder / "reps.csv").write_text("id,name,team\n1,Олена Коваль,North\n2,Nikita Orlov,North\n", encoding="utf-8")
    (folder / "calls.csv").write_text("id,rep_id,at,seconds\n" + _calls(5), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, sheets: Path, cut_fonts: Path) -> Iterator[Tablo]:
    program = Tablo(tmp_path_factory.mktemp("data"), _free_port())
    # A screen loads the page once more when the fonts have been cut; here they are there from the start.
    shutil.copytree(cut_fonts, program.folder / "fonts")
    program.command("sources", "add", "files", "office", f"path={sheets}")
    program.start()
    program.hear_password()
    yield program
    program.stop()


@pytest.fixture
def tablo(program: Tablo) -> Tablo:
    """The program, which takes long to start, in whatever state a test before has left it."""
    if not program.runs():
        program.start()
    return program


@pytest.mark.browser
def test_records_become_the_wall_and_a_changed_target_is_seen_without_a_reload(
    tablo: Tablo, sheets: Path, chromium: Browser
) -> None:
    tv, desk = chromium.new_page(viewport={"width": 1920, "height": 1080}), chromium.new_page()
    loads: list[str] = []
    tv.on("load", lambda _: loads.append("load"))
    (sheets / "calls.csv").write_text("id,rep_id,at,seconds\n" + _calls(6), encoding="utf-8")
    tv.goto(tablo.address)
    _shows(tv, "calls", "actual", "6")
    assert _figure(tv, "calls", "target") in (None, "")
    assert tv.locator('[data-slot="calls"] [data-rep="office:1"]').count() == 1

    _log_in(desk, tablo)
    desk.goto(f"{tablo.address}/settings/targets")
    desk.locator("td[data-key='office:1'][data-metric='calls'] input").fill("400")
    desk.get_by_role("button", name="Save").first.click()
    expect(desk.locator(".said.good")).to_be_visible()
    # 400 in November's 21 working days: 19 today.
    _until(lambda: _figure(tv, "calls", "target") in ("19", "20"))

    (sheets / "calls.csv").write_text("id,rep_id,at,seconds\n" + _calls(9), encoding="utf-8")
    _shows(tv, "calls", "actual", "9")
    assert loads == ["load"]
    tv.close()
    desk.close()


@pytest.mark.browser
def test_a_killed_server_leaves_the_wall_cycling_and_marked_and_its_return_needs_no_hand(
    tablo: Tablo, sheets: Path, chromium: Browser
) -> None:
    tv = chromium.new_page(viewport={"width": 1920, "height": 1080})
    (sheets / "calls.csv").write_text("id,rep_id,at,seconds\n" + _calls(5), encoding="utf-8")
    tv.goto(tablo.address)
    _shows(tv, "calls", "actual", "5")
    _until(lambda: _wall(tv, "state") == "live")
    tablo.kill()
    _until(lambda: _wall(tv, "state") == "offline")
    panel = _wall(tv, "panel")
    _until(lambda: _wall(tv, "panel") != panel)
    assert _figure(tv, "calls", "actual") == "5"
    tablo.start()
    _until(lambda: _wall(tv, "state") == "live")
    tv.close()


def test_the_poller_is_started_again_when_it_dies_and_goes_with_its_parent(tablo: Tablo) -> None:
    first = _until(tablo.poller)
    assert isinstance(first, psutil.Process)
    first.kill()
    second = _until(lambda: (found := tablo.poller()) and found.pid != first.pid and found)
    assert isinstance(second, psutil.Process)
    tablo.stop()
    _until(lambda: not second.is_running())


def _calls(count: int) -> str:
    return "".join(f"c{n},{1 + n % 2},2026-11-20T{9 + n % 4:02}:15:00+02:00,60\n" for n in range(count))


def _log_in(desk: Page, tablo: Tablo) -> None:
    """The first login: a one-time password, and a choice of an own one."""
    desk.goto(f"{tablo.address}/settings/")
    desk.fill("#login", "lead")
    desk.fill("#password", tablo.password)
    desk.press("#password", "Enter")
    desk.wait_for_selector("#new")
    desk.fill("#new", PASSWORD)
    desk.fill("#again", PASSWORD)
    desk.press("#again", "Enter")
    desk.wait_for_selector(".page h1")


def _shows(tv: Page, panel: str, role: str, value: str) -> None:
    _until(lambda: _figure(tv, panel, role) == value)


def _figure(tv: Page, panel: str, role: str) -> str | None:
    found = tv.locator(f'[data-slot="{panel}"] [data-role="{role}"]').first
    return found.get_attribute("data-value") if found.count() else None


def _wall(tv: Page, name: str) -> str | None:
    return tv.locator("#wall").get_attribute(f"data-{name}")


def _until(probe: Callable[[], object]) -> object:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = probe()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"it did not happen within {_PATIENCE} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
