"""Tables out of files that somebody hands over, and files out of tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

from domain.sheets import RawTable, SheetError
from sources._sheets import writing
from sources._sheets.book import is_book, read_sheet, sheet_names
from sources._sheets.tables import Table, TableError
from sources._sheets.text import read_text

# What a browser hands over is no plan of an office beyond this.
_MOST_UNPACKED = 64 * 2**20


class Sheets:
    """CSV in any of its encodings and workbooks, in and out."""

    def read(self, data: bytes, known: Iterable[str]) -> RawTable:
        """The table in a file, of a workbook the first sheet; `known` are headings, small. Raises SheetError."""
        headings, broken = frozenset(known), list[tuple[int, str]]()
        try:
            table = _table(data, headings)
            rows = list(table.rows(lambda number, text: broken.append((number, text))))
        except (TableError, zipfile.BadZipFile) as error:
            raise SheetError(str(error)) from None
        return RawTable(table.header, rows, broken)

    def csv(self, rows: Iterable[Sequence[object]]) -> bytes:
        """The rows as CSV for Excel."""
        return writing.write_csv(rows)

    def book(self, title: str, rows: Iterable[Sequence[object]]) -> bytes:
        """The rows as a workbook."""
        return writing.write_book(title, rows)


def _table(data: bytes, headings: frozenset[str]) -> Table:
    if not is_book(data):
        return read_text(data, "auto", None, None, lambda heading: heading.strip().lower() in headings)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
            raise TableError(f"it unpacks to more than {_MOST_UNPACKED // 2**20} MB")
    return read_sheet(data, sheet_names(data)[0], None)
