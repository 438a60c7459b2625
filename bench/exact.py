"""Does the board say what the files say? An independent sum over two real data sets, rep by rep and period by period.

    python -m bench.exact adventureworks DIR     invoices and quotas, by rep and quarter
    python -m bench.exact leadforge DIR          activities and deals, by rep and month

The folder is added as a `files` source to a store of its own, with the mapping of docs/examples, and read through
the same code as any other; the sum beside it knows nothing but Python's csv and Decimal.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from config import from_environment
from deps import open_deps
from domain.settings import PeriodKind
from jobs.house import House, open_house
from jobs.poll import poll
from routes.api import board_json
from storage import db as store
from storage import settings
from storage import sources as connections

# (period's first day, metric, rep id) → what it should be.
Sums = dict[tuple[date, str, str], Decimal]

_EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


def adventureworks(folder: Path) -> tuple[PeriodKind, Sums, Sums]:
    """Actuals and targets of every rep and quarter, straight from the CSV."""
    actual: Sums = defaultdict(Decimal)
    for row in _rows(folder / "invoices.csv"):
        day = date.fromisoformat(row["issued_on"])
        quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        actual[quarter, "invoices_issued_amount", row["rep_id"]] += Decimal(row["amount"])
        actual[quarter, "invoices_issued", row["rep_id"]] += 1
    target: Sums = {
        (date.fromisoformat(row["quarter_start"]), "invoices_issued_amount", row["rep_id"]): Decimal(
            row["invoices_issued_amount"]
        )
        for row in _rows(folder / "targets.csv")
    }
    return PeriodKind.QUARTER, actual, target


def leadforge(folder: Path) -> tuple[PeriodKind, Sums, Sums]:
    """Actuals of every rep and month, straight from the CSV; these files hold no targets."""
    actual: Sums = defaultdict(Decimal)
    metrics = {"call": "calls", "email": "emails", "meeting": "meetings"}
    for row in _rows(folder / "activities.csv"):
        if row["type"] in metrics:
            actual[_month(row["date"]), metrics[row["type"]], row["rep_id"]] += 1
    for row in _rows(folder / "deals.csv"):
        actual[_month(row["created_on"]), "deals_created", row["owner_id"]] += 1
        if row["outcome"] == "closed_won":
            actual[_month(row["closed_on"]), "deals_won", row["owner_id"]] += 1
            actual[_month(row["closed_on"]), "deals_won_amount", row["owner_id"]] += Decimal(row["amount"])
        if row["outcome"] == "closed_lost":
            actual[_month(row["closed_on"]), "deals_lost", row["owner_id"]] += 1
    return PeriodKind.MONTH, actual, {}


SETS = {"adventureworks": adventureworks, "leadforge": leadforge}


def compare(name: str, folder: Path, data_dir: Path) -> Iterator[tuple[int, str | None]]:
    """One pair for every figure compared: 1 and None, or 1 and the difference in words."""
    kind, actual, target = SETS[name](folder)
    house = read(name, folder, data_dir)
    boards = open_deps(house).boards
    reps = {rep for _, _, rep in actual}
    metrics = {metric for _, metric, _ in actual}
    for first in sorted({first for first, _, _ in (*actual, *target)}):
        board = board_json(boards.get(kind, first).board)
        found = {
            (metric["key"], rep["rep"].partition(":")[2]): rep for metric in board["metrics"] for rep in metric["reps"]
        }
        for metric in sorted(metrics):
            for rep in sorted(reps):
                place = (first, metric, rep)
                row: dict[str, Any] = found.get((metric, rep), {})
                yield from _figures(place, row, actual.get(place, Decimal(0)), target.get(place))


def read(name: str, folder: Path, data_dir: Path) -> House:
    """A store of its own that holds the data set, read as any `files` source is."""
    house = open_house(from_environment({"TABLO_DATA_DIR": str(data_dir), "TABLO_DEMO": "off"}))
    options = {"path": str(folder), "mapping": str(_EXAMPLES / name / "mapping.toml")}
    with store.write(house.db) as conn:
        settings.save(
            conn, {"currency": "USD", "country": "US", "timezone": "America/New_York"}, "bench", house.clock()
        )
        connections.add(conn, house.secrets, name, "files", options, "bench", house.clock())
    report = poll(house, name)
    while report is not None and report.unfinished:
        report = poll(house, name)
    if report is None or not report.ok:
        raise SystemExit(f"The folder could not be read: {report and report.problems}")
    return house


def _figures(
    place: tuple[date, str, str], row: dict[str, Any], actual: Decimal, target: Decimal | None
) -> Iterator[tuple[int, str | None]]:
    attainment = round(actual / target, 4) if target else None
    for word, should in (("actual", actual), ("target", target), ("attainment", attainment)):
        said = row.get(word)
        same = (said is None) == (should is None) and (should is None or Decimal(str(said)) == should)
        yield 1, None if same else f"{place[0]} {place[1]} of {place[2]}: {word} is {said}, the files say {should}"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _month(text: str) -> date:
    return date.fromisoformat(text).replace(day=1)


def main(name: str, folder: str) -> int:
    """Print how many figures were compared and every one that differs; 1 when any does."""
    with tempfile.TemporaryDirectory() as data_dir:
        results = list(compare(name, Path(folder), Path(data_dir)))
    wrong = [text for _, text in results if text]
    for text in wrong[:50]:
        print(text)
    print(f"{name}: {len(results)} figures compared, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SETS:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
