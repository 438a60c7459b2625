"""The command line, on a store of its own: what other people's scripts rely on."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from commands.backup import backup, restore, verify
from commands.board import board
from commands.sources import sources, sync
from commands.targets import targets
from commands.users import tokens, users

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command with its arguments in an environment of its own."""
    env = {"TABLO_DATA_DIR": str(tmp_path / "data"), "TABLO_DEMO": "off", "TABLO_NOW": "2026-11-20T14:26:00+02:00"}

    def invoke(command: click.Command, *args: str, given: str | None = None, **more: str) -> Result:
        return CliRunner().invoke(command, args, input=given, env=env | more, catch_exceptions=False)

    return invoke


@pytest.fixture
def office(tmp_path: Path, run: Run) -> Path:
    """A folder of sheets with two managers, connected as `office`."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    (folder / "reps.csv").write_text("id,name,team\n1,Olena,North\n2,Nikita,South\n", encoding="utf-8")
    rows = "".join(f"c{n},{1 + n % 2},2026-11-20,45\n" for n in range(5))
    (folder / "calls.csv").write_text(f"id,rep_id,date,seconds\n{rows}", encoding="utf-8")
    assert run(sources, "add", "files", "office", f"path={folder}").exit_code == 0
    return folder


def test_a_sync_prints_one_object_a_source(run: Run, office: Path) -> None:
    result = run(sync)
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert set(report) == {
        "source", "kind", "ok", "requests", "records", "facts_added", "facts_removed", "seconds", "as_of", "problems",
    }  # fmt: skip
    assert (report["source"], report["kind"], report["ok"], report["facts_added"]) == ("office", "files", True, 5)
    assert report["as_of"].endswith("Z")


def test_a_sync_that_fails_ends_with_one_and_says_why(run: Run, office: Path) -> None:
    run(sync)
    for path in office.iterdir():
        path.unlink()
    office.rmdir()
    result = run(sync, "office")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (1, False)
    assert report["problems"]
    assert "office" in run(sources, "list").stdout


def test_the_board_is_the_contracts_json(run: Run, office: Path) -> None:
    run(sync)
    found = json.loads(run(board).stdout)
    assert {"now", "as_of", "timezone", "currency", "period", "sources", "metrics", "leaderboard", "unmapped"} <= set(
        found
    )
    calls = next(metric for metric in found["metrics"] if metric["key"] == "calls")
    assert (calls["actual"], calls["target"], calls["attainment"], calls["status"]) == (5, None, None, "no_target")
    assert [(rep["rep"], rep["actual"], rep["team"]) for rep in calls["reps"]] == [
        ("office:1", 3, "North"),
        ("office:2", 2, "South"),
    ]
    north = json.loads(run(board, "--period", "month", "--team", "North").stdout)
    assert [rep["rep"] for rep in north["metrics"][0]["reps"]] == ["office:1"]


@pytest.mark.parametrize(
    ("args", "word"),
    [(("--date", "20.11.2026"), "2026-11-20"), (("--team", "West"), "West"), (("--period", "decade"), "quarter")],
)
def test_a_board_that_cannot_be_read_is_refused_in_words(run: Run, args: tuple[str, str], word: str) -> None:
    result = run(board, *args)
    assert result.exit_code != 0
    assert word in result.stderr


def test_an_option_that_does_not_fit_stores_nothing(run: Run, tmp_path: Path) -> None:
    missing = run(sources, "add", "files", "office")
    unknown = run(sources, "add", "files", "office", "path=/tmp", "colour=blue")
    kind = run(sources, "add", "sap", "office")
    assert [result.exit_code for result in (missing, unknown, kind)] == [1, 1, 1]
    assert "path" in missing.stderr
    assert "colour" in unknown.stderr
    assert "files" in kind.stderr
    assert run(sources, "list").stdout == ""


def test_an_option_may_come_from_a_file_or_from_standard_input(run: Run, office: Path, tmp_path: Path) -> None:
    (tmp_path / "where").write_text(f"{office}\n", encoding="utf-8")
    assert run(sources, "add", "files", "second", f"path=@{tmp_path / 'where'}").exit_code == 0
    assert run(sources, "add", "files", "third", "path=-", given=f"{office}\n").exit_code == 0
    assert run(sources, "test", "third").exit_code == 0
    absent = run(sources, "add", "files", "fourth", "path=@nowhere")
    assert "nowhere" in absent.stderr


def test_a_removed_source_takes_its_facts_with_it(run: Run, office: Path) -> None:
    run(sync)
    assert run(sources, "remove", "office").exit_code == 0
    calls = json.loads(run(board).stdout)["metrics"][0]
    assert (calls["actual"], calls["available"]) == (None, False)
    again = run(sources, "remove", "office")
    assert (again.exit_code, "no source" in again.stderr) == (1, True)


def test_the_demo_comes_with_a_sync_of_nothing_and_goes_with_the_first_source(run: Run, tmp_path: Path) -> None:
    first = run(sync, TABLO_DEMO="auto")
    assert json.loads(first.stdout)["kind"] == "demo"
    (tmp_path / "calls.csv").write_text("rep,date\nOlena,2026-11-20\n", encoding="utf-8")
    run(sources, "add", "files", "office", f"path={tmp_path / 'calls.csv'}", TABLO_DEMO="auto")
    assert [line.split("\t")[0] for line in run(sources, "list").stdout.splitlines()] == ["office"]


def test_targets_go_in_come_out_and_are_on_the_board(run: Run, office: Path, tmp_path: Path) -> None:
    run(sync)
    table = tmp_path / "plan.csv"
    table.write_text("metric,who,period,since,until,value\ncalls,Olena,month,2026-11-01,,400\n", encoding="utf-8")
    assert "1 of 1 targets would change" in run(targets, "import", str(table), "--dry-run").stdout
    assert "1 of 1 targets changed" in run(targets, "import", str(table)).stdout
    assert "0 of 1 targets changed" in run(targets, "import", str(table)).stdout
    calls = json.loads(run(board, "--period", "month").stdout)["metrics"][0]
    assert (calls["target"], calls["reps"][0]["target"]) == (400, 400)
    for name in ("out.csv", "out.xlsx"):
        assert run(targets, "export", str(tmp_path / name)).exit_code == 0
        assert "0 of 1 targets changed" in run(targets, "import", str(tmp_path / name)).stdout
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert rows[0] == ["metric", "scope", "who", "period", "since", "until", "value", "name"]
    assert rows[1][-1] == "Olena"
    assert sheet["G2"].value == 400


def test_an_import_with_one_bad_cell_stores_nothing_and_names_the_cell(run: Run, office: Path, tmp_path: Path) -> None:
    run(sync)
    table = tmp_path / "plan.csv"
    table.write_text(
        "metric,who,period,since,until,value\ncalls,Olena,month,2026-11-01,,400\ncalls,Olga,month,2026-11-01,,4\n",
        encoding="utf-8",
    )
    result = run(targets, "import", str(table))
    assert result.exit_code == 1
    assert "row 3, column who" in result.stderr
    assert "nothing was stored" in result.stderr
    assert json.loads(run(board, "--period", "month", "--date", "2026-11-05").stdout)["metrics"][0]["target"] is None


def test_logins_are_made_listed_changed_and_removed(run: Run) -> None:
    assert run(users, "add", "olena", "--role", "team_lead", given="a long password\n").exit_code == 0
    assert run(users, "list").stdout == "olena\tteam_lead\n"
    assert run(users, "password", "olena", given="another long one\n").exit_code == 0
    short = run(users, "add", "nikita", "--role", "admin", given="short\n")
    assert (short.exit_code, "short" in short.stdout) == (1, False)
    assert run(users, "remove", "olena").exit_code == 0
    assert run(users, "list").stdout == ""


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(run: Run) -> None:
    value = run(tokens, "add", "excel").stdout.strip()
    assert len(value) > 30
    assert run(tokens, "list").stdout == "excel\tread\tvalid\tnever used\n"
    assert value not in run(tokens, "list").stdout
    assert run(tokens, "revoke", "excel").exit_code == 0
    assert "revoked" in run(tokens, "list").stdout


def test_a_backup_is_verified_and_restored_whole(run: Run, office: Path, tmp_path: Path) -> None:
    run(sync)
    before = json.loads(run(board).stdout)["metrics"]
    copy = tmp_path / "copy.backup"
    assert run(backup, str(copy)).exit_code == 0
    assert run(verify, str(copy)).exit_code == 0
    run(sources, "remove", "office")
    assert run(restore, str(copy)).exit_code == 0
    assert json.loads(run(board).stdout)["metrics"] == before
    copy.write_bytes(copy.read_bytes()[:1000])
    assert run(verify, str(copy)).exit_code == 1
    assert run(restore, str(copy)).exit_code == 1


def test_a_mistyped_variable_ends_with_a_sentence(run: Run) -> None:
    result = run(board, TABLO_PROT="1")
    assert result.exit_code == 1
    assert "TABLO_PROT" in result.stderr


def test_a_hook_is_added_with_its_address_and_never_synced(run: Run, office: Path) -> None:
    added = run(sources, "add", "hook", "pbx", "gives=call")
    assert added.exit_code == 0
    assert added.output.splitlines()[1].startswith("http://127.0.0.1:8050/api/v1/hooks/")
    assert added.output.splitlines()[1].rpartition("/")[2] not in run(sources, "list").output
    assert run(sources, "list").output.splitlines()[1].split("\t")[2:4] == ["listening", "nothing sent yet"]
    renewed = run(sources, "address", "pbx").output.splitlines()
    assert "holds no longer" in renewed[0]
    assert renewed[1].rpartition("/")[0] == added.output.splitlines()[1].rpartition("/")[0]
    assert renewed[1] != added.output.splitlines()[1]
    refused = run(sync, "pbx")
    assert (refused.exit_code, "never read" in refused.output) == (1, True)
    assert [json.loads(line)["source"] for line in run(sync).stdout.splitlines()] == ["office"]


def test_a_source_is_paused_and_goes_on_and_a_folder_has_no_address(run: Run, office: Path) -> None:
    run(sources, "pause", "office")
    assert run(sources, "list").output.split("\t")[2] == "paused"
    assert run(sync).stdout == ""
    run(sources, "resume", "office")
    assert run(sources, "list").output.split("\t")[2] == "live"
    refused = run(sources, "address", "office")
    assert (refused.exit_code, "sends no events" in refused.output) == (1, True)
