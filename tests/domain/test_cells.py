"""No text becomes a formula in a spreadsheet, and no number becomes a text."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from domain.cells import csv_line, harmless


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+380501112233", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1", '=HYPERLINK("x")'],
)
def test_a_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert next(csv.reader([csv_line([text])], strict=True))[0].startswith("'")


@pytest.mark.parametrize("cell", ["Olena", "", "a=b", "'=1", "main:17", -5, Decimal("-1.5"), None, True])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) is cell


def test_a_line_keeps_its_cells_apart() -> None:
    assert csv_line(["a,b", None, -5, 'say "x"']) == '"a,b",,-5,"say ""x"""\r\n'
