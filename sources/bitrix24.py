"""Bitrix24, cloud or on premise: everything that a sales floor does there, for one request a poll."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from domain.facts import Batch
from sources import Ask, Finding, OptionError, Site
from sources._bitrix24 import access as login
from sources._bitrix24.census import Counting, families
from sources._bitrix24.check import look
from sources._bitrix24.events import EVENTS, Event, deletion, parse_event, verified
from sources._bitrix24.meter import Meter
from sources._bitrix24.options import OPTIONS, Application, Choice, Webhook, authority, choice, credential
from sources._bitrix24.portal import Portal
from sources._bitrix24.spill import Spill
from sources._bitrix24.state import State, load
from sources._bitrix24.values import digest, millis
from sources._bitrix24.vocabulary import Vocabulary
from sources._bitrix24.vocabulary import ask as ask_vocabulary
from sources._bitrix24.walk import Walk
from sources.http import Bucket, CrmSession

__all__ = [
    "EVENTS",
    "LABEL",
    "OPTIONS",
    "Event",
    "accepts_event",
    "authorize_url",
    "connect",
    "deletion",
    "exchange_code",
    "parse_event",
    "verified",
]

LABEL = "Bitrix24"
# A portal lets 50 requests in at once and two a second for good, counted for our whole address. We begin as if
# somebody had left us five, and stay below two.
RATE, BURST = 1.5, 4.0
_CHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Wire:
    """Time and chance; a test brings its own."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def connect(options: Mapping[str, str], site: Site, wire: Wire | None = None) -> Bitrix24:
    """A source for these options. Raises OptionError."""
    return Bitrix24(credential(options), choice(options), authority(options), site, wire or Wire())


class Bitrix24:
    """One portal. `requests` counts what was asked since the object was made."""

    def __init__(
        self, login_: Webhook | Application, choice_: Choice, authority_: bool | str, site: Site, wire: Wire
    ) -> None:
        self._login, self._choice, self._authority = login_, choice_, authority_
        self._site, self._wire = site, wire
        self._session: CrmSession | None = None
        self._asked = 0

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._asked + (self._session.requests if self._session else 0)

    def check(self) -> list[Finding]:
        """See Source.check: one request."""
        portal = self._portal(State())
        try:
            return look(portal, self._choice, self._site, self._wire.clock() + _CHECK_SECONDS)
        finally:
            self._hang_up()

    def vocabulary(self) -> Vocabulary:
        """What the options can be chosen from: one request. Raises SourceError."""
        portal = self._portal(State())
        try:
            return ask_vocabulary(portal, self._wire.clock() + _CHECK_SECONDS)
        finally:
            self._hang_up()

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """See Source.sync."""
        state = load(None if ask.full else cursor, ask.since, digest(_named(self._choice)))
        portal, spill = self._portal(state), Spill(self._site.folder)
        walk = Walk(portal, state, self._choice, self._site, spill, ask, self._wire.clock)
        try:
            yield from walk.batches()
            if ask.reconcile and state.complete and not state.census:
                state.census = families(self._choice, state)
            if state.complete and state.run is None:
                counting = Counting(portal, state, self._choice, self._site, spill, ask, walk, self._wire.clock)
                yield from counting.batches()
        finally:
            spill.close()
            self._hang_up()

    def _portal(self, state: State) -> Portal:
        self._hang_up()
        wire, site = self._wire, self._site
        session = CrmSession(
            Bucket(RATE, BURST, _level(state, millis(site.clock())), wire.clock, wire.sleep),
            now=site.clock,
            allow_local=site.allow_local,
            secrets=login.secrets_of(self._login),
            verify=self._authority,
            clock=wire.clock,
            sleep=wire.sleep,
            chance=wire.chance,
        )
        self._session = session
        return Portal(session, login.open_access(self._login, site), Meter(state.meter), site.clock, moved=state.host)

    def _hang_up(self) -> None:
        if self._session is not None:
            self._asked += self._session.requests
            self._session.close()
            self._session = None


def authorize_url(options: Mapping[str, str], state: str) -> str:
    """See OAuthModule: the portal's own page."""
    return login.authorize_url(_application(options), state)


def exchange_code(
    options: Mapping[str, str],
    site: Site,
    code: str,
    came: Mapping[str, str] | None = None,
    wire: Wire | None = None,
) -> None:
    """See OAuthModule: the code lives 30 s, and says all; what `came` with it is not needed."""
    way = wire or Wire()
    session = CrmSession(
        Bucket(RATE, BURST, 0.0, way.clock, way.sleep),
        now=site.clock,
        allow_local=site.allow_local,
        secrets=(options.get("client_secret", ""), code),
        verify=authority(options),
        clock=way.clock,
        sleep=way.sleep,
    )
    try:
        login.exchange_code(_application(options), site, session, code)
    finally:
        session.close()


def accepts_event(options: Mapping[str, str], body: bytes) -> bool:
    """See EventModule: the portal proves itself by the application token."""
    return verified(parse_event(body), options.get("application_token", "").strip()) is not None


def _application(options: Mapping[str, str]) -> Application:
    found = credential(options)
    if isinstance(found, Application):
        return found
    raise OptionError("This connection logs in by its webhook_url: there is nothing to authorise.")


def _level(state: State, now_ms: int) -> float:
    """How full the portal's bucket still is of what the last process poured in."""
    if len(state.bucket) != 2:
        return 0.0
    level, at = state.bucket
    return max(0.0, min(BURST, level - max(0.0, now_ms - at) / 1000 * RATE))


def _named(chosen: Choice) -> dict[str, str]:
    # What is read depends on these; a change of them reads everything anew.
    return {name: _plain(getattr(chosen, name)) for name in chosen.__slots__ if name not in ("reps", "datetime_filter")}


def _plain(value: object) -> str:
    return ",".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
