"""Building: the whole board of a small office, number by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import Progress, Status
from domain.building import Inputs, build_board, needs
from domain.facts import Kind, Rate
from domain.freshness import Connection
from domain.metrics import METRICS
from domain.people import Absence, Rep
from domain.periods import period_of
from domain.settings import PeriodKind, Settings
from domain.targets import Target, TargetBook
from domain.totals import RateBook, Total
from tests.domain.office import (
    AFTERNOON,
    DASHA,
    NIKITA,
    NORTH,
    OLENA,
    REPS,
    SETTINGS,
    SOUTH,
    TODAY,
    board,
    by_name,
    done,
    inputs,
    kyiv,
    target,
)

DAY, MONTH = PeriodKind.DAY, PeriodKind.MONTH
NOVEMBER = period_of(MONTH, TODAY)
OVER = kyiv(date(2026, 12, 3), "12:00")


def progress_of(given: Inputs, key: str = "calls", period: PeriodKind = DAY, team: str | None = None) -> Progress:
    return board(given, period, team=team).metric(key).progress


# The whole board


def test_every_metric_is_on_the_board_in_its_order_even_without_facts() -> None:
    made = board(inputs())
    assert [metric.key for metric in made.metrics.values()] == list(METRICS)
    assert [metric.key for metric in made.month.values()] == list(METRICS)
    calls, average = made.metric("calls"), made.metric("average_deal")
    assert (calls.progress.actual, calls.progress.status) == (Decimal(0), Status.NO_TARGET)
    assert (average.progress.actual, average.curve) == (None, None)
    assert [row.name for row in calls.reps] == ["Dasha", "Nikita", "Olena"]


def test_the_board_says_when_where_and_how_fresh_it_is() -> None:
    made = board(inputs())
    assert (made.now, made.as_of, made.timezone, made.currency) == (AFTERNOON, AFTERNOON, "Europe/Kyiv", "UAH")
    assert (made.closes, made.demo, made.team) == (time(18), False, None)
    assert (made.sources[0].name, made.sources[0].poll_seconds) == ("main", 30)


def test_a_day_off_has_no_closing_time() -> None:
    saturday = date(2026, 11, 21)
    assert build_board(inputs(), DAY, saturday, kyiv(saturday, "12:00")).closes is None


def test_the_demo_is_known_by_its_kind() -> None:
    assert board(inputs(connections=(Connection("demo", "demo", AFTERNOON, 30),))).demo


def test_without_reps_the_board_still_stands() -> None:
    made = board(inputs([target(100)], reps=(), teams=()))
    assert made.metric("calls").reps == ()
    assert made.leaderboard.rows == ()


# Plan against fact


def test_reps_targets_sum_to_the_companys() -> None:
    rows = [target(210, OLENA), target(420, NIKITA)]
    made = board(inputs(rows, [done(OLENA, "calls", 12), done(NIKITA, "calls", 5), done(DASHA, "calls", 1)]))
    calls = made.metric("calls")
    assert (calls.progress.actual, calls.progress.target) == (Decimal(18), Decimal(30))
    assert calls.progress.expected == Decimal("16.875")
    assert calls.progress.gap == Decimal("1.125")
    assert [(row.name, row.progress.target) for row in calls.reps] == [("Olena", 10), ("Nikita", 20), ("Dasha", None)]
    month = made.month["calls"]
    assert (month.progress.target, month.reps) == (Decimal(630), ())
    assert month.progress.expected == 30 * 14 + Decimal("16.875")


def test_the_companys_own_target_wins_over_the_sum_and_a_teams_over_its_reps() -> None:
    rows = [target(210, OLENA), target(210, NIKITA), target(210, DASHA)]
    assert progress_of(inputs(rows)).target == 30
    assert progress_of(inputs([*rows, target(84, team=NORTH)])).target == 14
    assert progress_of(inputs([*rows, target(84, team=NORTH), target(2100)])).target == 100


def test_a_teams_board_has_its_reps_alone() -> None:
    rows = [target(210, OLENA), target(210, DASHA), target(2100)]
    made = board(inputs(rows, [done(OLENA, "calls", 4), done(DASHA, "calls", 9)]), team=SOUTH.key)
    calls = made.metric("calls")
    assert (calls.progress.actual, calls.progress.target, made.team) == (Decimal(9), Decimal(10), SOUTH.key)
    assert [row.name for row in calls.reps] == ["Dasha"]
    assert [row.name for row in made.leaderboard.rows] == ["Dasha"]
    assert [row.team for row in calls.reps] == ["South"]


def test_an_unknown_team_is_refused() -> None:
    with pytest.raises(KeyError):
        board(inputs(), team="main:nobody")


def test_people_who_are_no_reps_are_in_no_sum() -> None:
    stranger = Total("main:99", "calls", "", 50)
    made = board(inputs(totals=[stranger, done(OLENA, "calls", 2)]))
    assert made.metric("calls").progress.actual == 2


def test_a_rep_on_leave_today_has_no_target_today_and_a_lower_one_this_month() -> None:
    olena = replace(OLENA, absences=(Absence(TODAY, date(2026, 11, 24)),))
    given_inputs = inputs([target(210, OLENA)], reps=(olena, NIKITA, DASHA))
    assert progress_of(given_inputs).target is None
    assert progress_of(given_inputs, period=MONTH).target == 180


def test_somebody_who_left_before_the_period_is_listed_only_with_facts_in_it() -> None:
    gone = Rep("main:4", "Ihor", left=date(2026, 10, 30))
    reps = (*REPS, gone)
    assert "Ihor" not in by_name(board(inputs(reps=reps)).metric("calls"))
    late = board(inputs(reps=reps, totals=[done(gone, "calls", 1)])).metric("calls")
    assert by_name(late)["Ihor"].actual == 1


def test_a_finished_period_expects_its_target_exactly() -> None:
    rows = [target("1000.01", OLENA, metric="deals_won_amount")]
    made = build_board(inputs(rows, [done(OLENA, "deals_won_amount", 90_000, "UAH")]), MONTH, TODAY, OVER)
    amount = made.metric("deals_won_amount").progress
    assert (amount.actual, amount.target, amount.expected) == (Decimal(900), Decimal("1000.01"), Decimal("1000.01"))
    assert (amount.elapsed, amount.status) == (Decimal(1), Status.BEHIND)
    assert amount.attainment == Decimal(900) / Decimal("1000.01")
    assert made.month == {}


def test_a_past_day_is_measured_by_the_target_it_had() -> None:
    rows = [target(210, OLENA), target(420, OLENA, since=date(2026, 11, 16))]
    earlier = build_board(inputs(rows), DAY, date(2026, 11, 13), AFTERNOON)
    assert earlier.metric("calls").progress.target == 10
    assert earlier.metric("calls").progress.elapsed == 1
    assert board(inputs(rows)).metric("calls").progress.target == 20


def test_a_rep_in_new_york_is_expected_nothing_before_their_morning() -> None:
    dasha = replace(DASHA, zone="America/New_York")
    made = board(inputs([target(210, OLENA), target(210, DASHA)], reps=(OLENA, NIKITA, dasha)))
    assert by_name(made.metric("calls"))["Dasha"].expected == 0
    assert made.metric("calls").progress.expected == Decimal("5.625")


# Ratios, money, what is missing


def test_ratios_come_from_their_parts_and_need_a_target_of_their_own() -> None:
    totals = [
        done(OLENA, "deals_won", 1),
        done(OLENA, "deals_lost", 3),
        done(NIKITA, "deals_won", 1),
        done(OLENA, "deals_won_amount", 100_000, "UAH"),
        done(NIKITA, "deals_won_amount", 300_001, "UAH"),
    ]
    rows = [target("0.5", OLENA, metric="win_rate")]
    made = board(inputs(rows, totals), MONTH)
    rate = made.metric("win_rate")
    assert (rate.progress.actual, rate.progress.target) == (Decimal("0.4"), None)
    assert by_name(rate)["Olena"].attainment == Decimal("0.5")
    assert by_name(rate)["Nikita"].actual == 1
    assert by_name(rate)["Dasha"].actual is None
    assert made.metric("average_deal").progress.actual == Decimal("2000.00")
    assert by_name(made.metric("average_deal"))["Nikita"].actual == Decimal("3000.01")


def test_foreign_money_counts_at_the_rate_of_its_day_and_is_rounded_once() -> None:
    monday = date(2026, 11, 16)
    rates = RateBook("UAH", [Rate("EUR", "UAH", monday, Decimal("48.333")), Rate("EUR", "UAH", TODAY, Decimal("50"))])
    totals = [
        done(OLENA, "deals_won_amount", 100, "EUR", monday),
        done(OLENA, "deals_won_amount", 200, "EUR", monday),
        done(OLENA, "deals_won_amount", 100, "EUR", TODAY),
        done(OLENA, "deals_won_amount", 1, "UAH"),
    ]
    made = board(inputs(totals=totals, rates=rates))
    assert made.metric("deals_won_amount").progress.actual == Decimal("195.01")
    assert made.problems == ()


def test_money_without_a_rate_is_listed_and_in_no_sum() -> None:
    totals = [done(OLENA, "deals_won_amount", 100, "USD", TODAY), done(OLENA, "deals_won_amount", 500, "UAH")]
    made = board(inputs(totals=totals))
    assert made.metric("deals_won_amount").progress.actual == 5
    assert [(problem.code, problem.where, problem.count) for problem in made.problems] == [("no_rate", "USD", 1)]


def test_what_no_source_gives_is_not_available_and_not_zero() -> None:
    deaf = Connection("main", "bitrix24", AFTERNOON, 30, missing={Kind.CALL: "the webhook lacks telephony"})
    made = board(inputs([target(210, OLENA)], connections=(deaf,)))
    calls = made.metric("calls")
    assert (calls.available, calls.missing, calls.curve) == (False, "the webhook lacks telephony", None)
    assert (calls.progress.actual, calls.progress.target) == (None, Decimal(10))
    assert by_name(calls)["Olena"].actual is None
    assert made.metric("emails").available


@pytest.mark.parametrize(
    ("settings", "reps", "code"),
    [
        (replace(SETTINGS, country="Narnia"), REPS, "unknown_country"),
        (SETTINGS, (replace(OLENA, zone="Mars/Base"), NIKITA, DASHA), "unknown_zone"),
    ],
)
def test_an_unknown_country_or_zone_is_a_problem_and_the_board_goes_on(
    settings: Settings, reps: tuple[Rep, ...], code: str
) -> None:
    made = board(inputs([target(210, OLENA)], settings=settings, reps=reps))
    assert [problem.code for problem in made.problems] == [code]
    assert made.metric("calls").progress.target == 10
    assert needs(replace(SETTINGS, country="Narnia"), DAY, TODAY, AFTERNOON).period.first == TODAY


# Curves


def test_the_days_curve_runs_beside_plan_and_usual_day() -> None:
    asked = needs(SETTINGS, DAY, TODAY, AFTERNOON)
    hours = [("calls", "", TODAY, 9, 3), ("calls", "", TODAY, 14, 1)]
    hours += [("calls", "", day, 10, 8) for day in asked.hours[1:3]]
    curve = board(inputs([target(210, OLENA)], [done(OLENA, "calls", 4)], hours=hours)).metric("calls").curve
    assert curve is not None
    assert (curve.x_first, curve.x_last) == (Decimal(9), Decimal(18))
    assert (curve.actual[1].y, curve.actual[-1].x, curve.actual[-1].y) == (Decimal(3), Decimal("14.5"), Decimal(4))
    assert (curve.plan[0].y, curve.plan[-1].y, curve.usual[-1].y) == (Decimal(0), Decimal(10), Decimal(8))


def test_the_months_curve_runs_by_day() -> None:
    rows = [("calls", "", date(2026, 11, 2), 5), ("calls", "", TODAY, 7)]
    curve = board(inputs([target(210, OLENA)], by_day=rows), MONTH).metric("calls").curve
    assert curve is not None
    assert (curve.actual[-1].x, curve.actual[-1].y, curve.plan[-1].y) == (Decimal(20), Decimal(12), Decimal(210))
    assert curve.usual == ()


# Leaderboard


def first_to_reach(reps: Sequence[str], metric: str, first: date, last: date) -> Mapping[str, datetime]:
    assert (metric, first, last) == ("deals_won_amount", NOVEMBER.first, NOVEMBER.last)
    assert set(reps) == {NIKITA.key, OLENA.key}
    return {OLENA.key: kyiv(TODAY, "12:00"), NIKITA.key: kyiv(TODAY, "09:00")}


def test_the_leaderboard_ranks_by_value_and_settles_ties_by_time() -> None:
    totals = [
        done(OLENA, "deals_won_amount", 900_00, "UAH"),
        done(OLENA, "deals_won", 3),
        done(NIKITA, "deals_won_amount", 900_00, "UAH"),
        done(DASHA, "deals_won_amount", 100_00, "UAH"),
    ]
    places = board(inputs(totals=totals, reached=first_to_reach)).leaderboard
    assert [(row.place, row.name, row.gap_to_next) for row in places.rows] == [
        (1, "Nikita", None),
        (1, "Olena", None),
        (3, "Dasha", 800),
    ]
    assert [row.count for row in places.rows] == [0, 3, 0]
    assert (places.working_day, places.working_days, places.period) == (15, 21, NOVEMBER)


def test_movement_is_against_the_close_of_the_previous_working_day() -> None:
    thursday = date(2026, 11, 19)
    totals = [
        done(OLENA, "deals_won_amount", 900_00, "UAH"),
        done(NIKITA, "deals_won_amount", 500_00, "UAH"),
    ]
    days = [
        done(OLENA, "deals_won_amount", 600_00, "UAH", TODAY),
        done(OLENA, "deals_won_amount", 300_00, "UAH", thursday),
        done(NIKITA, "deals_won_amount", 500_00, "UAH", thursday),
    ]
    places = board(inputs(totals=totals, rank_days=days)).leaderboard
    assert [(row.name, row.movement, row.days_in_lead) for row in places.rows] == [
        ("Olena", 1, 1),
        ("Nikita", -1, None),
        ("Dasha", 0, None),
    ]
    assert places.overtakes == 1


def test_who_leads_since_monday_leads_for_five_days() -> None:
    days = [done(OLENA, "deals_won_amount", 100_00, "UAH", date(2026, 11, 16))]
    places = board(inputs(totals=[done(OLENA, "deals_won_amount", 100_00, "UAH")], rank_days=days)).leaderboard
    assert places.rows[0].days_in_lead == 5
    sunday = kyiv(date(2026, 11, 22), "12:00")
    weekend = build_board(
        inputs(totals=[done(OLENA, "deals_won_amount", 100_00, "UAH")], rank_days=days), DAY, sunday.date(), sunday
    )
    assert weekend.leaderboard.rows[0].days_in_lead == 5


def test_on_a_periods_first_day_nobody_has_moved() -> None:
    first = kyiv(date(2026, 11, 2), "12:00")
    totals = [done(OLENA, "deals_won_amount", 100_00, "UAH", date(2026, 11, 2))]
    places = build_board(inputs(totals=totals, rank_days=totals), DAY, first.date(), first).leaderboard
    assert {row.movement for row in places.rows} == {None}


def test_by_attainment_the_smaller_value_may_lead_and_no_target_is_last() -> None:
    rows = [
        target(10_000, OLENA, metric="deals_won_amount"),
        target(1_000, NIKITA, metric="deals_won_amount"),
    ]
    totals = [
        done(OLENA, "deals_won_amount", 5_000_00, "UAH"),
        done(NIKITA, "deals_won_amount", 900_00, "UAH"),
        done(DASHA, "deals_won_amount", 50_000_00, "UAH"),
    ]
    places = board(inputs(rows, totals, settings=replace(SETTINGS, rank_by="attainment"))).leaderboard
    assert [(row.place, row.name, row.attainment) for row in places.rows] == [
        (1, "Nikita", Decimal("0.9")),
        (2, "Olena", Decimal("0.5")),
        (3, "Dasha", None),
    ]
    assert [row.gap_to_next for row in places.rows] == [None, 4000, None]


def test_a_ratio_can_rank() -> None:
    totals = [done(OLENA, "deals_won", 1), done(OLENA, "deals_lost", 1), done(NIKITA, "deals_lost", 1)]
    places = board(inputs(totals=totals, settings=replace(SETTINGS, rank_metric="win_rate"))).leaderboard
    assert [(row.place, row.name, row.value) for row in places.rows] == [
        (1, "Olena", Decimal("0.5")),
        (2, "Nikita", 0),
        (3, "Dasha", 0),
    ]


# What has to be read


def test_a_day_needs_its_hours_and_those_of_earlier_working_days_like_it() -> None:
    off = replace(SETTINGS, holidays_added=frozenset((date(2026, 11, 13),)))
    asked = needs(off, DAY, TODAY, AFTERNOON)
    assert asked.hours[:3] == (TODAY, date(2026, 11, 6), date(2026, 10, 30))
    assert len(asked.hours) == 5
    assert (asked.period.first, asked.month, asked.rank, asked.by_day) == (TODAY, NOVEMBER, NOVEMBER, None)
    # A week's row at either end of the year is seen, too.
    assert asked.targets == (date(2025, 12, 25), date(2027, 1, 7))
    assert (asked.rank_metrics, asked.rank_days) == (("deals_won_amount",), (NOVEMBER.first, TODAY))


def test_a_longer_period_needs_its_days() -> None:
    asked = needs(replace(SETTINGS, rank_metric="win_rate", year_start=10), PeriodKind.YEAR, TODAY, AFTERNOON)
    assert (asked.hours, asked.by_day) == ((), asked.period)
    assert asked.period.first == date(2026, 10, 1)
    assert asked.rank_metrics == ("deals_won", "deals_lost")


def test_a_years_ranking_needs_only_its_latest_days_by_rep() -> None:
    asked = needs(replace(SETTINGS, rank_period=PeriodKind.YEAR), DAY, TODAY, AFTERNOON)
    assert asked.rank_days == (date(2026, 10, 16), TODAY)


# For any office

some_reps = st.builds(
    lambda zone, workdays, away, joined: replace(
        OLENA, zone=zone, workdays=workdays, absences=away, joined=joined, name="", team=None
    ),
    st.sampled_from((None, "America/New_York", "Asia/Tokyo")),
    st.none() | st.frozensets(st.integers(1, 7)),
    st.lists(
        st.builds(Absence, st.just(date(2026, 11, 3)), st.dates(date(2026, 11, 3), date(2026, 11, 28)), st.booleans()),
        max_size=1,
    ).map(tuple),
    st.none() | st.dates(date(2026, 10, 1), date(2026, 11, 30)),
)
rows_of = st.lists(
    st.tuples(st.sampled_from(PeriodKind), st.decimals(0, 10**6, places=1), st.dates(date(2026, 1, 1), NOVEMBER.last)),
    max_size=2,
)


@given(
    st.lists(st.tuples(some_reps, rows_of, st.integers(0, 500)), min_size=1, max_size=5),
    st.sampled_from(PeriodKind),
    st.integers(0, 40 * 24 * 60).map(lambda minutes: kyiv(date(2026, 10, 25), "00:00") + timedelta(minutes=minutes)),
    st.sampled_from(("calls", "deals_won_amount")),
)
def test_the_reps_sum_to_their_teams_and_to_the_company(
    people: list[tuple[Rep, list[tuple[PeriodKind, Decimal, date]], int]],
    kind: PeriodKind,
    now: datetime,
    metric: str,
) -> None:
    reps = tuple(
        replace(rep, key=f"main:{number}", name=f"Rep {number}", team=(NORTH, SOUTH)[number % 2].key)
        for number, (rep, _, _) in enumerate(people)
    )
    rows: list[Target] = [
        replace(target(str(value), metric=metric, period=of, since=since), scope="rep", scope_key=rep.key)
        for rep, (_, given_rows, _) in zip(reps, people, strict=True)
        for of, value, since in given_rows
    ]
    currency = "UAH" if metric == "deals_won_amount" else ""
    totals = [done(rep, metric, value, currency) for rep, (_, _, value) in zip(reps, people, strict=True)]
    made = replace(inputs(totals=totals), reps=reps, targets=TargetBook(rows), reached=lambda *_: {})
    company = build_board(made, kind, TODAY, now).metric(metric)
    teams = [build_board(made, kind, TODAY, now, team.key).metric(metric) for team in (NORTH, SOUTH)]
    for part in ("actual", "target", "expected"):
        of_reps = [getattr(row.progress, part) for row in company.reps]
        known = [value for value in of_reps if value is not None]
        assert getattr(company.progress, part) == (sum(known) if known else None)
        by_team = [getattr(team.progress, part) for team in teams]
        assert sum(value for value in by_team if value is not None) == sum(known)
