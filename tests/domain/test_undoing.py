"""Taking back: whatever was recorded, afterwards every period is as it was before, seen from any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.periods import period_of
from domain.settings import PeriodKind
from domain.targets import Target, in_force
from domain.undoing import takes_back
from tests.domain.office import target

START = date(2026, 9, 1)
DAYS = st.integers(0, 150).map(lambda number: START + timedelta(days=number))


@st.composite
def rows(draw: st.DrawFn, order: int) -> Target:
    kind = draw(st.sampled_from((PeriodKind.MONTH, PeriodKind.WEEK)))
    since = draw(DAYS)
    until = draw(st.none() | st.integers(0, 2).map(lambda more: period_of(kind, since + timedelta(31 * more)).last))
    value = draw(st.none() | st.integers(0, 5).map(str))
    return replace(target(value, period=kind, since=since, until=until), order=order)


@given(st.data())
def test_everything_is_as_before_the_rows_that_are_taken_back(data: st.DataObject) -> None:
    earlier = [data.draw(rows(order)) for order in range(data.draw(st.integers(0, 5)))]
    taken = [data.draw(rows(order)) for order in range(10, 10 + data.draw(st.integers(1, 3)))]
    back = [replace(row, order=20 + number) for number, row in enumerate(takes_back(taken, earlier))]
    after = [*earlier, *taken, *back]
    for kind in (PeriodKind.MONTH, PeriodKind.WEEK):
        for day in (START + timedelta(days=number) for number in range(0, 200, 5)):
            period = period_of(kind, day)
            now, before = (in_force([r for r in each if r.period is kind], period, day) for each in (after, earlier))
            assert (now.value if now else None) == (before.value if before else None), (kind, day)


def test_what_comes_back_is_recorded_in_the_order_in_which_it_begins() -> None:
    held = replace(target("5", since=START + timedelta(days=1), until=None), order=0)
    taken = [replace(held, value=None, order=10), replace(held, value=None, since=START, order=11)]
    assert [(row.since, row.value) for row in takes_back(taken, [held])] == [(START, None), (held.since, held.value)]
