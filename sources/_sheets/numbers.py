"""Numbers as people write them: decimal commas, spaces between thousands, currency signs, percent, h:mm:ss."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sources._sheets.tables import Cell, Fault, Parsed, blank

# (the number, the currency that its sign names or None); None = nothing is written.
Money = tuple[Decimal, str | None] | None

SIGNS = {
    "₴": "UAH",
    "грн": "UAH",
    "€": "EUR",
    "$": "USD",
    "₽": "RUB",
    "руб": "RUB",
    "zł": "PLN",
    "£": "GBP",
    "₸": "KZT",
}
_SIGN = re.compile(r"[₴€$₽£₸]|zł|[гГ][рР][нН]\.?|[рР][уУ][бБ]\.?|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_SPACES = re.compile(r"[\s'’\u00a0\u2007\u2009\u202f]+")
_INNER_SPACE = re.compile(r"\d[\s'’\u00a0\u2007\u2009\u202f]+\d")
_NUMBER = re.compile(r"([+-]?)(\d[\d.,]*|[.,]\d+)(%?)")
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ".,"}
_DASHES = frozenset(("-", "–", "—", "−"))
_MAX_DIGITS = 15
_MARKS = {"point": ".", "comma": ","}
_NAMES = {mark: name for name, mark in _MARKS.items()}


@dataclass(frozen=True, slots=True)
class _Shape:
    """A number before its decimal mark is settled: `mark` None = it could be either, "" = it has no mark."""

    cell: str
    digits: str
    mark: str | None
    factor: Decimal
    sign: str | None


def read_numbers(cells: Iterable[Cell], decimal: str) -> Parsed[Money]:
    """The numbers of one column. `decimal` is "point", "comma" or "auto": what the column itself gives away.

    A lone `1,234` means a thousand or a bit more than one; where nothing in the column tells, it is a fault.
    """
    parsed: Parsed[Money] = Parsed({}, {})
    shapes: list[_Shape] = []
    for cell in cells:
        if isinstance(cell, Decimal):
            parsed.values[cell] = (cell, None)
        elif cell.isascii() and cell.isdigit() and len(cell) <= _MAX_DIGITS:
            parsed.values[cell] = (Decimal(cell), None)
        elif blank(cell) or cell.strip() in _DASHES:
            parsed.values[cell] = None
        elif (shape := _shape(cell)) is not None:
            shapes.append(shape)
        else:
            parsed.faults[cell] = Fault("row", f"{cell!r} is no number: write it like 1234.50")
    _settle(shapes, _MARKS.get(decimal), parsed)
    return parsed


def read_seconds(cells: Iterable[Cell], unit: int) -> Parsed[int | None]:
    """Durations in whole seconds: a number of `unit` seconds each, m:ss or h:mm:ss."""
    parsed: Parsed[int | None] = Parsed({}, {})
    for cell in cells:
        if blank(cell):
            parsed.values[cell] = None
            continue
        seconds = _seconds(str(cell).strip().replace(",", "."), unit)
        if seconds is None:
            parsed.faults[cell] = Fault("row", f"{str(cell)!r} is no length of time: write seconds or h:mm:ss")
        else:
            parsed.values[cell] = seconds
    return parsed


def _shape(cell: str) -> _Shape | None:
    body, sign = _unsigned(cell)
    match = _NUMBER.fullmatch(body)
    if match is None or sum(map(str.isdigit, body)) > _MAX_DIGITS:
        return None
    minus, digits, percent = match.groups()
    mark = _decimal_mark(digits, spaced=_INNER_SPACE.search(cell) is not None)
    if mark == "?":
        return None
    factor = Decimal(-1 if minus == "-" else 1) / (100 if percent else 1)
    return _Shape(cell, digits, mark, factor, sign)


def _settle(shapes: list[_Shape], told: str | None, parsed: Parsed[Money]) -> None:
    """Decide what each number means by the setting, by itself, or by what the others of its column prove."""
    proven = {shape.mark for shape in shapes if shape.mark}
    common = told or (proven.pop() if len(proven) == 1 else None)
    for shape in shapes:
        mark = common if shape.mark is None else shape.mark or "."
        if mark is None:
            parsed.faults[shape.cell] = _undecided(shape.digits)
        elif told and shape.mark and mark != told:
            text = f"{shape.cell!r} has a decimal {_NAMES[mark]}, but the setting says {_NAMES[told]}"
            parsed.faults[shape.cell] = Fault("row", text)
        else:
            parsed.values[shape.cell] = (_value(shape.digits, mark) * shape.factor, shape.sign)


def _unsigned(cell: str) -> tuple[str, str | None]:
    """Without currency sign, spaces and accountants' brackets; and the currency of the sign."""
    found = _SIGN.search(cell)
    sign = SIGNS.get(found[0].lower().rstrip("."), found[0].upper()) if found else None
    body = _SPACES.sub("", cell.replace(found[0], "", 1) if found else cell).replace("−", "-")
    if body.startswith("(") and body.endswith(")"):
        body = f"-{body[1:-1]}"
    if body.endswith("-"):
        body = f"-{body[:-1]}"
    return body, sign


def _decimal_mark(digits: str, spaced: bool) -> str | None:
    """The decimal mark that this number proves; "" = it has no mark, "?" = nonsense, None = it could be either."""
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return ""
    if points and commas:
        mark = max(".,", key=digits.rfind)
        whole = digits.rpartition(mark)[0]
        return mark if digits.count(mark) == 1 and _GROUPED["," if mark == "." else "."].fullmatch(whole) else "?"
    used = "." if points else ","
    other = "," if points else "."
    if points + commas > 1:
        return other if _GROUPED[used].fullmatch(digits) else "?"
    whole, _, rest = digits.partition(used)
    could_group = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") and not spaced
    return None if could_group else used


def _value(digits: str, mark: str) -> Decimal:
    other = "," if mark == "." else "."
    return Decimal(digits.replace(other, "").replace(mark, "."))


def _undecided(digits: str) -> Fault:
    text = (
        f"numbers like {digits} can be read in two ways: set decimal=point or decimal=comma, "
        "for the source or for this file in mapping.toml"
    )
    return Fault("decimal", text, once=True)


def _seconds(text: str, unit: int) -> int | None:
    parts = text.split(":")
    try:
        numbers = [Decimal(part) for part in parts]
    except ArithmeticError:
        return None
    if len(parts) > 3 or any(not number.is_finite() or not 0 <= number < 10**7 for number in numbers):
        return None
    if len(parts) == 1:
        return round(numbers[0] * unit)
    total = Decimal(0)
    for number in numbers:
        total = total * 60 + number
    return round(total)
