"""Workbooks, mappings and targets."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from domain.facts import Kind, PlannedTarget
from sources import OptionError, SchemaError
from tests.sources.sheets import Desk

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def book(path: Path, **sheets: list[list[object]]) -> None:
    """A workbook with these sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    workbook.close()


def test_sheets_are_taken_by_their_names(desk: Desk, tmp_path: Path) -> None:
    book(
        tmp_path / "sales.xlsx",
        Calls=[
            ["rep", "at", "seconds"],
            [7, datetime(2026, 11, 20, 9, 30, tzinfo=KYIV).replace(tzinfo=None), 65],
            [7, date(2026, 11, 19), time(0, 1, 5)],
        ],
        REPS=[["id", "name"], [7, "Anna"]],
        notes=[["anything"]],
    )
    day, call = desk.sync().facts()
    assert (call.rep, call.at, call.on, call.seconds) == ("7", datetime(2026, 11, 20, 9, 30, tzinfo=KYIV), None, 65)
    assert (day.on, day.seconds) == (date(2026, 11, 19), 65)
    assert [person.name for person in desk.people] == ["Anna"]
    assert all(record.startswith("sales.xlsx[Calls]:") for record in desk.records)


def test_a_workbook_named_for_what_it_holds_gives_its_first_sheet_or_the_one_told(desk: Desk, tmp_path: Path) -> None:
    book(
        tmp_path / "emails.xlsx",
        Jan=[["rep", "at"], ["A", date(2026, 1, 1)]],
        Feb=[["rep", "at"], ["B", date(2026, 2, 1)]],
    )
    assert [fact.rep for fact in desk.sync().facts()] == ["A"]
    desk.options["sheet"] = "Feb"
    assert [fact.rep for fact in desk.sync().facts()] == ["B"]


def test_numbers_of_a_workbook_are_exact_whatever_the_decimal_setting(desk: Desk, tmp_path: Path) -> None:
    desk.options["decimal"] = "comma"
    rows: list[list[object]] = [
        ["issued_on", "amount"],
        [date(2026, 11, 1), 0.1],
        [date(2026, 11, 2), 1.234],
        [date(2026, 11, 3), "7,5"],
    ]
    book(tmp_path / "invoices.xlsx", Sheet1=rows)
    assert [fact.amount for fact in desk.sync().facts()] == [Decimal("0.1"), Decimal("1.234"), Decimal("7.5")]


def test_rows_of_a_workbook_are_numbered_as_excel_shows_them(desk: Desk, tmp_path: Path) -> None:
    book(
        tmp_path / "calls.xlsx",
        Sheet1=[["rep", "at", "", "note"], [], ["A", "never"], ["B", date(2026, 11, 1), "", "x"]],
    )
    assert [problem.where for problem in desk.sync().problems] == ["calls.xlsx:3:at"]
    assert len(desk.facts()) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"PK\x03\x04 and then nothing", "cannot be opened"), (b"\xd0\xcf\x11\xe0 old", "save it as .xlsx")],
)
def test_a_damaged_or_old_workbook_is_told(desk: Desk, tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "calls.xlsx").write_bytes(data)
    with pytest.raises(SchemaError, match=says):
        desk.sync()


def test_a_workbook_with_a_hostile_entity_is_refused(desk: Desk, tmp_path: Path) -> None:
    book(tmp_path / "calls.xlsx", Sheet1=[["rep", "at"], ["A", "2026-11-20"]])
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "calls.xlsx") as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else old.read(name))
    (tmp_path / "calls.xlsx").write_bytes(packed.getvalue())
    with pytest.raises(SchemaError, match="cannot be opened"):
        desk.sync()


def test_a_workbook_that_unpacks_to_too_much_is_refused(desk: Desk, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "calls.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x", "w", force_zip64=True) as entry,
    ):
        zeros = bytes(2**20)
        for _ in range(520):
            entry.write(zeros)
    with pytest.raises(SchemaError, match="unpacks to 520 MB"):
        desk.sync()


