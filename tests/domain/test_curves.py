"""Curves: the running total of a day beside the plan and the usual such day, and of a longer period by day."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from domain.board import Point
from domain.curves import day_axis, day_curve, now_mark, period_curve
from domain.periods import period_of
from domain.settings import Hours, PeriodKind
from tests.domain.office import SETTINGS, TODAY, kyiv

HOURS = SETTINGS.hours
KYIV, NEW_YORK = "Europe/Kyiv", "America/New_York"


def sums(**of: int) -> dict[int, Decimal]:
    """Hour to value: h9=3."""
    return {int(hour[1:]): Decimal(value) for hour, value in of.items()}


def points(*pairs: tuple[float, float]) -> tuple[Point, ...]:
    return tuple(Point(Decimal(str(x)), Decimal(str(y))) for x, y in pairs)


def test_the_axis_runs_from_opening_to_closing_and_wider_where_there_are_facts() -> None:
    axis = day_axis(KYIV, HOURS, (KYIV,), TODAY, ())
    assert (axis.first, axis.last) == (9, 18)
    wider = day_axis(KYIV, HOURS, (KYIV,), TODAY, (7, 12, 19))
    assert (wider.first, wider.last) == (7, 20)
    late = day_axis(KYIV, Hours(time(8, 30), time(17, 30)), (KYIV,), TODAY, ())
    assert (late.first, late.last) == (8, 18)
    night = day_axis(KYIV, Hours(time(22), time(6)), (KYIV,), TODAY, ())
    assert (night.first, night.last) == (0, 24)


def test_the_actual_grows_hour_by_hour_and_ends_now_with_the_total() -> None:
    axis = day_axis(KYIV, HOURS, (), TODAY, ())
    curve = day_curve(axis, Decimal("11.5"), Decimal(7), sums(h9=3, h10=2, h11=2), {}, ())
    assert curve.actual == points((9, 0), (10, 3), (11, 5), (11.5, 7))
    assert (curve.plan, curve.usual) == ((), ())


def test_what_has_no_time_of_day_lies_under_the_whole_curve() -> None:
    axis = day_axis(KYIV, HOURS, (), TODAY, ())
    assert day_curve(axis, Decimal(10), Decimal(5), sums(h9=3), {}, ()).actual == points((9, 2), (10, 5))


def test_before_the_day_there_is_no_actual_and_after_it_it_ends_with_the_axis() -> None:
    axis = day_axis(KYIV, HOURS, (), TODAY, ())
    assert day_curve(axis, None, Decimal(0), {}, {}, ()).actual == ()
    assert day_curve(axis, Decimal(7), Decimal(0), {}, {}, ()).actual == points((9, 0))
    assert day_curve(axis, Decimal(24), Decimal(3), sums(h9=3), {}, ()).actual[-1] == Point(Decimal(18), Decimal(3))


def test_the_plan_stands_still_in_the_break_and_follows_each_zone() -> None:
    plan = day_curve(day_axis(KYIV, HOURS, (KYIV,), TODAY, ()), None, Decimal(0), {}, {KYIV: Decimal(80)}, ()).plan
    by_hour = {point.x: point.y for point in plan}
    assert [by_hour[Decimal(hour)] for hour in (9, 13, 14, 18)] == [0, 40, 40, 80]
    both = day_axis(KYIV, HOURS, (KYIV, NEW_YORK), TODAY, (23,))
    plan = day_curve(both, None, Decimal(0), {}, {KYIV: Decimal(80), NEW_YORK: Decimal(80)}, ()).plan
    by_hour = {point.x: point.y for point in plan}
    assert [by_hour[Decimal(hour)] for hour in (16, 20, 24)] == [60, 120, 150]


def test_a_break_off_the_half_hour_has_its_own_marks() -> None:
    axis = day_axis(KYIV, Hours(break_start=time(13, 20), break_end=time(13, 50)), (KYIV,), TODAY, ())
    passed = dict(zip(axis.marks, axis.passed[KYIV], strict=True))
    at_break = [part for mark, part in passed.items() if Decimal("13.3") < mark < Decimal("13.9")]
    assert len(at_break) == 3
    assert len(set(at_break)) == 1


def test_the_usual_day_is_the_mean_of_at_least_two() -> None:
    axis = day_axis(KYIV, HOURS, (), TODAY, ())
    one, two = sums(h8=1, h9=3), sums(h9=2, h17=4)
    assert day_curve(axis, None, Decimal(0), {}, {}, [one]).usual == ()
    usual = day_curve(axis, None, Decimal(0), {}, {}, [one, two]).usual
    assert (usual[0], usual[1], usual[-1]) == points((9, 0.5), (10, 3), (18, 5))


def test_a_longer_period_grows_by_day_up_to_today() -> None:
    month = period_of(PeriodKind.MONTH, TODAY)
    plan = [{date(2026, 11, 2): Decimal(4)}, {date(2026, 11, 2): Decimal(1), date(2026, 11, 30): Decimal(5)}]
    curve = period_curve(month, date(2026, 11, 3), {date(2026, 11, 2): Decimal(7)}, plan)
    assert curve.actual == points((1, 0), (2, 7), (3, 7))
    assert (curve.plan[1], curve.plan[-1]) == points((2, 5), (30, 10))
    assert (curve.x_first, curve.x_last) == (Decimal(1), Decimal(30))
    assert period_curve(month, TODAY, {}, ()).plan == ()


def test_now_is_the_offices_local_hour() -> None:
    assert now_mark(KYIV, TODAY, kyiv(TODAY, "14:30")) == Decimal("14.5")
    assert now_mark(KYIV, date(2026, 11, 21), kyiv(TODAY, "14:30")) is None
    assert now_mark(KYIV, date(2026, 11, 19), kyiv(TODAY, "14:30")) == 24
