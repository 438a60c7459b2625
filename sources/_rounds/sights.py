"""When something happened, where the CRM says the day at most: the first time that it was seen so is the nearest."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sources._rounds.memory import Memory
from sources._rounds.values import When, flag, instant, ms, when


def closed(memory: Memory, mark: str, day: When | None, seen: datetime, zone: ZoneInfo) -> When:
    """When a deal was closed: on its closing `day`, at the hour of the first sight where that was the same day."""
    sight = instant(memory.sight(mark, ms(seen)))
    if day is None:
        return When(sight)
    return When(sight, day.on) if day.on and sight.astimezone(zone).date() == day.on else day


def done(memory: Memory, mark: str, told: object, seen: datetime, zone: ZoneInfo) -> When | None:
    """When something was done, from a date, or from a yes: then at the first sight of it. None = not done."""
    found = when(told, zone)
    if found or not flag(told) or str(told).startswith("0000"):
        memory.unsee(mark)
        return found
    return When(instant(memory.sight(mark, ms(seen))))
