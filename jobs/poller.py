"""The poller: every source at its interval, a heartbeat, upkeep. Triggers are intervals in UTC, never calendars."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from domain.connections import TOLD
from jobs import upkeep
from jobs.house import House
from jobs.poll import STUCK_S, poll
from jobs.roster import settle_demo
from storage import db as store
from storage import sources as connections
from storage import state, wishes
from storage.sources import SourceRow
from storage.wishes import Haste

log = logging.getLogger("tablo.poller")

BEAT_EVERY_S = 5
# Somebody who has pressed a button is served within two seconds.
_ROSTER_EVERY_S = 1
# Events of a busy CRM come by the second; a source is looked at for them no more often than this.
_EVENTS_EVERY = timedelta(seconds=5)
_UPKEEP_EVERY_S = 60
_STUCK_EXIT = 70


class Poller:
    """Polls every enabled source, each in a thread of its own. It ends with the process `parent`, if it has one."""

    def __init__(self, house: House, parent: int | None = None) -> None:
        self._house = house
        self._parent = parent
        self._running: dict[str, float] = {}
        self._known: set[str] = set()
        self._failing: set[str] = set()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            executors={"default": {"type": "threadpool", "max_workers": 32}},
        )

    def start(self) -> None:
        """Begin: heartbeat, roster and upkeep at once, then each source."""
        self._scheduler.start()
        self._every("beat", BEAT_EVERY_S, self.beat)
        self._every("roster", _ROSTER_EVERY_S, self.roster)
        self._every("upkeep", _UPKEEP_EVERY_S, self.upkeep)

    def stop(self) -> None:
        """Let no new poll begin; one that runs is cut between two transactions by the end of the process."""
        self._scheduler.shutdown(wait=False)

    def beat(self) -> None:
        """Say that this process works; one that holds a stuck poll gives itself up, to be started afresh."""
        if self._parent is not None and os.getppid() != self._parent:
            log.error("The process that started the poller is gone; the poller ends itself.")
            os._exit(0)
        for name, since in list(self._running.items()):
            if time.monotonic() - since > STUCK_S:
                log.error("The poll of %s has been stuck for more than %.0f s; the poller ends itself.", name, STUCK_S)
                os._exit(_STUCK_EXIT)
        with self._told("The heartbeat"), store.write(self._house.db) as conn:
            state.beat(conn, "poller", self._house.clock())

    def roster(self) -> None:
        """Schedule new sources, forget removed ones, look at once where somebody waits for it."""
        with self._told("The list of sources"):
            settle_demo(self._house)
            with store.read(self._house.db) as conn:
                rows = [row for row in connections.every(conn) if row.enabled and row.kind not in TOLD]
                waited_for = [row.name for row in rows if due(row, wishes.hurried(conn, row.id), self._house.clock())]
            names = {row.name for row in rows}
            for name in names - self._known:
                self._every(f"poll {name}", self._house.config.poll_seconds, partial(self.poll, name))
            for name in self._known - names:
                self._scheduler.remove_job(f"poll {name}")
            for name in self._known.intersection(waited_for).difference(self._running):
                self._scheduler.modify_job(f"poll {name}", next_run_time=datetime.now(UTC))
            self._known = names

    def poll(self, name: str) -> None:
        """One poll; a first read goes on until it is through."""
        unfinished = True
        while unfinished:
            unfinished = False
            self._running[name] = time.monotonic()
            with self._told(f"The poll of {name}"):
                report = poll(self._house, name)
                unfinished = report is not None and report.unfinished
            del self._running[name]

    def upkeep(self) -> None:
        """Backups and retention, when their time has come."""
        with self._told("The upkeep"):
            upkeep.tick(self._house)

    def _every(self, key: str, seconds: int, work: Callable[[], None]) -> None:
        trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
        # The scheduler lives in real time, whatever clock the office is shown.
        self._scheduler.add_job(work, trigger, id=key, replace_existing=True, next_run_time=datetime.now(UTC))

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """One line when something breaks, with its traceback, and one when it works again; the job goes on."""
        try:
            yield
        except Exception:
            if what not in self._failing:
                self._failing.add(what)
                log.exception("%s failed; trying again.", what)
            return
        if what in self._failing:
            self._failing.discard(what)
            log.info("%s works again.", what)


def due(row: SourceRow, haste: Haste | None, now: datetime) -> bool:
    """Whether to look at a source before its time: for a person always, for an event where that does no harm."""
    if haste is Haste.EVENT:
        rested = row.polled_at is None or now - row.polled_at >= _EVENTS_EVERY
        return rested and (row.next_try_at is None or row.next_try_at <= now)
    return haste is Haste.PERSON
