"""Periods: every day lies in exactly one of each kind, and they follow one another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import days, period_of, previous
from domain.settings import PeriodKind


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        (PeriodKind.DAY, date(2026, 11, 20), date(2026, 11, 20)),
        (PeriodKind.WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        (PeriodKind.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (PeriodKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        (PeriodKind.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_its_calendar_periods(kind: PeriodKind, first: date, last: date) -> None:
    period = period_of(kind, date(2026, 11, 20))
    assert (period.first, period.last) == (first, last)


def test_a_week_may_start_on_sunday() -> None:
    week = period_of(PeriodKind.WEEK, date(2026, 11, 22), week_start=7)
    assert (week.first, week.last) == (date(2026, 11, 22), date(2026, 11, 28))


def test_quarters_follow_a_fiscal_year_that_starts_in_july() -> None:
    year = period_of(PeriodKind.YEAR, date(2026, 2, 28), year_start=7)
    quarter = period_of(PeriodKind.QUARTER, date(2026, 2, 28), year_start=7)
    assert (year.first, year.last) == (date(2025, 7, 1), date(2026, 6, 30))
    assert (quarter.first, quarter.last) == (date(2026, 1, 1), date(2026, 3, 31))


def test_february_of_a_leap_year_has_29_days() -> None:
    assert len(list(days(period_of(PeriodKind.MONTH, date(2028, 2, 1))))) == 29


@given(
    st.sampled_from(PeriodKind),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 7),
    st.integers(1, 12),
)
def test_periods_hold_their_day_and_follow_without_a_gap(
    kind: PeriodKind, day: date, week_start: int, year_start: int
) -> None:
    period = period_of(kind, day, week_start, year_start)
    assert period.first <= day <= period.last
    assert all(period_of(kind, edge, week_start, year_start) == period for edge in (period.first, period.last))
    assert previous(period, week_start, year_start).last == period.first - timedelta(days=1)
