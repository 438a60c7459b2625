"""Targets: which row holds, and shares that sum to it exactly whatever the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import Period
from domain.people import Absence
from domain.periods import days, period_of
from domain.settings import PeriodKind
from domain.targets import Ground, Target, TargetBook, in_force, shares, spread, standing
from domain.worktime import Calendar, is_workday, workdays
from tests.domain.office import OFFICE, OLENA, TODAY, calendar, target

NOVEMBER = period_of(PeriodKind.MONTH, TODAY)
DECEMBER = period_of(PeriodKind.MONTH, date(2026, 12, 1))
THE_15TH = date(2026, 11, 15)
WEEKEND = date(2026, 11, 21)


def laid(
    rows: list[Target], period: Period = NOVEMBER, seen: date = TODAY, who: Calendar = OFFICE, places: int = 0
) -> dict[date, Decimal]:
    plan = TargetBook(rows).plan("calls", "company")
    assert plan is not None
    return shares(plan, period, Ground(who, seen, places=places))


def day_of(day: date) -> Period:
    return period_of(PeriodKind.DAY, day)


def value(rows: list[Target], period: Period = NOVEMBER, seen: date = TODAY) -> Decimal | None:
    row = in_force(rows, period, seen)
    return None if row is None else row.value


# Which row holds


def test_the_latest_recorded_row_holds() -> None:
    assert value([target(100), target(120)]) == 120


def test_a_row_bounded_to_the_period_beats_a_later_standing_one() -> None:
    november = target(150, since=NOVEMBER.first, until=NOVEMBER.last)
    assert value([november, target(100)]) == 150
    assert value([november, target(100)], DECEMBER, DECEMBER.first) == 100


def test_a_plan_raised_on_the_15th_leaves_the_boards_before_it_as_they_were() -> None:
    rows = [target(210), target(420, since=THE_15TH, until=NOVEMBER.last)]
    assert laid(rows, day_of(date(2026, 11, 13)), seen=date(2026, 11, 13)) == {date(2026, 11, 13): 10}
    assert laid(rows, day_of(date(2026, 11, 16)), seen=date(2026, 11, 16)) == {date(2026, 11, 16): 20}
    assert sum(laid(rows, seen=TODAY).values()) == 420
    assert sum(laid(rows, seen=date(2026, 11, 14)).values()) == 210


def test_a_row_for_later_in_the_period_is_not_in_force_yet() -> None:
    assert value([target(100), target(120, since=date(2026, 11, 25), until=NOVEMBER.last)]) == 100


def test_a_future_month_is_seen_from_its_first_day() -> None:
    rows = [target(100), target(300, since=DECEMBER.first, until=DECEMBER.last)]
    assert value(rows, DECEMBER, TODAY) == 300


def test_a_finished_month_keeps_the_row_that_held_at_its_end() -> None:
    assert value([target(100), target(120, since=DECEMBER.first)], NOVEMBER, date(2027, 1, 5)) == 100


def test_a_withdrawn_row_is_no_target_and_not_a_target_of_zero() -> None:
    assert laid([target(100), target(None)]) == {}
    assert set(laid([target(0)]).values()) == {0}


# How it spreads


def test_a_months_target_spreads_over_the_working_days() -> None:
    assert laid([target(210)]) == dict.fromkeys(workdays(OFFICE, NOVEMBER.first, NOVEMBER.last), Decimal(10))


def test_the_rest_that_does_not_divide_stays_near_the_straight_line() -> None:
    assert list(map(int, spread(Decimal(4), 4))) == [1, 1, 1, 1]
    assert list(map(int, spread(Decimal(2), 4))) == [1, 0, 1, 0]
    assert list(map(int, spread(Decimal(6), 4))) == [2, 1, 2, 1]
    assert list(map(int, spread(Decimal(1), 5))) == [0, 0, 1, 0, 0]


def test_small_targets_of_several_scopes_are_not_all_due_on_one_day() -> None:
    assert {spread(Decimal(1), 20, offset=offset).index(Decimal(1)) for offset in range(1, 16, 2)} >= {1, 8, 18}


def test_equal_large_targets_have_equal_days() -> None:
    assert spread(Decimal(181), 20, offset=1) == spread(Decimal(181), 20, offset=15)


def test_money_spreads_by_the_minor_unit() -> None:
    assert spread(Decimal("0.05"), 2, places=2) == (Decimal("0.03"), Decimal("0.02"))


def test_a_fraction_of_a_unit_stays_with_the_last_share() -> None:
    assert spread(Decimal("10.5"), 2) == (Decimal(5), Decimal("5.5"))


def test_days_on_leave_lower_the_target_by_their_share() -> None:
    away = calendar(absences=(Absence(date(2026, 11, 2), date(2026, 11, 8)),))
    assert sum(laid([target(210)], who=away).values()) == 160


def test_an_absence_that_does_not_lower_the_target_moves_its_share_to_the_other_days() -> None:
    away = calendar(absences=(Absence(date(2026, 11, 2), date(2026, 11, 8), lowers=False),))
    given_shares = laid([target(160)], who=away)
    assert sum(given_shares.values()) == 160
    assert set(given_shares.values()) == {10}


def test_a_joiner_and_a_leaver_count_from_and_to_the_day() -> None:
    assert sum(laid([target(210)], who=calendar(joined=date(2026, 11, 16))).values()) == 110
    assert sum(laid([target(210)], who=calendar(left=date(2026, 11, 13))).values()) == 100


def test_a_whole_month_away_leaves_no_target() -> None:
    assert laid([target(210)], who=calendar(absences=(Absence(NOVEMBER.first, NOVEMBER.last),))) == {}


def test_without_any_working_day_everything_is_due_on_the_last_day() -> None:
    assert laid([target(10)], who=calendar(workdays=frozenset())) == {NOVEMBER.last: 10}


# Which target a day has


def test_a_days_own_target_wins_over_the_weeks_and_the_months() -> None:
    rows = [
        target(210),
        target(60, period=PeriodKind.WEEK),
        target(7, period=PeriodKind.DAY, since=TODAY, until=TODAY),
    ]
    thursday = TODAY - timedelta(days=1)
    assert laid(rows[:1], day_of(TODAY)) == {TODAY: 10}
    assert laid(rows[:2], day_of(TODAY)) == {TODAY: 12}
    assert laid(rows, day_of(TODAY)) == {TODAY: 7}
    # The week keeps its 60: what Friday gives up, the other days take.
    assert laid(rows, day_of(thursday))[thursday] in (13, 14)
    assert sum(laid(rows, period_of(PeriodKind.WEEK, TODAY)).values()) == 60


def test_a_standing_days_target_holds_on_working_days_and_a_bounded_one_on_exactly_its_days() -> None:
    standing_row = target(9, period=PeriodKind.DAY)
    saturday = target(3, period=PeriodKind.DAY, since=WEEKEND, until=WEEKEND)
    assert laid([standing_row], day_of(TODAY)) == {TODAY: 9}
    assert laid([standing_row], day_of(WEEKEND)) == {}
    assert laid([standing_row, saturday], day_of(WEEKEND)) == {WEEKEND: 3}


def test_a_period_without_its_own_target_sums_its_days() -> None:
    assert sum(laid([target(9, period=PeriodKind.DAY)]).values()) == 9 * 21
    quarter = period_of(PeriodKind.QUARTER, TODAY)
    assert sum(laid([target(210)], quarter).values()) == 630
    assert laid([target(None)], quarter) == {}


def test_a_standing_days_target_raised_in_the_month_counts_from_its_day() -> None:
    rows = [target(9, period=PeriodKind.DAY), target(10, period=PeriodKind.DAY, since=date(2026, 11, 16))]
    assert sum(laid(rows).values()) == 10 * 9 + 11 * 10


def test_finer_targets_keep_their_days_and_the_months_rest_goes_to_the_others() -> None:
    week = target(100, period=PeriodKind.WEEK, since=date(2026, 11, 16), until=date(2026, 11, 22))
    given_shares = laid([target(260), week])
    assert given_shares[TODAY] == 20
    assert given_shares[date(2026, 11, 2)] == 10
    assert sum(given_shares.values()) == 260


def test_finer_targets_beyond_the_months_leave_the_month_as_it_is() -> None:
    assert sum(laid([target(50), target(9, period=PeriodKind.DAY)]).values()) == 50


def test_a_ratio_holds_as_it_is_and_prefers_the_periods_own_row() -> None:
    rows = [target("0.3", period=PeriodKind.QUARTER), target("0.25")]
    plan = TargetBook(rows).plan("calls", "company")
    assert plan is not None
    ground = Ground(OFFICE, TODAY)
    assert standing(plan, NOVEMBER, ground) == Decimal("0.25")
    assert standing(plan, day_of(TODAY), ground) == Decimal("0.25")
    assert standing(plan, period_of(PeriodKind.YEAR, TODAY), ground) == Decimal("0.3")


def test_a_scope_without_rows_has_no_plan() -> None:
    assert TargetBook([target(1, OLENA)]).plan("calls", "company") is None


# For any calendar

some_days = st.dates(date(2026, 10, 25), date(2026, 12, 10))
absences = st.builds(
    lambda first, length, lowers: Absence(first, first + timedelta(days=length), lowers),
    some_days,
    st.integers(0, 12),
    st.booleans(),
)
calendars = st.builds(
    lambda weekdays, country, off, away, joined, left: calendar(
        workdays=weekdays, country=country, holidays_added=off, absences=away, joined=joined, left=left
    ),
    st.frozensets(st.integers(1, 7)),
    st.sampled_from((None, "PL", "US")),
    st.frozensets(some_days, max_size=4),
    st.tuples(absences, absences),
    st.none() | some_days,
    st.none() | some_days,
)
values = st.decimals(0, 10**9, places=2) | st.integers(0, 500).map(Decimal)
kinds = st.sampled_from(PeriodKind)


def undisturbed(who: Calendar) -> Calendar:
    """The same calendar for somebody who is never away."""
    return calendar(workdays=who.workdays, country=who.country, holidays_added=who.holidays_added)


@given(values, st.integers(1, 300), st.sampled_from((0, 2, 3)), st.integers(1, 15))
def test_shares_sum_to_the_value_and_differ_by_one_unit(amount: Decimal, count: int, places: int, offset: int) -> None:
    given_shares = spread(amount, count, places, offset)
    assert len(given_shares) == count
    assert sum(given_shares) == amount
    unit = Decimal(1).scaleb(-places)
    assert max(given_shares[:-1], default=Decimal(0)) - min(given_shares[:-1], default=Decimal(0)) <= unit
    assert spread(-amount, count, places, offset) == tuple(-share for share in given_shares)


@given(values, calendars, kinds, st.sampled_from((0, 2)))
def test_the_days_of_somebody_never_away_sum_to_the_target(
    amount: Decimal, who: Calendar, kind: PeriodKind, places: int
) -> None:
    period = period_of(kind, TODAY)
    bounded = target(str(amount), period=kind, since=period.first, until=period.last)
    assert sum(laid([bounded], period, who=undisturbed(who), places=places).values()) == amount


@given(values, calendars)
def test_an_absence_or_a_date_of_joining_takes_exactly_its_days_away(amount: Decimal, who: Calendar) -> None:
    lowering = calendar(
        workdays=who.workdays,
        country=who.country,
        holidays_added=who.holidays_added,
        absences=tuple(absence for absence in who.absences if absence.lowers),
        joined=who.joined,
        left=who.left,
    )
    full = laid([target(str(amount))], who=undisturbed(who))
    kept = laid([target(str(amount))], who=lowering)
    assert kept.items() <= full.items()
    worked = set(workdays(lowering, NOVEMBER.first, NOVEMBER.last))
    assert worked <= kept.keys()
    assert all(is_workday(lowering, day) for day in kept) or kept.keys() == {NOVEMBER.last}


@given(
    values,
    calendars,
    st.lists(st.tuples(kinds, st.integers(0, 400), some_days, st.none() | st.integers(0, 20)), max_size=5),
)
def test_the_periods_own_target_is_kept_whatever_finer_ones_say(
    amount: Decimal, who: Calendar, finer: list[tuple[PeriodKind, int, date, int | None]]
) -> None:
    rows = [
        target(amount_of, period=kind, since=since, until=None if length is None else since + timedelta(days=length))
        for kind, amount_of, since, length in finer
        if kind is not PeriodKind.MONTH
    ]
    rows.append(target(str(amount)))
    given_shares = laid(rows, who=undisturbed(who))
    assert sum(given_shares.values()) == amount
    assert given_shares.keys() <= set(days(NOVEMBER))


@given(st.permutations([target(1), target(2, until=NOVEMBER.last), target(3, since=THE_15TH), target(None)]), some_days)
def test_the_order_in_which_rows_are_read_changes_nothing(rows: list[Target], seen: date) -> None:
    assert value(rows, NOVEMBER, seen) == value(sorted(rows, key=lambda row: row.order), NOVEMBER, seen)


@pytest.mark.parametrize("kind", [PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR])
def test_every_coarser_target_gives_its_days_a_share(kind: PeriodKind) -> None:
    row = target(10_000, period=kind)
    assert laid([row], day_of(TODAY))[TODAY] > 0
    assert laid([row], day_of(WEEKEND)) == {}
