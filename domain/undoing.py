"""Taking back recorded targets: nothing is deleted, the rows say again what held before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.board import Period
from domain.periods import DAY, period_of
from domain.targets import Target, in_force


def takes_back(
    rows: Sequence[Target], earlier: Iterable[Target], week_start: int = 1, year_start: int = 1
) -> list[Target]:
    """What to record so that everything is as if `rows` had never been; `order` of the answer means nothing.

    `earlier` are all targets recorded before them. What `rows` withdrew comes back, what they added is withdrawn.
    """
    before: dict[tuple[object, ...], list[Target]] = {}
    for row in earlier:
        before.setdefault(_line(row), []).append(row)
    found: list[Target] = []
    for row in rows:
        known = before.get(_line(row), [])
        found += _standing(row, known) if row.until is None else _bounded(row, known, week_start, year_start)
    # Of two that hold, the one recorded later wins: it must be the one that begins later.
    return sorted(dict.fromkeys(found), key=lambda row: row.since)


def _standing(row: Target, known: Sequence[Target]) -> Iterator[Target]:
    """A row without end hides every standing one before it, also those that begin later."""
    others = [each for each in known if each.until is None]
    for day in sorted({row.since, *(each.since for each in others if each.since > row.since)}):
        yield replace(row, since=day, value=_value(others, Period(row.period, day, day), day), order=0)


def _bounded(row: Target, known: Sequence[Target], week_start: int, year_start: int) -> Iterator[Target]:
    """Period by period, and within one from each day on which something else began to hold."""
    last = row.until or row.since
    day = row.since
    while day <= last:
        period = period_of(row.period, day, week_start, year_start)
        starts = {day, *(each.since for each in known if day < each.since <= period.last)}
        for since in sorted(starts):
            yield replace(row, since=since, until=period.last, value=_value(known, period, since), order=0)
        day = period.last + DAY


def _value(known: Sequence[Target], period: Period, day: date) -> Decimal | None:
    held = in_force(known, period, day)
    return held.value if held else None


def _line(row: Target) -> tuple[object, ...]:
    return row.metric, row.scope, row.scope_key, row.period
