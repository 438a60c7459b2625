"""What is wrong with a file of targets, in sentences: which row, which column, why, and what would do."""

from __future__ import annotations

from domain.target_cells import Flaw
from domain.target_rows import Mistake
from layouts.text import Text, mark

# `{given}` is what stands in the cell, `{known}` what could.
_SENTENCES = {
    Flaw.NO_COLUMN: mark("the column is missing"),
    Flaw.STRANGE_COLUMN: mark("there is no such column; known are {known}"),
    Flaw.COLUMN_TWICE: mark("the column is there twice"),
    Flaw.MIXED: mark("a table with columns for months cannot have this one too"),
    Flaw.TOO_MANY: mark("more than {known} rows: split the file"),
    Flaw.BROKEN: mark("the row cannot be read: {given}"),
    Flaw.NO_METRIC: mark("empty; known are {known}"),
    Flaw.METRIC: mark("“{given}” is no metric; known are {known}"),
    Flaw.SCOPE: mark("“{given}” is not one of {known}"),
    Flaw.NOBODY: mark("empty: write whose target it is"),
    Flaw.NO_REP: mark("“{given}” is no manager; known are {known}"),
    Flaw.NO_TEAM: mark("“{given}” is no team; known are {known}"),
    Flaw.SEVERAL: mark("“{given}” is the name of several; write the key: {known}"),
    Flaw.COMPANY_NAMED: mark("the company's target names nobody, but here stands “{given}”"),
    Flaw.BEYOND: mark("the company's targets are for those who answer for all teams"),
    Flaw.NO_PERIOD: mark("empty; known are {known}"),
    Flaw.PERIOD: mark("“{given}” is not one of {known}"),
    Flaw.NO_DAY: mark("empty: write a day of the period, like 2026-11-01"),
    Flaw.DAY: mark("“{given}” is not a day like 2026-11-01"),
    Flaw.NO_SUCH_DAY: mark("“{given}” is not in the calendar"),
    Flaw.FAR_DAY: mark("“{given}” lies too far away; years may be {known}"),
    Flaw.BACKWARDS: mark("{given} lies before the beginning ({known})"),
    Flaw.YEAR: mark("“{given}” is not a year; years may be {known}"),
    Flaw.NO_VALUE: mark("empty: write 0 for a target of zero, - for none"),
    Flaw.NUMBER: mark("“{given}” is not a number"),
    Flaw.FORMULA: mark("“{given}” is a formula, or what is left of one: write the number"),
    Flaw.IS_DAY: mark("“{given}” is a day: the spreadsheet may have changed a number into it"),
    Flaw.NEGATIVE: mark("{given} is negative"),
    Flaw.LARGE: mark("{given} is more than {known}"),
    Flaw.TWO_WAYS: mark("“{given}” can be read in two ways: write {known} without a sign, or with other decimals"),
    Flaw.SHARE: mark("{given} is more than the whole: write 0.25 or 25%"),
    Flaw.TWICE: mark("the same target stands in row {known} already"),
}


def sentence(text: Text, mistake: Mistake) -> str:
    """What is wrong, without the place."""
    return text.t(_SENTENCES[mistake.flaw], given=mistake.given, known=mistake.known or "–")


def line(text: Text, mistake: Mistake) -> str:
    """The same with row and column."""
    said = sentence(text, mistake)
    if not mistake.column:
        return text.t("row {row}: {said}", row=mistake.row, said=said)
    return text.t("row {row}, column {column}: {said}", row=mistake.row, column=mistake.column, said=said)
