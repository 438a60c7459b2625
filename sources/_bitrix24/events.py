"""What a portal calls out to us: it only says that something changed, so that the next poll may come at once."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from domain.facts import Change
from sources._bitrix24.values import number

_FAMILIES = {
    "ONCRMDEAL": "deal",
    "ONCRMACTIVITY": "activity",
    "ONCRMDYNAMICITEM": "invoice",
    "ONCRMINVOICE": "invoice",
    "ONCRMLEAD": "lead",
    "ONCRMQUOTE": "quote",
    "ONVOXIMPLANTCALL": "call",
}
_SMART_INVOICE = 31
# Events to ask a portal for: everything that may move a number on the wall.
EVENTS = (
    "ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE", "ONCRMDEALMOVETOCATEGORY", "ONCRMACTIVITYADD",
    "ONCRMACTIVITYUPDATE", "ONCRMACTIVITYDELETE", "ONCRMDYNAMICITEMADD", "ONCRMDYNAMICITEMUPDATE",
    "ONCRMDYNAMICITEMDELETE", "ONCRMINVOICEADD", "ONCRMINVOICEUPDATE", "ONCRMINVOICEDELETE",
    "ONCRMINVOICESETSTATUS", "ONCRMLEADADD", "ONCRMLEADDELETE", "ONVOXIMPLANTCALLEND",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """`name` in capitals; `record` is ours (`deal:759`), None where the event names none; `at` is the portal's time."""

    name: str
    record: str | None
    deleted: bool
    at: datetime


def parse_event(body: bytes) -> Mapping[str, str]:
    """The form of an event: names with PHP's brackets, as they came. Nothing is believed yet."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200))


def verified(form: Mapping[str, str], application_token: str) -> Event | None:
    """The event, if it proves by its token that the portal sent it; None for anything else."""
    given = form.get("auth[application_token]", "")
    if not application_token or not hmac.compare_digest(given.encode(), application_token.encode()):
        return None
    name = form.get("event", "").upper()
    family = next((ours for start, ours in _FAMILIES.items() if name.startswith(start)), None)
    if family is None:
        return None
    other = name.startswith("ONCRMDYNAMICITEM") and number(form.get("data[FIELDS][ENTITY_TYPE_ID]")) != _SMART_INVOICE
    record_id = number(form.get("data[FIELDS][ID]"))
    record = f"{family}:{record_id}" if record_id and not other else None
    return Event(name, record, name.endswith("DELETE"), datetime.fromtimestamp(_seconds(form.get("ts")), UTC))


def deletion(event: Event) -> tuple[Change, ...]:
    """The changes of a deletion, newer than anything that the record said; none for other events.

    An activity is an e-mail or not: the event does not tell, so both are taken away.
    """
    if not event.deleted or event.record is None:
        return ()
    family, _, record_id = event.record.partition(":")
    names = (f"activity:{record_id}", f"email:{record_id}") if family == "activity" else (event.record,)
    # A second more: the portal's times have no fractions.
    return tuple(Change(name, (), int(event.at.timestamp() * 1000) + 1000) for name in names)


def _seconds(value: str | None) -> int:
    found = number(value)
    return found if 0 < found < 2**33 else 0
