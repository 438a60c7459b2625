"""Which tables a file holds, and by which rule each is read: mapped ones as mapped, others by their plain names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from domain.facts import Problem
from sources._sheets.book import is_book, read_sheet, sheet_names
from sources._sheets.mapping import Manner, Rule
from sources._sheets.shapes import KINDS, knows
from sources._sheets.tables import Table
from sources._sheets.text import read_text
from sources._sheets.words import key_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A table to be read. `family` begins the keys of its records; `open` raises TableError."""

    family: str
    rule: Rule
    open: Callable[[], Table]


@dataclass(frozen=True, slots=True)
class Plan:
    """How files are understood: the rules of a mapping, and what a lone file with any name holds."""

    rules: tuple[Rule, ...]
    manner: Manner
    holds: str | None = None
    sheet: str | None = None

    def wants(self, file: str) -> bool:
        """Whether a rule is about this file, whatever it is called."""
        return any(rule.fits(file) for rule in self.rules)

    def tables(self, file: str, data: bytes) -> list[Planned]:
        """The tables in a file, none where nothing says what it holds. Raises TableError."""
        rules = [rule for rule in self.rules if rule.fits(file)]
        if is_book(data):
            return _unique(file, self._book(file, data, rules))
        if not rules and (kind := self._kind(file)) is not None:
            rules = [Rule(file, kind, self.manner)]
        return _unique(file, [(file, rule, _text_opener(data, rule)) for rule in rules])

    def unknown(self, file: str) -> Problem:
        """The words for a file of which nothing is known."""
        names = ", ".join(KINDS)
        text = f"nothing says what this file holds: call it (or its sheets) {names}, or describe it in mapping.toml"
        return Problem("file", file, text)

    def _kind(self, file: str) -> str | None:
        stem = key_of(PurePath(file).stem)
        return self.holds or (stem if stem in KINDS else None)

    def _book(self, file: str, data: bytes, rules: Sequence[Rule]) -> list[tuple[str, Rule, Callable[[], Table]]]:
        names = sheet_names(data)
        by_key = {key_of(name): name for name in reversed(names)}
        if not rules:
            rules = [Rule(file, key, self.manner, sheet=name) for key, name in by_key.items() if key in KINDS]
        if not rules and (kind := self._kind(file)) is not None:
            rules = [Rule(file, kind, self.manner, sheet=self.sheet)]
        found = []
        for rule in rules:
            # A sheet that is not there is told when it is opened, beside the names of those that are.
            sheet = by_key.get(key_of(rule.sheet), rule.sheet) if rule.sheet else names[0]
            family = f"{file}[{sheet}]" if rule.sheet else file
            found.append((family, rule, _sheet_opener(data, sheet, rule)))
        return found


def _text_opener(data: bytes, rule: Rule) -> Callable[[], Table]:
    mapped = {key_of(heading) for heading in rule.columns.values()}

    def known(heading: str) -> bool:
        return key_of(heading) in mapped or knows(rule.kind, heading)

    manner = rule.manner
    return lambda: read_text(data, manner.encoding, manner.delimiter or None, rule.header, known)


def _sheet_opener(data: bytes, sheet: str, rule: Rule) -> Callable[[], Table]:
    return lambda: read_sheet(data, sheet, rule.header)


def _unique(file: str, found: Iterable[tuple[str, Rule, Callable[[], Table]]]) -> list[Planned]:
    """Families by name; a second table of the same part of a file is told apart by its kind."""
    planned: dict[str, Planned] = {}
    for family, rule, opener in found:
        # `:` ends the family in the key of a record.
        name = (rule.name or family).replace(":", "_")
        if name in planned:
            name = f"{name}/{rule.kind}"
        planned[name] = Planned(name, replace(rule, file=file), opener)
    return list(planned.values())
