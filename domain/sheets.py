"""A table as it came out of a file, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SheetError(ValueError):
    """A whole file cannot be read; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A header, rows by their number as an editor shows it, and what is wrong with rows that could not be split."""

    header: Sequence[object]
    rows: Sequence[tuple[int, Sequence[object]]]
    broken: Sequence[tuple[int, str]]
