"""Reading fields whose types nobody promises: numbers as strings, zero dates, days and instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_NO = frozenset(("", "0", "false", "no", "none", "null"))


@dataclass(frozen=True, slots=True)
class When:
    """An instant, or (with `on`) a day that was told without a time: then `at` is where the day begins."""

    at: datetime
    on: date | None = None


def when(value: object, zone: ZoneInfo) -> When | None:
    """`2026-11-20`, `2026-11-20 14:05:00` (in the zone), `2026-11-20T14:05:00.000+02:00`; None for a zero date."""
    told = str(value or "").strip()
    if not isinstance(value, str) or not told or told.startswith("0000"):
        return None
    try:
        if len(told) == 10:
            day = date.fromisoformat(told)
            return When(datetime.combine(day, time(), zone), day)
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return When(at if at.tzinfo else at.replace(tzinfo=zone))


def amount(value: object) -> Decimal | None:
    """Money in whole units from 12500, "12500.50" or "12 500,50"; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(value: object) -> int | None:
    """An integer from 60, "60" or 60.0."""
    found = amount(value)
    return None if found is None else int(found)


def key(value: object) -> str | None:
    """An id, which may be a number or a string; None for none and for 0, which is nobody."""
    told = "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
    return told if told not in ("", "0") else None


def text(value: object) -> str | None:
    """A text without spaces around it; None where there is none."""
    return value.strip() or None if isinstance(value, str) else None


def flag(value: object) -> bool | None:
    """Yes or no, from true, 1 or "1"; None where nothing is said."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip().casefold() not in _NO


def first(row: Mapping[str, Any], names: Iterable[str]) -> object:
    """The first field that says something."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def words(told: str | None) -> tuple[str, ...]:
    """What was typed between commas, in small letters."""
    return tuple(word.strip().casefold() for word in (told or "").split(",") if word.strip())


def ms(at: datetime) -> int:
    """Milliseconds of an instant."""
    return (at - _EPOCH) // _MS


def instant(at: int) -> datetime:
    """The instant of milliseconds."""
    return _EPOCH + at * _MS
