"""The fields of one fact that is sent to a hook: each is read, bounded, or named with how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from domain.deliveries import Named, Told
from domain.facts import Direction, Fact, Kind

_YEARS = range(1970, 2101)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,20})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")
_URL = re.compile(r"https?://[^\s\"'<>]{1,490}")
# A database takes no NUL, and half of a surrogate pair is no text; other control characters mean nothing to people.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LARGEST_AMOUNT = Decimal(10) ** 12
_LONGEST_CALL = 1_000_000
# Beyond this a number in JSON is not kept exactly by those who send it.
_LARGEST_REVISION = 2**53
# What a binary fraction looks like when it is written out.
_FINEST = -20
_SHOWN = 40
_MOST_UNKNOWN = 5


@dataclass(frozen=True, slots=True)
class _At:
    """An instant, and the day alone where no time was told."""

    moment: datetime
    on: date | None


class _FieldError(Exception):
    """Why a field cannot be taken, and how to mend it."""


_Reader = Callable[[Any, ZoneInfo], Any]


def read_fact(item: object, zone: ZoneInfo) -> tuple[Told | None, list[tuple[str, str]]]:
    """One fact, times without an offset being those of `zone`; or what is wrong with it, by field."""
    if not isinstance(item, dict):
        return None, [("", f"{_shown(item)} is no fact: send an object with kind, id and at")]
    # null, and the empty text that forms send, say as much as a field left out.
    given = {str(name): value for name, value in item.items() if value is not None and value != ""}
    unknown = islice((name for name in given if name not in _READERS), _MOST_UNKNOWN)
    wrong = [(name[:_SHOWN], _unknown(name)) for name in unknown]
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name in _READERS:
            try:
                read[name] = _READERS[name](value, zone)
            except _FieldError as error:
                wrong.append((name, str(error)))
    needed = ("kind", "id") if read.get("deleted") else ("kind", "id", "at")
    wrong += [(name, f"{name} is missing: {_NEEDED[name]}") for name in needed if name not in given]
    return (None, wrong) if wrong else (_told(read), [])


def _told(read: Mapping[str, Any]) -> Told:
    kind: Kind = read["kind"]
    named = Named(read.get("rep"), read.get("email"), read.get("extension"), read.get("rep_name"))
    by = named if named.id or named.email or named.extension else None
    fact = None if read.get("deleted") else _fact(kind, read)
    return Told(kind, read["id"], fact, by, read.get("revision", 0), read.get("url"))


def _fact(kind: Kind, read: Mapping[str, Any]) -> Fact:
    at: _At = read["at"]
    return Fact(
        kind=kind,
        at=at.moment,
        rep=None,
        on=at.on,
        amount=read.get("amount"),
        currency=read.get("currency"),
        seconds=read.get("seconds"),
        direction=read.get("direction"),
        answered=read.get("answered"),
        title=read.get("title"),
        customer=read.get("customer"),
        pipeline=read.get("pipeline"),
        stage=read.get("stage"),
        loss_reason=read.get("loss_reason"),
    )


def _kind(value: object, _zone: ZoneInfo) -> Kind:
    if not isinstance(value, str) or value not in set(Kind):
        raise _FieldError(f"{_shown(value)} is no kind of fact: use one of {', '.join(Kind)}")
    return Kind(value)


def _at(value: object, zone: ZoneInfo) -> _At:
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if match is None:
            raise ValueError
        day, clock, offset = match.groups()
        on = date.fromisoformat(day)
        if on.year not in _YEARS:
            raise ValueError
        if clock is None:
            return _At(datetime.combine(on, time(), zone), on)
        moment = datetime.fromisoformat(f"{day}T{clock}{offset or ''}")
    except ValueError:
        raise _FieldError(
            f"{_shown(value)} is no time: write it like 2026-11-20T14:07:00+02:00, or 2026-11-20 where the day is all "
            "that is known"
        ) from None
    return _At(moment if moment.tzinfo else moment.replace(tzinfo=zone), None)


def _amount(value: object, _zone: ZoneInfo) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value.strip()) else value
    except InvalidOperation:
        number = None
    if not isinstance(number, Decimal):
        raise _FieldError(f"{_shown(value)} is no amount: write it like 1184000.50, without spaces and currency")
    # Compared, never reckoned with: 1e999999999 is a short text.
    exponent = number.as_tuple().exponent
    if not -_LARGEST_AMOUNT <= number <= _LARGEST_AMOUNT or not isinstance(exponent, int) or exponent < _FINEST:
        raise _FieldError(f"an amount is at most {_LARGEST_AMOUNT:,}, with at most {-_FINEST} decimals")
    return number


def _whole(most: int, example: str) -> _Reader:
    def read(value: object, _zone: ZoneInfo) -> int:
        number = Decimal(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,16}", value) else value
        if not isinstance(number, Decimal) or not 0 <= number <= most or not _is_whole(number):
            raise _FieldError(f"{_shown(value)} is no whole number from 0 to {most}: write it like {example}")
        return int(number)

    return read


def _text(longest: int) -> _Reader:
    def read(value: object, _zone: ZoneInfo) -> str | None:
        text = value.strip() if isinstance(value, str) else None
        if text is None or len(text) > longest:
            raise _FieldError(f"{_shown(value)} is no text of at most {longest} characters")
        if _UNPRINTABLE.search(text):
            raise _FieldError("there is a character in it that cannot be printed: leave it out")
        return text or None

    return read


def _key(longest: int) -> _Reader:
    text = _text(longest)

    def read(value: object, zone: ZoneInfo) -> str:
        if isinstance(value, Decimal) and value.copy_abs() <= _LARGEST_REVISION and _is_whole(value):
            value = str(int(value))
        found = text(value, zone)
        if not found or any(not sign.isprintable() for sign in found):
            raise _FieldError(f"{_shown(value)} is no name of 1 to {longest} characters in one line, and no number")
        return str(found)

    return read


def _email(value: object, _zone: ZoneInfo) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _EMAIL.fullmatch(text) or not text.isprintable():
        raise _FieldError(f"{_shown(value)} is no e-mail address: write it like anna@example.com")
    return text


def _currency(value: object, _zone: ZoneInfo) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise _FieldError(f"{_shown(value)} is no currency: write its three letters, like UAH")
    return value.upper()


def _url(value: object, _zone: ZoneInfo) -> str:
    if not isinstance(value, str) or not _URL.fullmatch(value) or not value.isprintable():
        raise _FieldError(f"{_shown(value)} is no address: write it like https://crm.example.com/deal/5")
    return value


def _direction(value: object, _zone: ZoneInfo) -> Direction:
    if not isinstance(value, str) or value not in set(Direction):
        raise _FieldError(f"{_shown(value)} is no direction: use in or out")
    return Direction(value)


def _truth(value: object, _zone: ZoneInfo) -> bool:
    # Zapier and 1C send the words.
    known = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(known, bool):
        raise _FieldError(f"{_shown(value)} is neither true nor false")
    return known


def _is_whole(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _FINEST and number == number.to_integral_value()


def _unknown(name: str) -> str:
    near = get_close_matches(name[:_SHOWN], _READERS, 1)
    meant = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_READERS)}."
    return f"there is no such field. {meant}"


def _shown(value: object) -> str:
    """What was sent, short and printable."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    said = str(value) if isinstance(value, Decimal) else ascii(value)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


_READERS: dict[str, _Reader] = {
    "kind": _kind,
    "id": _key(200),
    "at": _at,
    "rep": _key(200),
    "email": _email,
    "extension": _key(40),
    "rep_name": _text(100),
    "amount": _amount,
    "currency": _currency,
    "seconds": _whole(_LONGEST_CALL, "95"),
    "direction": _direction,
    "answered": _truth,
    "title": _text(500),
    "customer": _text(500),
    "pipeline": _text(200),
    "stage": _text(200),
    "loss_reason": _text(200),
    "url": _url,
    "revision": _whole(_LARGEST_REVISION, "1795000000"),
    "deleted": _truth,
}
_NEEDED = {
    "kind": f"one of {', '.join(Kind)}",
    "id": "what the sender calls it, so that the same fact sent again replaces itself",
    "at": "when it happened, like 2026-11-20T14:07:00+02:00",
}
