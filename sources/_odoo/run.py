"""What the lists of one sync share: Odoo, the memory, the cursor, and the changes not yet handed over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.facts import Census, Change
from sources import Ask, PermissionDeniedError, Site
from sources._odoo.api import Api
from sources._odoo.desk import Desk
from sources._odoo.errors import NoModelError
from sources._odoo.fields import TRACKING
from sources._odoo.history import Past, read_pasts
from sources._odoo.memory import Memory
from sources._odoo.office import Office, load, refresh, want
from sources._odoo.options import Choice
from sources._odoo.payments import Receipts, read_receipts
from sources._odoo.state import State
from sources._odoo.values import Row, instant

DEALS, ACTIVITIES, DONE, EMAILS, INVOICES, OFFERS = "deals", "activities", "done", "emails", "invoices", "offers"
T = TypeVar("T")
PLANS = "plans"
# What belongs to other lists: who owned a deal when, and what paid an invoice.
PASTS, PAYMENTS = "tracking", "payments"
_FLUSH = 500
_HOUR_MS = 3_600_000


@dataclass(slots=True)
class Run:
    """One sync. A list's code adds to `changes` and moves its span on in `state`; both are handed over together.

    `again` are lists to be read anew, because something that belongs to them can be read now.
    """

    api: Api
    memory: Memory
    state: State
    choice: Choice
    site: Site
    ask: Ask
    base: str
    office: Office = field(default_factory=Office)
    changes: list[Change] = field(default_factory=list)
    census: list[Census] = field(default_factory=list)
    refreshed: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)

    @property
    def now_ms(self) -> int:
        """Milliseconds by our own clock: only ever used for differences."""
        return int(self.site.clock().timestamp() * 1000)

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand over what was read."""
        return len(self.changes) >= _FLUSH

    def desk(self) -> Desk:
        """What rows are read with."""
        since = instant(self.state.since) or self.ask.now
        return Desk(self.base, ZoneInfo(self.site.timezone), since, self.office, self.choice, self.memory)

    def update(self, name: str) -> None:
        """Read one dictionary again."""
        refresh(self.api, self.memory, name, self.now_ms)
        self.refreshed.add(name)
        self.office = load(self.memory)

    def look_up(self, name: str) -> None:
        """Somebody unknown turned up: read that dictionary again, if that was not just done."""
        if want(self.memory, name, self.now_ms):
            self.update(name)

    def pasts(self, leads: Sequence[int]) -> dict[int, Past] | None:
        """What became of these deals; None where this user may not know."""
        if self.office.fields.get(TRACKING) is None:
            return None
        link = "field_id" if self.office.has(TRACKING, "field_id") else "field"
        known = {int(key): str(name) for key, name in (self.memory.recall("tracked") or {}).items()}

        def read() -> dict[int, Past]:
            before = dict(known)
            found = read_pasts(self.api, leads, link, known)
            if known != before:
                self.memory.keep("tracked", known)
            return found

        return self._allowed(PASTS, DEALS, read)

    def receipts(self, moves: Sequence[Row]) -> Receipts:
        """What was paid on these invoices; nothing where this user may not know."""
        found = self._allowed(PAYMENTS, INVOICES, lambda: read_receipts(self.api, moves))
        if found is None:
            return Receipts({})
        if found.of:
            if self.state.hidden and not found.hidden:
                self.again.add(INVOICES)
            self.state.hidden = found.hidden
        return found

    def take(self) -> tuple[list[Change], list[Census]]:
        """What has gathered, and start anew."""
        gathered = self.changes, self.census
        self.changes, self.census = [], []
        return gathered

    def _allowed(self, part: str, of: str, read: Callable[[], T]) -> T | None:
        """Read what belongs to a list; where that may not be read the list goes on without, and asks in an hour."""
        denied = self.state.denied
        if part in denied and self.now_ms < denied[part][1]:
            return None
        try:
            found = read()
        except (PermissionDeniedError, NoModelError) as error:
            denied[part] = [str(error), self.now_ms + _HOUR_MS]
            return None
        if denied.pop(part, None) is not None:
            self.again.add(of)
        return found
