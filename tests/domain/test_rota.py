"""A month at a glance: each day has one mark, and only worked days have hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from fractions import Fraction

from domain.people import Absence
from domain.rota import Mark, mark, rota
from domain.settings import Hours, Settings
from domain.worktime import is_workday, office_calendar, rep_calendar
from tests.domain.office import OLENA, calendar

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
SATURDAY, MONDAY = date(2026, 11, 21), date(2026, 11, 23)


def test_a_plain_november_has_21_days_of_8_hours() -> None:
    found = rota(calendar(), FIRST, LAST)
    assert (len(found.marks), found.days, found.hours) == (30, 21, Fraction(168))
    half = calendar(hours=Hours(time(9), time(16, 30), time(13), time(14)))
    assert rota(half, FIRST, LAST).hours == Fraction(21 * 13, 2)


def test_each_day_has_the_mark_that_says_most_about_it() -> None:
    leave = (Absence(date(2026, 11, 12), date(2026, 11, 16)), Absence(date(2026, 11, 18), date(2026, 11, 18), False))
    days = calendar(
        joined=date(2026, 11, 4), left=date(2026, 11, 26), absences=leave, holidays_added=frozenset((MONDAY,))
    )
    marks = rota(days, FIRST, LAST).marks
    assert [marks[day - 1] for day in (3, 4, 12, 14, 16, 18, 21, 23, 27)] == [
        Mark.NOT_YET, Mark.WORK, Mark.AWAY, Mark.OFF, Mark.AWAY, Mark.KEPT, Mark.OFF, Mark.HOLIDAY, Mark.LEFT
    ]  # fmt: skip
    assert rota(days, FIRST, LAST).days == sum(is_workday(days, date(2026, 11, day)) for day in range(1, 31))


def test_a_worked_saturday_is_worked_by_all_whose_week_is_the_offices() -> None:
    settings = Settings(country=None, workdays_added=frozenset((SATURDAY,)))
    assert mark(office_calendar(settings), SATURDAY) is Mark.WORK
    assert mark(rep_calendar(settings, OLENA), SATURDAY) is Mark.WORK
    part_time = rep_calendar(settings, replace(OLENA, workdays=frozenset((1, 2))))
    assert mark(part_time, SATURDAY) is Mark.OFF
    assert not is_workday(part_time, date(2026, 11, 20))


def test_a_holiday_that_is_worked_is_no_holiday() -> None:
    christmas = date(2026, 12, 25)
    for settings, expected in (
        (Settings(country="DE"), Mark.HOLIDAY),
        (Settings(country="DE", holidays_removed=frozenset((christmas,))), Mark.WORK),
        (Settings(country="DE", workdays_added=frozenset((christmas,))), Mark.WORK),
    ):
        assert mark(office_calendar(settings), christmas) is expected
