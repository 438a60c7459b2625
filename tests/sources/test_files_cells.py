"""How cells are read: numbers, dates, encodings, delimiters, broken rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources._sheets.dates import read_days, read_moments, read_spans
from sources._sheets.numbers import read_numbers
from sources._sheets.tables import TableError
from sources._sheets.text import find_delimiter, find_encoding, read_text
from sources._sheets.words import key_of
from tests.sources.sheets import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.50", "1234.50"),
        ("1234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234\u202f567,5", "1234567.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1'200.00", "1200"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1 234,567", "1234.567"),
        ("12345.678", "12345.678"),
        ("-12,5", "-12.5"),
        ("−7", "-7"),
        ("7-", "-7"),
        ("(1 200.00)", "-1200"),
        ("25%", "0.25"),
        ("12,5 %", "0.125"),
        ("₴ 100", "100"),
        ("100 грн.", "100"),
        ("$1,200.50", "1200.50"),
        ("-$5.50", "-5.50"),
        ("EUR 9", "9"),
        (".5", "0.5"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    found = read_numbers([text], "auto").values[text]
    assert found is not None
    assert found[0] == Decimal(value)


@pytest.mark.parametrize("text", ["abc", "1.2.3", "1,23,4", "12abc", "--5", "1e5", "nan", "∞", "1" * 16, "1,2345,678"])
def test_what_is_no_number_is_a_fault(text: str) -> None:
    assert set(read_numbers([text], "auto").faults) == {text}


@pytest.mark.parametrize("text", ["", "  ", "-", "–"])
def test_nothing_and_a_dash_are_no_number(text: str) -> None:
    assert read_numbers([text], "auto").values == {text: None}


def test_a_lone_thousand_is_never_guessed() -> None:
    assert read_numbers(["1,234", "500"], "auto").faults["1,234"].code == "decimal"
    assert read_numbers(["1.234"], "auto").faults["1.234"].once


@pytest.mark.parametrize(
    ("others", "setting", "value"),
    [
        (["7.50"], "auto", "1234"),
        (["7,50"], "auto", "1.234"),
        ([], "point", "1234"),
        ([], "comma", "1.234"),
    ],
)
def test_the_column_or_the_setting_tells_what_a_comma_is(others: list[str], setting: str, value: str) -> None:
    found = read_numbers(["1,234", *others], setting).values["1,234"]
    assert found is not None
    assert found[0] == Decimal(value)


def test_a_number_against_the_setting_is_a_fault() -> None:
    assert "comma" in read_numbers(["7,50"], "point").faults["7,50"].text


def test_a_number_of_a_workbook_needs_no_guess() -> None:
    assert read_numbers([Decimal("1.234")], "comma").values == {Decimal("1.234"): (Decimal("1.234"), None)}


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from(" \u00a0\u202f'"))
def test_any_amount_written_with_comma_and_spaces_comes_back(amount: Decimal, space: str) -> None:
    text = f"{amount:,}".replace(",", space).replace(".", ",")
    found = read_numbers([text], "auto").values[text]
    assert found == (amount, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/11/20", date(2026, 11, 20)),
        ("2026.11.20", date(2026, 11, 20)),
        ("2026/1/5 09:30", date(2026, 1, 5)),
        ("20261120", date(2026, 11, 20)),
        ("20.11.2026", date(2026, 11, 20)),
        ("3.4.2026", date(2026, 4, 3)),
        ("03.04.26", date(2026, 4, 3)),
        ("20/11/2026", date(2026, 11, 20)),
        ("11/20/2026", date(2026, 11, 20)),
        ("5/5/2026", date(2026, 5, 5)),
        ("20.11.2026 14:05", date(2026, 11, 20)),
        ("2026-11-20T23:59:59.999Z", date(2026, 11, 20)),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, day: date) -> None:
    assert read_days([text], "auto").values == {text: day}


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "31.02.2026", "0001-01-01", "2026-11", "1/1/1", "12:30"])
def test_what_is_no_date_is_a_fault(text: str) -> None:
    assert set(read_days([text], "auto").faults) == {text}


def test_day_and_month_are_told_by_the_rest_of_the_column() -> None:
    assert read_days(["3/4/2026", "11/20/2026"], "auto").values["3/4/2026"] == date(2026, 3, 4)
    assert read_days(["3/4/2026", "20/11/2026"], "auto").values["3/4/2026"] == date(2026, 4, 3)


def test_day_and_month_are_never_guessed() -> None:
    assert read_days(["3/4/2026"], "auto").faults["3/4/2026"].code == "date_order"
    mixed = read_days(["3/4/2026", "20/11/2026", "11/20/2026"], "auto")
    assert set(mixed.faults) == {"3/4/2026", "20/11/2026", "11/20/2026"}


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2026, 4, 3)), ("mdy", date(2026, 3, 4))])
def test_the_setting_decides_between_day_and_month(order: str, day: date) -> None:
    assert read_days(["3/4/2026"], order).values == {"3/4/2026": day}


def test_only_iso_is_taken_where_the_setting_says_so() -> None:
    assert set(read_days(["20.11.2026", "2026-11-20"], "iso").faults) == {"20.11.2026"}


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("11/20/2026 2:05 PM", 14, 5), ("11/20/2026 12:00:30 AM", 0, 0), ("20.11.2026, 9:07", 9, 7)],
)
def test_times_of_day_stand_after_the_date(text: str, hour: int, minute: int) -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    found = read_moments([text], "auto", kyiv).values[text]
    assert found is not None
    assert (found[0].replace(second=0), found[1]) == (datetime(2026, 11, 20, hour, minute, tzinfo=kyiv), None)


@pytest.mark.parametrize(
    ("text", "unit", "first", "last"),
    [
        ("2026-11", "month", date(2026, 11, 1), date(2026, 11, 30)),
        ("11.2026", "month", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-11-30", "month", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-Q4", "quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("4 кв. 2026", "quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-11-01", "quarter", date(2026, 11, 1), date(2027, 1, 31)),
        ("2026-W47", "week", date(2026, 11, 16), date(2026, 11, 22)),
        ("16.11.2026", "week", date(2026, 11, 16), date(2026, 11, 22)),
        ("2028", "year", date(2028, 1, 1), date(2028, 12, 31)),
        ("2026-11-20", "day", date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_periods_have_a_first_and_a_last_day(text: str, unit: str, first: date, last: date) -> None:
    assert read_spans([text], unit, "auto").values == {text: (first, last)}


def test_a_quarter_begins_on_the_first_of_a_month() -> None:
    assert "first day of a quarter" in read_spans(["2026-10-15"], "quarter", "auto").faults["2026-10-15"].text


CYRILLIC = "Менеджер;Дата\nОлена Їжак;20.11.2026\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_every_usual_encoding_is_found_out(desk: Desk, encoding: str) -> None:
    (call,) = desk.write("calls.csv", CYRILLIC, encoding).sync().facts()
    assert call.rep == "Олена Їжак"


def test_the_setting_overrules_the_guess(desk: Desk) -> None:
    desk.options["encoding"] = "cp866"
    assert desk.write("calls.csv", "Менеджер;Дата\nИван;20.11.2026\n", "cp866").sync().facts()[0].rep == "Иван"


def test_one_bad_byte_does_not_turn_every_name_into_another() -> None:
    data = (CYRILLIC * 20).encode() + b"\xff"
    with pytest.raises(TableError, match="line 41"):
        find_encoding(data)


def test_a_file_cut_in_the_middle_of_a_letter_is_not_taken_for_another_encoding() -> None:
    with pytest.raises(TableError, match="cut off"):
        find_encoding("Олена".encode()[:-1])


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found_out(mark: str) -> None:
    assert (
        find_delimiter(mark.join(("id", "rep", "at")) + "\n" + mark.join(("1", "A", "B")) + "\n", lambda _: False)
        == mark
    )


def test_decimal_commas_and_commas_in_names_do_not_hide_the_delimiter(desk: Desk) -> None:
    desk.write(
        "invoices.csv", 'id;issued_on;amount;customer\n1;20.11.2026;"1,50";"Rope, Steel"\n2;21.11.2026;2,25;A, B\n'
    )
    assert [(fact.amount, fact.customer) for fact in desk.sync().facts()] == [
        (Decimal("1.50"), "Rope, Steel"),
        (Decimal("2.25"), "A, B"),
    ]


def test_excels_line_about_the_delimiter_is_no_heading(desk: Desk) -> None:
    assert len(desk.write("calls.csv", "sep=|\nrep|at\nA|2026-11-20\n").sync().facts()) == 1


def test_a_quoted_line_break_stays_in_its_cell_and_lines_are_counted_on(desk: Desk) -> None:
    desk.write("calls.csv", 'rep,at,title\nA,2026-11-20,"two\nlines"\nB,never,x\n').sync()
    assert len(desk.facts()) == 1
    assert [problem.where for problem in desk.problems] == ["calls.csv:4:at"]


def test_a_row_that_cannot_be_read_is_listed_with_its_place_and_the_rest_is_taken(desk: Desk) -> None:
    desk.write("calls.csv", "id,rep,date,seconds\n1,A,2026-11-20,5\n2,A,soon,5\n3,A,,5\n4,A,2026-11-20,long\n").sync()
    assert set(desk.records) == {"calls.csv:1"}
    assert [(p.code, p.where) for p in desk.problems] == [
        ("row", "calls.csv:3:date"),
        ("row", "calls.csv:4:date"),
        ("row", "calls.csv:5:seconds"),
    ]
    assert "'soon' is no date" in desk.problems[0].text


def test_an_undecided_column_is_one_problem_that_names_the_setting(desk: Desk) -> None:
    desk.write("calls.csv", "rep,date\nA,1/2/2026\nB,3/4/2026\nC,2026-11-20\n").sync()
    assert len(desk.facts()) == 1
    assert {(p.code, p.where) for p in desk.problems} == {("date_order", "calls.csv:date")}
    assert sum(problem.count for problem in desk.problems) == 2
    desk.options["date_order"] = "dmy"
    assert len(desk.sync().facts()) == 3
    assert desk.problems == []


def test_at_most_two_hundred_rows_are_listed_and_all_are_counted(desk: Desk) -> None:
    rows = "A,never\n" * 500
    desk.write("calls.csv", f"rep,at\n{rows}A,2026-11-20\n").sync()
    assert len(desk.problems) == 201
    assert sum(problem.count for problem in desk.problems) == 500
    assert "500 rows of 501" in desk.problems[-1].text


def test_an_open_quote_does_not_swallow_the_file_silently(desk: Desk) -> None:
    desk.write("calls.csv", 'id,rep,at\n1,A,2026-11-20\n2,"B,2026-11-20\n3,"C",2026-11-20\n4,D,2026-11-20\n').sync()
    assert {"calls.csv:1", "calls.csv:4"} <= set(desk.records)
    assert "quotation mark" in desk.problems[0].text
    assert desk.problems[0].where == "calls.csv:3"


def test_more_cells_than_headings_are_no_shifted_row(desk: Desk) -> None:
    desk.write("deals.csv", "id,customer,created_on\n1,Rope, Steel,2026-11-20\n2,Ltd,2026-11-20,,\n").sync()
    assert set(desk.records) == {"deals.csv:2"}
    assert desk.problems[0].where == "deals.csv:2"


def test_missing_cells_at_the_end_of_a_row_are_empty(desk: Desk) -> None:
    assert len(desk.write("calls.csv", "rep,at,seconds\nA,2026-11-20\n\n , , \n").sync().facts()) == 1


def test_headings_are_known_whatever_their_case_and_punctuation() -> None:
    assert key_of(" Created  On: ") == key_of("created_on") == "created_on"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_headings_is_told(data: bytes) -> None:
    with pytest.raises(TableError, match="no row of headings"):
        read_text(data, "auto", None, None, lambda _: False)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    try:
        table = read_text(data, "auto", None, None, lambda _: False)
        rows = [row for _, row in table.rows(lambda number, text: None)]
    except TableError as error:
        rows = []
        assert str(error)  # noqa: PT017 (the message is the rule, whichever it is)
    assert all(len(row) == len(table.header) for row in rows)
