"""Targets out of files: what would change is shown, exactly that is recorded, and what goes out runs nowhere."""

from __future__ import annotations

import base64
import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from callbacks.settings import target_import
from callbacks.settings.target_import import Upload
from domain.reach import Reach
from domain.settings import PeriodKind
from domain.sheets import SheetError
from domain.targets import Target
from jobs.sheets import Sheets
from layouts import ids
from layouts.settings.target_files import MOST_BYTES
from layouts.text import Text
from storage import db as store
from storage import people
from storage import targets as stored
from storage.targets import NewTarget
from tests.callbacks.reading import Tree, classed, parts, words
from tests.callbacks.test_targets import DASHA, NIKITA, OLENA, form, save
from tests.desk.office import FIRST, LAST, Office

HEADER = "metric,who,period,since,until,value\n"
SOUTH = Reach(frozenset(("main:s",)))


def file(text: str | bytes, metric: str = "", name: str = "plan.csv") -> Upload:
    """A file as the browser sends it."""
    data = text.encode() if isinstance(text, str) else text
    return Upload("data:text/csv;base64," + base64.b64encode(data).decode(), name, metric)


def shown_token(tree: Tree) -> str:
    """What the button would record."""
    return str(next(part.data for part in parts(tree) if getattr(part, "id", "") == ids.TARGETS_TOKEN))


def counts(tree: Tree) -> list[str]:
    """New, changed, withdrawn, as they are."""
    figures = next(part for part in parts(tree) if getattr(part, "className", "") == "tally")
    return [part.children for part in parts(figures) if type(part).__name__ == "Strong"]


def recorded(office: Office) -> list[Target]:
    """What was recorded after the office was furnished."""
    with store.read(office.deps.db) as conn:
        return [row.target for row in stored.current(conn)][1:]


def bring(office: Office, text: Text, given: Upload, reach: Reach | None = None) -> Tree:
    """Look at a file and record what is shown."""
    reach = reach or Reach()
    token = shown_token(target_import.look(office.deps, text, given, reach))
    return target_import.apply(office.deps, text, given, token, "lead", reach)


def test_what_a_file_would_change_is_shown_row_by_row_and_nothing_is_stored(office: Office, text: Text) -> None:
    save(office, text, form(nikita="300", dasha="90"))
    before = recorded(office)
    rows = "calls,Олена Коваль,month,2026-11-01,,400\ncalls,Nikita Orlov,month,2026-11-01,,310\n"
    rows += "calls,main:3,month,2026-11-01,,-\nemails,3,month,2026-12-01,,50\n"
    tree = target_import.look(office.deps, text, file(HEADER + rows))
    assert counts(tree) == ["1", "1", "1", "1"]
    lines = [words(part) for part in parts(tree) if type(part).__name__ == "Tr"][1:]
    assert lines == [
        "3 | Nikita Orlov | Calls | Month: 20 Nov 2026 – 30 Nov 2026 | 300 | 310",
        "4 | Dasha Lewis | Calls | Month: 20 Nov 2026 – 30 Nov 2026 | 90 | –",
        "5 | Dasha Lewis | Emails | Month: 1 Dec 2026 – 31 Dec 2026 | – | 50",
    ]
    assert "Record these 3 changes" in words(tree)
    assert recorded(office) == before


def test_exactly_what_was_shown_is_recorded_once(office: Office, text: Text) -> None:
    given = file(HEADER + "calls,1,month,2026-11-01,,410\ncalls,2,month,2026-11-01,,300\n")
    assert "Recorded 2 targets" in words(bring(office, text, given))
    # What changes in the month under way leaves its earlier days as they were; what is new holds from its start.
    assert [(row.scope_key, row.since, row.value) for row in recorded(office)] == [
        (OLENA, date(2026, 11, 20), Decimal(410)),
        (NIKITA, FIRST, Decimal(300)),
    ]
    again = target_import.look(office.deps, text, given)
    assert (counts(again), classed(again, "good")) == (["0", "0", "0", "2"], ["Nothing would change."])
    with store.read(office.deps.db) as conn:
        assert stored.current(conn)[-1].note == "from the file plan.csv"


def test_nothing_is_recorded_when_the_file_or_the_targets_are_others_by_now(office: Office, text: Text) -> None:
    given = file(HEADER + "calls,1,month,2026-11-01,,410\n")
    token = shown_token(target_import.look(office.deps, text, given))
    for other, reach in ((file(HEADER + "calls,1,month,2026-11-01,,411\n"), Reach()), (given, SOUTH)):
        said = words(target_import.apply(office.deps, text, other, token, "lead", reach))
        assert "Nothing is recorded" in said
    assert "Nothing is recorded" in words(target_import.apply(office.deps, text, given, "", "lead"))
    save(office, text, form(olena="405"))
    assert "Nothing is recorded" in words(target_import.apply(office.deps, text, given, token, "lead"))
    assert [row.value for row in recorded(office)] == [405]


