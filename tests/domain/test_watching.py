"""A silent screen is missed in working time, not at night, and forgotten after a week."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.settings import Settings
from domain.watching import Standing, standing
from domain.worktime import office_calendar

KYIV = ZoneInfo("Europe/Kyiv")
OFFICE = office_calendar(Settings())


def at(day: int, clock: str) -> datetime:
    """A moment in Kyiv in November 2026; the 20th is a Friday, hours are 9 to 13 and 14 to 18."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(tzinfo=KYIV)


@pytest.mark.parametrize(
    ("heard", "now", "found"),
    [
        (at(20, "14:20"), at(20, "14:26"), Standing.HERE),
        (at(20, "14:00"), at(20, "14:15"), Standing.MISSED),
        (at(19, "18:30"), at(20, "08:59"), Standing.OFF),
        (at(19, "18:00"), at(20, "09:14"), Standing.OFF),
        (at(19, "18:00"), at(20, "09:15"), Standing.MISSED),
        (at(20, "12:50"), at(20, "14:00"), Standing.OFF),
        (at(20, "17:55"), at(22, "23:00"), Standing.OFF),
        (at(20, "17:30"), at(21, "10:00"), Standing.MISSED),
        (at(13, "14:27"), at(20, "14:26"), Standing.MISSED),
        (at(13, "14:26"), at(20, "14:26"), Standing.FORGOTTEN),
    ],
)
def test_what_counts_is_working_time(heard: datetime, now: datetime, found: Standing) -> None:
    assert standing(heard, OFFICE, now) is found


def test_a_clock_that_went_back_finds_the_screen_there() -> None:
    now = at(20, "14:26")
    assert standing(now + timedelta(hours=1), OFFICE, now) is Standing.HERE
