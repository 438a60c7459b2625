"""Keeps one poller running as a child process: starts it, restarts it when it dies or hangs, stops it at the end."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

log = logging.getLogger("tablo.supervisor")

# A poller writes its heartbeat every 5 s; a poll may hold it up to the hard deadline of a stuck request at most.
HANGS_AFTER_S = 60.0
_LOOK_EVERY_S = 1.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Supervisor:
    """Runs `command` for as long as `stop` was not called.

    `beat_age` tells how many seconds ago the child last showed that it works (None = never).
    """

    def __init__(
        self,
        beat_age: Callable[[], float | None],
        command: Sequence[str] = (sys.executable, "-m", "jobs"),
        hangs_after_s: float = HANGS_AFTER_S,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._beat_age = beat_age
        self._command = list(command)
        self._hangs_after_s = hangs_after_s
        self._look_every_s = look_every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start the child and the thread that watches it."""
        self._thread.start()

    def stop(self, patience_s: float = 5.0) -> None:
        """End the child: first asked, then killed."""
        self._stopping.set()
        self._thread.join(patience_s + 2 * self._look_every_s)
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            started = time.monotonic()
            self._child = subprocess.Popen(self._command)
            self._watch(self._child, started)
            if self._stopping.is_set():
                break
            pause = _FIRST_PAUSE_S if time.monotonic() - started > _LONGEST_PAUSE_S else pause
            log.warning("The poller ended (exit code %s); starting it again in %.0f s.", self._child.returncode, pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        self._end()

    def _watch(self, child: subprocess.Popen[bytes], started: float) -> None:
        while not self._stopping.wait(self._look_every_s) and child.poll() is None:
            if self._silent_for(started) > self._hangs_after_s:
                log.warning("The poller has not moved for %.0f s; killing it.", self._silent_for(started))
                child.kill()
                child.wait()
                return

    def _silent_for(self, started: float) -> float:
        """Seconds without a sign of life: a beat from before this child's start is another child's."""
        lived = time.monotonic() - started
        age = self._beat_age()
        return lived if age is None else min(lived, age)

    def _end(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        self._child.terminate()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
