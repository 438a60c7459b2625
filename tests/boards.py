"""Boards made by hand: a Friday afternoon in an office of as many reps as a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from domain.board import (
    Board,
    Curve,
    Leaderboard,
    MetricBoard,
    Period,
    Place,
    Point,
    Progress,
    RepProgress,
    RequiredRate,
    SourceHealth,
    SourceState,
    Status,
    Unmapped,
    Win,
)
from domain.metrics import METRICS, Ratio, Unit
from domain.settings import PeriodKind

NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=8)
TODAY = Period(PeriodKind.DAY, date(2026, 11, 20), date(2026, 11, 20))
MONTH = Period(PeriodKind.MONTH, date(2026, 11, 1), date(2026, 11, 30))
HOSTILE = '<script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
NAMES = (
    "Олена Коваль",
    "Nikita Orlov",
    "Марія Шевчук",
    "Игорь Соколов",
    "Dasha Lewis",
    "Олександр Бондаренко-Великопольський-Січ",
    "Anna Petrova",
    "Тарас Мельник",
    "Юлия Васильева",
    "Maksym Hrytsenko",
    HOSTILE,
    "משה כהן 🎯",
)
# Fact and plan of a rep's day, by place; the office's are their sums.
_PARTS = ((19, 18), (18, 18), (17, 20), (16, 18), (15, 18), (13, 18), (11, 20), (10, 18), (9, 18), (7, 14))
_SCALE = {
    "calls": ("1", "1"),
    "emails": ("0.65", "0.89"),
    "invoices_issued": ("0.12", "0.17"),
    "invoices_paid": ("0.05", "0.09"),
    "deals_created": ("0.14", "0.14"),
    "deals_won": ("0.05", "0.05"),
}
_RATIOS = {"average_deal": Decimal(23_700), "win_rate": Decimal("0.31")}
_AMOUNT = Decimal(23_700)
_PASSED = Decimal("0.6033")


def board(reps: int = 12, plan: bool = True, done: bool = True, kind: PeriodKind = PeriodKind.DAY) -> Board:
    """The office at 14:26; `plan` False = nobody has a target, `done` False = nothing has happened yet."""
    period = TODAY if kind is PeriodKind.DAY else MONTH
    factor = 1 if kind is PeriodKind.DAY else 14
    return Board(
        now=NOW,
        as_of=JUST_NOW,
        timezone="Europe/Kyiv",
        currency="UAH",
        period=period,
        metrics={key: metric(key, reps, plan, done, factor, period) for key in METRICS},
        month={} if kind is PeriodKind.MONTH else {key: _whole(key, reps, plan) for key in METRICS},
        leaderboard=leaderboard(reps, plan),
        sources=(source(),),
        last_win=Win("main:1", NAMES[0], NOW - timedelta(minutes=3), Decimal(184000), "UAH", "Deal") if reps else None,
        unmapped=Unmapped(0, 0),
        problems=(),
        closes=time(18),
        demo=False,
    )


def source(health: SourceHealth = SourceHealth.LIVE, as_of: datetime | None = JUST_NOW) -> SourceState:
    """A connection to Bitrix24."""
    return SourceState("main", "bitrix24", health, as_of, None, 30)


def with_metric(of: Board, key: str, change: MetricBoard) -> Board:
    """The board with another reading of one metric."""
    return replace(of, metrics={**of.metrics, key: change})


def with_progress(of: Board, key: str, change: Progress) -> Board:
    """The board with another progress of the whole office in one metric."""
    return with_metric(of, key, replace(of.metric(key), progress=change))


def metric(key: str, reps: int, plan: bool, done: bool, factor: int, period: Period) -> MetricBoard:
    """A metric in which every rep has a part; ratios are the same for everybody."""
    unit = METRICS[key].unit
    lines = tuple(_line(key, unit, place, plan, done, factor) for place in range(reps))
    actual = sum((each.progress.actual or Decimal(0) for each in lines), Decimal(0))
    target = sum((each.progress.target or Decimal(0) for each in lines), Decimal(0)) if plan and reps else None
    if isinstance(METRICS[key], Ratio):
        actual, target = _RATIOS[key], None
    ordered = tuple(sorted(lines, key=lambda line: (-(line.progress.actual or 0), line.name)))
    curve = None if isinstance(METRICS[key], Ratio) else _curve(actual, target, period)
    return MetricBoard(key, unit, True, None, progress(actual, target, factor > 1), ordered, curve)


def _whole(key: str, reps: int, plan: bool) -> MetricBoard:
    """The month of a metric beside the day: nobody's lines and no curve."""
    return replace(metric(key, reps, plan, True, 14, MONTH), reps=(), curve=None)


