"""Dates as people write them: ISO, D.M.YYYY, M/D/YYYY, with or without a time; and the periods of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sources._sheets.tables import Cell, Fault, Parsed, blank, plain

# (the instant, the calendar day where no time is told); None = nothing is written.
When = tuple[datetime, date | None] | None
# First and last day.
Span = tuple[date, date] | None

ORDERS = ("auto", "dmy", "mdy", "iso")
_YEARS = range(1970, 2101)
_SPLIT = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp][Mm])?)?"
)
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?")
_MONTH = re.compile(r"(\d{4})[-./](\d{1,2})|(\d{1,2})[-./](\d{4})")
_QUARTER = re.compile(
    r"(?i)(\d{4})[\s./-]*(?:q|кв\.?|к)\s*([1-4])|(?:q|кв\.?)?\s*([1-4])\s*(?:кв\.?|q)?[\s./-]+(\d{4})"
)
_WEEK = re.compile(r"(?i)(\d{4})-?w(\d{1,2})")
_UNREADABLE = "{!r} is no date: write it like 2026-11-20, or set date_order"


def read_moments(cells: Iterable[Cell], order: str, zone: ZoneInfo) -> Parsed[When]:
    """Instants of one column. Text without a zone is local time of `zone`; a day without a time is that whole day.

    With "auto", 3/4/2026 is read as the rest of the column proves; where nothing proves it, it is a fault.
    """
    local = _read_column(cells, order)
    values: dict[Cell, When] = {}
    for cell, found in local.values.items():
        if isinstance(found, datetime):
            values[cell] = (found if found.tzinfo else found.replace(tzinfo=zone), None)
        else:
            values[cell] = None if found is None else (datetime.combine(found, time(), zone), found)
    return Parsed(values, local.faults)


def read_days(cells: Iterable[Cell], order: str) -> Parsed[date | None]:
    """Calendar days of one column; a time of day is left out."""
    local = _read_column(cells, order)
    values = {cell: found.date() if isinstance(found, datetime) else found for cell, found in local.values.items()}
    return Parsed(values, local.faults)


def read_clocks(cells: Iterable[Cell]) -> Parsed[time | None]:
    """Times of day: 14:05, 2:05:30 PM."""
    parsed: Parsed[time | None] = Parsed({}, {})
    for cell in cells:
        match = _CLOCK.fullmatch(plain(cell))
        try:
            parsed.values[cell] = None if blank(cell) else _clock(match.groups() if match else None)
        except ValueError:
            parsed.faults[cell] = Fault("row", f"{plain(cell)!r} is no time of day: write it like 14:05")
    return parsed


def read_spans(cells: Iterable[Cell], unit: str, order: str) -> Parsed[Span]:
    """First and last day of the `unit` (day, week, month, quarter, year) that each cell names.

    A date names the month or the year it lies in, and the quarter or the week that *begins* on it.
    """
    parsed: Parsed[Span] = Parsed({}, {})
    dated: list[Cell] = []
    for cell in cells:
        if blank(cell):
            parsed.values[cell] = None
            continue
        first = _named(plain(cell), unit)
        if first is None:
            dated.append(cell)
        else:
            parsed.values[cell] = (first, last_day(first, unit))
    days = read_days(dated, order)
    parsed.faults.update(days.faults)
    for cell, day in days.values.items():
        if unit == "quarter" and day is not None and day.day != 1:
            parsed.faults[cell] = Fault("row", f"{plain(cell)!r} is not the first day of a quarter")
        elif day is not None:
            first = day.replace(day=1) if unit == "month" else day.replace(month=1, day=1) if unit == "year" else day
            parsed.values[cell] = (first, last_day(first, unit))
    return parsed


def last_day(first: date, unit: str) -> date:
    """The last day of the period of this kind that begins on `first`."""
    if unit == "day":
        return first
    if unit == "week":
        return first + timedelta(days=6)
    months = first.year * 12 + first.month - 1 + {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, first.day) - timedelta(days=1)


def _read_column(cells: Iterable[Cell], order: str) -> Parsed[date | datetime | None]:
    parsed: Parsed[date | datetime | None] = Parsed({}, {})
    unsure: list[tuple[Cell, re.Match[str]]] = []
    proofs: set[str] = set()
    for cell in cells:
        if blank(cell):
            parsed.values[cell] = None
            continue
        try:
            found = _certain(cell, order, unsure, proofs)
        except ValueError:
            parsed.faults[cell] = Fault("row", _UNREADABLE.format(plain(cell)))
            continue
        if found is not None:
            parsed.values[cell] = found
    _settle(unsure, proofs, parsed)
    return parsed


def _certain(
    cell: Cell, order: str, unsure: list[tuple[Cell, re.Match[str]]], proofs: set[str]
) -> date | datetime | None:
    """The date, if the cell or the setting leaves no doubt; else None, and the cell waits in `unsure`."""
    text = cell if isinstance(cell, str) and cell[4:5] == "-" else plain(cell)
    if text[4:5] == "-":
        return _checked(date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text))
    if _COMPACT.fullmatch(text):
        return _checked(date.fromisoformat(text))
    match = _SPLIT.fullmatch(text)
    if match is None or order == "iso":
        return _checked(_year_first(text))
    if order in ("dmy", "mdy"):
        return _assemble(match, order)
    first, second = int(match[1]), int(match[3])
    if first == second:
        return _assemble(match, "dmy")
    if first > 12 or second > 12:
        proofs.add("dmy" if first > 12 else "mdy")
    unsure.append((cell, match))
    return None


def _settle(unsure: list[tuple[Cell, re.Match[str]]], proofs: set[str], parsed: Parsed[date | datetime | None]) -> None:
    for cell, match in unsure:
        # 3.4.2026 with points is day first everywhere; only a proof in the column says otherwise.
        order = next(iter(proofs)) if len(proofs) == 1 else "dmy" if match[2] == "." and not proofs else None
        if order is None:
            parsed.faults[cell] = _undecided(match[0], mixed=bool(proofs))
            continue
        try:
            parsed.values[cell] = _assemble(match, order)
        except ValueError:
            parsed.faults[cell] = Fault("row", _UNREADABLE.format(match[0]))


def _undecided(text: str, mixed: bool) -> Fault:
    why = "day and month change places within the column" if mixed else "nothing in the column tells day from month"
    how = "set date_order=dmy or date_order=mdy, for the source or for this file in mapping.toml"
    return Fault("date_order", f"dates like {text} can be read in two ways and {why}: {how}", once=True)


def _assemble(match: re.Match[str], order: str) -> date | datetime:
    first, _, second, year, *clock = match.groups()
    day, month = (first, second) if order == "dmy" else (second, first)
    on = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    return _checked(on if clock[0] is None else datetime.combine(on, _clock(clock)))


def _year_first(text: str) -> date | datetime:
    """2026/11/20 and 2026.1.5, with or without a time."""
    head, _, tail = text.partition(" ")
    year, month, day = (int(part) for part in head.replace("/", ".").split("."))
    on = date(year, month, day)
    return datetime.combine(on, time.fromisoformat(tail.strip())) if tail else on


def _clock(parts: Iterable[str | None] | None) -> time:
    if parts is None:
        raise ValueError("no clock")
    hour, minute, second, half = parts
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(hours)
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return time(hours, int(minute or 0), int(second or 0))


def _checked(found: date | datetime) -> date | datetime:
    if found.year not in _YEARS:
        raise ValueError(found.year)
    return found


def _named(text: str, unit: str) -> date | None:
    """The first day of a month, quarter, week or year written as such; None where the text is a date or nonsense."""
    if unit == "month" and (match := _MONTH.fullmatch(text)):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return date(int(year), int(month), 1) if 1 <= int(month) <= 12 else None
    if unit == "quarter" and (match := _QUARTER.fullmatch(text)):
        year, quarter = (match[1], match[2]) if match[1] else (match[4], match[3])
        return date(int(year), int(quarter) * 3 - 2, 1)
    if unit == "week" and (match := _WEEK.fullmatch(text)) and 1 <= int(match[2]) <= 52:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    if unit == "year" and len(text) == 4 and text.isdigit() and int(text) in _YEARS:
        return date(int(text), 1, 1)
    return None
