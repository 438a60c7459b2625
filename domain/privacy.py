"""Privacy: what the wall keeps to itself when the office wishes so; what is left of it stays right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.board import (
    Board,
    Curve,
    Leaderboard,
    MetricBoard,
    Place,
    Point,
    Progress,
    RepProgress,
    RequiredRate,
    Status,
    Win,
)
from domain.made import Made
from domain.metrics import METRICS, Unit
from domain.settings import Settings

_SHARE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Discretion:
    """What is left out: family names, sums of money, who is before whom, metrics that nobody looks at."""

    first_names_only: bool = False
    hide_amounts: bool = False
    hide_ranking: bool = False
    metrics: frozenset[str] = frozenset()


def discretion(settings: Settings) -> Discretion:
    """What the office wishes to be left out."""
    return Discretion(settings.first_names_only, settings.hide_amounts, settings.hide_ranking, settings.metrics_hidden)


def discreet(board: Board, how: Discretion) -> Board:
    """The board without what is not for the room: it is gone, not merely covered. So are people who are hidden.

    Without amounts, money becomes its share of the plan, and is not known where there is no plan. Without ranking, the
    leaderboard is empty and the reps stand by name.
    """
    board = _each(board, _seen)
    if how.metrics:
        board = _each(board, lambda metric: _emptied(metric) if metric.key in how.metrics else metric)
    if how.first_names_only:
        board = _with_names(board, first_names(_names(board)))
    if how.hide_amounts:
        board = replace(
            _each(board, _without_money),
            leaderboard=_veiled(board.leaderboard),
            last_win=None if board.last_win is None else replace(board.last_win, amount=None, currency=None),
        )
    if how.hide_ranking:
        board = replace(_each(board, _by_name), leaderboard=replace(board.leaderboard, rows=(), overtakes=0))
    return board


def first_names(names: Iterable[str]) -> dict[str, str]:
    """Full name → first name; those who share one keep the first letter of their last."""
    words = {name: name.split() for name in names}
    often = Counter(parts[0].casefold() for parts in words.values() if parts)
    return {name: _short(parts, often) if parts else name for name, parts in words.items()}


def _each(board: Board, change: Callable[[MetricBoard], MetricBoard]) -> Board:
    """The board with every metric changed, as soon as it is looked at."""
    day, month = board.metrics, board.month
    return replace(
        board,
        metrics=Made(day, lambda key: change(day[key])),
        month=Made(month, lambda key: change(month[key])),
    )


def _emptied(metric: MetricBoard) -> MetricBoard:
    """Nothing but the key."""
    nothing = replace(metric.progress, actual=None, target=None, expected=None, attainment=None, gap=None,
                      required_rate=None, projected=None, status=Status.NO_TARGET)  # fmt: skip
    return replace(metric, available=False, progress=nothing, reps=(), curve=None, hidden=True)


def _short(parts: list[str], often: Mapping[str, int]) -> str:
    alone = len(parts) == 1 or often[parts[0].casefold()] == 1
    return parts[0] if alone else f"{parts[0]} {parts[-1][0]}."


def _names(board: Board) -> set[str]:
    named: tuple[RepProgress | Place | Win | None, ...] = (
        *board.everybody,
        # Who sold this month may be there no more today.
        *(rep for metric in board.month.values() for rep in metric.reps),
        *board.leaderboard.rows,
        board.last_win,
    )
    return {each.name for each in named if each is not None}


def _with_names(board: Board, names: Mapping[str, str]) -> Board:
    def renamed(metric: MetricBoard) -> MetricBoard:
        return replace(metric, reps=tuple(replace(rep, name=names[rep.name]) for rep in metric.reps))

    rows = tuple(replace(row, name=names[row.name]) for row in board.leaderboard.rows)
    return replace(
        _each(board, renamed),
        leaderboard=replace(board.leaderboard, rows=rows),
        last_win=None if board.last_win is None else replace(board.last_win, name=names[board.last_win.name]),
    )


def _seen(metric: MetricBoard) -> MetricBoard:
    return replace(metric, reps=tuple(rep for rep in metric.reps if not rep.hidden))


def _by_name(metric: MetricBoard) -> MetricBoard:
    return replace(metric, reps=tuple(sorted(metric.reps, key=lambda rep: (rep.name.casefold(), rep.rep))))


def _without_money(metric: MetricBoard) -> MetricBoard:
    if metric.unit is not Unit.MONEY:
        return metric
    reps = tuple(replace(rep, progress=_as_share(rep.progress)) for rep in metric.reps)
    curve = _curve_as_share(metric.curve, metric.progress.target)
    return replace(metric, unit=Unit.RATIO, progress=_as_share(metric.progress), reps=reps, curve=curve)


def _as_share(of: Progress) -> Progress:
    whole = of.target
    rate = of.required_rate
    return replace(
        of,
        actual=_part(of.actual, whole),
        target=Decimal(1) if whole else None,
        expected=_part(of.expected, whole),
        gap=_part(of.gap, whole),
        projected=_part(of.projected, whole),
        required_rate=RequiredRate(_share(rate.value, whole), rate.per) if rate and whole else None,
    )


def _curve_as_share(curve: Curve | None, whole: Decimal | None) -> Curve | None:
    if curve is None or not whole:
        return None

    def lowered(points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple(Point(point.x, _share(point.y, whole)) for point in points)

    return replace(curve, actual=lowered(curve.actual), plan=lowered(curve.plan), usual=lowered(curve.usual))


def _veiled(ranks: Leaderboard) -> Leaderboard:
    # Points for money would tell the money.
    if ranks.unit is not Unit.MONEY and not any(METRICS[key].unit is Unit.MONEY for key, _ in ranks.rule):
        return ranks
    best = max((row.value for row in ranks.rows), default=Decimal(0))
    rows = tuple(
        replace(row, value=_share(row.value, best) if best else row.value, target=None, gap_to_next=None,
                required_rate=None, scored=())
        for row in ranks.rows
    )  # fmt: skip
    return replace(ranks, unit=Unit.RATIO, rows=rows, veiled=True)


def _part(value: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if value is None or not whole else _share(value, whole)


def _share(value: Decimal, whole: Decimal) -> Decimal:
    return (value / whole).quantize(_SHARE)