def progress(actual: Decimal | None, target: Decimal | None, long: bool = False) -> Progress:
    """A progress with six tenths of the time gone, judged as the product judges."""
    if actual is None or target is None:
        return Progress(actual, None, None, None, None, None, None, Status.NO_TARGET, _PASSED)
    expected = (target * _PASSED).quantize(Decimal("0.0001"))
    gap = actual - expected
    left = Decimal("3.5667") if not long else Decimal("7.4")
    needed = RequiredRate((target - actual) / left, "day" if long else "hour") if actual < target else None
    status = Status.MET if actual >= target else Status.AHEAD if gap >= 0 else Status.BEHIND
    if status is Status.BEHIND and gap < expected * Decimal("-0.15"):
        status = Status.FAR_BEHIND
    share = (actual / target).quantize(Decimal("0.0001")) if target else None
    return Progress(actual, target, expected, share, gap, needed, actual / _PASSED, status, _PASSED)


def leaderboard(reps: int, plan: bool = True, sums: Sequence[int] | None = None) -> Leaderboard:
    """Who leads by money won in November; two share the second place when there are enough."""
    values = sums or [max(1_184_000 - 92_000 * max(place - (place == 2), 0), 12_500) for place in range(reps)]
    rows = tuple(_place(place, Decimal(value), values, plan) for place, value in enumerate(values[:10]))
    return Leaderboard("deals_won_amount", Unit.MONEY, "value", MONTH, 15, 21, rows, 3)


def name_of(place: int) -> str:
    """The name of the rep at a place in the list of the office's people."""
    return NAMES[place] if place < len(NAMES) else f"{NAMES[place % 10].split()[0]} Співробітник {place}"


def _line(key: str, unit: Unit, place: int, plan: bool, done: bool, factor: int) -> RepProgress:
    fact, aim = (Decimal(part) for part in _PARTS[place % len(_PARTS)])
    fact_scale, aim_scale = (Decimal(part) for part in _SCALE.get(key.removesuffix("_amount"), ("1", "1")))
    size = _AMOUNT if unit is Unit.MONEY else Decimal(60) if unit is Unit.SECONDS else Decimal(1)
    actual = (fact * fact_scale).to_integral_value() * size * factor if done else Decimal(0)
    target = (aim * aim_scale).to_integral_value() * size * factor if plan else None
    ratio = isinstance(METRICS[key], Ratio)
    judged = progress(_RATIOS[key] if ratio else actual, None if ratio else target, factor > 1)
    return RepProgress(f"main:{place + 1}", name_of(place), "North", None, judged)


def _curve(actual: Decimal, target: Decimal | None, period: Period) -> Curve:
    if period.kind is PeriodKind.DAY:
        done = (0, 8, 23, 40, 57, 66, 100)
        facts = [Point(Decimal(9 + at), actual * part / 100) for at, part in enumerate(done[:-1])]
        facts.append(Point(Decimal("14.4333"), actual))
        parts = (0, 12, 25, 37, 50, 50, 62, 75, 87, 100)
        return Curve(tuple(facts), _line_of(target, parts, 9), _line_of(actual, parts, 9), Decimal(9), Decimal(18))
    days = [Point(Decimal(day), actual * day / 20) for day in range(1, 21)]
    plan = (*range(3, 90, 3), 100)
    return Curve(tuple(days), _line_of(target, plan, 1), (), Decimal(1), Decimal(30))


def _line_of(whole: Decimal | None, parts: Sequence[int], first: int) -> tuple[Point, ...]:
    if whole is None:
        return ()
    return tuple(Point(Decimal(first + at), whole * part / 100) for at, part in enumerate(parts))


def _place(place: int, value: Decimal, values: Sequence[int], plan: bool) -> Place:
    ranked = sorted(values, reverse=True).index(int(value)) + 1
    better = [Decimal(other) for other in values if other > value]
    target = Decimal(1_000_000) if plan else None
    judged = progress(value, target, long=True)
    return Place(
        place=ranked,
        rep=f"main:{place + 1}",
        name=name_of(place),
        team="North",
        photo=None,
        value=value,
        target=target,
        attainment=judged.attainment,
        movement=(0, 1, -1, 3, 0, -2, None)[place % 7],
        gap_to_next=min(better) - value if better else None,
        count=14 - place,
        required_rate=judged.required_rate,
        status=judged.status,
        days_in_lead=5 if ranked == 1 else None,
    )
