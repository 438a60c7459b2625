"""Leaderboard: places, ties, movement and distance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.board import Place, Status
from domain.leaderboard import better_score, days_in_lead, explain, movements, rank, ties
from domain.periods import period_of
from domain.settings import PeriodKind
from tests.domain.office import TODAY, kyiv

MORNING, NOON = kyiv(TODAY, "09:00"), kyiv(TODAY, "12:00")


def score(**of: int | None) -> dict[str, Decimal | None]:
    return {rep: None if value is None else Decimal(value) for rep, value in of.items()}


def test_ties_share_a_place_and_the_next_one_is_left_out() -> None:
    assert rank(score(olena=9, nikita=7, dasha=7, ihor=1), {}) == [
        (1, "olena"),
        (2, "dasha"),
        (2, "nikita"),
        (4, "ihor"),
    ]


def test_in_a_tie_the_earlier_to_reach_it_is_listed_first() -> None:
    reached = {"olena": NOON, "nikita": MORNING}
    assert rank(score(olena=7, nikita=7), reached) == [(1, "nikita"), (1, "olena")]
    assert rank(score(olena=7, nikita=7), {"olena": NOON}) == [(1, "olena"), (1, "nikita")]


def test_in_a_tie_without_times_names_decide() -> None:
    assert [rep for _, rep in rank(score(a=7, b=7), {}, {"a": "Olena", "b": "Nikita"})] == ["b", "a"]


def test_nothing_yet_is_a_place_and_no_score_is_the_last_one() -> None:
    ranked = rank(score(olena=None, nikita=0, dasha=3, ihor=None), {})
    assert ranked == [(1, "dasha"), (2, "nikita"), (3, "ihor"), (3, "olena")]


def test_only_real_ties_ask_who_was_first() -> None:
    assert ties(score(olena=7, nikita=7, dasha=0, ihor=0, anna=None, petro=None, yana=3)) == ("olena", "nikita")


def test_movement_is_places_gained_and_none_for_the_new() -> None:
    before = rank(score(olena=9, nikita=7), {})
    now = rank(score(olena=9, nikita=11, dasha=1), {})
    assert movements(before, now) == {"nikita": 1, "olena": -1, "dasha": None}


def test_the_tied_look_up_to_the_same_better_score() -> None:
    scores = score(olena=9, nikita=7, dasha=7, ihor=1)
    assert better_score(rank(scores, {}), scores) == {"dasha": 9, "nikita": 9, "ihor": 7}
    assert better_score(rank(score(olena=1, dasha=1), {}), score(olena=1, dasha=1)) == {}


def test_days_in_the_lead_count_back_without_a_break() -> None:
    closes = [score(olena=9, nikita=8), score(olena=5, nikita=5), score(olena=4, nikita=1), score(olena=0, nikita=1)]
    assert days_in_lead(closes) == {"olena": 3}
    assert days_in_lead([score(olena=0, nikita=0)]) == {}
    assert days_in_lead([score(olena=2, nikita=2), score(olena=1, nikita=0)]) == {"olena": 2, "nikita": 1}


def test_a_place_can_be_explained() -> None:
    def row(rep: str, place: int) -> Place:
        return Place(
            place, rep, rep, None, None, Decimal(7), Decimal(10), Decimal("0.7"), 0, None, 3, None, Status.AHEAD
        )

    rows = [row("olena", 1), row("nikita", 1), row("dasha", 3)]
    month = period_of(PeriodKind.MONTH, TODAY)
    worked = [date(2026, 11, 19), TODAY, date(2026, 11, 23)]
    why = explain(rows[0], "deals_won_amount", "value", month, rows, NOON, worked, TODAY)
    assert (why.tied, why.records, why.target, why.reached) == (("nikita",), 3, Decimal(10), NOON)
    assert (why.working_days, why.passed) == (3, 2)


scores_of_many = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.none() | st.integers(0, 5).map(Decimal))


@given(scores_of_many)
def test_a_place_is_one_more_than_the_number_of_better_scores(scores: dict[str, Decimal | None]) -> None:
    def key(value: Decimal | None) -> Decimal:
        return Decimal(-1) if value is None else value

    ranked = rank(scores, {})
    assert {rep for _, rep in ranked} == scores.keys()
    assert [place for place, _ in ranked] == sorted(place for place, _ in ranked)
    for place, rep in ranked:
        assert place == 1 + sum(key(other) > key(scores[rep]) for other in scores.values())
