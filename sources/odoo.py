"""Odoo 16 to 19, hosted or on a server of one's own: everything that its applications tell of a sales floor."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.facts import Batch
from sources import Ask, Finding, Site
from sources._odoo.api import Api
from sources._odoo.check import examine
from sources._odoo.door import JSON_2_FROM, Door, Server, look, new_bucket
from sources._odoo.memory import Memory
from sources._odoo.options import OPTIONS, Choice, Login, authority, read_choice, read_login
from sources._odoo.run import Run
from sources._odoo.state import State, parse
from sources._odoo.sync import sync
from sources._odoo.values import said
from sources.http import CrmSession

__all__ = ["LABEL", "OPTIONS", "Odoo", "Wire", "connect"]

LABEL = "Odoo"
_FILE = "odoo.sqlite3"
_CHECK_S = 100.0
# What was learnt of the server is good for so long.
_SERVER_MS = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Wire:
    """Time and chance; a test brings its own."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def connect(options: Mapping[str, str], site: Site, wire: Wire | None = None) -> Odoo:
    """A source for these options. Raises OptionError."""
    return Odoo(read_login(options), read_choice(options), authority(options), site, wire or Wire())


class Odoo:
    """One database of an Odoo. `requests` counts what was asked since the object was made."""

    def __init__(self, login: Login, choice: Choice, verify: bool | str, site: Site, wire: Wire) -> None:
        self._login, self._choice, self._verify, self._site, self._wire = login, choice, verify, site, wire
        self._session: CrmSession | None = None
        self._asked = 0

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._asked + (self._session.requests if self._session else 0)

    def check(self) -> list[Finding]:
        """See Source.check."""
        memory = Memory(Path(":memory:"))
        api = self._api(memory)
        api.deadline = self._wire.clock() + _CHECK_S
        try:
            return examine(api, memory, self._choice, self._site)
        finally:
            memory.close()
            self._hang_up()

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """See Source.sync."""
        memory = _open(self._site.folder / _FILE)
        try:
            memory.belongs_to(self._login.mark)
            state = parse(cursor)
            if state is None or ask.full or (state.account, state.rules) != (self._login.mark, self._choice.mark):
                state = State(self._login.mark, self._choice.mark, said(_first_instant(ask, self._site.timezone)))
                memory.start_anew()
            elif not memory.fits(cursor or ""):
                memory.forget_rows()
            api = self._api(memory)
            api.deadline = ask.deadline
            yield from sync(Run(api, memory, state, self._choice, self._site, ask, self._login.base))
        finally:
            memory.close()
            self._hang_up()

    def _api(self, memory: Memory) -> Api:
        self._hang_up()
        wire, login = self._wire, self._login
        bucket = new_bucket(login, wire.clock, wire.sleep)
        session = CrmSession(
            bucket,
            now=self._site.clock,
            allow_local=self._site.allow_local,
            secrets=(login.secret,),
            verify=self._verify,
            clock=wire.clock,
            sleep=wire.sleep,
            chance=wire.chance,
        )
        self._session = session
        return Api(lambda deadline: self._open_door(session, memory, deadline), wire.clock)

    def _open_door(self, session: CrmSession, memory: Memory, deadline: float) -> Door:
        """By the newest way that this server and this secret allow; what was learnt of the server is kept."""
        now = self._site.clock()
        at = int(now.timestamp() * 1000)
        kept = memory.recall("server") or {}
        if kept and 0 <= at - kept["at"] < _SERVER_MS:
            server = Server(kept["version"], kept["major"])
        else:
            server = look(session, self._login.base, now, deadline)
            kept = {"version": server.version, "major": server.major, "at": at, "uid": None}
        json2 = self._login.key and server.major >= JSON_2_FROM
        door = Door(session, self._login, now, server, json2=json2, uid=kept["uid"])
        if not json2 and door.uid is None:
            door.uid = kept["uid"] = door.authenticate(deadline)
        memory.keep("server", kept)
        return door

    def _hang_up(self) -> None:
        if self._session is not None:
            self._asked += self._session.requests
            self._session.close()
            self._session = None


def _open(path: Path) -> Memory:
    """What was seen before; a damaged file is thrown away, for all of it can be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Memory(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return Memory(path)


def _first_instant(ask: Ask, zone: str) -> datetime:
    return datetime.combine(ask.since, clock_time(), ZoneInfo(zone))
