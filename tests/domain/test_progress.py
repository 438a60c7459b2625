"""Progress: what is expected by now, the verdict, and what is needed from now on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import Progress, RequiredRate, Status
from domain.periods import period_of
from domain.progress import Due, due, expected, pace, progress
from domain.settings import PeriodKind
from tests.domain.office import OFFICE, TODAY, calendar, kyiv

DAY = period_of(PeriodKind.DAY, TODAY)
NOVEMBER = period_of(PeriodKind.MONTH, TODAY)


def of_day(actual: int | str | None, target: int | str | None, clock: str = "14:30", higher: bool = True) -> Progress:
    """A rep's day at a time by the clock."""
    at = pace(OFFICE, DAY, kyiv(TODAY, clock))
    plan = None if target is None else Decimal(target)
    what = None if plan is None else expected(Due(plan, Decimal(0), plan), at)
    return progress(None if actual is None else Decimal(actual), plan, what, at, higher)


def test_todays_target_is_expected_by_the_part_of_the_hours_that_has_passed() -> None:
    olena = of_day(12, 16)
    assert (olena.expected, olena.gap, olena.elapsed) == (Decimal(9), Decimal(3), Decimal("0.5625"))
    assert olena.attainment == Decimal("0.75")
    assert olena.status is Status.AHEAD


def test_finished_days_are_expected_in_full_and_coming_ones_not_at_all() -> None:
    daily = {date(2026, 11, day): Decimal(8) for day in (18, 19, 20, 23)}
    what = due(daily, TODAY)
    assert what == Due(Decimal(32), Decimal(16), Decimal(8))
    assert what is not None
    assert expected(what, pace(OFFICE, NOVEMBER, kyiv(TODAY, "11:00"))) == 18


def test_after_closing_the_days_target_is_expected_exactly() -> None:
    assert of_day(0, "0.3333333", "18:00").expected == Decimal("0.3333333")


def test_no_shares_are_no_target() -> None:
    assert due({}, TODAY) is None


@pytest.mark.parametrize(
    ("actual", "clock", "status"),
    [
        ("9", "14:30", Status.AHEAD),
        ("8.99", "14:30", Status.BEHIND),
        ("7.65", "14:30", Status.BEHIND),
        ("7.64", "14:30", Status.FAR_BEHIND),
        ("0", "10:35", Status.TOO_EARLY),
        ("0", "10:36", Status.FAR_BEHIND),
        ("16", "09:10", Status.MET),
        ("15", "20:00", Status.BEHIND),
        ("0", "07:00", Status.TOO_EARLY),
    ],
)
def test_the_verdict_follows_the_gap(actual: str, clock: str, status: Status) -> None:
    assert of_day(actual, 16, clock).status is status


def test_without_a_target_there_is_no_verdict_and_no_attainment() -> None:
    nikita = of_day(12, None)
    assert nikita.status is Status.NO_TARGET
    assert (nikita.target, nikita.expected, nikita.attainment, nikita.gap, nikita.required_rate) == (None,) * 5


def test_a_target_of_zero_is_met_and_has_no_attainment() -> None:
    nikita = of_day(0, 0)
    assert (nikita.status, nikita.attainment, nikita.required_rate) == (Status.MET, None, None)


def test_what_is_not_known_has_no_verdict() -> None:
    dasha = of_day(None, 16)
    assert (dasha.actual, dasha.gap, dasha.projected, dasha.status) == (None, None, None, Status.TOO_EARLY)


def test_the_required_rate_is_per_hour_for_a_day() -> None:
    assert of_day(2, 16).required_rate == RequiredRate(Decimal(4), "hour")
    assert of_day(16, 16).required_rate is None
    assert of_day(2, 16, "18:00").required_rate is None


def test_the_required_rate_is_per_working_day_for_a_month() -> None:
    at = pace(OFFICE, NOVEMBER, kyiv(TODAY, "13:30"))
    assert progress(Decimal(80), Decimal(210), Decimal(145), at).required_rate == RequiredRate(Decimal(20), "day")


