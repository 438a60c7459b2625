"""Targets come in as a table: every mistake is named by row and column, and what goes out comes in again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.people import Rep, Team
from domain.settings import PeriodKind
from domain.target_cells import Flaw
from domain.target_rows import MOST_ROWS, Mistake, Office, read_rows, write_rows
from domain.targets import Target

HEADER = ("metric", "scope", "who", "period", "since", "until", "value")
OFFICE = Office(
    reps=(Rep("main:1", "Olena"), Rep("main:2", "Nikita"), Rep("main:3", "Nikita")),
    teams=(Team("main:n", "North"),),
    words={"дзвінки": "calls"},
)
OWN_TEAMS = Office(reps=OFFICE.reps[:1], teams=(), whole=False)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))

# A row with one mistake, which column it is in, what it is, and a word of what would do.
WRONG: tuple[tuple[tuple[object, ...], str, Flaw, str], ...] = (
    (("", "rep", "Olena", "month", "2026-11-01", "", "1"), "metric", Flaw.NO_METRIC, "calls"),
    (("call", "", "Olena", "month", "2026-11-01", "", "1"), "metric", Flaw.METRIC, "productive_calls"),
    (("calls", "boss", "Olena", "month", "2026-11-01", "", "1"), "scope", Flaw.SCOPE, "company, team, rep"),
    (("calls", "rep", "", "month", "2026-11-01", "", "1"), "who", Flaw.NOBODY, ""),
    (("calls", "team", "", "month", "2026-11-01", "", "1"), "who", Flaw.NOBODY, ""),
    (("calls", "", "Olga", "month", "2026-11-01", "", "1"), "who", Flaw.NO_REP, "Olena"),
    (("calls", "team", "South", "month", "2026-11-01", "", "1"), "who", Flaw.NO_TEAM, "North"),
    (("calls", "", "Nikita", "month", "2026-11-01", "", "1"), "who", Flaw.SEVERAL, "main:2, main:3"),
    (("calls", "company", "Olena", "month", "2026-11-01", "", "1"), "who", Flaw.COMPANY_NAMED, ""),
    (("calls", "", "Olena", "", "2026-11-01", "", "1"), "period", Flaw.NO_PERIOD, "month"),
    (("calls", "", "Olena", "fortnight", "2026-11-01", "", "1"), "period", Flaw.PERIOD, "week"),
    (("calls", "", "Olena", "month", "", "", "1"), "since", Flaw.NO_DAY, ""),
    (("calls", "", "Olena", "month", "11/01/2026", "", "1"), "since", Flaw.DAY, ""),
    (("calls", "", "Olena", "month", "2026-02-30", "", "1"), "since", Flaw.NO_SUCH_DAY, ""),
    (("calls", "", "Olena", "month", "31.11.2026", "", "1"), "since", Flaw.NO_SUCH_DAY, ""),
    (("calls", "", "Olena", "month", "1926-11-01", "", "1"), "since", Flaw.FAR_DAY, "2000"),
    (("calls", "", "Olena", "month", "2026-11-01", "forever", "1"), "until", Flaw.DAY, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "2027-02-29", "1"), "until", Flaw.NO_SUCH_DAY, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "2126-11-01", "1"), "until", Flaw.FAR_DAY, "2099"),
    (("calls", "", "Olena", "month", "2026-11-01", "2026-10-31", "1"), "until", Flaw.BACKWARDS, "2026-11-01"),
    (("calls", "", "Olena", "month", "2026-11-01", "", ""), "value", Flaw.NO_VALUE, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "many"), "value", Flaw.NUMBER, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "NaN"), "value", Flaw.NUMBER, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "-1"), "value", Flaw.NEGATIVE, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "1e20"), "value", Flaw.LARGE, "1000000000000000"),
    (("calls", "", "Olena", "month", "2026-11-01", "", "1.200"), "value", Flaw.TWO_WAYS, "1200"),
    (("calls", "", "Olena", "month", "2026-11-01", "", "=A1*2"), "value", Flaw.FORMULA, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "#REF!"), "value", Flaw.FORMULA, ""),
    (("calls", "", "Olena", "month", "2026-11-01", "", "2026-05-01"), "value", Flaw.IS_DAY, ""),
    (("win_rate", "", "Olena", "month", "2026-11-01", "", "25"), "value", Flaw.SHARE, ""),
    (("calls", "", "Olena", "month", "2026-11-15", "", "7"), "value", Flaw.TWICE, "2"),
)


def number(*rows: tuple[object, ...]) -> list[tuple[int, tuple[object, ...]]]:
    """The rows under a header."""
    return list(enumerate(rows, start=2))


def target(metric: str, key: str, kind: PeriodKind, value: str | None, span: tuple[date, date | None], row: int,
           scope: str = "rep") -> Target:  # fmt: skip
    amount = None if value is None else Decimal(value)
    return Target(metric, scope, key, kind, amount, span[0], span[1], row)


def test_thirty_kinds_of_mistakes_in_one_file_are_each_named_by_row_and_column() -> None:
    good = ("calls", "", "Olena", "month", "2026-11-01", "", "400")
    targets, mistakes = read_rows(HEADER, number(good, *(row for row, *_ in WRONG)), OFFICE)
    assert len(WRONG) >= 30
    found = [(each.row, each.column, each.flaw) for each in mistakes]
    assert found == [(row, column, flaw) for row, (_, column, flaw, _) in enumerate(WRONG, start=3)]
    assert [known in each.known for each, (*_, known) in zip(mistakes, WRONG, strict=True)] == [True] * len(WRONG)
    assert [each.value for each in targets] == [Decimal(400)]


def test_a_rep_is_named_by_name_key_or_id_and_a_period_by_any_of_its_days() -> None:
    rows = number(
        ("calls", "", "Olena", "month", "2026-11-17", "", "400"),
        ("дзвінки", "", "main:2", "день", "17.11.2026", "always", Decimal(18)),
        ("emails", "", 3, "month", "2026-11-01T00:00:00", "2026-12-24", "1 234,5"),
    )
    targets, mistakes = read_rows(HEADER, rows, OFFICE)
    assert mistakes == []
    assert targets == [
        target("calls", "main:1", PeriodKind.MONTH, "400", NOVEMBER, 2),
        target("calls", "main:2", PeriodKind.DAY, "18", (date(2026, 11, 17), None), 3),
        target("emails", "main:3", PeriodKind.MONTH, "1234.5", (NOVEMBER[0], date(2026, 12, 31)), 4),
    ]


def test_a_row_without_a_person_is_the_companys_and_a_team_has_its_scope() -> None:
    rows = number(
        ("deals_won", "", "", "year", "2026-05-01", "", "120"),
        ("deals_won", "team", "North", "week", "2026-11-18", "", "-"),
        ("win_rate", "", "", "month", "2026-11-18", "", "25%"),
    )
    targets, mistakes = read_rows(HEADER, rows, OFFICE)
    assert mistakes == []
    assert [(each.scope, each.scope_key, each.since, each.value) for each in targets] == [
        ("company", "", date(2026, 1, 1), 120),
        ("team", "main:n", date(2026, 11, 16), None),
        ("company", "", date(2026, 11, 1), Decimal("0.25")),
    ]


def test_a_wide_table_has_a_column_for_every_month_and_says_where_there_is_none() -> None:
    header = ("Year", "EmployeeID", "M01", "M02", "m12")
    office = Office(OFFICE.reps, OFFICE.teams, metric="deals_won_amount")
    targets, mistakes = read_rows(header, number(("2028", "1", "400", "-", "")), office)
    assert mistakes == []
    assert targets == [
        target("deals_won_amount", "main:1", PeriodKind.MONTH, "400", (date(2028, 1, 1), date(2028, 1, 31)), 2),
        target("deals_won_amount", "main:1", PeriodKind.MONTH, None, (date(2028, 2, 1), date(2028, 2, 29)), 2),
    ]


def test_every_bad_month_of_a_row_is_named_and_so_is_a_bad_year() -> None:
    header = ("metric", "who", "year", "M01", "M02", "M03")
    rows = number(("calls", "Olena", "2026", "x", "5", "-5"), ("calls", "Olena", "26", "1", "1", "1"))
    _, mistakes = read_rows(header, rows, OFFICE)
    assert [(each.row, each.column, each.flaw) for each in mistakes] == [
        (2, "M01", Flaw.NUMBER),
        (2, "M03", Flaw.NEGATIVE),
        (3, "year", Flaw.YEAR),
    ]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (("metric", "vaule", "period", "since"), [("value", Flaw.NO_COLUMN), ("vaule", Flaw.STRANGE_COLUMN)]),
        (("period", "since", "value"), [("metric", Flaw.NO_COLUMN)]),
        (("metric", "who", "M01"), [("year", Flaw.NO_COLUMN)]),
        (("metric", "year", "M01", "value"), [("value", Flaw.MIXED)]),
        (
            ("metric", "who", "Manager", "year", "M01", "M1"),
            [("Manager", Flaw.COLUMN_TWICE), ("M1", Flaw.COLUMN_TWICE)],
        ),
    ],
)
def test_wrong_columns_are_named_before_any_row_is_read(header: tuple[str, ...], found: list[tuple[str, Flaw]]) -> None:
    targets, mistakes = read_rows(header, number(("calls", "1", "day", "x")), OFFICE)
    assert targets == []
    assert [(each.row, each.column, each.flaw) for each in mistakes] == [(1, *each) for each in found]


def test_who_answers_for_own_teams_names_neither_others_nor_the_company() -> None:
    rows = number(
        ("calls", "", "main:2", "month", "2026-11-01", "", "1"),
        ("calls", "company", "", "month", "2026-11-01", "", "1"),
        ("calls", "team", "North", "month", "2026-11-01", "", "1"),
    )
    targets, mistakes = read_rows(HEADER, rows, OWN_TEAMS)
    assert targets == []
    assert [each.flaw for each in mistakes] == [Flaw.NO_REP, Flaw.BEYOND, Flaw.NO_TEAM]
    assert not any("Nikita" in each.known or "North" in each.known for each in mistakes)


def test_more_rows_than_an_office_can_mean_are_refused() -> None:
    row = ("calls", "", "Olena", "day", "2026-11-01", "", "1")
    mistakes = read_rows(HEADER, number(*[row] * (MOST_ROWS + 5)), OFFICE)[1]
    assert mistakes[-1] == Mistake(MOST_ROWS + 2, "", Flaw.TOO_MANY, known=str(MOST_ROWS))


def test_empty_rows_are_passed_over() -> None:
    assert read_rows(HEADER, number(("",) * 7, (None,) * 7), OFFICE) == ([], [])


def test_what_is_written_out_reads_in_as_it_was() -> None:
    targets = [
        target("calls", "main:1", PeriodKind.MONTH, "400", NOVEMBER, 2),
        target("deals_won", "", PeriodKind.YEAR, "12.5", (date(2026, 1, 1), None), 3, "company"),
        target("calls", "main:n", PeriodKind.DAY, "0", (date(2026, 11, 2), date(2026, 11, 2)), 4, "team"),
    ]
    header, *rows = write_rows(targets, {"main:1": "Olena"})
    assert read_rows(header, number(*map(tuple, rows)), OFFICE) == (targets, [])
