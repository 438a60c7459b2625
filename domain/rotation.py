"""Rotation: which slots of a playlist are on at an instant, and how long a round takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.settings import Slot
from domain.worktime import zone_known

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)


def on_now(slots: Iterable[Slot], zone: str, now: datetime) -> tuple[Slot, ...]:
    """The slots that are on at this instant by the clock of that zone (UTC for an unknown one), in their order."""
    local = now.astimezone(ZoneInfo(zone if zone_known(zone) else "UTC"))
    return tuple(slot for slot in slots if is_on(slot, local))


def is_on(slot: Slot, local: datetime) -> bool:
    """Whether a slot is on at a local time. Hours around midnight belong to the day on which they begin."""
    start, end, clock = slot.start or _MIDNIGHT, slot.end or _MIDNIGHT, local.time()
    if start < end:
        return start <= clock < end and _on_day(slot, local)
    return (clock >= start and _on_day(slot, local)) or (clock < end and _on_day(slot, local - _DAY))


def round_seconds(slots: Iterable[Slot]) -> int:
    """How long one round through all of them takes."""
    return sum(slot.seconds for slot in slots)


def _on_day(slot: Slot, local: datetime) -> bool:
    return not slot.weekdays or local.isoweekday() in slot.weekdays
