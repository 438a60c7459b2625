"""PHP query strings and list filters as a Bitrix24 portal reads them, for the local portal of the tests."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

_OPERATOR = re.compile(r"^(>=|<=|!=|!@|!%|><|>|<|=|@|!|%)?(.+)$")
_PART = re.compile(r"\[([^\]]*)\]")


class BadFilter(Exception):
    """A field that a list does not filter by."""


def parse_php(text: str) -> dict[str, Any]:
    """What PHP's parse_str makes of a query; lists where all keys are 0, 1, 2 … or empty."""
    root: dict[str, Any] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        _put(root, unquote_plus(name), unquote_plus(value))
    return {key: listed(value) for key, value in root.items()}


def _put(root: dict[str, Any], name: str, value: str) -> None:
    head = name.split("[", 1)[0]
    path = [head, *_PART.findall(name[len(head) :])]
    place: dict[str, Any] = root
    for n, part in enumerate(path):
        key = part if part or n == 0 else str(len(place))
        if n + 1 == len(path):
            place[key] = value
        else:
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                return
            place = inner


def listed(value: Any) -> Any:
    """Nested maps with the keys 0 … n as lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: listed(item) for key, item in value.items()}
    if inner and list(inner) == [str(n) for n in range(len(inner))]:
        return list(inner.values())
    return inner


def php(value: dict[str, Any]) -> Any:
    """A PHP array as JSON: an empty one is [], one with the keys 0, 1, 2 … is a list."""
    if list(value) == [str(n) for n in range(len(value))]:
        return list(value.values())
    return value


@dataclass
class Table:
    """One list of a portal: rows by ascending id; `types` says how a field is compared and shown."""

    types: Mapping[str, str]
    key: str = "id"
    strict: bool = True
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    top: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """A new row, with the highest id."""
        self.rows[row[self.key]] = row
        self.ids.append(row[self.key])
        self.top = row[self.key]

    def remove(self, number: int) -> None:
        """A row is gone."""
        del self.rows[number]
        self.ids.remove(number)


@dataclass(frozen=True)
class Reading:
    """How this portal reads and shows time. `iso_ignored`: a date with an offset filters nothing."""

    zone: timezone
    iso_ignored: bool = False

    def show(self, kind: str, value: Any, as_text: bool) -> Any:
        """A value as the two families of methods write it."""
        if value is None:
            return None
        if kind == "time":
            return value.astimezone(self.zone).isoformat(timespec="seconds")
        if kind == "date":
            midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
            return midnight.astimezone(self.zone).isoformat(timespec="seconds")
        if kind == "money" and not as_text:
            return int(value) if value == value.to_integral_value() else float(value)
        if kind == "money":
            return f"{value:.2f}"
        if kind == "flag":
            return "Y" if value else "N"
        return str(value) if as_text else value

    def compared(self, kind: str, text: Any) -> Any:
        """A filter's value, ready to be compared; None = this condition is not applied."""
        if kind == "time":
            moment = datetime.fromisoformat(str(text).replace(" ", "T", 1))
            if moment.tzinfo is None:
                return moment.replace(tzinfo=self.zone)
            return None if self.iso_ignored else moment
        if kind == "int":
            return int(text)
        if kind == "money":
            return Decimal(str(text))
        if kind == "flag":
            return str(text).upper() == "Y"
        return str(text)


class Everything(Sequence[dict[str, Any]]):
    """All rows of a table from a place on, without looking at any."""

    def __init__(self, table: Table, start: int) -> None:
        self._table, self._start = table, start

    def __len__(self) -> int:
        return len(self._table.ids) - self._start

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            first, last, _ = index.indices(len(self))
            return [self[n] for n in range(first, last)]
        return self._table.rows[self._table.ids[self._start + index]]


def select(
    table: Table, conditions: Mapping[str, Any], reading: Reading, hidden: Any, limit: int | None
) -> Sequence[dict[str, Any]]:
    """Rows that pass, by ascending id, at most `limit`. Raises BadFilter for a strict list's unknown field."""
    tests, after = _tests(table, conditions, reading)
    if not tests and hidden is None and limit is None:
        return Everything(table, bisect_right(table.ids, after))
    found = []
    for number in table.ids[bisect_right(table.ids, after) :]:
        row = table.rows[number]
        if all(test(row) for test in tests) and (hidden is None or not hidden(row)):
            found.append(row)
            if limit is not None and len(found) >= limit:
                break
    return found


def _tests(table: Table, conditions: Mapping[str, Any], reading: Reading) -> tuple[list[Any], int]:
    tests, after = [], -1
    for name, value in conditions.items():
        matched = _OPERATOR.match(name)
        operator, field_name = (matched[1] or "=", matched[2]) if matched else ("=", name)
        kind = table.types.get(field_name)
        if kind is None:
            if table.strict:
                raise BadFilter(field_name)
            continue
        if field_name == table.key and operator == ">":
            # PHP makes 1 of an array: then the filter means another thing, as it does there.
            after = max(after, int(value) if not isinstance(value, (list, dict)) else 1)
            continue
        test = _test(operator, field_name, kind, value, reading)
        if test is not None:
            tests.append(test)
    return tests, after


def _test(operator: str, name: str, kind: str, value: Any, reading: Reading) -> Any:
    if operator in ("@", "!@"):
        wanted = {reading.compared(kind, item) for item in (value if isinstance(value, list) else [value])}
        return (lambda row: row[name] in wanted) if operator == "@" else (lambda row: row[name] not in wanted)
    if isinstance(value, (list, dict)):
        return lambda _: False
    bound = reading.compared(kind, value)
    if bound is None:
        return None
    return {
        "=": lambda row: row[name] == bound,
        "!": lambda row: row[name] != bound,
        "!=": lambda row: row[name] != bound,
        ">": lambda row: row[name] is not None and row[name] > bound,
        ">=": lambda row: row[name] is not None and row[name] >= bound,
        "<": lambda row: row[name] is not None and row[name] < bound,
        "<=": lambda row: row[name] is not None and row[name] <= bound,
    }[operator]


def shown(
    table: Table, row: Mapping[str, Any], names: Sequence[str], reading: Reading, as_text: bool
) -> dict[str, Any]:
    """The selected fields of a row."""
    wanted = [name for name in names if name in table.types] or list(table.types)
    return {name: reading.show(table.types[name], row.get(name), as_text) for name in wanted}