MAPPING = """
date_order = "dmy"
decimal = "comma"

[[table]]
file = "orders-*.csv"
kind = "invoices"
header = 2
columns = { id = "No", rep = "Seller", issued_on = "Shipped", amount = "Sum", customer = "" }
constants = { currency = "EUR" }
values = { rep = { "A. B." = "Anna" }, status = { "в дорозі" = "draft", "тест" = "ignore" } }
"""


def test_a_mapping_reads_any_shape(desk: Desk) -> None:
    desk.write("mapping.toml", MAPPING)
    head = "Report;;;;;\nNo;Seller;Shipped;Sum;Status;Customer\n"
    desk.write("orders-1.csv", f"{head}1;A. B.;3/4/2026;1,234;sent;X\n2;C;3/4/2026;5;В дорозі;X\n").write(
        "orders-2.csv", f"{head}1;C;5/4/2026;7;sent;X\n2;C;5/4/2026;8;тест;X\n"
    )
    desk.sync()
    assert {
        record: [(f.rep, f.on, f.amount, f.currency, f.customer) for f in c.facts] for record, c in desk.records.items()
    } == {
        "orders-1.csv:1": [("Anna", date(2026, 4, 3), Decimal("1.234"), "EUR", None)],
        "orders-2.csv:1": [("C", date(2026, 4, 5), Decimal(7), "EUR", None)],
    }
    assert desk.problems == []


