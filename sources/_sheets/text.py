"""CSV, TSV and other delimited text: its encoding, its delimiter, its rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice

from sources._sheets.tables import MAX_COLUMNS, MAX_ROWS, Broken, Row, Table, TableError

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 30
_HEAD = 4096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(
    data: bytes, encoding: str, delimiter: str | None, heading_row: int | None, known: Callable[[str], bool]
) -> Table:
    """A table from the bytes of a text file. `encoding` "auto" and `delimiter` None are found out.

    `known` says whether a heading is one we look for: that tells delimiters apart. Raises TableError.
    """
    codec = find_encoding(data) if encoding == "auto" else encoding
    _prove(data, codec)
    skip, told = _separator_line(data, codec)
    mark = delimiter or told or find_delimiter(_sample(data, codec, skip), known)
    start, header = _header(data, codec, mark, max(skip, (heading_row or 1) - 1))

    def rows(broken: Broken) -> Iterator[tuple[int, Row]]:
        return _rows(_open(data, codec), mark, start, len(header), broken)

    return Table(header, rows)


def find_encoding(data: bytes) -> str:
    """By the mark at the start, else UTF-16 by its zero bytes, else UTF-8 if it is valid, else Windows-1251."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:_HEAD]
    if b"\0" in head:
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_quite_utf8(data, error)
    return "utf-8"


def find_delimiter(sample: str, known: Callable[[str], bool]) -> str:
    """The delimiter that finds most known headings, then the most even rows, then the most columns."""

    def merit(mark: str) -> tuple[int, float, int]:
        rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if row][:_SAMPLE_ROWS]
        if not rows:
            return 0, 0.0, 0
        width = len(rows[0])
        even = sum(len(row) == width for row in rows) / len(rows)
        return sum(map(known, rows[0])), even if width > 1 else 0.0, width

    return max(DELIMITERS, key=merit)


def _not_quite_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    if error.reason == "unexpected end of data":
        raise TableError("the file ends in the middle of a letter: it is cut off or still being written")
    text = data.decode("utf-8", "replace")
    bad, foreign = text.count("\ufffd"), sum(not letter.isascii() for letter in text[: 64 * _HEAD])
    if bad * 10 < foreign:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(f"line {line} holds bytes that are no UTF-8 as the rest is: save the file as UTF-8 again")
    return "cp1251"


def _prove(data: bytes, codec: str) -> None:
    # Errors are found here, once, so that no later pass over the rows can fail.
    try:
        data.decode(codec)
    except LookupError:
        raise TableError(f"there is no encoding called {codec!r}: use auto, utf-8, utf-16 or windows-1251") from None
    except UnicodeDecodeError:
        raise TableError(f"the file is not written in {codec}: set encoding to the right one") from None


def _open(data: bytes, codec: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), codec, newline="")


def _separator_line(data: bytes, codec: str) -> tuple[int, str | None]:
    """Excel writes `sep=;` as the first line of some files: lines to pass over, and the delimiter told."""
    first = _open(data, codec).readline().strip().lower()
    return (1, first[4]) if len(first) == 5 and first.startswith("sep=") else (0, None)


def _sample(data: bytes, codec: str, skip: int) -> str:
    return "".join(islice(_open(data, codec), skip, skip + 4 * _SAMPLE_ROWS))[: 16 * _HEAD]


def _header(data: bytes, codec: str, mark: str, skip: int) -> tuple[int, tuple[str, ...]]:
    """The first row with something in it after `skip` lines: the line after it, and its cells."""
    stream = _open(data, codec)
    lines = islice(stream, skip, None)
    reader = csv.reader(lines, delimiter=mark)
    for row in _safely(reader):
        if any(cell.strip() for cell in row):
            while row and not row[-1].strip():
                row.pop()
            if len(row) > MAX_COLUMNS:
                raise TableError(f"it has {len(row)} columns: at most {MAX_COLUMNS} are read")
            return skip + reader.line_num, tuple(row)
    raise TableError("the file has no row of headings: it is empty or still being written")


def _safely(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise TableError(f"its headings cannot be read ({error})") from None


def _rows(stream: io.TextIOWrapper, mark: str, start: int, width: int, broken: Broken) -> Iterator[tuple[int, Row]]:
    # strict: a quote that is never closed would otherwise swallow the rest of the file without a word.
    reader = csv.reader(islice(stream, start, None), delimiter=mark, strict=True)
    line = start
    while True:
        number, line = line + 1, line
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = start + reader.line_num
            broken(number, f"a quotation mark is out of place ({error}): close it, or double those inside the text")
            continue
        line = start + reader.line_num
        if number - start > MAX_ROWS:
            raise TableError(f"it has more than {MAX_ROWS:,} rows: split it into several files")
        if len(row) != width:
            if len(row) < width:
                if not any(row):
                    continue
                row += [""] * (width - len(row))
            elif any(cell.strip() for cell in row[width:]):
                broken(number, f"it has {len(row)} cells under {width} headings: put the text in quotation marks")
                continue
        elif not any(row):
            continue
        yield number, row
