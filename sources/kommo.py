"""Kommo, which is also called amoCRM: everything its API v4 tells of a sales floor."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.facts import Batch, Problem
from sources import Ask, Finding, Option, OptionError, Site
from sources._kommo import login
from sources._kommo.api import Api, Keys, new_bucket
from sources._kommo.check import examine
from sources._kommo.hook import Hook, read_hook
from sources._kommo.login import FixedKeys, RotatingKeys, account_url, expiry_problem
from sources._kommo.memory import Memory
from sources._kommo.rules import read_rules
from sources._kommo.run import Run
from sources._kommo.state import State, parse
from sources._kommo.sync import sync
from sources.http import CrmSession

__all__ = [
    "LABEL",
    "OPTIONS",
    "Hook",
    "KommoSource",
    "accepts_event",
    "authorize_url",
    "connect",
    "exchange_code",
    "new_session",
    "read_hook",
]

LABEL = "Kommo (amoCRM)"
OPTIONS = (
    Option("base_url", "The account's address, like https://name.kommo.com or https://name.amocrm.ru.", required=True),
    Option(
        "token", "A long-lived token of a private integration (or authorise with the three keys below).", secret=True
    ),
    Option("client_id", "The integration's ID, where Tablo is authorised through the browser."),
    Option("client_secret", "The integration's secret key.", secret=True),
    Option("redirect_uri", "The redirect address, exactly as it is registered with the integration."),
    Option("pipelines", "Pipelines that count, by name or number, separated by commas; none = all.", default=""),
    Option("invoice_issued_stages", "Stages that mean an invoice was sent, where it is not in a list.", default=""),
    Option("invoice_paid_stages", "Stages that mean an invoice was paid.", default=""),
    Option("offer_stages", "Stages that mean an offer was sent.", default=""),
    Option("invoice_paid_statuses", "Codes of the invoice status that mean paid.", default="paid"),
    Option("loss_reason_field", "The number of a lead field to take the loss reason from.", default=""),
)
_FILE = "kommo.sqlite3"
_CHECK_S = 90.0
_EXCHANGE_S = 40.0


def connect(options: Mapping[str, str], site: Site) -> KommoSource:
    """A source for these options. Raises OptionError."""
    return KommoSource(options, site)


def authorize_url(options: Mapping[str, str], state: str) -> str:
    """See OAuthModule: Kommo sends the browser back with `referer`, the account's host, besides."""
    if (options.get("token") or "").strip():
        raise OptionError("This connection logs in by its token: there is nothing to authorise.")
    _need_keys(options)
    return login.authorize_url(options, state)


def exchange_code(options: Mapping[str, str], site: Site, code: str, came: Mapping[str, str] | None = None) -> None:
    """See OAuthModule: a code works once and for 20 minutes, at the account that `referer` names."""
    session = new_session(site)
    referer = (came or {}).get("referer") or options["base_url"]
    try:
        login.exchange(options, site, session, code, referer, time.monotonic() + _EXCHANGE_S)
    finally:
        session.close()


def accepts_event(options: Mapping[str, str], body: bytes) -> bool:
    """See EventModule: Kommo signs nothing, so that knowing the address has to do."""
    return read_hook(body) is not None


def new_session(site: Site) -> CrmSession:
    """A way to Kommo that keeps its limits by construction."""
    return CrmSession(new_bucket(), now=site.clock, allow_local=site.allow_local)


class KommoSource:
    """One Kommo account. `session` and `clock` are for tests."""

    def __init__(
        self,
        options: Mapping[str, str],
        site: Site,
        session: CrmSession | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._site = site
        self._clock = clock
        self._rules = read_rules(options)
        self._session = session or new_session(site)
        self._token = (options.get("token") or "").strip()
        self._api = Api(self._session, self._keys(options), site.clock, clock)

    @property
    def requests(self) -> int:
        """How many requests were sent by this object."""
        return self._api.requests

    def check(self) -> list[Finding]:
        """Look at the account and say what is there; store nothing. Raises SourceError."""
        self._api.deadline = self._clock() + _CHECK_S
        try:
            return examine(self._api, self._rules, self._site, self._expiry())
        finally:
            self._session.close()

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """Everything that changed since `cursor`. Raises SourceError."""
        memory = _open(self._site.folder / _FILE)
        try:
            state = parse(cursor)
            mine = (memory.generation, self._rules.fingerprint)
            if state is None or ask.full or (state.generation, state.rules) != mine:
                state = State(*mine, since=_first_second(ask, self._site.timezone))
            self._api.deadline = ask.deadline
            self._api.limits, self._api.blocks = dict(state.limits), state.blocks
            run = Run(self._api, memory, state, self._rules, self._site, ask)
            yield from sync(run, self._expiry())
        finally:
            memory.close()
            self._session.close()

    def _keys(self, options: Mapping[str, str]) -> Keys:
        base = account_url(options["base_url"], self._site.allow_local)
        if self._token:
            self._session.hide(self._token)
            return FixedKeys(base, self._token)
        _need_keys(options)
        return RotatingKeys(options, self._site.vault, self._session, self._site.clock, self._site.allow_local)

    def _expiry(self) -> list[Problem]:
        problem = expiry_problem(self._token, self._api.keys.base(), self._site.clock())
        return [problem] if problem else []


def _need_keys(options: Mapping[str, str]) -> None:
    if not all(options.get(name) for name in ("client_id", "client_secret", "redirect_uri")):
        raise OptionError(
            "kommo needs token=… (a long-lived token), or client_id, client_secret and redirect_uri together."
        )


def _open(path: Path) -> Memory:
    """The account's memory; a damaged file is thrown away, for all of it can be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Memory(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return Memory(path)


def _first_second(ask: Ask, zone: str) -> int:
    return int(datetime.combine(ask.since, clock_time(), ZoneInfo(zone)).timestamp())
