"""Targets come in as a table: every mistake is named by row and column, and what goes out comes in again."""

from datetime import date
from decimal import Decimal

import pytest

from domain.facts import PlannedTarget
from domain.people import Rep, Team
from domain.settings import PeriodKind
from domain.target_rows import Office, read_rows, write_rows

HEADER = ("metric", "who", "period", "since", "until", "value")
OFFICE = Office(
    reps=(Rep("main:1", "Olena"), Rep("main:2", "Nikita"), Rep("main:3", "Nikita")), teams=(Team("main:n", "North"),)
)


def test_a_rep_is_named_by_name_or_key_and_a_period_by_any_of_its_days() -> None:
    rows = [
        (2, ("calls", "Olena", "month", "2026-11-17", "", "400")),
        (3, ("calls", "main:2", "day", "2026-11-17", "always", 18)),
    ]
    targets, mistakes = read_rows(HEADER, rows, OFFICE)
    assert mistakes == []
    assert targets == [
        PlannedTarget("calls", "rep", "main:1", PeriodKind.MONTH, Decimal(400), date(2026, 11, 1), date(2026, 11, 30)),
        PlannedTarget("calls", "rep", "main:2", PeriodKind.DAY, Decimal(18), date(2026, 11, 17), None),
    ]


def test_a_row_without_a_person_is_the_companys_and_a_team_has_its_scope() -> None:
    header = (*HEADER, "scope")
    rows = [
        (2, ("deals_won", "", "year", "2026-05-01", "", "120", "")),
        (3, ("deals_won", "North", "week", "2026-11-18", "", "3", "team")),
    ]
    targets, mistakes = read_rows(header, rows, OFFICE)
    assert mistakes == []
    assert [(each.scope, each.scope_id, each.since) for each in targets] == [
        ("company", None, date(2026, 1, 1)),
        ("team", "main:n", date(2026, 11, 16)),
    ]


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (("call", "Olena", "month", "2026-11-01", "", "1"), "metric", "productive_calls"),
        (("calls", "Olga", "month", "2026-11-01", "", "1"), "who", "Olena"),
        (("calls", "Nikita", "month", "2026-11-01", "", "1"), "who", "main:2, main:3"),
        (("calls", "Olena", "fortnight", "2026-11-01", "", "1"), "period", "month"),
        (("calls", "Olena", "month", "01.11.2026", "", "1"), "since", "2026-11-01"),
        (("calls", "Olena", "month", "2026-11-01", "2026-10-01", "1"), "until", "before"),
        (("calls", "Olena", "month", "2026-11-01", "", "many"), "value", "number"),
        (("calls", "Olena", "month", "2026-11-01", "", "-1"), "value", "between"),
        (("calls", "Olena", "month", "2026-11-01", "", "NaN"), "value", "between"),
        (("calls", "Olena", "month", "2026-11-01", "", "1e20"), "value", "between"),
    ],
)
def test_a_mistake_is_named_by_row_and_column_and_says_what_would_do(
    row: tuple[str, ...], column: str, word: str
) -> None:
    targets, mistakes = read_rows(HEADER, [(7, row)], OFFICE)
    assert targets == []
    assert [(each.row, each.column) for each in mistakes] == [(7, column)]
    assert word in str(mistakes[0])


def test_missing_and_unknown_columns_are_named_before_any_row_is_read() -> None:
    targets, mistakes = read_rows(("metric", "vaule", "period", "since"), [(2, ("calls", "1", "day", "x"))], OFFICE)
    assert targets == []
    assert [(each.row, each.column) for each in mistakes] == [(1, "value"), (1, "vaule")]


def test_every_row_is_looked_at_not_only_the_first_bad_one() -> None:
    bad = ("calls", "Olga", "month", "2026-11-01", "", "1")
    good = ("calls", "Olena", "month", "2026-11-01", "", "1 234,5")
    targets, mistakes = read_rows(HEADER, [(2, bad), (3, good), (4, bad), (5, ("",) * 6)], OFFICE)
    assert [each.row for each in mistakes] == [2, 4]
    assert [each.value for each in targets] == [Decimal("1234.5")]


def test_what_is_written_out_reads_in_as_it_was() -> None:
    targets = [
        PlannedTarget("calls", "rep", "main:1", PeriodKind.MONTH, Decimal(400), date(2026, 11, 1), date(2026, 11, 30)),
        PlannedTarget("deals_won", "company", None, PeriodKind.YEAR, Decimal("12.5"), date(2026, 1, 1), None),
        PlannedTarget("calls", "team", "main:n", PeriodKind.DAY, Decimal(0), date(2026, 11, 2), date(2026, 11, 2)),
    ]
    header, *rows = write_rows(targets, {"main:1": "Olena"})
    assert read_rows(header, list(enumerate(rows, start=2)), OFFICE) == (targets, [])
