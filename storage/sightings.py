"""What screens say of themselves: stored for all of them at once, since every commit has all boards looked at anew."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from storage import screens
from storage.db import StoreError, write
from storage.screens import Report, Screen

_LOG = logging.getLogger("tablo.screens")
_STORED_EVERY = timedelta(minutes=1)


class Sightings:
    """Fifty screens that each say every minute how they are cost one commit a minute.

    A store that takes nothing keeps no screen from its wall. What was said is lost then, and is said again anyway; what
    was done is remembered here until it can be stored.
    """

    def __init__(self) -> None:
        self._noting = threading.Lock()
        self._said: dict[int, tuple[Screen, Report, datetime]] = {}
        self._done: dict[int, tuple[Screen, int]] = {}
        self._addresses: dict[int, str] = {}
        self._stored_at: datetime | None = None
        self._failing = False

    def note(self, db: Engine, screen: Screen, report: Report, now: datetime, done: int | None = None) -> None:
        """Keep what a bound screen says, and the number of the command that it has taken; stored about once a minute,
        at once what it says first or has taken."""
        with self._noting:
            if done is not None:
                self._done[screen.id] = screen, done
            self._said[screen.id] = screen, self._with_more(screen, report), now
            if not self._is_time(screen, report, now):
                return
            said, self._said, self._stored_at = self._said, {}, now
            obeyed = dict(self._done)
        try:
            with write(db) as conn:
                for whose, number in obeyed.values():
                    screens.obeyed(conn, whose, number)
                for each, told, at in said.values():
                    screens.seen(conn, each, told, at)
        except (SQLAlchemyError, StoreError) as error:
            self._failed(error)
        else:
            self._stored(obeyed)

    def came_to(self, screen: Screen, address: str) -> None:
        """Keep under which address of this server (`http://host:port/`) a bound screen reads its wall."""
        self._addresses[screen.id] = address

    def address_of(self, screen: Screen) -> str:
        """The address under which a screen reads its wall; '' for one that has not asked since the start."""
        return self._addresses.get(screen.id, "")

    def left_to_do(self, screen: Screen) -> Screen:
        """The screen without the command that it has taken, whether or not that could be stored."""
        _, taken = self._done.get(screen.id, (screen, None))
        return replace(screen, command=None) if screen.due and screen.due.number == taken else screen

    def _with_more(self, screen: Screen, report: Report) -> Report:
        """Most requests say only that the screen is there: what it said before of itself still holds."""
        known = self._said.get(screen.id)
        return replace(known[1], agent=report.agent) if known and report.showing is None else report

    def _is_time(self, screen: Screen, report: Report, now: datetime) -> bool:
        # A clock that was set back would else keep everybody waiting until it is where it was.
        if self._stored_at is None or not timedelta() <= now - self._stored_at < _STORED_EVERY:
            return True
        is_first = screen.seen_at is None or (report.showing is not None and not screen.showing)
        # While a store is locked, every attempt has a screen wait for as long as the store is waited for.
        return not self._failing and (is_first or screen.id in self._done)

    def _failed(self, error: Exception) -> None:
        with self._noting:
            is_news, self._failing = not self._failing, True
        if is_news:
            _LOG.warning("What screens say of themselves cannot be stored: %s", error)

    def _stored(self, obeyed: dict[int, tuple[Screen, int]]) -> None:
        with self._noting:
            is_news, self._failing = self._failing, False
            self._done = {key: each for key, each in self._done.items() if obeyed.get(key) != each}
        if is_news:
            _LOG.info("What screens say of themselves can be stored again.")
