"""The cursor of an Odoo: how far each list was read, as JSON in the store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sources._odoo.values import instant, said

VERSION = 1
# A row bears the start of the transaction that wrote it, and is seen when that ends.
OVERLAP = timedelta(minutes=10)
_MS = timedelta(milliseconds=1)


@dataclass(slots=True)
class Span:
    """How far one list was read. Times of change are Odoo's own, in its words; `moved_at` is milliseconds of ours.

    `base` is what the next walk begins some minutes before; `last` the number that this walk has come to, `anchor` the
    `base` that it will leave behind. `quiet` = nothing has changed for as long as rows may be late, so that what was
    last seen need not be read again: after an import thousands of rows bear one time. `marks` are the numbers reached
    in the last minutes, `[ms, number]`, of a list to which rows are only added.
    """

    base: str
    read: bool = False
    walking: bool = False
    last: int = 0
    anchor: str = ""
    moved_at: int = 0
    quiet: bool = False
    marks: list[list[int]] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def low(self) -> str:
        """The time of change from which this walk reads."""
        base = instant(self.base) or datetime.min.replace(tzinfo=UTC)
        if not self.read:
            return self.base
        return said(base + timedelta(seconds=1) if self.quiet else base - OVERLAP)

    def finish(self, now_ms: int) -> None:
        """The walk has come to the end."""
        if self.anchor > self.base or not self.read:
            self.base, self.moved_at = max(self.anchor, self.base), now_ms
        self.quiet = now_ms - self.moved_at >= OVERLAP / _MS
        self.read, self.walking, self.last, self.anchor = True, False, 0, ""

    def reached(self, number: int, now_ms: int) -> None:
        """The walk through a list that only grows has come to the end, at this number."""
        self.marks.append([now_ms, max([number, *(mark[1] for mark in self.marks)])])
        while len(self.marks) > 1 and self.marks[1][0] <= now_ms - OVERLAP / _MS:
            self.marks.pop(0)
        self.read, self.walking, self.last = True, False, 0


@dataclass(slots=True)
class State:
    """Everything that a sync has to know of the ones before. `account` and `rules` tell what it was read from and by.

    `since` is the first instant wanted. `began` and `as_of` are milliseconds. `denied` maps a list to the reason why it
    cannot be read and the millisecond at which to ask again. `census` are the families still to be compared;
    `counted_at`, `planned_at` are when the deals' numbers and plans were last gone through.
    """

    account: str
    rules: str
    since: str
    complete: bool = False
    began: int | None = None
    as_of: int | None = None
    spans: dict[str, Span] = field(default_factory=dict)
    denied: dict[str, list[Any]] = field(default_factory=dict)
    census: list[str] = field(default_factory=list)
    counted_at: int = 0
    planned_at: int = 0
    hidden: bool = False

    def span(self, name: str) -> Span:
        """How far this list was read; at first, nothing of it."""
        return self.spans.setdefault(name, Span(base=self.since))

    def forget(self, name: str) -> None:
        """Read this list anew."""
        self.spans.pop(name, None)

    def dump(self) -> str:
        """As JSON."""
        return json.dumps({"v": VERSION, **asdict(self)}, separators=(",", ":"))


def parse(cursor: str | None) -> State | None:
    """A cursor of ours; None where there is none, or it was written by a version that read otherwise."""
    if not cursor:
        return None
    try:
        told: dict[str, Any] = json.loads(cursor)
        if told.pop("v", None) != VERSION:
            return None
        told["spans"] = {name: Span(**span) for name, span in told["spans"].items()}
        names = {each.name for each in fields(State)}
        return State(**{key: value for key, value in told.items() if key in names})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
