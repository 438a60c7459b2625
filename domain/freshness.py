"""Freshness: how old the numbers of each source are, and which metrics no source can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.board import SourceHealth, SourceState
from domain.connections import TOLD
from domain.facts import Lack
from domain.metrics import needs_of

# Late numbers are grey, stale ones are too old to act on.
_LIVE = timedelta(seconds=90)
_LATE = timedelta(minutes=15)
_MISSED_POLLS = 3


@dataclass(frozen=True, slots=True)
class Connection:
    """An enabled source as the store knows it. `as_of` None = never complete yet. Of one that is never asked it is
    when something was last sent.

    `fault` is what keeps it from being read (throttled, needs_login or error), None when nothing does. `missing` is
    what it cannot give, and why.
    """

    name: str
    kind: str
    as_of: datetime | None
    poll_seconds: int
    fault: SourceHealth | None = None
    problem: str | None = None
    missing: Mapping[Lack, str] = field(default_factory=dict)


def state(connection: Connection, now: datetime) -> SourceState:
    """How a connection is doing: its fault, else by the age of its numbers."""
    return SourceState(
        name=connection.name,
        kind=connection.kind,
        health=connection.fault or _by_age(connection, now),
        as_of=connection.as_of,
        problem=connection.problem,
        poll_seconds=connection.poll_seconds,
    )


def oldest(connections: Sequence[Connection]) -> datetime | None:
    """The instant up to which all numbers are complete: the oldest of the sources that have been complete once.

    None when none has. A source on its first read beside others is left out: its own state tells of it. So are
    those that are never asked, whose silence says nothing; where there are no others, it is the last that was sent.
    """
    asked = [each.as_of for each in connections if each.kind not in TOLD and each.as_of is not None]
    told = [each.as_of for each in connections if each.kind in TOLD and each.as_of is not None]
    return min(asked) if asked else max(told, default=None)


def live_seconds(poll_seconds: int) -> int:
    """Numbers younger than this are live."""
    return int(max(_LIVE, timedelta(seconds=_MISSED_POLLS * poll_seconds)).total_seconds())


def missing(key: str, connections: Sequence[Connection]) -> str | None:
    """Why no source can give a metric, one reason for each; None when at least one can."""
    if not connections:
        return "No source is connected."
    reasons = {}
    for connection in connections:
        lacking = [reason for lack, reason in connection.missing.items() if lack in needs_of(key)]
        if not lacking:
            return None
        reasons[connection.name] = lacking[0]
    if len(reasons) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _by_age(connection: Connection, now: datetime) -> SourceHealth:
    if connection.kind in TOLD:
        return SourceHealth.LISTENING
    if connection.as_of is None:
        return SourceHealth.STALE
    age = now - connection.as_of
    live = timedelta(seconds=live_seconds(connection.poll_seconds))
    if age < live:
        return SourceHealth.LIVE
    return SourceHealth.LATE if age <= max(_LATE, live) else SourceHealth.STALE
