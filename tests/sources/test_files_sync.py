"""How spreadsheets are followed: changed, unchanged, gone, half written, interrupted."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.facts import Kind, Person
from sources import SchemaError, TransientError, load, prepare
from sources._sheets import places
from sources._sheets.places import BusyError
from sources._sheets.sync import BATCH
from tests.sources.sheets import NOW, Desk, site

# Later than any file that a test writes, so that no file counts as young.
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def calls(*rows: str) -> str:
    """A table of calls with ids."""
    return "".join(f"{line}\n" for line in ("id,rep,at", *rows))


def test_an_unchanged_folder_brings_nothing_and_is_complete_up_to_now(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync(now=LATER)
    cursor = desk.cursor
    desk.sync(now=LATER + timedelta(minutes=1))
    (batch,) = desk.batches
    assert (list(batch.changes), batch.people, batch.problems, batch.cursor) == ([], None, None, cursor)
    assert desk.as_of == LATER + timedelta(minutes=1)


def test_an_unchanged_file_is_not_opened(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync(now=LATER)
    file = tmp_path / "calls.csv"
    stat = file.stat()
    file.write_text(calls("1,B,2026-11-20"), "utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert desk.sync(now=LATER).read() == 0


def test_a_file_that_is_only_touched_is_not_read_again(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync(now=LATER)
    os.utime(tmp_path / "calls.csv", (1, 1))
    assert desk.sync(now=LATER).read() == 0


def test_a_file_changed_within_one_tick_of_the_clock_is_seen(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    desk.write("calls.csv", calls("1,A,2026-11-20"))
    stamp = file.stat().st_mtime_ns
    young = datetime.fromtimestamp(stamp / 1e9, UTC) + timedelta(seconds=1)
    desk.sync(now=young)
    file.write_text(calls("1,B,2026-11-20"), "utf-8")
    os.utime(file, ns=(stamp, stamp))
    assert desk.sync(now=young).facts()[0].rep == "B"


def test_a_changed_file_is_read_again_and_vanished_rows_go(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20", "2,A,2026-11-20")).write(
        "emails.csv", "rep,at\nA,2026-11-20\n"
    ).sync()
    desk.write("calls.csv", calls("2,B,2026-11-19", "3,A,2026-11-20")).sync()
    assert set(desk.records) == {
        "calls.csv:2",
        "calls.csv:3",
        *(r for r in desk.records if r.startswith("emails.csv:")),
    }
    assert len(desk.records) == 3
    assert desk.records["calls.csv:2"].facts[0].rep == "B"
    assert desk.read() == 2


def test_a_row_that_became_unreadable_leaves_as_it_would_after_a_first_read(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20", "2,A,2026-11-20")).sync()
    desk.write("calls.csv", calls("1,A,never", "2,A,2026-11-20")).sync()
    assert set(desk.records) == {"calls.csv:2"}


def test_problems_of_unchanged_files_stay_and_mended_ones_go(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,never")).write("emails.csv", "rep,at\nA,never\n").sync()
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync()
    assert [problem.where for problem in desk.problems] == ["emails.csv:2:at"]


def test_a_file_that_is_gone_is_told_and_its_data_and_age_stay(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("emails.csv", "rep,at\nA,2026-11-20\n").sync()
    (tmp_path / "calls.csv").unlink()
    desk.sync(now=NOW + timedelta(hours=1))
    assert len(desk.facts(Kind.CALL)) == 1
    assert desk.as_of == NOW
    assert [(p.code, p.where) for p in desk.problems] == [("file", "calls.csv")]
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync(now=NOW + timedelta(hours=2))
    assert (desk.problems, desk.as_of) == ([], NOW + timedelta(hours=2))


def test_a_full_sync_lets_the_records_of_a_gone_file_go(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("emails.csv", "rep,at\nA,2026-11-20\n").sync()
    (tmp_path / "calls.csv").unlink()
    assert [fact.kind for fact in desk.sync(full=True).facts()] == [Kind.EMAIL]


def test_a_full_sync_keeps_the_records_of_a_file_that_cannot_be_read(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("emails.csv", "rep,at\nA,2026-11-20\n").sync()
    desk.write("calls.csv", "who\n").sync(full=True)
    assert len(desk.facts()) == 2


def test_a_file_that_lost_a_needed_column_keeps_its_last_good_data_and_age(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync()
    desk.write("calls.csv", "id,rep\n1,A\n").sync(now=NOW + timedelta(hours=1))
    assert len(desk.facts()) == 1
    assert desk.as_of == NOW
    assert "no column for at" in desk.said()[0]


def test_a_file_emptied_by_its_writer_keeps_its_last_good_data(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync()
    assert len(desk.write("calls.csv", "").sync().facts()) == 1


def test_one_table_that_never_could_be_read_does_not_hold_the_others_back(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("emails.csv", "x\n").sync()
    assert (desk.as_of, len(desk.facts())) == (NOW, 1)
    assert Kind.EMAIL in desk.missing


def test_a_file_that_nobody_knows_is_told(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("budget.csv", "x\n").write("~$calls.xlsx", "lock").sync()
    assert [problem.where for problem in desk.problems] == ["budget.csv"]


def test_a_file_that_nobody_knew_is_forgotten_when_it_goes(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("budget.csv", "x\n").sync()
    (tmp_path / "budget.csv").unlink()
    assert desk.sync(now=LATER).problems == []
    assert desk.as_of == LATER


def test_reps_that_a_mapping_takes_away_are_no_reps_any_more(desk: Desk) -> None:
    desk.write("reps.csv", "id,name\n7,Anna\n").write("calls.csv", calls("1,Anna,2026-11-20")).sync()
    desk.write("mapping.toml", '[[table]]\nfile = "reps.csv"\nkind = "leads"\ncolumns = { at = "id" }\n').sync()
    assert [fact.rep for fact in desk.facts(Kind.CALL)] == ["Anna"]


@pytest.mark.parametrize("text", [None, "x\n1\n"])
def test_a_folder_without_a_table_is_an_error_in_words(desk: Desk, text: str | None) -> None:
    if text:
        desk.write("budget.csv", text)
    with pytest.raises(SchemaError, match="nothing says what" if text else "no spreadsheet here"):
        desk.sync()


def test_the_connection_test_fails_where_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no spreadsheet here"):
        load("files").connect(prepare("files", {"path": str(tmp_path)}), site(tmp_path)).check()


def test_a_folder_that_is_not_there_may_come_back(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="no file or folder"):
        Desk(tmp_path / "share").sync()


def test_a_single_file_with_any_name_is_told_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(calls("1,A,2026-11-20"), "utf-8")
    desk = Desk(tmp_path / "export.csv", {"holds": "calls"})
    assert set(desk.sync().records) == {"export.csv:1"}


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_poll(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(calls("1,A,2026-11-20"), "utf-8")
    (item,) = places.local_items(file, lambda name: False, NOW)

    class Growing(type(file)):  # type: ignore[misc]  # a path whose file grows as it is read
        def read_bytes(self) -> bytes:
            data = super().read_bytes()
            with open(self, "ab") as stream:
                stream.write(b"2,A,2026-11-20\n")
            return bytes(data)

    with pytest.raises(BusyError):
        places._load_local(Growing(file), None, NOW)
    assert item.load(None).data is not None


def test_other_reps_are_everybody_read_anew(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,Anna,2026-11-20")).sync()
    assert desk.people == [Person("Anna", "Anna", rep=True)]
    desk.write("reps.csv", "id,name\n7,Anna\n").sync()
    assert [fact.rep for fact in desk.facts()] == ["7"]
    assert desk.people == [Person("7", "Anna", rep=True)]


def test_people_of_unchanged_files_stay_known(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).write("emails.csv", "rep,at\nB,2026-11-20\n").sync()
    desk.write("calls.csv", calls("1,C,2026-11-20")).sync()
    assert [person.id for person in desk.people] == ["B", "C"]


def test_reps_stay_known_while_their_file_is_gone(desk: Desk, tmp_path: Path) -> None:
    desk.write("reps.csv", "id,name\n7,Anna\n").write("calls.csv", calls("1,Anna,2026-11-20")).sync()
    (tmp_path / "reps.csv").unlink()
    desk.write("calls.csv", calls("1,Anna,2026-11-20", "2,Anna,2026-11-20")).sync()
    assert {fact.rep for fact in desk.facts()} == {"7"}


def test_targets_of_unchanged_tables_stay_when_another_changes(desk: Desk) -> None:
    mapping = '[[table]]\nfile = "plan-*.csv"\nkind = "targets"\n'
    desk.write("mapping.toml", mapping).write("plan-1.csv", "rep,month,calls\nA,2026-11,5\n")
    desk.write("plan-2.csv", "rep,month,calls\nB,2026-11,6\n").sync(now=LATER)
    desk.write("plan-2.csv", "rep,month,calls\nB,2026-11,7\n").sync(now=LATER)
    assert [(target.scope_id, target.value) for target in desk.targets] == [("A", Decimal(5)), ("B", Decimal(7))]


def test_targets_stay_as_they_are_while_one_of_their_files_is_gone(desk: Desk, tmp_path: Path) -> None:
    desk.write("targets.csv", "rep,month,calls\nA,2026-11,5\n").write("calls.csv", calls("1,A,2026-11-20")).sync()
    (tmp_path / "targets.csv").unlink()
    desk.write("calls.csv", calls("2,A,2026-11-20")).sync()
    assert [target.value for target in desk.targets] == [5]


def big(rows: int) -> str:
    """A table of many calls."""
    return calls(*(f"{n},rep{n % 5},2026-11-{n % 28 + 1:02}" for n in range(rows)))


def test_a_read_cut_short_goes_on_where_it_stopped_and_ends_the_same(desk: Desk, tmp_path: Path) -> None:
    desk.write("calls.csv", big(2 * BATCH + 10)).write("emails.csv", "rep,at\nA,2026-11-20\n")
    whole = Desk(tmp_path).sync(now=LATER)
    taken = []
    for _ in range(6):
        desk.sync(deadline=0.0, now=LATER)
        taken.append(desk.read())
    assert taken == [BATCH, BATCH, 10, 1, 0, 0]
    assert desk.records == whole.records
    assert (desk.as_of, desk.people, desk.problems) == (LATER, whole.people, whole.problems)


def test_nothing_is_called_complete_before_everything_was_read(desk: Desk) -> None:
    desk.write("calls.csv", big(BATCH + 1)).sync()
    assert [batch.as_of for batch in desk.batches] == [None, None, NOW]
    assert [len(batch.changes) for batch in desk.batches] == [BATCH, 1, 0]


def test_a_file_changed_during_an_interrupted_read_is_read_from_its_start(desk: Desk) -> None:
    desk.write("calls.csv", big(2 * BATCH)).sync(deadline=0.0)
    desk.write("calls.csv", big(2 * BATCH - 1)).sync()
    assert desk.read() == 2 * BATCH - 1
    assert len(desk.records) == 2 * BATCH - 1


def test_other_settings_for_another_place_let_the_old_records_go(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    desk = Desk(one).write("calls.csv", calls("1,A,2026-11-20")).sync()
    desk.path = two
    desk.write("emails.csv", "rep,at\nA,2026-11-20\n").sync()
    assert [fact.kind for fact in desk.facts()] == [Kind.EMAIL]
    assert desk.problems == []


def test_a_cursor_of_another_version_reads_everything_again(desk: Desk) -> None:
    desk.write("calls.csv", calls("1,A,2026-11-20")).sync()
    desk.cursor = '{"v":0}'
    assert desk.sync().read() == 1


def test_the_connection_test_says_what_is_taken_for_what(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("Менеджер,дата,mood\nA,2026-11-20,good\nB,never,\n", "utf-8")
    (tmp_path / "budget.csv").write_text("x\n", "utf-8")
    source = load("files").connect(prepare("files", {"path": str(tmp_path)}), site(tmp_path))
    unknown, found = source.check()
    assert (unknown.what, unknown.good) == ("budget.csv", False)
    assert (found.what, found.good) == ("calls.csv", False)
    for part in ("1 of 2 rows of calls", "rep ← Менеджер", "not used: mood", "calls.csv:3:дата"):
        assert part in found.found
