"""A webhook of Kommo: unsigned and often repeated, so it only says that something is worth a look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

# leads[status][0][id] → leads, status
_KEY = re.compile(r"(\w{1,40})\[(\w{1,40})\]\[\d{1,6}\]")
_MOST_FIELDS = 20_000


@dataclass(frozen=True, slots=True)
class Hook:
    """What a delivery speaks of: (`leads`, `status`), (`task`, `add`) … `account` is the account's subdomain."""

    account: str | None
    touched: frozenset[tuple[str, str]]


def read_hook(body: bytes) -> Hook | None:
    """The meaning of a delivery's body, a form with PHP brackets; None for anything else.

    Nothing in it is believed: the caller asks for a poll soon, and the poll asks Kommo.
    """
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    touched = {(match[1], match[2]) for key, _ in pairs if (match := _KEY.match(key)) and match[1] != "account"}
    account = next((value for key, value in pairs if key == "account[subdomain]"), None)
    return Hook(account, frozenset(touched)) if touched or account else None
