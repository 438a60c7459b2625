"""mapping.toml: how files of any shape become tables that we know."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sources import OptionError
from sources._sheets.dates import ORDERS
from sources._sheets.shapes import KINDS, shape_of
from sources._sheets.words import key_of

DECIMALS = ("auto", "point", "comma")
_MANNERS = ("date_order", "decimal", "encoding", "delimiter", "timezone", "currency")
_TABLE_KEYS = frozenset((*_MANNERS, "file", "sheet", "kind", "name", "header", "columns", "values", "constants"))


@dataclass(frozen=True, slots=True)
class Manner:
    """How the cells of a table are written. `delimiter` "" = found out."""

    timezone: str
    currency: str
    date_order: str = "auto"
    decimal: str = "auto"
    encoding: str = "auto"
    delimiter: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that name none."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Rule:
    """One table: which file (and sheet) it is read from and how. `file` may hold `*`.

    `columns` is our field → their heading, "" = leave it alone; `values` is field → {their word: ours} with both
    the fields' own names and `key_of` their words; `constants` is field → the text of every row.
    """

    file: str
    kind: str
    manner: Manner
    sheet: str | None = None
    name: str | None = None
    header: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def fits(self, file: str) -> bool:
        """Whether this rule is about that file; case does not matter, as on Windows."""
        return fnmatchcase(file.casefold(), self.file.casefold())


def checked_manner(base: Manner, given: Mapping[str, Any], where: str) -> Manner:
    """`base` with what `given` says. Raises OptionError that says which word is not one of ours."""
    words = {name: _string(given[name], f"{where}: {name}") for name in _MANNERS if name in given}
    manner = replace(base, **words)
    if manner.date_order not in ORDERS:
        raise OptionError(f"{where}: date_order is {manner.date_order!r}. Use one of: {', '.join(ORDERS)}.")
    if manner.decimal not in DECIMALS:
        raise OptionError(f"{where}: decimal is {manner.decimal!r}. Use one of: {', '.join(DECIMALS)}.")
    if manner.delimiter and len(manner.delimiter) != 1:
        raise OptionError(f"{where}: delimiter is {manner.delimiter!r}. Give one character.")
    if len(manner.currency) != 3 or not manner.currency.isalpha():
        raise OptionError(f"{where}: currency is {manner.currency!r}. Give three letters, like EUR.")
    try:
        ZoneInfo(manner.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionError(f"{where}: there is no time zone {manner.timezone!r}. Write it like Europe/Kyiv.") from None
    return replace(manner, currency=manner.currency.upper())


def read_mapping(path: Path, base: Manner) -> tuple[Rule, ...]:
    """The rules of a mapping.toml, in order. Raises OptionError with the place and the remedy."""
    try:
        whole = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise OptionError(f"The mapping {path.name} cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path.name} is not valid TOML: {error}.") from None
    _only(whole, frozenset((*_MANNERS, "table")), path.name)
    base = checked_manner(base, whole, path.name)
    tables = whole.get("table", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise OptionError(f"{path.name}: write each table as [[table]], with two brackets.")
    return tuple(_rule(table, base, f"{path.name}, table {place}") for place, table in enumerate(tables, 1))


def _rule(table: Mapping[str, Any], base: Manner, where: str) -> Rule:
    _only(table, _TABLE_KEYS, where)
    file = _string(table.get("file", ""), f"{where}: file")
    kind = _string(table.get("kind", ""), f"{where}: kind")
    if not file or "/" in file or "\\" in file:
        raise OptionError(f"{where}: file is {file!r}. Give the name of a file in the folder, without a path.")
    if kind not in KINDS:
        raise OptionError(f"{where}: kind is {kind!r}. Use one of: {', '.join(KINDS)}.")
    header = table.get("header")
    if header is not None and (not isinstance(header, int) or header < 1):
        raise OptionError(f"{where}: header is the number of the row of headings, 1 or more.")
    values = {name: _strings(words, f"{where}: values.{name}") for name, words in _dict(table, "values", where).items()}
    rule = Rule(
        file,
        kind,
        checked_manner(base, table, where),
        _string(table["sheet"], f"{where}: sheet") if "sheet" in table else None,
        _string(table["name"], f"{where}: name") if "name" in table else None,
        header,
        _strings(_dict(table, "columns", where), f"{where}: columns"),
        {name: {key_of(word): ours for word, ours in words.items()} for name, words in values.items()},
        _strings(_dict(table, "constants", where), f"{where}: constants"),
    )
    _known_fields(rule, where)
    return rule


def _known_fields(rule: Rule, where: str) -> None:
    known = [field.name for field in shape_of(rule.kind)]
    for name in (*rule.columns, *rule.values, *rule.constants):
        if name not in known:
            raise OptionError(f"{where}: {rule.kind} have no column {name!r}. They know: {', '.join(known)}.")


def _only(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for name in given:
        if name not in known:
            raise OptionError(f"{where}: {name!r} is not known here. Use: {', '.join(sorted(known))}.")


def _dict(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise OptionError(f"{where}: write {name} as [table.{name}] with lines below it.")
    return found


def _strings(given: Any, where: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise OptionError(f"{where}: write it as a table of names and words.")
    return {name: _string(value, f"{where}.{name}") for name, value in given.items()}


def _string(value: Any, where: str) -> str:
    # A bare 2026 or true in TOML is what the office means by the text of it.
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    raise OptionError(f"{where}: write a text in quotation marks.")
