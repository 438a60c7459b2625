"""Tables written out: as a workbook, or as CSV. Nothing in them can be run as a formula; numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_THREE_DECIMALS = re.compile(r"\d{1,3}\.\d{3}")

Rows = Iterable[Sequence[object]]


def write_csv(rows: Rows) -> bytes:
    """UTF-8 with a mark, as Excel wants it. A text that a spreadsheet would run gets an apostrophe in front."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_book(title: str, rows: Rows) -> bytes:
    """A workbook of one sheet. Texts are typed as texts, which no program runs."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(cell: object) -> object:
    if isinstance(cell, Decimal):
        plain = format(cell, "f")
        # 1.234 could be one and a bit or one thousand and more; 1.2340 cannot.
        return f"{plain}0" if _THREE_DECIMALS.fullmatch(plain) else plain
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _cell(sheet: Any, cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    safe = WriteOnlyCell(sheet, value=_without_controls(cell))
    safe.data_type = "s"
    # Or a program that saves the sheet anew as CSV would bring the formula back.
    safe.quotePrefix = cell.startswith(_FORMULA)
    return safe


def _without_controls(text: str) -> str:
    """A workbook cannot hold control characters."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
