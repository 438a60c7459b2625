"""Reading the fields of Kommo's rows, which PHP writes as numbers, strings, null or empty lists as it likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from domain.facts import Fact
from sources._kommo.api import Row
from sources._kommo.memory import Memory
from sources._kommo.office import Office
from sources._kommo.rules import Rules


@dataclass(frozen=True, slots=True)
class Desk:
    """All that turning a row into facts needs besides the row. Facts before `since` (unix seconds) are not wanted.

    `exact` = the event feed can be read, so that the owner at an event is known and not merely seen.
    """

    base: str
    currency: str
    since: int
    office: Office
    rules: Rules
    memory: Memory
    exact: bool

    def wanted(self, facts: list[Fact]) -> tuple[Fact, ...]:
        """Without what lies before the first day."""
        return tuple(fact for fact in facts if fact.at.timestamp() >= self.since)


def whole(value: object) -> int | None:
    """An integer from 60, "60" or 60.0; None from anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(Decimal(str(value).strip()))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def second(row: Row, name: str) -> int:
    """A unix second; 0 where there is none."""
    return whole(row.get(name)) or 0


def moment(at: int) -> datetime:
    """A unix second as an instant."""
    return datetime.fromtimestamp(at, UTC)


def amount(value: object) -> Decimal | None:
    """Money in whole units from 12500, "12500", 12500.5; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip().replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def person(value: object) -> str | None:
    """A user's id; 0 is a robot and nobody."""
    found = whole(value)
    return str(found) if found is not None and found > 0 else None


def owners(rows: list[Row]) -> list[tuple[int, int, int]]:
    """(record, who has it, second of its last change); 0 = nobody has it."""
    return [(int(row["id"]), whole(row.get("responsible_user_id")) or 0, second(row, "updated_at")) for row in rows]


def inner(row: Row, name: str) -> Mapping[str, object]:
    """A nested object; PHP writes an empty one as an empty list."""
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def fields(row: Row) -> dict[str, Row]:
    """The first value of every custom field, by its id and, where it has one, by its code."""
    found: dict[str, Row] = {}
    for field in row.get("custom_fields_values") or ():
        values = field.get("values") if isinstance(field, dict) else None
        if not isinstance(values, list) or not values or not isinstance(values[0], dict):
            continue
        found[str(field.get("field_id"))] = values[0]
        if field.get("field_code"):
            found[str(field["field_code"])] = values[0]
    return found
