"""What the office says of its own Aspro.Cloud: pipelines that count, currencies by number, payments that came in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sources import OptionError, Site
from sources._rounds.values import words


@dataclass(frozen=True, slots=True)
class Rules:
    """`pipelines` empty = all count. `currencies` maps Aspro.Cloud's own numbers to ISO codes."""

    pipelines: tuple[str, ...]
    currencies: Mapping[str, str]
    paid: frozenset[str]
    zone: ZoneInfo
    fingerprint: str


def read_rules(options: Mapping[str, str], site: Site) -> Rules:
    """The rules as typed. Raises OptionError."""
    names = ("pipelines", "currencies", "payment_statuses", "timezone")
    said = {name: (options.get(name) or "").strip() for name in names}
    try:
        zone = ZoneInfo(said["timezone"] or site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise OptionError("timezone is a name like Europe/Kyiv.") from None
    return Rules(
        pipelines=words(said["pipelines"]),
        currencies=_currencies(said["currencies"]),
        paid=frozenset(words(said["payment_statuses"] or "10")),
        zone=zone,
        fingerprint=hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=6).hexdigest(),
    )


def _currencies(told: str) -> dict[str, str]:
    """`1=UAH, 5=USD`."""
    found = {}
    for part in filter(None, (each.strip() for each in told.split(","))):
        number, _, code = (each.strip() for each in part.partition("="))
        if not number or len(code) != 3 or not code.isalpha():
            raise OptionError("currencies is a list of number=code, like 1=UAH, 5=USD.")
        found[number] = code.upper()
    return found
