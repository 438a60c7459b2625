"""How long does a board take, and does it grow with the history? Fresh SQLite stores, filled with generated facts.

    python -m bench.board [FACTS]         default 10,000,000; a tenth of it is measured beside it, in the same run

Goals: 50 reps in at most 25 ms, 1,000 reps in at most 250 ms, and no slower with ten times the history. A board is
timed from the store to the finished object, after a new call came in (what happens all day), and for the first time in
a process, when the plans are laid out over the working days too.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from config import from_environment
from domain.facts import Batch, Change, Fact, Kind, Person
from domain.settings import PeriodKind
from jobs.house import House, open_house
from storage import db as store
from storage import facts, targets
from storage import sources as connections
from storage.boards import LiveBoards
from storage.db import to_ms

_NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
_KINDS = ("call", "email", "invoice_issued", "invoice_paid", "deal_created", "deal_won")
_PLANNED = (
    "calls",
    "emails",
    "invoices_issued",
    "invoices_paid_amount",
    "deals_created",
    "deals_won",
    "deals_won_amount",
)
_ROUNDS = 15


def fill(house: House, reps: int, count: int, a_day: int) -> None:
    """A source with `reps` people and `count` facts, `a_day` for each of them, the newest of them today."""
    with store.write(house.db) as conn:
        source = connections.add(conn, house.secrets, "main", "files", {}, "bench", _NOW)
    people = [Person(str(number), f"Rep {number:04}", team=f"t{number % 5}", rep=True) for number in range(reps)]
    facts.apply(house.db, source, Batch([], "", _NOW, people=people), settings=house.settings())
    with sqlite3.connect(str(house.db.url.database)) as raw:
        raw.executemany(
            "INSERT INTO records VALUES (?, ?, 0, 1, NULL, NULL)", ((source, f"x:{n}") for n in range(count))
        )
        raw.executemany(
            "INSERT INTO facts VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 1)", _rows(source, reps, count, a_day)
        )
    facts.rebuild(house.db, house.settings())
    with store.write(house.db) as conn:
        targets.add(conn, list(_plans(reps)), "bench", _NOW)


def _rows(source: int, reps: int, count: int, a_day: int) -> Iterator[tuple[object, ...]]:
    today = _NOW.date()
    for number in range(count):
        back, turn = divmod(number, reps * a_day)
        day = today - timedelta(days=back)
        kind = _KINDS[number // reps % len(_KINDS)]
        amount = 100_000 + number * 7919 % 100_003
        at = to_ms(datetime(day.year, day.month, day.day, 7, tzinfo=UTC)) + turn % a_day * 60_000
        money = kind.startswith(("invoice", "deal"))
        yield (
            source, f"x:{number}", kind, at, day.toordinal(), str(number % reps), amount if money else None,
            "UAH" if money else None, 60 if kind == "call" else None, "out", True,
        )  # fmt: skip


def _plans(reps: int) -> Iterator[targets.NewTarget]:
    for number in range(reps):
        for metric in _PLANNED:
            yield targets.NewTarget(metric, "rep", f"main:{number}", PeriodKind.MONTH, Decimal(300), date(2018, 1, 1))


def timings(house: House) -> tuple[float, list[float]]:
    """Milliseconds of a first board, and of the boards after each of some new calls."""
    boards = LiveBoards(house.db, house.settings, lambda: _NOW, 30)
    first = _timed(boards)
    with store.read(house.db) as conn:
        source = connections.get(conn, "main").id
    after = []
    for number in range(_ROUNDS):
        call = Change(f"new:{number}", (Fact(Kind.CALL, _NOW - timedelta(minutes=number), "1", seconds=60),))
        facts.apply(house.db, source, Batch([call], "", _NOW), settings=house.settings())
        after.append(_timed(boards))
    return first, after


def _timed(boards: LiveBoards) -> float:
    began = time.perf_counter()
    board = boards.get(PeriodKind.DAY).board
    took = 1000 * (time.perf_counter() - began)
    if board.metric("calls").progress.actual in (None, 0):
        raise SystemExit("The board is empty.")
    return took


def measure(reps: int, count: int, a_day: int) -> float:
    """Fill a store, print what a board costs, give the median."""
    with tempfile.TemporaryDirectory() as data_dir:
        house = open_house(from_environment({"TABLO_DATA_DIR": str(Path(data_dir)), "TABLO_DEMO": "off"}))
        fill(house, reps, count, a_day)
        first, after = timings(house)
        median = statistics.median(after)
        print(
            f"{reps:5} reps, {count:10,} facts: after a new call median {median:6.1f} ms, "
            f"slowest {max(after):6.1f} ms; the first of a process {first:6.1f} ms",
            flush=True,
        )
        house.db.dispose()
    return median


def main(count: int) -> None:
    """Print the cost of a board for 50 and for 1,000 reps, each with a tenth of the history and with all of it."""
    for reps, a_day in ((50, 100), (1000, 50)):
        small = measure(reps, count // 10, a_day)
        large = measure(reps, count, a_day)
        print(f"{reps:5} reps: ten times the history costs {large / small:.2f} times as much", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 10_000_000)
