"""The cursor of a Kommo account: how far each list was read, as JSON in the store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

VERSION = 1
# Kommo may show a row some minutes late, with an old time on it.
OVERLAP_S = 600


@dataclass(slots=True)
class Span:
    """How far one list was read. Seconds are unix seconds, as Kommo writes them.

    `top` is the newest second seen, `old_top` what it was before this walk; `low`..`high` is what this walk has still
    to read. `moved_at` is when `top` last grew by our own clock; `settled` is a `top` whose overlap need not be read
    again. `margin` see Walk. `page` is the next one where a list can only be turned page by page.
    """

    top: int
    low: int
    old_top: int = 0
    high: int | None = None
    walking: bool = True
    pages: int = 0
    moved_at: int = 0
    settled: int = -1
    margin: int = 1
    page: int = 1

    def begin(self, since: int) -> None:
        """Start a new walk unless one is under way: some minutes before the newest row, for rows that come late.

        After a mass change those minutes may hold thousands of rows; once they have been quiet for as long as rows
        may be late, they are not read again.
        """
        if self.walking:
            return
        self.low = self.top + 1 if self.settled == self.top else max(since, self.top - OVERLAP_S)
        self.high, self.walking, self.pages, self.page, self.old_top = None, True, 0, 1, self.top

    def saw(self, stamps: Iterable[int], now: int) -> None:
        """Rows of these seconds were read."""
        newest = max(stamps, default=self.top)
        if newest > self.top:
            self.top, self.moved_at = newest, now

    def finish(self, now: int) -> None:
        """The walk reached the end."""
        self.walking = False
        if self.pages > 1 and now - self.moved_at >= OVERLAP_S:
            self.settled = self.top


@dataclass(slots=True)
class State:
    """Everything that a sync has to know of the ones before. `generation` names the memory that belongs to it.

    `reading` = the first read is under way, `fed` = the event feed was read to its end once. `began` and `as_of` are
    milliseconds. `denied` maps a list to the reason why it cannot be read and the second at which to ask again.
    `handled` are events that have been acted upon, `linked` are invoices whose deal became known. `census` are the
    lists still to be compared, -1 = not begun. The rest is of a list of invoices that cannot be asked by time: when it
    was walked through, how many pages it had, the next page of a walk without haste, whether something moved since.
    """

    generation: str
    rules: str
    since: int
    reading: bool = True
    fed: bool = False
    began: int | None = None
    as_of: int | None = None
    rows: int = 0
    blocks: int = 0
    unfiltered: bool = False
    spans: dict[str, Span] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    denied: dict[str, tuple[str, int]] = field(default_factory=dict)
    handled: dict[str, int] = field(default_factory=dict)
    linked: list[int] = field(default_factory=list)
    census: dict[str, int] = field(default_factory=dict)
    walked_at: int = 0
    walk_pages: int = 0
    walk_next: int = 1
    dirty: bool = False
    by_time: bool = True

    def span(self, name: str) -> Span:
        """How far this list was read; at first, nothing of it."""
        return self.spans.setdefault(name, Span(top=self.since, low=self.since))

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
        told["denied"] = {name: (str(why), int(until)) for name, (why, until) in told["denied"].items()}
        names = {each.name for each in fields(State)}
        return State(**{key: value for key, value in told.items() if key in names})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
