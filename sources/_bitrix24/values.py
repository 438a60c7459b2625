"""What Bitrix24 means by its values: two families of types, PHP's empty maps, dates shown in the server's zone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

# `9999-12-31` stands for "no deadline"; Python's own zones overflow near it.
_FAR = 9999
# Names of the old methods that are no plain upper-case form of the new ones.
_OLD_NAMES = {
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "STATUS_ID": "stageId",
    "STATUS_SEMANTIC_ID": "stageSemanticId",
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
}

Row = Mapping[str, Any]


def number(value: Any) -> int:
    """An id that may be a number or a string; 0 for none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def ident(value: Any) -> str | None:
    """An id as we keep it; Bitrix24 writes "no link" as 0, "0", "" or null."""
    found = number(value)
    return str(found) if found > 0 else None


def money(value: Any) -> Decimal | None:
    """An amount: a string in the old methods, a number in the new ones; read as text, so no binary digit shows."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def flag(value: Any) -> bool:
    """Y and N, true and false, 1 and 0."""
    return value is True or str(value).upper() in ("Y", "1", "TRUE")


def text(value: Any) -> str | None:
    """A name, or None where there is nothing but blanks."""
    found = str(value).strip() if isinstance(value, (str, int, float)) else ""
    return found or None


def instant(value: Any, zone: timezone = UTC) -> datetime | None:
    """A point in time; one without an offset is in the server's `zone`. None for none, and for "no deadline"."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.year >= _FAR or found.year < 1971:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def calendar_day(value: Any) -> date | None:
    """A date-only field: Bitrix24 shows it as midnight UTC in the server's offset, so its day is the day in UTC."""
    found = instant(value)
    return found.astimezone(UTC).date() if found else None


def is_midnight_utc(moment: datetime) -> bool:
    """Whether an instant may stand for a mere day."""
    return moment.astimezone(UTC).time() == datetime.min.time()


def millis(moment: datetime | None) -> int:
    """Milliseconds since 1970, 0 for none."""
    return int(moment.timestamp() * 1000) if moment else 0


def mapping(value: Any) -> dict[str, Any]:
    """A map: PHP writes an empty one as [], and one with the keys 0, 1, 2 … as a list."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def rows(result: Any, inside: str | None = None) -> list[Row]:
    """The rows of a list method's result, under `inside` where the method has such a key."""
    found = result.get(inside, []) if inside and isinstance(result, Mapping) else result
    return [row for row in mapping(found).values() if isinstance(row, Mapping)]


def renamed(row: Row) -> Row:
    """A row of an old method (`crm.deal.list`) under the names of the new ones (`crm.item.list`)."""
    return {_OLD_NAMES.get(name) or (name if name.startswith("UF_") else _camel(name)): row[name] for name in row}


def digest(row: Row) -> str:
    """A short fingerprint of everything a row says."""
    packed = json.dumps(row, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(packed.encode(), digest_size=6).hexdigest()


def php_query(parameters: Mapping[str, Any]) -> str:
    """Parameters as PHP reads them: `filter[%3Eid]=5&select[]=id`, encoded once."""
    return "&".join(f"{key}={value}" for key, value in _pairs(parameters))


def _pairs(parameters: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in parameters.items():
        key = f"{prefix}[{_quoted(name)}]" if prefix else _quoted(name)
        if isinstance(value, Mapping):
            yield from _pairs(value, key)
        elif isinstance(value, (list, tuple)):
            yield from ((f"{key}[]", _quoted(item)) for item in value)
        else:
            yield key, _quoted(value)


def _quoted(value: Any) -> str:
    # `$result[a][items][49][id]` stays as it is: a reference is found in the text whether or not it was decoded.
    return quote(str(value), safe="$[]") if str(value).startswith("$") else quote(str(value), safe="")


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