def test_a_mapping_may_lie_elsewhere_and_files_may_hold_two_tables(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    table = '[[table]]\nfile = "all.csv"\nkind = "{}"\ncolumns = {{ id = "id", {} }}\n'
    text = table.format("deals", 'created_on = "day", closed_on = "won", outcome = "end"') + table.format(
        "invoices", 'issued_on = "won"'
    )
    (elsewhere / "our.toml").write_text(text, "utf-8")
    desk.options["mapping"] = str(elsewhere / "our.toml")
    desk.write("all.csv", "id,day,won,end,amount\n1,2026-11-01,2026-11-20,won,5\n").sync()
    assert set(desk.records) == {"all.csv:1", "all.csv/invoices:1"}
    assert [fact.kind for fact in desk.facts()] == [Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.INVOICE_ISSUED]


def test_a_changed_mapping_reads_the_files_again(desk: Desk) -> None:
    desk.write("activities.csv", "rep,date,type\nA,2026-11-20,demo\n").sync()
    assert desk.facts() == []
    mapping = '[[table]]\nfile = "activities.csv"\nkind = "activities"\nvalues = { type = { demo = "meeting" } }\n'
    assert [fact.kind for fact in desk.write("mapping.toml", mapping).sync().facts()] == [Kind.MEETING]
    assert desk.problems == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[table", "not valid TOML"),
        ('[[table]]\nkind = "calls"\n', "file is ''"),
        ('[[table]]\nfile = "a.csv"\nkind = "phones"\n', "kind is 'phones'"),
        ('[[table]]\nfile = "../a.csv"\nkind = "calls"\n', "without a path"),
        ('[[table]]\nfile = "a.csv"\nkind = "calls"\ncolumns = { who = "x" }\n', "no column 'who'"),
        ('[[table]]\nfile = "a.csv"\nkind = "calls"\nheader = 0\n', "header"),
        ('[[table]]\nfile = "a.csv"\nkind = "calls"\nfilter = "x"\n', "'filter' is not known"),
        ('[table]\nfile = "a.csv"\n', "two brackets"),
        ('date_order = "american"\n', "date_order"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(desk: Desk, text: str, says: str) -> None:
    desk.write("mapping.toml", text).write("calls.csv", "rep,at\n")
    with pytest.raises(OptionError, match=says):
        desk.sync()


def test_a_mapped_column_that_is_not_there_is_told_with_those_that_are(desk: Desk) -> None:
    desk.write("mapping.toml", '[[table]]\nfile = "a.csv"\nkind = "calls"\ncolumns = { at = "begin" }\n')
    with pytest.raises(SchemaError, match=r"no column 'begin'.*who, start"):
        desk.write("a.csv", "who,start\n").sync()


def targets_of(desk: Desk, text: str) -> list[PlannedTarget]:
    """What a table of targets says."""
    return desk.write("targets.csv", text).sync().targets


def test_targets_with_a_column_for_every_metric_hold_for_their_quarter(desk: Desk) -> None:
    found = targets_of(
        desk, "rep_id,quarter_start,calls,invoices_issued_amount\nA,2026-10-01,900,28000.00\nB,2026-10-01,-,5\n"
    )
    first, last = date(2026, 10, 1), date(2026, 12, 31)
    assert found == [
        PlannedTarget("calls", "rep", "A", "quarter", Decimal(900), first, last),
        PlannedTarget("invoices_issued_amount", "rep", "A", "quarter", Decimal("28000.00"), first, last),
        PlannedTarget("invoices_issued_amount", "rep", "B", "quarter", Decimal(5), first, last),
    ]


def test_targets_with_a_column_for_every_month_may_leave_months_out(desk: Desk) -> None:
    desk.write(
        "targets.csv", "Менеджер\tПоказник\tРік\tM01\tM02\tM12\nA\tдзвінки\t2028\t400\t380\t-\n", "utf-16"
    ).sync()
    assert desk.targets == [
        PlannedTarget("calls", "rep", "A", "month", Decimal(400), date(2028, 1, 1), date(2028, 1, 31)),
        PlannedTarget("calls", "rep", "A", "month", Decimal(380), date(2028, 2, 1), date(2028, 2, 29)),
    ]


def test_long_targets_stand_until_they_are_changed(desk: Desk) -> None:
    found = targets_of(
        desk,
        "rep,team,metric,period,from,until,value\nA,,calls,day,2026-11-01,,20\n,North,calls,week,2026-11-02,2026-11-29,300\n",
    )
    assert found == [
        PlannedTarget("calls", "rep", "A", "day", Decimal(20), date(2026, 11, 1), None),
        PlannedTarget("calls", "team", "North", "week", Decimal(300), date(2026, 11, 2), date(2026, 11, 29)),
    ]


def test_a_table_that_names_nobody_is_about_the_company(desk: Desk) -> None:
    assert [(t.scope, t.scope_id) for t in targets_of(desk, "month,win_rate\n2026-11,25%\n")] == [("company", None)]
    assert desk.targets[0].value == Decimal("0.25")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",calls,2026-11,5", "nobody is named"),
        ("Ghost,calls,2026-11,5", "nobody in reps is called 'Ghost'"),
        ("Anna,phones,2026-11,5", "'phones' is not known"),
        ("Anna,,2026-11,5", "metric"),
        ("Anna,calls,,5", "time of the target"),
        ("Anna,calls,2026-11,-5", "0 or more"),
        ("Anna,calls,2026-11,many", "no number"),
        ("7,emails,2026-11,6", "same target"),
    ],
)
def test_a_target_that_makes_no_sense_is_listed_and_the_rest_is_taken(desk: Desk, row: str, says: str) -> None:
    desk.write("reps.csv", "id,name\n7,Anna\n")
    found = targets_of(desk, f"rep,metric,month,value\nAnna,emails,2026-11,5\n{row}\n")
    assert [(target.scope_id, target.value) for target in found] == [("7", Decimal(5))]
    assert [says in text for text in desk.said()] == [True]


def test_a_target_of_nothing_is_none_and_a_target_of_zero_is_one(desk: Desk) -> None:
    found = targets_of(desk, "rep,metric,month,value\nA,calls,2026-11,\nB,calls,2026-11,0\n")
    assert [(target.scope_id, target.value) for target in found] == [("B", Decimal(0))]


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("rep,month,value", "no column metric"),
        ("rep,metric,month", "no column for the target's value"),
        ("rep,metric,M01", "need a column year"),
        ("rep,metric,value", "no column for the time"),
    ],
)
def test_a_table_of_targets_that_lacks_a_column_is_told(desk: Desk, heading: str, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        targets_of(desk, f"{heading}\n")
