"""Reading a list that changes while it is read: walk by time, never by page number, so that no row slips past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sources import TransientError
from sources._kommo.api import Page, Row, TooHeavy

# Asks for rows whose stamp lies between the two seconds (None = open end): (from, to, page number).
Fetch = Callable[[int, int | None, int], Page]
Stamp = Callable[[Row], int]

_PASSES = 8


class FilterIgnored(Exception):
    """Rows came that were not asked for: the account does not filter this list."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows, some perhaps for the second time. `low`..`high` is what is still to be read, if more steps follow."""

    rows: list[Row]
    low: int
    high: int | None


class Walk:
    """Walks one list between two seconds, whichever way the answers are ordered; `ordered` False = in no useful way.

    Page numbers lose rows: a row that leaves page 1 pulls the first row of page 2 onto page 1 after page 1 was read.
    So only first pages are asked for, each from the last second seen on. Where one second holds more than a page,
    its pages are read again and again until nothing new comes.

    Whether Kommo's `from` and `to` include their own second is nowhere written: the walk asks for one second more
    until it has seen that they do.
    """

    def __init__(self, fetch: Fetch, stamp: Stamp, margin: int = 1, ordered: bool = True) -> None:
        self._ordered = ordered
        self.margin = margin
        self.pages = 0
        self._fetch = fetch
        self._stamp = stamp
        self._width: int | None = None

    def steps(self, low: int, high: int | None = None) -> Iterator[Step]:
        """From `low` on (to `high`, both included). Rows of a step are complete up to its borders."""
        newest = low
        while high is None or low <= high:
            if self._width is not None and low <= newest:
                step: Step | None = self._bisect(low, high, newest)
            else:
                page = self._page(low, high, 1)
                if not page.more:
                    yield Step(page.rows, low, high)
                    return
                newest = max((self._stamp(row) for row in page.rows), default=low)
                step = self._step(page, low, high)
            if step is not None:
                yield step
                low, high = step.low, step.high

    def _step(self, page: Page, low: int, high: int | None) -> Step | None:
        """What the first of several pages says; None = ask again, the border was found to be included."""
        stamps = [self._stamp(row) for row in page.rows]
        if not stamps:
            raise TransientError("Kommo sent an empty page and said that there is more.")
        first, last = stamps[0], stamps[-1]
        if not self._ordered:
            return self._bisect(low, high, max(stamps))
        if max(stamps) < low or (high is not None and min(stamps) > high):
            return None
        if first < last and stamps == sorted(stamps):
            return Step(page.rows, last, high) if last > low else self._fill(low, high)
        if first > last and stamps == sorted(stamps, reverse=True):
            top = first if high is None else high
            return Step(page.rows, low, last) if last < top else Step(self._crowd(top), low, top - 1)
        if min(stamps) == max(stamps) == low:
            return self._fill(low, high)
        if min(stamps) == max(stamps) == high:
            return Step(self._crowd(high), low, high - 1)
        return self._bisect(low, high, max(stamps))

    def _fill(self, low: int, high: int | None) -> Step:
        return Step(self._crowd(low), low + 1, high)

    def _bisect(self, low: int, high: int | None, newest: int) -> Step:
        """Answers in no order that could be told: find a span that fits on a page, near the last one's width."""
        top = newest if high is None else high
        reach = top if self._width is None else min(top, low + self._width)
        page = self._page(low, reach, 1)
        while page.more and reach > low:
            reach = (low + reach) // 2
            page = self._page(low, reach, 1)
        self._width = (reach - low + 1) * (1 if 2 * len(page.rows) > page.limit else 2)
        rows = self._crowd(low) if page.more else page.rows
        return Step(rows, reach + 1, high)

    def _crowd(self, second: int) -> list[Row]:
        """Every row of one second, which holds more than a page."""
        known: dict[object, Row] = {}
        for attempt in range(_PASSES):
            before = len(known)
            complete = self._pass(second, known)
            if complete and attempt and len(known) == before:
                return list(known.values())
        raise TransientError("The rows of one second kept moving while they were read.")

    def _pass(self, second: int, known: dict[object, Row]) -> bool:
        """Read the pages of one second once; False = page numbers changed their meaning meanwhile."""
        number, asked = 1, (0, 0)
        while True:
            margin = self.margin
            try:
                page = self._page(second, second, number)
            except TooHeavy:
                return False
            if number > 1 and asked != (margin, page.limit):
                return False
            asked = (margin, page.limit)
            known.update((row["id"], row) for row in page.rows if self._stamp(row) == second)
            if not page.more or not page.rows:
                return True
            number += 1

    def _page(self, low: int, high: int | None, number: int) -> Page:
        since, until = low - self.margin, None if high is None else high + self.margin
        page = self._fetch(since, until, number)
        self.pages += 1
        for row in page.rows:
            at = self._stamp(row)
            if at < since or (until is not None and at > until):
                raise FilterIgnored
            if self.margin and at in (since, until):
                self.margin = 0
        return page
