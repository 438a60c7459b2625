"""What a file of targets would change: what is new, other, withdrawn or as it was; and the token of exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from domain.periods import period_of
from domain.targets import Target, in_force


class Fate(StrEnum):
    """What becomes of a target."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a file: the target to record, and what held before. `order` of the target is the row."""

    fate: Fate
    target: Target
    old: Decimal | None


def plan(
    wanted: Sequence[Target], stored: Iterable[Target], today: date, week_start: int = 1, year_start: int = 1
) -> list[Step]:
    """What each row does. What changes in the period under way holds from today on; what is new in it, from its start.

    The rows of the file and all recorded targets, in the order of recording.
    """
    lines: dict[tuple[object, ...], list[Target]] = {}
    for row in stored:
        lines.setdefault(_line(row), []).append(row)
    return [_step(target, lines.get(_line(target), []), today, week_start, year_start) for target in wanted]


def token(steps: Iterable[Step]) -> str:
    """What these steps record, as one short text: other for any other change."""
    said = [f"{_line(s.target)}{s.target.since}{s.target.until}{s.target.value}{s.old}" for s in news(steps)]
    return sha256("\n".join(said).encode()).hexdigest()


def news(steps: Iterable[Step]) -> list[Step]:
    """Those that change something."""
    return [step for step in steps if step.fate is not Fate.SAME]


def in_effect(stored: Iterable[Target], week_start: int = 1, year_start: int = 1) -> list[Target]:
    """One target for each line and span of whole periods, the one recorded last: what an export shows."""
    found: dict[tuple[object, ...], Target] = {}
    for row in stored:
        first = period_of(row.period, row.since, week_start, year_start).first
        found[(*_line(row), first, row.until)] = replace(row, since=first)
    return [row for row in found.values() if row.value is not None]


def _step(target: Target, known: Sequence[Target], today: date, week_start: int, year_start: int) -> Step:
    period = period_of(target.period, target.since, week_start, year_start)
    # One that stands is compared with what stands: a bounded one of the same period goes on winning over it.
    others = [row for row in known if row.until is None] if target.until is None else known
    held = in_force(others, period, max(today, period.first))
    old = held.value if held else None
    whole = target.until in (None, period.last) or (held is not None and held.until == target.until)
    if old == target.value and (whole or target.value is None):
        return Step(Fate.SAME, target, old)
    fate = Fate.WITHDRAWN if target.value is None else Fate.ADDED if old is None else Fate.CHANGED
    under_way = period.first < today <= period.last
    return Step(fate, target if old is None or not under_way else replace(target, since=today), old)


def _line(row: Target) -> tuple[object, ...]:
    return row.metric, row.scope, row.scope_key, row.period.value
