"""Points: one score out of several metrics, exact, and the leaderboard that compares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import Leaderboard, Scored
from domain.metrics import METRICS, Unit
from domain.points import EARNING, PER, POINTS, Rule, earning, score, scored
from domain.privacy import Discretion, discreet
from domain.ranking import ranked_by, ranked_parts, reaching
from domain.settings import PeriodKind
from domain.totals import Total
from tests.domain.office import DASHA, NIKITA, OLENA, SETTINGS, TODAY, board, done, inputs, kyiv

RULE: Rule = (("calls", Decimal(1)), ("deals_won", Decimal(50)), ("deals_won_amount", Decimal("0.5")))
BY_POINTS = replace(SETTINGS, rank_by=POINTS, rank_points=RULE)
TOTALS = (
    done(OLENA, "calls", 40),
    done(OLENA, "deals_won", 1),
    done(OLENA, "deals_won_amount", 12_300_000, "UAH"),
    done(NIKITA, "calls", 90),
    done(DASHA, "calls", 3),
)

rules = st.lists(
    st.tuples(st.sampled_from(EARNING), st.decimals(0, 1000, places=2)), max_size=8, unique_by=lambda part: part[0]
).map(tuple)
whole = st.integers(0, 10**7).map(Decimal)
values_of_many = st.fixed_dictionaries(
    {key: st.decimals(0, 10**7, places=2) if METRICS[key].unit is Unit.MONEY else whole for key in EARNING}
)


def ranks(days: Sequence[Total] = ()) -> Leaderboard:
    return board(inputs(totals=TOTALS, settings=BY_POINTS, rank_days=days), PeriodKind.MONTH).leaderboard


def test_a_value_is_worth_its_points_each_a_minute_or_a_thousand() -> None:
    rule = earning((("call_seconds", Decimal("0.5")), *RULE))
    values = {"calls": Decimal(7), "call_seconds": Decimal(90), "deals_won_amount": Decimal(184_000)}
    assert scored(rule, values) == (
        Scored("calls", Decimal(7), Decimal("7.0")),
        # Half a point a minute: a minute and a half is 0.75, and the half goes to the even tenth.
        Scored("call_seconds", Decimal(90), Decimal("0.8")),
        Scored("deals_won_amount", Decimal(184_000), Decimal("92.0")),
    )
    assert score(rule, values) == Decimal("99.8")


def test_what_cannot_be_added_up_or_there_should_be_less_of_earns_nothing() -> None:
    asked = (("deals_won", Decimal(3)), ("win_rate", Decimal(9)), ("deals_lost", Decimal(9)), ("calls", Decimal(0)))
    assert earning(asked) == (("deals_won", Decimal(3)),)
    assert earning((("gone_metric", Decimal(1)),)) == ()


@given(rules, values_of_many)
def test_the_score_is_the_exact_sum_rounded_once(rule: Rule, values: dict[str, Decimal]) -> None:
    exact = sum(
        (Fraction(values[key]) * Fraction(points) / Fraction(PER[METRICS[key].unit]) for key, points in rule),
        Fraction(0),
    )
    # Fractions round half to even too.
    assert score(rule, values) * 10 == round(exact * 10)


@given(rules, values_of_many, st.sampled_from(EARNING), st.integers(1, 10**6).map(Decimal))
def test_more_of_anything_never_costs_points(rule: Rule, values: dict[str, Decimal], key: str, more: Decimal) -> None:
    assert score(rule, values | {key: values[key] + more}) >= score(rule, values)


@given(rules.flatmap(lambda rule: st.tuples(st.just(rule), st.permutations(rule))), values_of_many)
def test_the_order_of_the_rule_does_not_matter(
    rule: tuple[Rule, list[tuple[str, Decimal]]], values: dict[str, Decimal]
) -> None:
    assert score(rule[0], values) == score(tuple(rule[1]), values)


def test_the_leaderboard_compares_points_and_says_what_they_are_made_of() -> None:
    made = ranks()
    assert (made.metric, made.unit, made.rank_by, made.rule) == (POINTS, Unit.POINTS, POINTS, RULE)
    assert [(row.place, row.name, row.value) for row in made.rows] == [
        (1, "Olena", Decimal("151.5")),
        (2, "Nikita", Decimal(90)),
        (3, "Dasha", Decimal(3)),
    ]
    assert [(part.metric, part.points) for part in made.rows[0].scored] == [
        ("calls", 40),
        ("deals_won", 50),
        ("deals_won_amount", Decimal("61.5")),
    ]
    assert (made.rows[1].gap_to_next, made.rows[1].target, made.rows[1].count) == (Decimal("61.5"), None, None)


def test_movement_is_against_the_points_of_the_previous_working_day() -> None:
    today = [done(OLENA, "deals_won_amount", 12_300_000, "UAH", TODAY), done(OLENA, "deals_won", 1, day=TODAY)]
    made = ranks(today)
    # Yesterday Olena had 40 points and was second.
    assert [(row.name, row.movement) for row in made.rows] == [("Olena", 1), ("Nikita", -1), ("Dasha", 0)]


def test_in_a_tie_it_is_reached_with_the_last_record_that_brought_points() -> None:
    when = {
        "calls": {OLENA.key: kyiv(TODAY, "09:00"), NIKITA.key: kyiv(TODAY, "11:00")},
        "deals_won": {OLENA.key: kyiv(TODAY, "12:00")},
    }

    def reached(reps: Sequence[str], metric: str, first: date, last: date) -> Mapping[str, datetime]:
        return when.get(metric, {})

    totals = [done(OLENA, "calls", 40), done(OLENA, "deals_won", 1), done(NIKITA, "calls", 90)]
    made = board(inputs(totals=totals, settings=BY_POINTS, reached=reached), PeriodKind.MONTH).leaderboard
    assert [(row.place, row.name) for row in made.rows[:2]] == [(1, "Nikita"), (1, "Olena")]


def test_a_slot_may_rank_by_points_or_by_a_metric_whatever_the_office_ranks_by() -> None:
    assert ranked_parts(BY_POINTS) == reaching(BY_POINTS) == ("calls", "deals_won", "deals_won_amount")
    calls = ranked_by(BY_POINTS, "win_rate", PeriodKind.WEEK)
    assert (calls.rank_by, calls.rank_metric, calls.rank_period) == ("value", "win_rate", PeriodKind.WEEK)
    assert (ranked_parts(calls), reaching(calls)) == (("deals_won", "deals_lost"), ("deals_won",))
    by_plan = replace(BY_POINTS, rank_by="attainment")
    assert ranked_by(by_plan, "calls", PeriodKind.DAY).rank_by == "attainment"
    assert ranked_by(by_plan, POINTS, PeriodKind.DAY).rank_by == POINTS
    with pytest.raises(KeyError):
        ranked_by(SETTINGS, POINTS, PeriodKind.DAY)
    with pytest.raises(KeyError):
        ranked_by(SETTINGS, "charm", PeriodKind.DAY)


def test_points_for_money_do_not_tell_the_money_where_it_is_hidden() -> None:
    full = board(inputs(totals=TOTALS, settings=BY_POINTS), PeriodKind.MONTH)
    made = discreet(full, Discretion(hide_amounts=True)).leaderboard
    assert made.veiled
    assert next((row.value, row.scored, row.gap_to_next) for row in made.rows) == (Decimal(1), (), None)
    counted = replace(BY_POINTS, rank_points=RULE[:1])
    full = board(inputs(totals=TOTALS, settings=counted), PeriodKind.MONTH)
    assert not discreet(full, Discretion(hide_amounts=True)).leaderboard.veiled
