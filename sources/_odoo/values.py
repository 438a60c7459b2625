"""Reading Odoo's values: every empty one is `false`, times are UTC without saying so, money is a float."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Row = dict[str, Any]
# The user who owns what the system does by itself.
ROBOT = 1
_MOMENT = "%Y-%m-%d %H:%M:%S"


def number(value: object) -> int | None:
    """A whole number that stands for something; None from false, 0 and anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def ref(value: object) -> int | None:
    """The number behind a many2one, `[7, "Name"]` or `false`."""
    return number(value[0]) if isinstance(value, list) and value else None


def ref_name(value: object) -> str | None:
    """The name that comes with a many2one."""
    return text(value[1]) if isinstance(value, list) and len(value) > 1 else None


def text(value: object) -> str | None:
    """Words, without the space around them; None where there are none."""
    return (value.strip() or None) if isinstance(value, str) else None


def instant(value: object) -> datetime | None:
    """An instant from `2026-11-21 22:20:34`, which is UTC."""
    try:
        return datetime.strptime(str(value)[:19], _MOMENT).replace(tzinfo=UTC) if value else None
    except ValueError:
        return None


def calendar_day(value: object) -> date | None:
    """A day from `2026-11-21`."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def said(moment: datetime) -> str:
    """An instant as Odoo takes it in a domain."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def money(value: object, places: int = 2) -> Decimal | None:
    """An amount in whole units, rounded as its currency is: Odoo keeps 0.1 + 0.2 as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        return None


def person(value: object) -> str | None:
    """A user's id as we keep it; the robot is nobody."""
    found = ref(value) if isinstance(value, list) else number(value)
    return None if found in (None, ROBOT) else str(found)
