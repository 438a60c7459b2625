"""What screens say of themselves: stored for all of them at once, since every commit has all boards looked at anew."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from storage import screens
from storage.db import write
from storage.screens import Report, Screen

_STORED_EVERY = timedelta(minutes=1)


class Sightings:
    """Fifty screens that each say every minute how they are cost one commit a minute."""

    def __init__(self) -> None:
        self._noting = threading.Lock()
        self._said: dict[int, tuple[Screen, Report, datetime]] = {}
        self._stored_at: datetime | None = None

    def note(self, db: Engine, screen: Screen, report: Report, now: datetime) -> None:
        """Keep what a bound screen says; stored about once a minute, at once what it says first."""
        with self._noting:
            self._said[screen.id] = screen, self._with_more(screen, report), now
            if not self._is_time(screen, report, now):
                return
            said, self._said, self._stored_at = self._said, {}, now
        with write(db) as conn:
            for each, told, at in said.values():
                screens.seen(conn, each, told, at)

    def _with_more(self, screen: Screen, report: Report) -> Report:
        """Most requests say only that the screen is there: what it said before of itself still holds."""
        known = self._said.get(screen.id)
        return replace(known[1], agent=report.agent) if known and report.showing is None else report

    def _is_time(self, screen: Screen, report: Report, now: datetime) -> bool:
        is_first = screen.seen_at is None or (report.showing is not None and not screen.showing)
        # A clock that was set back would else keep everybody waiting until it is where it was.
        return is_first or self._stored_at is None or not timedelta() <= now - self._stored_at < _STORED_EVERY
