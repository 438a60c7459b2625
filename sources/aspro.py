"""Aspro.Cloud (the engine of Flowlu): deals, invoices, payments, tasks. Beta: built from documents alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from domain.facts import Batch
from sources import Ask, Finding, Option, OptionError, Site
from sources._aspro.api import Api
from sources._aspro.crm import Aspro
from sources._aspro.rules import read_rules
from sources._rounds.asking import Line, new_bucket, read_address, read_rate
from sources._rounds.check import examine
from sources._rounds.memory import open_memory
from sources._rounds.sync import sync
from sources.http import CrmSession

LABEL = "Aspro.Cloud (Flowlu)"
BETA = True
OPTIONS = (
    Option("base_url", "The account's address, like https://name.aspro.cloud.", required=True),
    Option("api_key", "The API key, from Aspro.Cloud's settings under API.", secret=True, required=True),
    Option("pipelines", "Pipelines that count, by name or number, separated by commas; none = all.", default=""),
    Option("currencies", "Aspro.Cloud's numbers of currencies that Tablo cannot read, like 1=UAH, 5=USD.", default=""),
    Option("payment_statuses", "Statuses of payments that mean the money has come.", default="10"),
    Option("timezone", "The account's time zone, where it is not the office's; its times tell none.", default=""),
    Option("rate", "Requests a second that the plan permits.", default="1"),
)
_FILE = "aspro.sqlite3"
_CHECK_S = 95.0


def connect(options: Mapping[str, str], site: Site) -> AsproSource:
    """A source for these options. Raises OptionError."""
    return AsproSource(options, site)


class AsproSource:
    """One Aspro.Cloud account. `session` and `clock` are for tests."""

    def __init__(
        self,
        options: Mapping[str, str],
        site: Site,
        session: CrmSession | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        api_key = (options.get("api_key") or "").strip()
        if not api_key:
            raise OptionError("aspro needs api_key=… (the API key of Aspro.Cloud's settings).")
        bucket = new_bucket(read_rate(options))
        self._site = site
        self._clock = clock
        self._session = session or CrmSession(bucket, now=site.clock, allow_local=site.allow_local)
        self._session.hide(api_key)
        self._line = Line(self._session, clock)
        base = read_address(options, site).removesuffix("/module").removesuffix("/api/v1")
        self._crm = Aspro(Api(self._line, base, api_key, site.clock), read_rules(options, site), site)

    @property
    def requests(self) -> int:
        """How many requests were sent by this object."""
        return self._line.requests

    def check(self) -> list[Finding]:
        """Try out what the account can do; store nothing. Raises SourceError."""
        self._line.deadline = self._clock() + _CHECK_S
        try:
            return examine(self._crm, self._site.clock())
        finally:
            self._session.close()

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """Everything that changed since `cursor`. Raises SourceError."""
        self._line.deadline = ask.deadline
        memory = open_memory(self._site.folder / _FILE)
        try:
            yield from sync(self._crm, memory, cursor, self._site, ask)
        finally:
            memory.close()
            self._session.close()
