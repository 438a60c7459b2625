"""S2 CRM (Salesap): what its JSON:API tells of a sales floor. Beta: much of it is not documented and is tried out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from domain.facts import Batch
from sources import Ask, Finding, Option, OptionError, Site
from sources._rounds.asking import Line, new_bucket, read_address, read_rate
from sources._rounds.check import examine
from sources._rounds.memory import open_memory
from sources._rounds.sync import sync
from sources._s2.api import Api
from sources._s2.crm import S2
from sources._s2.rules import FIELDS, read_rules
from sources.http import CrmSession

LABEL = "S2 CRM (Salesap)"
BETA = True
OPTIONS = (
    Option("token", "The API token, from S2's settings under API.", secret=True, required=True),
    Option("base_url", "The address of the API, where it is another one.", default="https://app.salesap.ru/api/v1"),
    Option("pipelines", "Pipelines that count, by name or number, separated by commas; none = all.", default=""),
    Option(
        "won_stages",
        "Stages that mean won. None: a deal with a closing day and without a loss reason is won.",
        default="",
    ),
    Option(
        "lost_stages", "Stages that mean lost. None: a deal with a closing day and a loss reason is lost.", default=""
    ),
    Option("call_types", "Activity types of the diary that are calls, where S2 has no telephony.", default=""),
    Option("meeting_types", "Activity types of the diary that are meetings.", default=""),
    Option("email_types", "Activity types of the diary that are e-mails sent.", default=""),
    Option(
        "answered_statuses", "Statuses of telephony calls that mean answered; none = calls that lasted.", default=""
    ),
    Option("currency", "The currency of all amounts, for S2 tells none; none = the office's.", default=""),
    Option("fields", f"Attributes that Tablo does not find, as meaning=attribute: {', '.join(FIELDS)}.", default=""),
    Option("rate", "Requests a second that the plan permits.", default="1"),
)
_FILE = "s2.sqlite3"
_CHECK_S = 95.0


def connect(options: Mapping[str, str], site: Site) -> S2Source:
    """A source for these options. Raises OptionError."""
    return S2Source(options, site)


class S2Source:
    """One S2 account. `session` and `clock` are for tests."""

    def __init__(
        self,
        options: Mapping[str, str],
        site: Site,
        session: CrmSession | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        token = (options.get("token") or "").strip()
        if not token:
            raise OptionError("s2 needs token=… (the API token of S2's settings).")
        bucket = new_bucket(read_rate(options))
        self._site = site
        self._clock = clock
        self._session = session or CrmSession(bucket, now=site.clock, allow_local=site.allow_local)
        self._session.hide(token)
        self._line = Line(self._session, clock)
        api = Api(self._line, read_address(options, site), token, site.clock)
        self._crm = S2(api, read_rules(options), site)

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
