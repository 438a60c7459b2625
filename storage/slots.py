"""A playlist as JSON. What an older version stored is read; what a newer one added is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from domain.settings import PeriodKind, Slot


def encode(slots: Iterable[Slot]) -> list[dict[str, Any]]:
    """What is stored of each slot: only what differs from a plain one."""
    return [_slot(slot) for slot in slots]


def decode(stored: Sequence[Mapping[str, Any]]) -> tuple[Slot, ...]:
    """The slots again. Raises KeyError, TypeError or ValueError for what is no playlist."""
    return tuple(
        Slot(
            panel=str(each["panel"]),
            seconds=int(each["seconds"]),
            period=PeriodKind(each["period"]),
            metric=each.get("metric"),
            team=each.get("team"),
            top=each.get("top"),
            weekdays=frozenset(map(int, each.get("weekdays", ()))),
            start=_time(each.get("start")),
            end=_time(each.get("end")),
        )
        for each in stored
    )


def _slot(slot: Slot) -> dict[str, Any]:
    told = {
        "metric": slot.metric,
        "team": slot.team,
        "top": slot.top,
        "weekdays": sorted(slot.weekdays) or None,
        "start": slot.start and slot.start.isoformat(),
        "end": slot.end and slot.end.isoformat(),
    }
    told = {key: value for key, value in told.items() if value is not None}
    return {"panel": slot.panel, "seconds": slot.seconds, "period": slot.period.value, **told}


def _time(stored: str | None) -> time | None:
    return None if stored is None else time.fromisoformat(stored)