def test_a_wide_file_in_utf_16_without_metrics_is_taken_for_the_chosen_one(office: Office, text: Text) -> None:
    months = "\t".join(f"M{number:02}" for number in range(1, 13))
    values = "\t".join(["-"] * 9 + ["-", "500000", "510000"])
    given = file(f"Year\tEmployeeID\t{months}\n2026\t1\t{values}\n".encode("utf-16"), "deals_won_amount")
    bring(office, text, given)
    assert [(row.metric, row.scope_key, row.since, row.value) for row in recorded(office)] == [
        ("deals_won_amount", OLENA, FIRST, Decimal(500000)),
        ("deals_won_amount", OLENA, date(2026, 12, 1), Decimal(510000)),
    ]
    missing = target_import.look(office.deps, text, file(f"Year\tEmployeeID\t{months}\n"))
    assert "row 1, column metric: the column is missing" in words(missing)


def test_every_mistake_is_told_by_row_and_column_and_nothing_can_be_recorded(office: Office, text: Text) -> None:
    rows = 'calls,Olga,month,2026-11-01,,1\ncalls,1,moon,2026-11-01,,1\ncalls,1,month,2026-11-01,,"x\n'
    tree = target_import.look(office.deps, text, file(HEADER + rows))
    lines = [part.children for part in parts(tree) if type(part).__name__ == "Li"]
    assert [line.split(":")[0] for line in lines] == ["row 2, column who", "row 3, column period", "row 4"]
    assert shown_token(tree) == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Upload("", "x"), "This is no file"),
        (Upload("data:;base64,####", "x"), "This is no file"),
        (file(b"x" * (MOST_BYTES + 1)), "This is no file of 1400 kB at most"),
        (file(b"\xd0\xcf\x11\xe0 old"), "an old .xls file"),
        (file(b"PK\x03\x04 cut"), "The file cannot be read"),
        (file(b""), "This is no file"),
        (file(b"\n\n"), "The file cannot be read"),
    ],
)
def test_what_is_no_table_is_told(office: Office, text: Text, given: Upload, says: str) -> None:
    assert says in words(target_import.look(office.deps, text, given))


def test_five_thousand_rows_fit_and_are_recorded(office: Office, text: Text) -> None:
    days = [date.fromordinal(date(2026, 11, 1).toordinal() + number) for number in range(1667)]
    lines = [f"calls,{who},day,{day},,{day.day}\n" for day in days for who in (1, 2, 3)][:5000]
    said = words(bring(office, text, file(HEADER + "".join(lines))))
    assert "Recorded 5000 targets" in said
    assert len(recorded(office)) == 5000


def test_a_lead_of_own_teams_brings_and_keeps_targets_of_these_alone(office: Office, text: Text) -> None:
    for line in ("calls,1,month,2026-11-01,,1\n", "calls,,month,2026-11-01,,1\n", "calls,North,month,2026-11-01,,1\n"):
        assert "Nothing can be recorded" in words(target_import.look(office.deps, text, file(HEADER + line), SOUTH))
    bring(office, text, file(HEADER + "calls,3,month,2026-11-01,,90\n"), SOUTH)
    assert [row.scope_key for row in recorded(office)] == [DASHA]
    kept = base64.b64decode(target_import.export(office.deps, SOUTH, book=False)["content"]).decode("utf-8-sig")
    assert [line["who"] for line in csv.DictReader(io.StringIO(kept))] == [DASHA]


@pytest.mark.parametrize("book", [False, True])
def test_what_goes_out_comes_in_again_unchanged(office: Office, text: Text, book: bool) -> None:
    save(office, text, form(olena="410", dasha="0"))
    with store.write(office.deps.db) as conn:
        odd = NewTarget("deals_won_amount", "company", "", PeriodKind.QUARTER, Decimal("33.333"), date(2026, 10, 1))
        stored.add(conn, [odd], "main", office.clock())
    sent = target_import.export(office.deps, Reach(), book)
    assert sent["filename"] == f"targets-2026-11-20.{'xlsx' if book else 'csv'}"
    tree = target_import.look(office.deps, text, file(base64.b64decode(sent["content"])))
    assert counts(tree) == ["0", "0", "0", "3"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_hostile_name_is_no_formula_in_a_file(office: Office, text: Text, name: str) -> None:
    with store.write(office.deps.db) as conn:
        people.change(conn, OLENA, {"name_shown": name}, "test", office.clock())
    table = csv.reader(io.StringIO(sent_text(office), newline=""))
    assert [row[-1] for row in table][1][:1] not in ("=", "+", "-", "@", "\t", "\r")
    book = base64.b64decode(target_import.export(office.deps, Reach(), book=True)["content"])
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    assert (sheet["H2"].data_type, sheet["G2"].data_type, sheet["G2"].value) == ("s", "n", 400)
    assert tree_is_same(office, text, book)


def sent_text(office: Office) -> str:
    sent = target_import.export(office.deps, Reach(), book=False)
    return base64.b64decode(sent["content"]).decode("utf-8-sig")


def tree_is_same(office: Office, text: Text, data: bytes) -> bool:
    return counts(target_import.look(office.deps, text, file(data))) == ["0", "0", "0", "1"]


def test_a_workbook_that_unpacks_without_end_is_not_opened() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", bytes(65 * 2**20))
    assert len(packed.getvalue()) < MOST_BYTES
    with pytest.raises(SheetError, match="unpacks to more"):
        Sheets().read(packed.getvalue(), [])


def test_a_change_of_this_month_leaves_its_target_of_the_days_before(office: Office, text: Text) -> None:
    bring(office, text, file(HEADER + "calls,1,month,2026-11-01,,410\n"))
    shown = recorded(office)[0]
    assert (shown.since, shown.until) == (date(2026, 11, 20), LAST)
