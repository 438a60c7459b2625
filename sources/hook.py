"""Incoming hook: telephony, 1C, Zapier or n8n send facts to an address of their own; nothing is ever asked."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn
from zoneinfo import ZoneInfo

from domain.deliveries import DeliveryError, Fault, Outcome, Posted, Told
from domain.facts import Batch, Kind
from sources import Ask, Finding, Option, OptionError, Site
from sources._hook_fields import read_fact

LABEL = "Incoming hook"
OPTIONS = (
    Option("signing_key", "A key of at least 16 characters, with which every delivery must be signed.", secret=True),
    Option("gives", f"Kinds that count as 0 until the first one comes, with commas: {', '.join(Kind)}.", default=""),
)
MOST_FACTS = 5_000
# A signed delivery that was sent longer ago, or so far ahead, may be a recorded one that is played again.
TOLERANCE_S = 300
_SHORTEST_KEY = 16
_MOST_FAULTS = 100


class HookSource:
    """Stands where other kinds ask: it has nobody to ask."""

    requests = 0

    def __init__(self, options: Mapping[str, str], site: Site) -> None:
        self._signed, self._zone = bool(options.get("signing_key")), site.timezone

    def check(self) -> list[Finding]:
        """How it will listen."""
        signed = "every delivery must be signed" if self._signed else "the secret in the address is the only proof"
        return [
            Finding("address", "shown once when the connection is made; give it to whatever sends"),
            Finding("proof", signed),
            Finding("times without an offset", f"are those of {self._zone}"),
        ]

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """Nothing: what there is was sent."""
        return iter(())


def connect(options: Mapping[str, str], site: Site) -> HookSource:
    """A source for these options. Raises OptionError."""
    key = options.get("signing_key", "")
    if key and len(key) < _SHORTEST_KEY:
        raise OptionError(f"signing_key is too short to be a secret. Use at least {_SHORTEST_KEY} characters.")
    gives(options)
    return HookSource(options, site)


def gives(options: Mapping[str, str]) -> frozenset[Kind]:
    """The kinds that are known to be coming. Raises OptionError."""
    words = [word for part in options.get("gives", "").split(",") if (word := part.strip())]
    wrong = [word for word in words if word not in set(Kind)]
    if wrong:
        raise OptionError(f"gives names {wrong[0]!r}, which is no kind of fact. Known: {', '.join(Kind)}.")
    return frozenset(map(Kind, words))


def read_delivery(options: Mapping[str, str], zone: str, posted: Posted, now: datetime) -> list[Told]:
    """Every fact that was sent. `zone` is the office's. Raises DeliveryError, and then nothing is to be taken."""
    if posted.mime != "application/json" and not posted.mime.endswith("+json"):
        raise DeliveryError(Outcome.NO_JSON, "Send JSON, with the header Content-Type: application/json.")
    _prove(options.get("signing_key", ""), posted, now)
    items = _items(_parsed(posted.body))
    told: list[Told] = []
    faults: list[Fault] = []
    local = ZoneInfo(zone)
    for index, item in enumerate(items):
        read, wrong = read_fact(item, local)
        faults += [Fault(index, field, text) for field, text in wrong]
        told += [] if read is None else [read]
        if len(faults) >= _MOST_FAULTS:
            break
    if faults:
        more = " There may be more." if len(faults) >= _MOST_FAULTS else ""
        raise DeliveryError(Outcome.WRONG, f"Nothing was stored: see what is wrong in problems.{more}", faults)
    return told


def _prove(key: str, posted: Posted, now: datetime) -> None:
    """Raise unless the body is signed with the key at about this time; without a key nothing has to be signed."""
    if not key:
        return
    said = f"{posted.timestamp}.".encode() + posted.body
    expected = "sha256=" + hmac.new(key.encode(), said, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), posted.signature.strip().lower().encode()):
        raise DeliveryError(
            Outcome.UNPROVEN,
            "Tablo-Signature is missing or wrong. It is sha256= and the hexadecimal HMAC-SHA256 of Tablo-Timestamp, "
            "a full stop and the body, made with the signing_key.",
        )
    # Signed, so it is one of the sender's own numbers; still it may be no number at all.
    sent = int(posted.timestamp) if posted.timestamp.isascii() and posted.timestamp.isdigit() else 0
    if abs(now.timestamp() - sent) > TOLERANCE_S:
        text = f"Tablo-Timestamp must be the Unix time in seconds, within {TOLERANCE_S} s. Set the sender's clock."
        raise DeliveryError(Outcome.UNPROVEN, text)


def _parsed(body: bytes) -> object:
    """The JSON, its numbers exact."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_float=Decimal, parse_int=Decimal, parse_constant=_no_such_number
        )
    except UnicodeDecodeError:
        raise DeliveryError(Outcome.UNREADABLE, "The body is not UTF-8. Send it in that encoding.") from None
    except (ValueError, InvalidOperation) as error:
        raise DeliveryError(Outcome.UNREADABLE, f"The body is no JSON: {_where(error)}.") from None
    except RecursionError:
        raise DeliveryError(Outcome.UNREADABLE, "The body is nested too deeply. Send facts, or a list.") from None


def _items(parsed: object) -> list[object]:
    items = parsed if isinstance(parsed, list) else [parsed]
    if not isinstance(parsed, list | dict):
        raise DeliveryError(Outcome.UNREADABLE, "Send one fact as an object, or several as a list of objects.")
    if len(items) > MOST_FACTS:
        text = f"{len(items):,} facts are too many at once. Send at most {MOST_FACTS:,}, and the rest after them."
        raise DeliveryError(Outcome.TOO_MANY, text)
    return items


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _where(error: Exception) -> str:
    """Where the JSON breaks off, without what stands there."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}, column {error.colno}"
    return "a number in it is none that can be kept"