def test_on_the_last_afternoon_a_month_needs_no_more_a_day_than_what_is_missing() -> None:
    at = pace(OFFICE, NOVEMBER, kyiv(date(2026, 11, 30), "17:00"))
    assert progress(Decimal(200), Decimal(210), Decimal(209), at).required_rate == RequiredRate(Decimal(10), "day")


def test_the_projection_goes_on_at_the_present_rate() -> None:
    assert of_day(9, 16).projected == 16
    assert of_day(9, 16, "08:00").projected is None
    assert of_day(9, 16, "19:00").projected == 9


@pytest.mark.parametrize(
    ("actual", "clock", "status"),
    [
        (0, "14:30", Status.AHEAD),
        (9, "14:30", Status.AHEAD),
        (10, "14:30", Status.BEHIND),
        (11, "14:30", Status.FAR_BEHIND),
        (16, "18:00", Status.MET),
        (17, "18:00", Status.BEHIND),
        (0, "09:30", Status.TOO_EARLY),
    ],
)
def test_where_lower_is_better_a_target_is_met_only_at_the_end(actual: int, clock: str, status: Status) -> None:
    missed = of_day(actual, 16, clock, higher=False)
    assert (missed.status, missed.required_rate) == (status, None)


def test_a_ratio_is_expected_in_full_and_never_projected() -> None:
    at = pace(OFFICE, NOVEMBER, kyiv(TODAY, "13:30"))
    rate = progress(Decimal("0.2"), Decimal("0.25"), Decimal(0), at, summed=False)
    assert (rate.expected, rate.gap, rate.projected, rate.required_rate) == (
        Decimal("0.25"),
        Decimal("-0.05"),
        None,
        None,
    )
    assert rate.status is Status.FAR_BEHIND


def test_a_rep_in_new_york_is_still_before_opening_when_kyiv_is_half_through() -> None:
    at = pace(calendar(zone="America/New_York"), DAY, kyiv(TODAY, "13:30"))
    assert (at.day, at.elapsed, at.left) == (TODAY, Decimal(0), Decimal(8))


def test_across_the_date_line_today_is_the_reps_own() -> None:
    at = pace(calendar(zone="Pacific/Auckland"), NOVEMBER, kyiv(TODAY, "14:30"))
    assert at.day == date(2026, 11, 21)


@given(
    st.dictionaries(st.dates(NOVEMBER.first, NOVEMBER.last), st.decimals(0, 10**6, places=3), min_size=1),
    st.lists(st.integers(0, 32 * 24 * 60), min_size=2, max_size=2),
    st.sampled_from(("Europe/Kyiv", "America/New_York", "Asia/Tokyo")),
)
def test_the_expectation_only_grows_from_nothing_to_the_target(
    daily: dict[date, Decimal], minutes: list[int], zone: str
) -> None:
    def by(minute: int) -> Decimal:
        at = pace(calendar(zone=zone), NOVEMBER, kyiv(date(2026, 10, 31), "00:00") + timedelta(minutes=minute))
        what = due(daily, at.day)
        assert what is not None
        return expected(what, at)

    earlier, later = (by(minute) for minute in sorted(minutes))
    assert 0 == by(0) <= earlier <= later <= by(33 * 24 * 60) == sum(daily.values())


@given(st.decimals(0, 1000, places=1), st.decimals(0, 1000, places=1), st.integers(0, 24 * 60 - 1))
def test_the_verdict_never_contradicts_the_numbers(actual: Decimal, target: Decimal, minute: int) -> None:
    of = of_day(str(actual), str(target), f"{minute // 60:02}:{minute % 60:02}")
    assert (of.status is Status.MET) == (actual >= target)
    if of.status is Status.AHEAD:
        assert of.gap is not None
        assert of.gap >= 0
    if of.status in (Status.BEHIND, Status.FAR_BEHIND):
        assert of.gap is not None
        assert of.gap < 0
        assert of.elapsed >= Decimal("0.2")
    assert (of.required_rate is not None) == (actual < target and of.elapsed < 1)
