"""The supervisor is tried on real child processes: small Python programs that die, hang or work."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jobs.supervisor import Supervisor

T = TypeVar("T")


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    supervisor = _supervise(_program(tmp_path, "time.sleep(60)"), lambda: 0.0)
    try:
        first = _wait_for(lambda: supervisor.pid)
        os.kill(first, signal.SIGKILL)
        second = _wait_for(lambda: supervisor.pid if supervisor.pid != first else None)
        assert second != first
    finally:
        supervisor.stop()


def test_a_child_without_a_heartbeat_is_killed_and_started_again(tmp_path: Path) -> None:
    supervisor = _supervise(_program(tmp_path, "time.sleep(60)"), lambda: 1e6, hangs_after_s=0.3)
    try:
        first = _wait_for(lambda: supervisor.pid)
        assert _wait_for(lambda: supervisor.pid if supervisor.pid not in (first, None) else None)
    finally:
        supervisor.stop()


def test_a_child_that_beats_is_left_alone(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    supervisor = _supervise(_program(tmp_path, "time.sleep(60)", starts), lambda: 0.1, hangs_after_s=0.3)
    try:
        _wait_for(lambda: starts.exists() or None)
        time.sleep(1)
        assert starts.read_text(encoding="utf-8") == "x"
    finally:
        supervisor.stop()


def test_stopping_ends_the_child_even_when_it_will_not_listen(tmp_path: Path) -> None:
    marker = tmp_path / "up"
    deaf = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(marker)!r}, 'w').close(); time.sleep(60)"
    supervisor = _supervise(_program(tmp_path, deaf), lambda: 0.0)
    _wait_for(lambda: marker.exists() or None)
    child = supervisor.pid
    assert child
    supervisor.stop(patience_s=8)
    assert supervisor.pid is None
    assert not Path(f"/proc/{child}").exists()


def _program(folder: Path, body: str, starts: Path | None = None) -> Path:
    path = folder / "child.py"
    note = f"open({str(starts)!r}, 'a').write('x')" if starts else ""
    path.write_text(f"import signal, time\n{note}\n{body}\n", encoding="utf-8")
    return path


def _supervise(program: Path, beat_age: Callable[[], float | None], hangs_after_s: float = 30) -> Supervisor:
    supervisor = Supervisor(beat_age, (sys.executable, str(program)), hangs_after_s, look_every_s=0.05)
    supervisor.start()
    return supervisor


def _wait_for(probe: Callable[[], T | None], seconds: float = 10) -> T:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = probe()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
