"""Comparing numbers: what Odoo no longer lists was deleted or merged away, which it never tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Census
from sources._odoo import activities, deals, invoices, letters, offers
from sources._odoo.api import ANY
from sources._odoo.fields import ACTIVITY, LEAD, MESSAGE, MOVE, ORDER
from sources._odoo.lists import done_messages
from sources._odoo.run import ACTIVITIES, DEALS, DONE, EMAILS, INVOICES, OFFERS, Run
from sources._odoo.values import said

# Activities and letters older than this are not looked for any more; deals and invoices always are.
_BACK = timedelta(days=62)
_MOST_GONE = 0.2
_FEW = 5


def families(run: Run) -> list[str]:
    """What can be compared."""
    found = [name for name, (model, _, _) in _FAMILIES.items() if run.office.fields.get(model) is not None]
    unknown = set() if run.office.gone else {DONE}
    unknown |= set() if run.office.has(ACTIVITY, "date_done") else {ACTIVITIES}
    return [name for name in found if name not in unknown]


def compare(run: Run, name: str) -> None:
    """List all numbers of one family. Raises SourceError."""
    model, prefix, where = _FAMILIES[name]
    since = _since(run) if name in (ACTIVITIES, DONE, EMAILS) else None
    ids = run.api.ids(model, where(run, since or run.ask.now))
    records = frozenset(f"{prefix}{each}" for each in ids)
    # A handful may always vanish: of a short list even one is more than a fifth.
    run.census.append(Census(prefix, records, since, max(_MOST_GONE, _FEW / (len(records) + _FEW))))


def _since(run: Run) -> datetime:
    zone = ZoneInfo(run.site.timezone)
    first = datetime.combine(date.fromisoformat(run.state.since[:10]), time(), zone)
    return max(first, datetime.combine((run.ask.now - _BACK).astimezone(zone).date(), time(), zone))


def _done(run: Run, since: datetime) -> list[Any]:
    return [["active", "=", False], ["date_done", ">=", (since.date() - timedelta(days=1)).isoformat()]]


def _written(run: Run, since: datetime) -> list[Any]:
    return [*letters.letters(run.choice), ["date", ">=", said(since)]]


Where = Callable[[Run, datetime], Sequence[Any]]
_FAMILIES: Mapping[str, tuple[str, str, Where]] = {
    DEALS: (LEAD, deals.FAMILY, lambda run, since: [ANY]),
    ACTIVITIES: (ACTIVITY, activities.FAMILY, _done),
    DONE: (MESSAGE, activities.MESSAGES, lambda run, since: done_messages(run)),
    EMAILS: (MESSAGE, letters.FAMILY, _written),
    INVOICES: (MOVE, invoices.FAMILY, lambda run, since: [invoices.SALES]),
    OFFERS: (ORDER, offers.FAMILY, lambda run, since: []),
}
