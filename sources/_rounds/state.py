"""The cursor: what each list can do and how far it was read, as JSON in the store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

VERSION = 1


@dataclass(slots=True)
class Live:
    """Following what changes in a list. Milliseconds: `top` is the newest stamp up to which everything was seen.

    Of the walk under way: `low` and `newest` stamp, next `page`, rows to a page, `total` told last, when it `began`.
    `read_at` is when the last finished walk began.
    """

    top: int = 0
    low: int = 0
    newest: int = 0
    page: int = 0
    size: int = 0
    total: int | None = None
    began: int = 0
    read_at: int = 0


@dataclass(slots=True)
class Round:
    """Walking through all of a list. `number` counts the walks, `page` 0 = none is under way.

    `checking` = every page was read, and what was not met is being asked for one by one. `took` in milliseconds and
    `pages` are of the last one; `due` = another one is wanted at once. `late` = rows that following should have met.
    """

    number: int = 0
    page: int = 0
    size: int = 0
    total: int | None = None
    began: int = 0
    newest: int = 0
    rows: int = 0
    checking: bool = False
    read_at: int = 0
    pages: int = 0
    took: int = 0
    due: bool = False
    late: int = 0


@dataclass(slots=True)
class Reading:
    """One list: how it is kept up to date, since when that is known, and both ways of reading it.

    `denied` is why it cannot be read, `until` the millisecond at which to ask again. `doubt`: what was found out about
    the list did not hold.
    """

    way: str = ""
    filter: str = ""
    learned: int = 0
    doubt: bool = False
    denied: str = ""
    until: int = 0
    live: Live = field(default_factory=Live)
    round: Round = field(default_factory=Round)


@dataclass(slots=True)
class State:
    """Everything that a sync has to know of the ones before. `since` is the first instant wanted, milliseconds."""

    generation: str
    rules: str
    since: int
    first: bool = True
    lists: dict[str, Reading] = field(default_factory=dict)

    def reading(self, name: str) -> Reading:
        """How far this list is; at first, nothing of it was read."""
        return self.lists.setdefault(name, Reading())

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
        told["lists"] = {name: _reading(each) for name, each in told["lists"].items()}
        names = {each.name for each in fields(State)}
        return State(**{key: value for key, value in told.items() if key in names})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _reading(told: dict[str, Any]) -> Reading:
    return Reading(**{**told, "live": Live(**told["live"]), "round": Round(**told["round"])})
