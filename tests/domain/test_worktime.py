"""Working time: who works when, and how much of it has passed, in every zone and on the days the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import Period
from domain.people import Absence, Rep
from domain.periods import period_of
from domain.settings import Hours, PeriodKind, Settings
from domain.worktime import (
    elapsed,
    holidays_known,
    hours_left,
    is_workday,
    passed,
    public_holidays,
    rep_calendar,
    seconds,
    today,
    workdays,
    workdays_left,
    zone_known,
)
from tests.domain.office import OFFICE, TODAY, calendar, kyiv

NOVEMBER = period_of(PeriodKind.MONTH, TODAY)
ALL_DAY = Hours(time(0), time(0), time(0), time(0))
NIGHT = Hours(time(22), time(6), time(2), time(3))


def test_the_office_works_on_its_weekdays() -> None:
    assert is_workday(OFFICE, date(2026, 11, 20))
    assert not is_workday(OFFICE, date(2026, 11, 21))
    assert len(list(workdays(OFFICE, NOVEMBER.first, NOVEMBER.last))) == 21


def test_public_holidays_follow_the_country_and_the_offices_own_exceptions() -> None:
    poland = calendar(country="PL")
    assert not is_workday(poland, date(2026, 11, 11))
    assert is_workday(calendar(country="PL", holidays_removed=frozenset((date(2026, 11, 11),))), date(2026, 11, 11))
    assert not is_workday(calendar(country="PL", holidays_added=frozenset((TODAY,))), TODAY)


def test_a_subdivision_has_its_own_holidays() -> None:
    corpus_christi = date(2026, 6, 4)
    assert corpus_christi in public_holidays("DE-BY", 2026)
    assert corpus_christi not in public_holidays("DE", 2026)


@pytest.mark.parametrize(("country", "offered"), [("Narnia", "UA"), ("DE-XX", "DE-BY")])
def test_an_unknown_country_is_refused_with_the_list(country: str, offered: str) -> None:
    with pytest.raises(ValueError, match=offered):
        public_holidays(country, 2026)
    assert not holidays_known(country)


@pytest.mark.parametrize("zone", ["Mars/Base", "", "America", "../etc/passwd", "Russian Standard Time"])
def test_an_unknown_zone_is_recognised(zone: str) -> None:
    assert not zone_known(zone)
    assert zone_known("America/New_York")


def test_a_rep_has_own_weekdays_zone_absences_and_dates() -> None:
    dasha = Rep(
        "main:3",
        "Dasha",
        zone="America/New_York",
        workdays=frozenset((2, 6)),
        joined=date(2026, 11, 10),
        left=date(2026, 11, 24),
        absences=(Absence(date(2026, 11, 14), date(2026, 11, 14)),),
    )
    own = rep_calendar(Settings(country=None), dasha)
    assert [day.day for day in workdays(own, NOVEMBER.first, NOVEMBER.last)] == [10, 17, 21, 24]
    assert today(own.zone, kyiv(date(2026, 11, 10), "03:00")) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("clock", "part"),
    [("08:59", 0), ("09:00", 0), ("11:00", "1/4"), ("13:30", "1/2"), ("14:30", "9/16"), ("18:00", 1), ("23:00", 1)],
)
def test_the_break_is_no_working_time(clock: str, part: int | str) -> None:
    assert passed(OFFICE, TODAY, kyiv(TODAY, clock)) == Fraction(part)


def test_hours_are_those_of_the_reps_own_zone() -> None:
    new_york = calendar(zone="America/New_York")
    assert passed(new_york, TODAY, kyiv(TODAY, "16:00")) == 0
    assert passed(new_york, TODAY, kyiv(TODAY, "18:00")) == Fraction(1, 4)
    assert hours_left(new_york, TODAY, kyiv(TODAY, "18:00")) == 6


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Kyiv", date(2026, 3, 29), 23),
        ("Europe/Kyiv", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_round_the_clock_day_has_as_many_hours_as_the_zone_gives_it(zone: str, day: date, hours: float) -> None:
    midnight = datetime.combine(day, time(0), ZoneInfo(zone))
    assert seconds(zone, ALL_DAY, day, midnight) == (0, hours * 3600)
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    gone = (noon.astimezone(UTC) - midnight.astimezone(UTC)).total_seconds()
    assert seconds(zone, ALL_DAY, day, noon) == (gone, hours * 3600)


def test_office_hours_are_the_same_length_on_the_day_after_the_clock_changes() -> None:
    for day in (date(2026, 3, 27), date(2026, 3, 30), date(2026, 10, 26)):
        assert passed(OFFICE, day, kyiv(day, "11:00")) == Fraction(1, 4)


def test_a_night_shift_works_at_both_ends_of_its_calendar_day() -> None:
    def gone(clock: str) -> tuple[int, int]:
        return seconds("Europe/Kyiv", NIGHT, TODAY, kyiv(TODAY, clock))

    assert gone("01:00") == (3600, 7 * 3600)
    assert gone("12:00") == (5 * 3600, 7 * 3600)
    assert gone("23:00") == (6 * 3600, 7 * 3600)


def test_hours_that_are_all_break_pass_at_the_end_of_the_day() -> None:
    hours = Hours(time(9), time(18), time(9), time(18))
    assert seconds("Europe/Kyiv", hours, TODAY, kyiv(TODAY, "23:59")) == (0, 1)
    assert seconds("Europe/Kyiv", hours, TODAY, kyiv(TODAY + timedelta(days=1), "00:00")) == (1, 1)


def test_a_month_elapses_by_working_days_and_todays_hours() -> None:
    assert elapsed(OFFICE, NOVEMBER, kyiv(TODAY, "08:00")) == Fraction(14, 21)
    assert elapsed(OFFICE, NOVEMBER, kyiv(TODAY, "13:00")) == Fraction(29, 42)
    assert elapsed(OFFICE, NOVEMBER, kyiv(date(2026, 12, 1), "00:00")) == 1
    assert elapsed(OFFICE, NOVEMBER, kyiv(date(2026, 10, 31), "12:00")) == 0


def test_a_period_in_which_nobody_works_elapses_by_calendar_days() -> None:
    weekend = Period(PeriodKind.WEEK, date(2026, 11, 21), date(2026, 11, 22))
    assert elapsed(OFFICE, weekend, kyiv(date(2026, 11, 22), "13:00")) == Fraction(3, 4)


def test_working_days_left_count_what_is_left_of_today() -> None:
    assert workdays_left(OFFICE, NOVEMBER, kyiv(TODAY, "11:00")) == 6 + Fraction(3, 4)
    assert workdays_left(OFFICE, NOVEMBER, kyiv(date(2026, 11, 21), "11:00")) == 6
    assert workdays_left(OFFICE, NOVEMBER, kyiv(date(2026, 12, 1), "11:00")) == 0
    assert workdays_left(OFFICE, NOVEMBER, kyiv(date(2026, 10, 1), "11:00")) == 21


@given(
    st.sampled_from(("Europe/Kyiv", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Australia/Lord_Howe")),
    st.sampled_from((Hours(), ALL_DAY, NIGHT, Hours(time(0), time(8, 30), time(3), time(3, 20)))),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(0, 30 * 60), min_size=2, max_size=2),
)
def test_the_day_only_ever_moves_forward(zone: str, hours: Hours, day: date, minutes: list[int]) -> None:
    begin = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
    earlier, later = (seconds(zone, hours, day, begin + timedelta(minutes=m)) for m in sorted(minutes))
    assert 0 <= earlier[0] <= later[0] <= later[1] == earlier[1]
