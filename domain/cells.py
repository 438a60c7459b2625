"""Cells for a spreadsheet: what people and CRMs wrote stays text there, and never becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
# What begins a formula, as it is and in full width (OWASP, CSV injection).
_BEGINS_A_FORMULA = frozenset("=+-@＝＋－＠")


def harmless(cell: object) -> object:
    """The cell; a text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers stay numbers."""
    # Spreadsheets strip white space before they look.
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip()[:1] in _BEGINS_A_FORMULA else cell


def csv_line(cells: Iterable[object]) -> str:
    """One line of CSV with its end; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerow("" if cell is None else harmless(cell) for cell in cells)
    return out.getvalue()
