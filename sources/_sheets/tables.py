"""Table: rows under headings, whatever file they came from; and what may be wrong with a cell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from domain.facts import Problem

# More than this is no spreadsheet of an office; it keeps a hostile file from filling the memory.
MAX_ROWS = 2_000_000
MAX_COLUMNS = 256
LISTED = 200

# A Decimal is a number cell of a workbook: it needs no guess about its decimal sign.
Cell = str | Decimal
Row = Sequence[Cell]
# Called with the row's number and what is wrong with the row as a whole.
Broken = Callable[[int, str], None]

T = TypeVar("T")


class TableError(Exception):
    """A whole file or sheet cannot be read; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows(broken)` starts anew each time and gives (number as an editor shows it, cells as wide as `header`)."""

    header: tuple[str, ...]
    rows: Callable[[Broken], Iterator[tuple[int, Row]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be taken. `once`: said once for a column with a count, not row by row.

    The code "ignore" is no fault in anybody's eyes: the office wants such rows left out.
    """

    code: str
    text: str
    once: bool = False


IGNORED = Fault("ignore", "")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What the different cells of one column mean, and why the others mean nothing."""

    values: dict[Cell, T]
    faults: dict[Cell, Fault]


@dataclass(slots=True)
class Complaints:
    """What is wrong in one table, gathered while it is read: at most `LISTED` rows by name, all of them counted."""

    name: str
    taken: int = 0
    refused: int = 0
    _rows: list[Problem] = field(default_factory=list)
    _more: int = 0
    _once: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def row(self, number: int, column: str, text: str) -> None:
        """One cell (or, without a column, one whole row) that cannot be taken."""
        if len(self._rows) >= LISTED:
            self._more += 1
            return
        where = f"{self.name}:{number}:{column}" if column else f"{self.name}:{number}"
        self._rows.append(Problem("row", where, text))

    def column(self, fault: Fault, column: str) -> None:
        """One more row that shares a trouble of its whole column."""
        key = (fault.code, f"{self.name}:{column}", fault.text)
        self._once[key] = self._once.get(key, 0) + 1

    def problems(self) -> list[Problem]:
        """Everything, troubles of whole columns first."""
        found = [Problem(code, where, text, count) for (code, where, text), count in self._once.items()]
        found += self._rows
        if self._more:
            text = (
                f"{self.refused} rows of {self.refused + self.taken} were not taken; the first {LISTED} are listed. "
                "Mend those and read the file again."
            )
            found.append(Problem("rows", self.name, text, self._more))
        return found


def blank(cell: Cell) -> bool:
    """Whether nothing is written in the cell."""
    return isinstance(cell, str) and not cell.strip()


def plain(cell: Cell) -> str:
    """The cell as text, its spaces tidied; a whole number of a workbook without a decimal sign."""
    if isinstance(cell, str):
        return cell.strip() if cell.isascii() and "  " not in cell else " ".join(cell.split())
    return format(cell.normalize() if cell == cell.to_integral_value() else cell, "f")
