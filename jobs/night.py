"""The night: when the quiet work is due, by the office's clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_HOUR = 3


def night_of(now: datetime, timezone: str) -> date:
    """The last day whose hour of night work (03:00 in the office) has come."""
    local = now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return (local - timedelta(hours=_HOUR)).date()
