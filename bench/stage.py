"""What the measurements of the wall stand on: a running Tablo, the usual page to compare it with, and their figures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

from bench import usual
from config import from_environment
from domain.facts import Batch, Change, Direction, Fact, Kind
from jobs.house import House, open_house
from storage import db as store
from storage import facts, people, screens, sources

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
T = TypeVar("T")
AFTERNOON, NIGHT = "2026-11-20T14:26:00+02:00", "2026-11-20T22:10:00+02:00"


@dataclass(frozen=True, slots=True)
class Server:
    """A page that runs. `commit` changes its first figure; `bind` gives the cookies of so many screens; `figure` is the
    CSS selector of the first figure, `chart` that of its chart ('' = it has none)."""

    name: str
    port: int
    pid: int
    figure: str
    commit: Callable[[], None]
    bind: Callable[[int], list[str]]
    chart: str = ".js-plotly-plot"
    path: str = ""

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}/{self.path}"


@contextmanager
def tablo(language: str = "en", folder: Path | None = None) -> Iterator[str]:
    """A Tablo of its own (in the folder) with the demo sales floor on a working afternoon; gives its address."""
    kept = tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder))
    with kept as data_dir, _running(_environment(data_dir, language, AFTERNOON), ()) as (port, _):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def still_tablo(now: str = AFTERNOON) -> Iterator[Server]:
    """A Tablo with the demo sales floor on which nothing changes but by `commit`."""
    with tempfile.TemporaryDirectory() as data_dir:
        env = _environment(data_dir, "en", now)
        with _running(env, ()):
            # The demo's first read is over, and the fonts have been cut.
            pass
        house = open_house(from_environment({name: text for name, text in env.items() if name.startswith("TABLO_")}))
        with _running(env, ("--no-poller",)) as (port, pid):
            figure = "[data-slot=overview] [data-role=actual]"
            yield Server("tablo", port, pid, figure, _commits(house), lambda most: _bind(house, most))
        house.db.dispose()


@contextmanager
def usual_page() -> Iterator[Server]:
    """The page to compare with."""
    with tempfile.TemporaryDirectory() as folder:
        file, port = str(Path(folder) / "calls.db"), _free_port()
        usual.prepare(file)
        child = subprocess.Popen((sys.executable, "-m", "bench.usual", str(port), file))
        try:
            until(lambda: _asked(f"http://127.0.0.1:{port}/"))
            yield Server("usual", port, child.pid, "#figure", lambda: usual.add_call(file), lambda most: [""] * most)
        finally:
            child.terminate()
            child.wait(20)


def until(holds: Callable[[], T], pause: Callable[[], object] = lambda: time.sleep(0.3), seconds: float = 90) -> T:
    """Wait until something holds, and give it. Ends the measurement when it does not."""
    end = time.monotonic() + seconds
    while not (held := holds()):
        if time.monotonic() > end:
            raise SystemExit(f"It did not come within {seconds:.0f} s.")
        pause()
    return held


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in the kernel too."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _environment(data_dir: str, language: str, now: str) -> dict[str, str]:
    env = {name: text for name, text in os.environ.items() if not name.startswith("TABLO_")}
    return env | {
        "TABLO_DATA_DIR": data_dir,
        "TABLO_DEMO": "on",
        "TABLO_NOW": now,
        "TABLO_LANGUAGE": language,
    }


@contextmanager
def _running(env: dict[str, str], options: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The port and the process of a Tablo that has numbers to show, and its fonts."""
    port = _free_port()
    command = (sys.executable, "app.py", "--port", str(port), *options)
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    fonts = Path(env["TABLO_DATA_DIR"]) / "fonts"
    try:
        until(lambda: _asked(f"http://127.0.0.1:{port}/wall/state", "Tablo-As-Of"))
        until(lambda: len(list(fonts.glob("*.woff2"))) == 2)
        yield port, child.pid
    finally:
        child.terminate()
        child.wait(30)


def _commits(house: House) -> Callable[[], None]:
    """What stores one call more, as a poll does."""
    chosen, numbers = house.settings(), count(1)
    with store.read(house.db) as conn:
        source = sources.every(conn)[0]
        rep = people.reps(conn)[0].key.partition(":")[2]

    def commit() -> None:
        now = house.clock()
        call = Fact(Kind.CALL, now - timedelta(seconds=90), rep, seconds=61, direction=Direction.OUT, answered=True)
        change = Change(f"call:bench-{next(numbers)}", (call,))
        applied = facts.apply(house.db, source.id, Batch((change,), source.cursor or "", now), settings=chosen)
        if applied.added != 1:
            raise SystemExit(f"The call was not taken: {applied}")

    return commit


def _bind(house: House, most: int) -> list[str]:
    """The cookies of screens with names of their own, as if somebody had typed their codes."""
    cookies = [screens.new_cookie() for _ in range(most)]
    for cookie in cookies:
        with store.write(house.db) as conn:
            code = screens.offer(conn, cookie, "bench", house.clock())
            screens.bind(conn, code, f"Screen {cookie[:8]}", "bench", house.clock())
    return cookies


def _asked(address: str, header: str = "Date") -> str | None:
    """A header of the answer; None when there is none, or nobody answers."""
    try:
        with urlopen(address) as answer:  # our own server
            return str(answer.headers[header] or "") or None
    except HTTPError as refused:
        raise SystemExit(f"{address} answers {refused.status}.") from None
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
