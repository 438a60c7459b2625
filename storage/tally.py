"""Totals by exact differences: what facts add to every metric, by day, month and hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection

from domain.facts import Direction, Fact, Kind
from domain.metrics import Measure, contributions
from storage.db import many
from storage.rows import AMOUNT, ANSWERED, DIRECTION, KIND, SECONDS, Calendar, FactRow

# The pseudo-metric that counts every fact once, whatever its kind (by day and month only).
FACTS = "facts"
# The tables of totals in the order in which `expand` gives them: their keys, and what they add up.
TABLES = {
    "day_totals": (("day", "metric", "currency", "source_id", "rep"), ("n", "value")),
    "month_totals": (("month", "metric", "currency", "source_id", "rep"), ("n", "value")),
    "hour_totals": (("day", "hour", "shape", "currency", "source_id", "rep"), ("n", "amount", "seconds")),
}
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
# Where the sums of equal facts keep what a metric measures.
_PLACES = {Measure.COUNT: 0, Measure.AMOUNT: 1, Measure.SECONDS: 2}

# What decides which metrics a fact counts for: kind, direction, answered, long enough, has an amount.
Shape = tuple[str, str | None, bool | None, bool, bool]
# Facts that are equal to every sum but for their time: rep, currency, shape.
Sort = tuple[str, str | None, Shape]
# Equal facts: day, hour (None = no time), sort, and [count, sum of amounts, sum of seconds].
Heap = tuple[int, int | None, Sort, list[int]]
# The key of a row of totals -> what it adds up.
Sums = dict[tuple[Any, ...], list[int]]


class Tally:
    """Adds up facts of one source in memory; `flush` writes the differences."""

    def __init__(self, calendar: Calendar, productive_seconds: int) -> None:
        self._calendar = calendar
        self._long = productive_seconds
        self._heaps: dict[tuple[int, int | None, Sort], list[int]] = {}

    def add(self, row: FactRow, owner: str | None, sign: int) -> None:
        """Count a stored fact in (1) or out (-1); `owner` is who owns its record."""
        _, kind, _, day, rep, amount, currency, seconds, direction, answered, _, hour = row
        seconds = seconds or 0
        if self._calendar.by_owner:
            rep = self._calendar.credited(kind, rep, owner)
        key = (day, hour, (rep, currency, (kind, direction, answered, seconds >= self._long, amount is not None)))
        heap = self._heaps.get(key)
        if heap is None:
            self._heaps[key] = [sign, sign * (amount or 0), sign * seconds]
            return
        heap[0] += sign
        heap[1] += sign * (amount or 0)
        heap[2] += sign * seconds

    def flush(self, conn: Connection, source_id: int) -> None:
        """Add the differences to the stored totals and forget them."""
        heaps = [(*key, values) for key, values in self._heaps.items()]
        self._heaps.clear()
        for name, sums in zip(TABLES, expand(heaps, source_id), strict=True):
            add_to_totals(conn, name, sums)


def expand(heaps: Iterable[Heap], source_id: int) -> tuple[Sums, Sums, Sums]:
    """What heaps of facts come to: sums by day, by month and by hour."""
    days: dict[tuple[int, Sort], list[int]] = {}
    hours: Sums = {}
    for day, hour, sort, values in heaps:
        _gather(days, (day, sort), values)
        if hour is not None:
            rep, currency, shape = sort
            _gather(hours, (day, hour, _code(shape), currency or "", source_id, rep), values)
    months: dict[tuple[int, Sort], list[int]] = {}
    for (day, sort), values in days.items():
        _gather(months, (month_of(day), sort), values)
    return _by_metric(days, source_id), _by_metric(months, source_id), hours


def add_to_totals(conn: Connection, table: str, sums: Sums) -> None:
    """Add differences to one of the TABLES; a total that no fact is left in goes away."""
    keys, values = TABLES[table]
    # In the order of the key: neighbours are written together.
    rows = sorted((*key, *cell) for key, cell in sums.items() if any(cell))
    place, marks = ", ".join(keys), ", ".join("?" * (len(keys) + len(values)))
    add = ", ".join(f"{value} = {table}.{value} + excluded.{value}" for value in values)
    insert = f"INSERT INTO {table} ({place}, {', '.join(values)}) VALUES ({marks})"  # noqa: S608 (our own names)
    many(conn, f"{insert} ON CONFLICT ({place}) DO UPDATE SET {add}", rows)
    where = " AND ".join(f"{key} = ?" for key in keys)
    # Only what lost facts can have become empty.
    lost = [row[: len(keys)] for row in rows if row[len(keys)] < 0]
    many(conn, f"DELETE FROM {table} WHERE {where} AND n = 0", lost)  # noqa: S608 (our own names)


def metrics_of(row: FactRow, productive_seconds: int) -> list[str]:
    """The metrics that a stored fact counts for."""
    long = (row[SECONDS] or 0) >= productive_seconds
    return [metric for metric, _ in _metrics((row[KIND], row[DIRECTION], row[ANSWERED], long, row[AMOUNT] is not None))]


@cache
def metrics_of_code(code: str) -> tuple[tuple[str, int], ...]:
    """The metrics that a row of hour_totals counts for, and which of its three sums (0, 1, 2) each takes."""
    kind, direction, answered, long, has_amount = code.split(" ")
    known = {"1": True, "0": False}
    return _metrics((kind, direction or None, known.get(answered), known[long], known[has_amount]))


@cache
def month_of(day: int) -> int:
    """The number of the month that holds a day: year * 12 + month - 1."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


@cache
def sample(shape: Shape) -> Fact:
    """A fact of that shape; long = 1 s, short = 0 s."""
    kind, direction, answered, long, has_amount = shape
    return Fact(
        kind=Kind(kind),
        at=_ANY_TIME,
        rep=None,
        amount=Decimal(1) if has_amount else None,
        seconds=1 if long else 0,
        direction=None if direction is None else Direction(direction),
        answered=None if answered is None else bool(answered),
    )


def is_amount(place: int) -> bool:
    """Whether a metric that takes this sum is one of money."""
    return place == _PLACES[Measure.AMOUNT]


def _gather(into: dict[Any, list[int]], key: tuple[Any, ...], values: list[int]) -> None:
    heap = into.get(key)
    if heap is None:
        into[key] = values.copy()
        return
    heap[0] += values[0]
    heap[1] += values[1]
    heap[2] += values[2]


def _by_metric(heaps: dict[tuple[int, Sort], list[int]], source_id: int) -> Sums:
    sums: Sums = {}
    for (when, (rep, currency, shape)), values in heaps.items():
        for metric, place in (*_metrics(shape), (FACTS, 0)):
            key = (when, metric, currency or "" if is_amount(place) else "", source_id, rep)
            cell = sums.setdefault(key, [0, 0])
            cell[0] += values[0]
            cell[1] += values[place]
    return sums


@cache
def _code(shape: Shape) -> str:
    """A shape as text, for the key of hour_totals."""
    kind, direction, answered, long, has_amount = shape
    said = "" if answered is None else str(int(answered))
    return f"{kind} {direction or ''} {said} {int(long)} {int(has_amount)}"


@cache
def _metrics(shape: Shape) -> tuple[tuple[str, int], ...]:
    """The metrics that facts of a shape count for, and where the sums keep their measure: asked of the domain once."""
    return tuple((metric.key, _PLACES[metric.measure]) for metric, _ in contributions(sample(shape), 1))
