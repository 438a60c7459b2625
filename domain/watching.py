"""Watching over screens: which are there, which are missed in working time, which nobody remembers."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.periods import days_between
from domain.worktime import Calendar, is_regular, seconds, today

# So long a screen may be silent in working time before somebody should look at it.
_MISSED_AFTER = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=7)


class Standing(StrEnum):
    """How a screen is doing: there, off (outside working time), missed in working time, forgotten for a week."""

    HERE = "here"
    OFF = "off"
    MISSED = "missed"
    FORGOTTEN = "forgotten"


def standing(heard: datetime, office: Calendar, now: datetime) -> Standing:
    """How a screen is doing that was last heard of at `heard`."""
    if now - heard >= _FORGOTTEN_AFTER:
        return Standing.FORGOTTEN
    if now - heard < _MISSED_AFTER:
        return Standing.HERE
    return Standing.MISSED if _worked(office, heard, now) >= _MISSED_AFTER else Standing.OFF


def _worked(office: Calendar, since: datetime, until: datetime) -> timedelta:
    """The office's working time between two instants."""
    days = days_between(today(office.zone, since), today(office.zone, until))
    hours = (
        seconds(office.zone, office.hours, day, until)[0] - seconds(office.zone, office.hours, day, since)[0]
        for day in days
        if is_regular(office, day)
    )
    return timedelta(seconds=sum(hours))
