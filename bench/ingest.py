"""How fast do facts come in? A generated CSV through the `files` source into a fresh SQLite store, as a poll does it.

python -m bench.ingest [FACTS]        default 200,000; the goal is 20,000 facts a second
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from config import from_environment
from jobs.house import House, open_house
from jobs.poll import Report, poll
from storage import db as store
from storage import sources as connections

_REPS = 50
_DAYS = 250


def write_calls(path: Path, count: int) -> None:
    """A `calls.csv` of that many calls by fifty reps over a year, in the order in which they were made."""
    source = random.Random(1)
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "rep", "at", "seconds", "direction", "answered"))
        for number in range(count):
            day, part = divmod(number * _DAYS, count)
            at = start + timedelta(days=day, seconds=part * 9 * 3600 // count)
            direction = source.choice(("out", "out", "in"))
            out.writerow(
                (number, f"Rep {source.randrange(_REPS):02}", at.isoformat(), source.randrange(600), direction, "yes")
            )


def read(house: House, folder: Path) -> Report:
    """The whole first read, as the poller does it."""
    with store.write(house.db) as conn:
        connections.add(conn, house.secrets, "files", "files", {"path": str(folder)}, "bench", house.clock())
    whole = poll(house, "files", since=date(2025, 1, 1))
    if whole is None:
        raise SystemExit("Another process holds this store.")
    step = whole
    while step.unfinished:
        step = poll(house, "files") or step
        whole.add(step)
    return whole


def main(count: int) -> None:
    """Print the facts a second of a first read and of a second read that finds nothing new."""
    with tempfile.TemporaryDirectory() as data_dir:
        folder = Path(data_dir) / "sheets"
        folder.mkdir()
        write_calls(folder / "calls.csv", count)
        house = open_house(from_environment({"TABLO_DATA_DIR": str(Path(data_dir) / "data"), "TABLO_DEMO": "off"}))
        began = time.perf_counter()
        report = read(house, folder)
        seconds = time.perf_counter() - began
        if not report.ok or report.facts_added != count:
            raise SystemExit(f"It did not go well: {report.json()}")
        print(f"first read: {count:,} facts in {seconds:.2f} s = {count / seconds:,.0f} facts/s")
        began = time.perf_counter()
        poll(house, "files")
        print(f"quiet poll: {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 200_000)
