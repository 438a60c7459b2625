"""Walking a list by time: nothing is lost, however the answers are ordered and whatever moves meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from sources import TransientError
from sources._kommo.api import Page, Row
from sources._kommo.walk import FilterIgnored, Step, Walk

LIMIT = 5


def stamp(row: Row) -> int:
    return int(row["at"])


class Server:
    """A list that is asked by time. `stir` is called after each answer and may change it."""

    def __init__(self, rows: list[Row], order: str = "asc", edge: int = 0) -> None:
        self.rows = {row["id"]: row for row in rows}
        self.order = order
        self.edge = edge
        self.asked = 0
        self.stir: Callable[[], None] = lambda: None

    def fetch(self, low: int, high: int | None, page: int) -> Page:
        self.asked += 1
        found = [row for row in self.rows.values() if row["at"] >= low + self.edge]
        found = [row for row in found if high is None or row["at"] <= high - self.edge]
        found.sort(key=lambda row: (row["at"], row["id"]))
        if self.order == "desc":
            found.reverse()
        if self.order == "id":
            found.sort(key=lambda row: int(row["id"]))
        shown = [dict(row) for row in found[(page - 1) * LIMIT : page * LIMIT]]
        self.stir()
        return Page(shown, len(found) > page * LIMIT, LIMIT)


def rows(count: int, seconds: int, seed: int) -> list[Row]:
    rng = Random(seed)
    return [{"id": number, "at": 1000 + rng.randrange(seconds)} for number in range(count)]


def read(server: Server, ordered: bool = True, low: int = 1000) -> set[object]:
    walk = Walk(server.fetch, stamp, ordered=ordered)
    return {row["id"] for step in walk.steps(low) for row in step.rows}


@pytest.mark.parametrize("edge", [0, 1], ids=["closed", "open"])
@pytest.mark.parametrize(("order", "ordered"), [("asc", True), ("desc", True), ("id", False)])
@pytest.mark.parametrize("seconds", [1, 3, 40, 5000])
def test_every_row_is_read_in_any_order_with_open_or_closed_borders(
    order: str, ordered: bool, seconds: int, edge: int
) -> None:
    for seed in range(12):
        server = Server(rows(60, seconds, seed), order, edge)
        assert read(server, ordered) == set(range(60))


@pytest.mark.parametrize(("order", "ordered"), [("asc", True), ("id", False)])
def test_rows_that_change_while_they_are_read_are_not_lost(order: str, ordered: bool) -> None:
    """A changed row goes to the end of the list and pulls the others forward, over the borders of the pages."""
    for seed in range(60):
        rng = Random(seed)
        server = Server(rows(50, rng.choice((2, 10, 300)), seed), order)
        newest = 9000

        def stir(rng: Random = rng, server: Server = server) -> None:
            nonlocal newest
            if rng.random() < 0.5:
                newest += 1
                server.rows[rng.randrange(50)]["at"] = newest

        server.stir = stir
        assert read(server, ordered) == set(range(50))


def test_turning_pages_instead_would_lose_rows() -> None:
    """The reason for all of this, so that nobody puts page numbers back."""
    server = Server(rows(50, 300, 1))

    def drop_the_oldest() -> None:
        del server.rows[min(server.rows.values(), key=stamp)["id"]]

    server.stir = drop_the_oldest
    seen = {row["id"] for page in range(1, 11) for row in server.fetch(1000, None, page).rows}
    assert len(seen) < 50 - 5


def test_a_walk_goes_on_from_any_step() -> None:
    for order in ("asc", "desc"):
        server = Server(rows(60, 30, 4), order)
        walk = Walk(server.fetch, stamp)
        seen: set[object] = set()
        low, high = 1000, None
        for _ in range(200):
            step: Step | None = next(walk.steps(low, high), None)
            if step is None:
                break
            seen |= {row["id"] for row in step.rows}
            if (step.low, step.high) == (low, high):
                break
            low, high = step.low, step.high
        assert seen == set(range(60))


def test_a_quiet_list_costs_one_request() -> None:
    server = Server(rows(LIMIT, 100, 2))
    read(server)
    assert server.asked == 1


def test_a_long_list_costs_about_a_request_a_page() -> None:
    server = Server(rows(500, 100_000, 3))
    read(server)
    assert server.asked <= 1.4 * 500 / LIMIT


def test_a_list_in_no_order_costs_a_few_requests_a_page() -> None:
    server = Server(rows(500, 100_000, 3), "id")
    read(server, ordered=False)
    assert server.asked <= 4 * 500 / LIMIT


def test_rows_that_were_not_asked_for_show_that_the_filter_is_ignored() -> None:
    old = Page([{"id": 1, "at": 500}], False, LIMIT)
    walk = Walk(lambda low, high, page: old, stamp)
    with pytest.raises(FilterIgnored):
        list(walk.steps(1000))


def test_an_empty_page_that_promises_more_is_no_end() -> None:
    walk = Walk(lambda low, high, page: Page([], True, LIMIT), stamp)
    with pytest.raises(TransientError):
        list(walk.steps(0))
