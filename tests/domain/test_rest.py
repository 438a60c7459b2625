"""When a wall may rest: by the calendars of those who work before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.celebrations import is_quiet
from domain.periods import DAY, days_between
from domain.rest import AHEAD, MARGIN, Span, awake
from domain.settings import Celebrating, Hours, Settings
from domain.worktime import Calendar, office_calendar, shift

FRIDAY = date(2026, 11, 20)
OFFICE = office_calendar(Settings(country=None))
NIGHT = Hours(time(22), time(6))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant in Kyiv, two hours before UTC in winter."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


def spans(*calendars: Calendar) -> tuple[Span, ...]:
    return awake(calendars, FRIDAY)


def test_a_working_day_begins_half_an_hour_early_and_ends_half_an_hour_late_without_a_break() -> None:
    assert spans(OFFICE)[:3] == (
        Span(at(19, 8, 30), at(19, 18, 30)),
        Span(at(20, 8, 30), at(20, 18, 30)),
        Span(at(23, 8, 30), at(23, 18, 30)),
    )


def test_the_hours_of_two_weeks_are_known() -> None:
    assert spans(OFFICE)[-1].end >= at(20, 0) + AHEAD - timedelta(days=1)


def test_a_holiday_is_slept_through() -> None:
    days = [span.start.date() for span in awake((office_calendar(Settings(country="DE")),), date(2026, 12, 24))]
    assert days[:3] == [date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 28)]


def test_a_night_shift_is_one_stretch_from_the_day_on_which_it_begins() -> None:
    night = replace(OFFICE, hours=NIGHT)
    assert spans(night)[:3] == (
        Span(at(19, 21, 30), at(20, 6, 30)),
        Span(at(20, 21, 30), at(21, 6, 30)),
        Span(at(23, 21, 30), at(24, 6, 30)),
    )
    assert spans(replace(OFFICE, hours=Hours(time(16), time(0))))[1] == Span(at(20, 15, 30), at(21, 0, 30))


@pytest.mark.parametrize(
    ("zone", "hours", "first"),
    [
        ("Europe/Kyiv", NIGHT, FRIDAY),
        ("Europe/Kyiv", Hours(time(20), time(3, 30)), date(2026, 3, 27)),
        ("Europe/Kyiv", Hours(time(20), time(3, 30)), date(2026, 10, 23)),
        ("Africa/Cairo", Hours(time(16), time(0)), date(2026, 4, 22)),
        ("America/New_York", Hours(time(22), time(2, 15)), date(2026, 3, 6)),
        ("America/New_York", Hours(time(22), time(1, 30)), date(2026, 10, 30)),
        ("Europe/Kyiv", Hours(time(9), time(18)), FRIDAY),
        ("Europe/Kyiv", Hours(time(9), time(9)), FRIDAY),
    ],
)
def test_within_a_shift_the_wall_is_awake_and_a_working_day_is_not_quiet(zone: str, hours: Hours, first: date) -> None:
    rules = Celebrating(workdays_only=True)
    off = frozenset((first + timedelta(days=5),))
    worked = frozenset(range(1, 8)) if first.month in (3, 10) else frozenset(range(1, 6))
    settings = Settings(
        country=None, hours=hours, timezone=zone, celebrating=rules, workdays=worked, holidays_added=off
    )
    found = awake((office_calendar(settings),), first)
    shifts = [shift(office_calendar(settings), day) for day in days_between(first - DAY, first + 8 * DAY)]
    begin = datetime.combine(first, time(0), ZoneInfo(zone)).astimezone(UTC)
    for instant in (begin + timedelta(minutes=5 * step) for step in range(8 * 24 * 12)):
        at_work = any(start <= instant < end for start, end in shifts) and not is_quiet(settings, instant)
        is_awake = any(span.start + MARGIN <= instant < span.end - MARGIN for span in found)
        assert at_work is is_awake, instant


def test_round_the_clock_is_one_stretch() -> None:
    always = replace(OFFICE, hours=Hours(time(0), time(0)), workdays=frozenset(range(1, 8)))
    assert len(spans(always)) == 1


def test_several_calendars_are_awake_while_anybody_works() -> None:
    lisbon = replace(OFFICE, zone="Europe/Lisbon")
    saturday = replace(OFFICE, workdays=frozenset((6,)), hours=Hours(time(10), time(14)))
    assert spans(OFFICE, lisbon, saturday)[1:3] == (
        Span(at(20, 8, 30), at(20, 20, 30)),
        Span(at(21, 9, 30), at(21, 14, 30)),
    )


def test_the_change_of_the_clocks_moves_the_hours_with_it() -> None:
    before, after = awake((OFFICE,), date(2026, 10, 26))[:2]
    assert [span.start.hour for span in (before, after)] == [6, 6]
    assert [span.start.date() for span in (before, after)] == [date(2026, 10, 26), date(2026, 10, 27)]
    summer = awake((OFFICE,), date(2026, 10, 23))[0]
    assert (summer.start.hour, summer.start.minute) == (5, 30)


def test_who_never_works_has_no_hours() -> None:
    assert spans(replace(OFFICE, left=date(2020, 1, 1))) == ()
