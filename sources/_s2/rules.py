"""What the office says of its own S2: which stages close a deal, which activities are calls, where a field is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from domain.facts import Kind
from sources import OptionError
from sources._rounds.values import words

# Activity types by the option that names them.
TYPE_OPTIONS: Mapping[Kind, str] = {
    Kind.CALL: "call_types",
    Kind.MEETING: "meeting_types",
    Kind.EMAIL: "email_types",
}
# Where S2 may keep a thing: it documents the fields of deals alone. The first that says something counts.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "invoice_amount": ("amount", "total", "total-amount", "sum"),
    "invoice_date": ("issued-at", "invoiced-at", "invoice-date", "date"),
    "invoice_paid": ("paid-at", "paid-on", "payment-date", "paid", "is-paid"),
    "event_at": ("started-at", "starts-at", "start-at", "event-at", "date", "planned-at"),
    "event_end": ("finished-at", "ends-at", "end-at", "completed-at"),
    "event_done": ("done", "completed", "is-done", "is-completed"),
    "task_done": ("completed-at", "finished-at", "done-at", "closed-at", "completed", "done", "is-done"),
    "call_at": ("started-at", "start-at", "call-at", "date", "created-at"),
    "call_seconds": ("duration", "talk-duration", "call-duration", "billsec"),
    "call_answered": ("answered", "is-answered"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Names or ids as typed, in small letters. `pipelines` empty = all of them count."""

    pipelines: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    types: Mapping[Kind, tuple[str, ...]]
    answered: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    currency: str | None
    fingerprint: str


def read_rules(options: Mapping[str, str]) -> Rules:
    """The rules as typed. Raises OptionError."""
    names = (
        "pipelines",
        "won_stages",
        "lost_stages",
        *TYPE_OPTIONS.values(),
        "answered_statuses",
        "fields",
        "currency",
    )
    said = {name: (options.get(name) or "").strip() for name in names}
    currency = said["currency"].upper()
    if currency and not (len(currency) == 3 and currency.isalpha()):
        raise OptionError("currency is three letters, like UAH.")
    return Rules(
        pipelines=words(said["pipelines"]),
        won=words(said["won_stages"]),
        lost=words(said["lost_stages"]),
        types={kind: words(said[name]) for kind, name in TYPE_OPTIONS.items()},
        answered=words(said["answered_statuses"]),
        fields=_fields(said["fields"]),
        currency=currency or None,
        fingerprint=hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=6).hexdigest(),
    )


def _fields(told: str) -> dict[str, tuple[str, ...]]:
    """`invoice_paid=custom-12, event_at=begin-at` before the usual places."""
    found = dict(FIELDS)
    for part in filter(None, (each.strip() for each in told.split(","))):
        name, _, field = (each.strip() for each in part.partition("="))
        if name not in FIELDS or not field:
            raise OptionError(f"fields is a list of meaning=attribute with the meanings {', '.join(FIELDS)}.")
        found[name] = (field,)
    return found
