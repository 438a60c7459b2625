"""One among the others: who is near, how far away, and who is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.board import Leaderboard
from domain.privacy import Discretion, discreet
from domain.standing import Neighbour, neighbours
from tests import boards

RANKS = boards.board().leaderboard


def near(place: int, top: int = 0, ranks: Leaderboard = RANKS) -> list[tuple[int, bool, bool]]:
    rep = ranks.rows[place - 1].rep
    return [(ranks.rows.index(each.place) + 1, each.own, each.seen) for each in neighbours(ranks, ranks, rep, top)]


@pytest.mark.parametrize(("place", "rows"), [(1, [1, 2, 3]), (2, [1, 2, 3]), (6, [5, 6, 7]), (10, [8, 9, 10])], ids=str)
def test_two_rivals_stand_beside_everybody_even_at_the_ends(place: int, rows: list[int]) -> None:
    assert [row for row, _, _ in near(place)] == rows
    assert [row for row, own, _ in near(place) if own] == [place]


def test_who_is_not_on_the_wall_is_not_named_but_oneself_always() -> None:
    assert near(8, top=7) == [(7, False, True), (8, True, True), (9, False, False)]


def test_the_distance_is_what_one_needs_to_draw_level() -> None:
    own = RANKS.rows[5]
    above, self_, below = neighbours(RANKS, RANKS, own.rep, 0)
    assert above.distance == RANKS.rows[4].value - own.value
    assert self_.distance == 0
    assert below.distance is not None
    assert below.distance < 0


def test_by_attainment_the_distance_is_measured_by_ones_own_plan() -> None:
    first, second, *rest = RANKS.rows
    rows = (
        replace(first, attainment=Decimal("1.2")),
        replace(second, attainment=Decimal(1), target=Decimal(500)),
        *(replace(row, attainment=None) for row in rest),
    )
    ranks = replace(RANKS, rank_by="attainment", rows=rows)
    found = neighbours(ranks, ranks, second.rep, 0)
    assert [each.distance for each in found] == [100, 0, None]


def test_who_is_not_ranked_has_no_neighbours_and_few_are_all_shown() -> None:
    few = replace(RANKS, rows=RANKS.rows[:2])
    assert neighbours(RANKS, RANKS, "main:99", 0) == ()
    assert len(neighbours(few, few, RANKS.rows[0].rep, 0)) == 2


def test_rivals_are_told_of_as_the_wall_tells_of_them() -> None:
    board = boards.board()
    own = RANKS.rows[5]

    def found(how: Discretion) -> tuple[Neighbour, ...]:
        return neighbours(RANKS, discreet(board, how).leaderboard, own.rep, 0)

    above, self_, _ = found(Discretion(first_names_only=True))
    assert (above.place.name, self_.place.name) == (RANKS.rows[4].name.split()[0], own.name)
    above, self_, _ = found(Discretion(hide_amounts=True))
    assert (above.veiled, above.distance, self_.veiled, self_.place.value) == (True, None, False, own.value)
    assert found(Discretion(hide_ranking=True)) == ()
