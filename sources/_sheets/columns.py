"""From headings to columns, and from the cells of a column to what they mean: once per different cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sources._sheets.dates import read_clocks, read_days, read_moments, read_spans
from sources._sheets.mapping import Rule
from sources._sheets.numbers import SIGNS, read_numbers, read_seconds
from sources._sheets.people import People, read_reps
from sources._sheets.shapes import Field, Read, shape_of
from sources._sheets.tables import IGNORED, Cell, Complaints, Fault, Parsed, Row, Table, TableError, blank, plain
from sources._sheets.words import (
    DIRECTIONS,
    KINDS,
    METRIC_WORDS,
    PERIODS,
    STATES,
    VOIDS,
    YES_NO,
    key_of,
    read_words,
)

_WORDS: dict[Read, Mapping[str, object]] = {
    Read.STATE: STATES,
    Read.KIND: KINDS,
    Read.DIRECTION: DIRECTIONS,
    Read.YES_NO: YES_NO,
    Read.VOID: VOIDS,
    Read.PERIOD: PERIODS,
    Read.METRIC: METRIC_WORDS,
}
_EMPTY: frozenset[Cell] = frozenset()

# Raises LookupError for a cell that means nothing: `Sheet.explain` then says why.
Get = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table. `parsed` None = any text. `index` None = the same cell, `constant`, in every row."""

    field: Field
    heading: str
    index: int | None
    parsed: Parsed[Any] | None
    translations: Mapping[str, str]
    constant: str = ""

    def get(self) -> Get:
        """What the cell of a row means."""
        if self.index is None:
            return _always(self._meaning(self.constant))
        index = self.index
        if self.parsed is not None:
            values = self.parsed.values
            return lambda row: values[row[index]]
        if self.translations:
            return lambda row: self._meaning(row[index])
        return lambda row: plain(row[index]) or None

    def fault(self, row: Row) -> Fault | None:
        """What is wrong with the cell of a row."""
        return None if self.index is None or self.parsed is None else self.parsed.faults.get(row[self.index])

    def _meaning(self, cell: Cell) -> Any:
        if self.parsed is not None:
            return self.parsed.values[cell]
        text = plain(cell)
        return self.translations.get(key_of(text), text) or None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose columns are understood. `unused` are the headings that nobody reads, `count` its rows."""

    table: Table
    columns: Mapping[str, Column]
    unused: tuple[str, ...]
    count: int

    def has(self, *names: str) -> bool:
        """Whether there is a column (or a constant) for any of these fields."""
        return any(name in self.columns for name in names)

    def get(self, name: str) -> Get:
        """The reader of a field; of a field that the table lacks, one that always gives None."""
        return self.columns[name].get() if name in self.columns else _always(None)

    def values(self, name: str) -> Iterable[Any]:
        """Everything that the cells of a parsed column mean, each once."""
        column = self.columns.get(name)
        return () if column is None or column.parsed is None else column.parsed.values.values()

    def explain(self, number: int, row: Row, complaints: Complaints) -> None:
        """Say what is wrong with a row that could not be read, unless the office wants such rows left out."""
        found = [(column.heading, fault) for column in self.columns.values() if (fault := column.fault(row))]
        if any(fault is IGNORED for _, fault in found):
            return
        complaints.refused += 1
        for heading, fault in found:
            if fault.once:
                complaints.column(fault, heading)
            else:
                complaints.row(number, heading, fault.text)


def understand(table: Table, rule: Rule, people: People, complaints: Complaints) -> Sheet:
    """Bind headings to fields and read every different cell once. Raises TableError for a missing column."""
    places = _bind(table.header, rule)
    fields = [field for field in shape_of(rule.kind) if field.name in places or field.name in rule.constants]
    cells, count = _collect(table, [places[f.name] for f in fields if f.name in places and _typed(f)], complaints)
    columns = {}
    for field in fields:
        index = places.get(field.name)
        if index is None:
            columns[field.name] = _constant(field, rule, people)
            continue
        parsed = _parse(field, cells[index], rule, people) if index in cells else None
        columns[field.name] = Column(field, table.header[index], index, parsed, rule.values.get(field.name, {}))
    unused = [name for place, name in enumerate(table.header) if place not in places.values() and name.strip()]
    return Sheet(table, columns, tuple(unused), count)


def _always(value: Any) -> Get:
    return lambda row: value


def _typed(field: Field) -> bool:
    return field.read is not Read.TEXT


def _bind(header: tuple[str, ...], rule: Rule) -> dict[str, int]:
    """Field → place of its column: as mapped, else by the first of its names that is there and free."""
    keys = [key_of(heading) for heading in header]
    places = {}
    for name, heading in rule.columns.items():
        if heading and key_of(heading) not in keys:
            raise TableError(f"there is no column {heading!r} (mapped to {name}); it has: {', '.join(header)}")
        if heading:
            places[name] = keys.index(key_of(heading))
    for field in shape_of(rule.kind):
        if field.name in rule.columns or field.name in rule.constants:
            continue
        taken = places.values()
        free = (keys.index(name) for name in field.names if name in keys and keys.index(name) not in taken)
        if (place := next(free, None)) is not None:
            places[field.name] = place
    for field in shape_of(rule.kind):
        if field.required and field.name not in places and field.name not in rule.constants:
            names = ", ".join(field.names[:4])
            raise TableError(f"there is no column for {field.name}: call it {names}, … or name it in mapping.toml")
    return places


def _collect(table: Table, indexes: list[int], complaints: Complaints) -> tuple[dict[int, set[Cell]], int]:
    """The different cells of some columns, and the number of rows; rows broken as a whole are told here."""

    def broken(number: int, text: str) -> None:
        complaints.refused += 1
        complaints.row(number, "", text)

    cells: dict[int, set[Cell]] = {index: set() for index in indexes}
    adders = [(index, found.add) for index, found in cells.items()]
    count = 0
    for _, row in table.rows(broken):
        count += 1
        for index, add in adders:
            add(row[index])
    return cells, count


def _constant(field: Field, rule: Rule, people: People) -> Column:
    text = rule.constants[field.name]
    parsed = _parse(field, {text}, rule, people) if _typed(field) else None
    if parsed is not None and (fault := parsed.faults.get(text)):
        raise TableError(f"the constant {field.name} = {text!r}: {fault.text}")
    return Column(field, field.name, None, parsed, rule.values.get(field.name, {}), text)


def _parse(field: Field, cells: Iterable[Cell], rule: Rule, people: People) -> Parsed[Any]:
    parsed = _read(field, cells, rule, people)
    if field.required:
        for cell in [cell for cell, value in parsed.values.items() if value is None]:
            del parsed.values[cell]
            parsed.faults[cell] = Fault("row", "it is empty: fill it in")
    return parsed


def _read(field: Field, cells: Iterable[Cell], rule: Rule, people: People) -> Parsed[Any]:
    manner, words = rule.manner, rule.values.get(field.name, {})
    if field.read in _WORDS:
        return read_words(cells, _WORDS[field.read], words)
    readers: dict[Read, Callable[[], Parsed[Any]]] = {
        Read.REP: lambda: read_reps(cells, people, words),
        Read.MOMENT: lambda: read_moments(cells, manner.date_order, manner.zone),
        Read.CLOCK: lambda: read_clocks(cells),
        Read.DAY: lambda: read_days(cells, manner.date_order),
        Read.SPAN: lambda: read_spans(cells, field.name, manner.date_order),
        Read.NUMBER: lambda: read_numbers(cells, manner.decimal),
        Read.SECONDS: lambda: read_seconds(cells, 1),
        Read.MINUTES: lambda: read_seconds(cells, 60),
        Read.CURRENCY: lambda: _currencies(cells, words),
        Read.STAGE: lambda: _stages(cells, words),
    }
    return readers[field.read]()


def _currencies(cells: Iterable[Cell], words: Mapping[str, str]) -> Parsed[str | None]:
    parsed: Parsed[str | None] = Parsed({}, {})
    for cell in cells:
        text = words.get(key_of(plain(cell)), plain(cell))
        code = SIGNS.get(text.lower().rstrip("."), text.upper())
        if blank(cell) or (len(code) == 3 and code.isascii() and code.isalpha()):
            parsed.values[cell] = code or None
        else:
            text = f"{plain(cell)!r} is no currency: write three letters like EUR, or translate it in mapping.toml"
            parsed.faults[cell] = Fault("word", text, once=True)
    return parsed


def _stages(cells: Iterable[Cell], words: Mapping[str, str]) -> Parsed[tuple[str | None, object]]:
    """The stage's own name and, where its word (or its translation) says so, where the deal stands."""
    parsed: Parsed[tuple[str | None, object]] = Parsed({}, {})
    for cell in cells:
        text = plain(cell)
        told = read_words([words.get(key_of(text), text)], STATES, {})
        fault = next(iter(told.faults.values()), None)
        if fault is IGNORED:
            parsed.faults[cell] = IGNORED
        else:
            parsed.values[cell] = (text or None, next(iter(told.values.values()), None))
    return parsed
