"""The cursor: how far each stream was read, what is under way, and what the limits remember."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

VERSION = 1


@dataclass(slots=True)
class Run:
    """One walk over all streams, from its start to its end; a first read takes many syncs, a poll one step.

    `server` is the portal's clock when it began and `local` ours, in milliseconds. `last` is the id that each stream
    was read up to, `counts` the rows so far, `done` the streams that are finished, `total` what a first read expects.
    """

    server: int = 0
    local: int = 0
    first: bool = False
    last: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    total: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything that a restart must not miss. Milliseconds since 1970 throughout.

    `marks`: for each stream read by id alone, pairs (local time, highest id seen by then).
    `since`: for each stream read by time of change, up to when (the portal's clock) it is complete.
    `fresh`: for each stream, up to when (our clock) it is complete.
    `seen`: fingerprints of rows inside the overlap, so that a quiet portal stays quiet.
    `off`: streams that cannot be read, and why. `read` = the first read is over; `complete` = so is the poll after it.
    """

    first_day: str = ""
    host: str | None = None
    naive: bool | None = None
    offset: int = 0
    old_methods: bool = False
    calls: str | None = None
    since: dict[str, int] = field(default_factory=dict)
    fresh: dict[str, int] = field(default_factory=dict)
    marks: dict[str, list[list[int]]] = field(default_factory=dict)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    off: dict[str, str] = field(default_factory=dict)
    run: Run | None = None
    read: bool = False
    complete: bool = False
    people_at: int = 0
    people_pages: int = 1
    census: list[str] = field(default_factory=list)
    census_last: int = 0
    census_run: int = 0
    census_read: int = 0
    census_total: int = 0
    meter: dict[str, list[float]] = field(default_factory=dict)
    bucket: list[float] = field(default_factory=list)
    width: int = 50
    choice: str = ""

    def dump(self) -> str:
        """The cursor."""
        return json.dumps({"v": VERSION, **asdict(self)}, separators=(",", ":"), ensure_ascii=False)

    def as_of(self) -> datetime | None:
        """The instant up to which everything that can be read is complete; None during a first read."""
        if not self.complete or not self.fresh:
            return None
        return datetime.fromtimestamp(min(self.fresh.values()) / 1000, UTC)


def load(cursor: str | None, since: date, choice: str) -> State:
    """The state in a cursor; a fresh one where there is none, or where it was written by other rules."""
    kept = _decoded(cursor)
    if kept.pop("v", None) != VERSION or kept.get("choice") != choice:
        return State(first_day=since.isoformat(), choice=choice, **_limits(kept))
    known = {entry.name for entry in fields(State)}
    state = State(**{name: value for name, value in kept.items() if name in known})
    state.run = Run(**kept["run"]) if kept.get("run") else None
    return state


def _limits(kept: dict[str, Any]) -> dict[str, Any]:
    # A new beginning does not empty the portal's buckets.
    return {name: kept[name] for name in ("meter", "bucket", "host") if kept.get(name)}


def _decoded(cursor: str | None) -> dict[str, Any]:
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
