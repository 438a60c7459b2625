"""Workbooks (.xlsx, .xlsm): their sheets as tables. Macros, links and formulas are never run."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from sources._sheets.tables import MAX_COLUMNS, Broken, Cell, Row, Table, TableError

MAX_UNPACKED = 512 * 2**20
MAX_CELLS = 10_000_000
_MAGIC = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"


def is_book(data: bytes) -> bool:
    """Whether these bytes are a workbook, by their first letters. Raises TableError for an old or locked one."""
    if data.startswith(_OLD):
        raise TableError("it is an old .xls file or has a password: save it as .xlsx without a password")
    return data.startswith(_MAGIC)


def sheet_names(data: bytes) -> list[str]:
    """The names of the sheets, in order. Raises TableError."""
    book = _open(data)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def read_sheet(data: bytes, name: str, heading_row: int | None) -> Table:
    """One sheet as a table; `name` as it stands in the book. Raises TableError."""
    lines = list(_lines(data, name))
    first = next((place for place, (number, _) in enumerate(lines) if number >= (heading_row or 1)), None)
    if first is None:
        raise TableError(f"the sheet {name} has no row of headings")
    header = [str(cell) for cell in lines[first][1]]
    while not header[-1].strip():
        header.pop()
    body = [(number, _fit(cells, len(header))) for number, cells in lines[first + 1 :]]
    del lines

    def rows(broken: Broken) -> Iterator[tuple[int, Row]]:
        return (pair for pair in body if any(cell != "" for cell in pair[1]))

    return Table(tuple(header), rows)


def _open(data: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_UNPACKED:
            raise TableError(f"it unpacks to {size // 2**20} MB: at most {MAX_UNPACKED // 2**20} MB are read")
        with warnings.catch_warnings():
            # openpyxl remarks on styles and validations that it leaves out; none of them touches a value.
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError) as error:
        # ValueError is also what defusedxml raises for a hostile file, SyntaxError what a cut XML gives.
        raise TableError(f"the workbook cannot be opened ({type(error).__name__}): save it anew as .xlsx") from None


def _lines(data: bytes, name: str) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with something in them, numbered as the program shows them."""
    book = _open(data)
    cells = 0
    try:
        if name not in book.sheetnames:
            raise TableError(f"there is no sheet {name!r}; it has: {', '.join(book.sheetnames)}")
        sheet = book[name]
        # The size a sheet claims to have is often wrong.
        sheet.reset_dimensions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
                if any(value is not None for value in row):
                    cells += len(row)
                    if cells > MAX_CELLS:
                        raise TableError(f"the sheet {name} has more than {MAX_CELLS:,} cells: split it")
                    yield number, [_cell(value) for value in row]
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
        raise TableError(f"the sheet {name} is damaged ({type(error).__name__}): save the workbook anew") from None
    finally:
        book.close()


def _fit(cells: list[Cell], width: int) -> list[Cell]:
    # Notes beside a table are common in workbooks, and cannot shift its columns: they are left out.
    return cells[:width] + [""] * (width - len(cells))


def _cell(value: object) -> Cell:
    """Dates and times become ISO text, which can be read in one way only."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return Decimal(repr(value)) if value == value and abs(value) != float("inf") else ""
    if isinstance(value, datetime):
        # A day in Excel is a midnight; half a microsecond of binary rounding must not make it 23:59:59.
        moment = _rounded(value)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return Decimal(round(value.total_seconds()))
    return str(value)


def _rounded(value: datetime) -> datetime:
    return (value + timedelta(milliseconds=500)).replace(microsecond=0)
