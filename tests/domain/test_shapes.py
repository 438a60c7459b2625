"""Shapes: how a day usually goes, learned from four weeks, and what that makes of the pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.building import needs
from domain.settings import DayShape, PeriodKind
from domain.shapes import done_by, learned
from domain.sums import HourRow
from tests.domain.office import DASHA, NIKITA, OLENA, SETTINGS, TODAY, board, done, inputs, kyiv, target

USUAL = replace(SETTINGS, day_shape=DayShape.USUAL)
WORKED = needs(USUAL, PeriodKind.DAY, TODAY, kyiv(TODAY, "10:00")).shape_days
# Every working day three calls from 9 to 10, one from 15 to 16.
ROWS: list[HourRow] = [("calls", "", day, hour, value) for day in WORKED for hour, value in ((9, 3), (15, 1))]

hours_of_days = st.lists(
    st.dictionaries(st.integers(0, 23), st.integers(-5, 50).map(Decimal), min_size=1), min_size=20, max_size=20
)


def sums(days: list[dict[int, Decimal]]) -> dict[str, dict[date, dict[int, Decimal]]]:
    return {"calls": {TODAY - timedelta(days=1 + place): hours for place, hours in enumerate(days * 2)}}


def test_four_weeks_of_working_days_are_learned_from_and_none_where_nobody_wishes_it() -> None:
    assert (WORKED[0], WORKED[-1], len(WORKED)) == (date(2026, 10, 23), date(2026, 11, 19), 20)
    assert needs(SETTINGS, PeriodKind.DAY, TODAY, kyiv(TODAY, "10:00")).shape_days == ()


@given(hours_of_days)
def test_a_shape_begins_at_nothing_ends_at_all_and_never_falls(days: list[dict[int, Decimal]]) -> None:
    for shape in learned(sums(days), TODAY).values():
        assert len(shape) == 25
        assert (shape[0], done_by(shape, Decimal(24))) == (Decimal(0), Decimal(1))
        assert list(shape) == sorted(shape)


def test_without_work_in_each_of_the_four_weeks_nothing_is_learned() -> None:
    known = sums([{9: Decimal(1)}] * 20)
    assert set(learned(known, TODAY)) == {"calls"}
    third = {day: hours for day, hours in known["calls"].items() if not 14 <= (TODAY - day).days < 21}
    assert learned({"calls": third}, TODAY) == {}
    rare = dict(list(known["calls"].items())[:9])
    assert set(learned(known | {"deals_won": rare}, TODAY)) == {"calls"}


def test_within_an_hour_it_goes_evenly() -> None:
    shape = learned(sums([{9: Decimal(3), 15: Decimal(1)}] * 20), TODAY)["calls"]
    assert [done_by(shape, Decimal(clock)) for clock in ("9", "9.5", "10", "12", "15.5", "23.99")] == [
        0, Decimal("0.375"), Decimal("0.75"), Decimal("0.75"), Decimal("0.875"), 1,
    ]  # fmt: skip


def test_what_is_expected_follows_the_usual_day_and_the_reps_still_sum_to_the_office() -> None:
    rows = [target(20, rep, period=PeriodKind.DAY) for rep in (OLENA, NIKITA, DASHA)]
    made = inputs(rows, [done(OLENA, "calls", 15)], settings=USUAL, shape_hours=ROWS)
    at_ten = board(made, now=kyiv(TODAY, "10:00")).metric("calls")
    assert (at_ten.progress.expected, at_ten.progress.gap) == (Decimal(45), Decimal(-30))
    assert sum((row.progress.expected or Decimal(0) for row in at_ten.reps), Decimal(0)) == 45
    # The plan's line is the same, and by the hours it would have been an eighth.
    assert at_ten.curve is not None
    assert {point.x: point.y for point in at_ten.curve.plan}[Decimal(10)] == 45
    assert board(replace(made, shape_hours=()), now=kyiv(TODAY, "10:00")).metric("calls").progress.expected == Decimal(
        "7.5"
    )
    assert board(made, now=kyiv(TODAY, "18:00")).metric("calls").progress.expected == 60


def test_a_rep_elsewhere_goes_by_the_clock_there() -> None:
    dasha = replace(DASHA, zone="America/New_York")
    rows = [target(20, rep, period=PeriodKind.DAY) for rep in (OLENA, dasha)]
    made = inputs(rows, settings=USUAL, shape_hours=ROWS, reps=(OLENA, dasha))
    # 16:30 in Kyiv is 9:30 in New York.
    found = {row.name: row.progress.expected for row in board(made, now=kyiv(TODAY, "16:30")).metric("calls").reps}
    assert found == {"Olena": 20, "Dasha": Decimal("7.5")}
