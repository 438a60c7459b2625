"""Which panels are on: Friday's calls until noon, the night shift's board, a board for Mondays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rotation import is_on, on_now, round_seconds
from domain.settings import Slot

KYIV = ZoneInfo("Europe/Kyiv")
NIGHT = Slot("calls", 10, weekdays=frozenset((5,)), start=time(22), end=time(6))


def at(day: int, clock: str) -> datetime:
    """A moment in Kyiv in November 2026; the 20th is a Friday."""
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), KYIV)


@pytest.mark.parametrize(
    ("clock", "on"), [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("00:00", False)]
)
def test_hours_hold_from_their_first_minute_up_to_their_last(clock: str, on: bool) -> None:
    assert is_on(Slot("calls", 10, start=time(9), end=time(12)), at(20, clock)) is on


@pytest.mark.parametrize(
    ("day", "clock", "on"),
    [
        (20, "21:59", False),
        (20, "22:00", True),
        (21, "00:00", True),
        (21, "05:59", True),
        (21, "06:00", False),
        (21, "22:00", False),
        (20, "05:00", False),
    ],
)
def test_hours_around_midnight_belong_to_the_day_on_which_they_begin(day: int, clock: str, on: bool) -> None:
    assert is_on(NIGHT, at(day, clock)) is on


@pytest.mark.parametrize(("start", "end"), [(time(9), None), (None, time(9)), (None, None), (time(9), time(9))])
def test_an_end_that_is_left_open_is_the_end_of_the_day(start: time | None, end: time | None) -> None:
    slot = Slot("calls", 10, start=start, end=end)
    assert is_on(slot, at(20, "23:59")) is (start is not None or end is None)
    assert is_on(slot, at(20, "08:00")) is (start is None or end is not None)


def test_the_clock_is_the_offices() -> None:
    morning = Slot("calls", 10, start=time(9), end=time(10))
    assert on_now([morning], "Europe/Kyiv", datetime(2026, 11, 20, 7, 30, tzinfo=UTC)) == (morning,)
    # Summer time: an hour earlier by the world's clock.
    assert on_now([morning], "Europe/Kyiv", datetime(2026, 7, 20, 6, 30, tzinfo=UTC)) == (morning,)
    assert on_now([morning], "America/New_York", datetime(2026, 11, 20, 7, 30, tzinfo=UTC)) == ()


def test_a_round_lasts_as_long_as_all_its_panels() -> None:
    assert round_seconds((NIGHT, Slot("emails", 12))) == 22


@given(st.times(), st.times(), st.datetimes(timezones=st.just(KYIV)))
def test_the_hours_of_a_slot_and_the_hours_without_it_never_overlap(start: time, end: time, moment: datetime) -> None:
    on = is_on(Slot("calls", 10, start=start, end=end), moment)
    off = is_on(Slot("calls", 10, start=end, end=start), moment)
    assert on is not off or start == end
