"""What is said about a plan in words: the plan, the verdict on the pace, what closes the gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from domain.board import Board, Curve, Period, Progress, Status
from domain.metrics import METRICS, Unit
from domain.points import PER
from domain.settings import PeriodKind
from layouts import format, words
from layouts.panels.parts import signed, tone
from layouts.text import Text, mark

_OF_PLAN = {
    PeriodKind.DAY: mark("of {plan} planned today"),
    PeriodKind.WEEK: mark("of {plan} planned this week"),
    PeriodKind.MONTH: mark("of {plan} planned this month"),
    PeriodKind.QUARTER: mark("of {plan} planned this quarter"),
    PeriodKind.YEAR: mark("of {plan} planned this year"),
}
_NO_PLAN = {
    PeriodKind.DAY: mark("No plan for today"),
    PeriodKind.WEEK: mark("No plan for this week"),
    PeriodKind.MONTH: mark("No plan for this month"),
    PeriodKind.QUARTER: mark("No plan for this quarter"),
    PeriodKind.YEAR: mark("No plan for this year"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A progress and all that is needed to speak of it."""

    progress: Progress
    unit: Unit
    currency: str
    kind: PeriodKind
    closes: time | None

    @property
    def day_off(self) -> bool:
        """Whether the office does not work on the day it is about."""
        return self.kind is PeriodKind.DAY and self.closes is None


def subtitle(text: Text, board: Board) -> str:
    """What a panel is about: the team where it is one's own, and the period."""
    return of_team(board, when(text, board.period))


def of_team(board: Board, words: str) -> str:
    """The words behind the name of the board's team."""
    return f"{board.team_name} · {words}" if board.team_name else words


def subject(board: Board, progress: Progress, unit: Unit) -> Subject:
    """A progress of the board's own period."""
    return Subject(progress, unit, board.currency, board.period.kind, board.closes)


def of_plan(text: Text, about: Subject) -> str:
    """The words around the plan, with `{plan}` left in its place; or that there is none."""
    if about.progress.target is not None:
        return text.t(_OF_PLAN[about.kind])
    return text.t("No plan on a day off") if about.day_off else text.t(_NO_PLAN[about.kind])


def verdict(text: Text, about: Subject) -> str:
    """One short line on the pace, with its sign; empty where there is nothing to judge."""
    progress = about.progress
    if progress.status is Status.MET:
        return signed("met", text.t("Plan met"))
    if progress.status is Status.NO_TARGET or progress.gap is None:
        return ""
    if progress.status is Status.TOO_EARLY:
        return _early(text, about)
    size = _short(text, about, abs(progress.gap))
    if size == _short(text, about, Decimal(0)):
        return signed(tone(progress), text.t("On pace") if progress.gap >= 0 else text.t("Just behind pace"))
    if progress.elapsed >= 1:
        return signed(tone(progress), text.t("{gap} short of the plan", gap=size))
    behind = progress.gap < 0
    words = text.t("{gap} behind pace", gap=size) if behind else text.t("{gap} ahead of pace", gap=size)
    return signed(tone(progress), words)


def advice(text: Text, about: Subject) -> str:
    """What closes the plan, in a sentence; or that it is closed, or that the time is over."""
    progress = about.progress
    if progress.target is None or progress.actual is None:
        return ""
    if progress.status is Status.MET:
        over = progress.actual - progress.target
        return text.t("{over} above the plan.", over=_short(text, about, over)) if over > 0 else ""
    if progress.required_rate is not None:
        return _closing(text, about, progress.required_rate.value, progress.required_rate.per)
    if progress.elapsed >= 1:
        return text.t("The working day is over.") if about.kind is PeriodKind.DAY else text.t("Its time is over.")
    return ""


def usual(text: Text, about: Subject, curve: Curve | None) -> str:
    """What such a day has usually brought by this time, for those who have no plan to look at."""
    if about.progress.target is not None or curve is None or not curve.usual or not curve.actual:
        return ""
    now = curve.actual[-1].x
    by_now = max((point for point in curve.usual if point.x <= now), key=lambda point: point.x, default=None)
    if by_now is None or not by_now.y:
        return ""
    return text.t(
        "On a usual day it is {amount} at {time}.", amount=_short(text, about, by_now.y), time=_hour(by_now.x)
    )


def expected(text: Text, about: Subject) -> str:
    """Where one should be by now; empty when nobody can say or nothing is left to expect."""
    progress = about.progress
    if progress.expected is None or not progress.target or progress.elapsed >= 1:
        return ""
    return text.t("expected by now {amount}", amount=_short(text, about, progress.expected))


def when(text: Text, period: Period) -> str:
    """What a period is called under a panel's title."""
    if period.kind is PeriodKind.DAY:
        return text.t("Today · {day}", day=format.long_day(text, period.first))
    if period.kind is PeriodKind.WEEK:
        return text.t("This week · {first} – {last}", **_ends(text, period))
    if period.kind is PeriodKind.MONTH:
        return f"{month_name(text, period)} {period.first.year}"
    if period.kind is PeriodKind.QUARTER:
        return text.t("This quarter · {first} – {last}", **_ends(text, period))
    return text.t("This year · {first} – {last}", **_ends(text, period))


def worth(text: Text, metric: str, points: Decimal, currency: str) -> str:
    """What a metric is worth: Calls: 1 each · Won deals, amount: 2 per ₴1,000."""
    return f"{words.metric_name(text, metric)}: {price(text, metric, points, currency)}"


def price(text: Text, metric: str, points: Decimal, currency: str) -> str:
    """For how much of a metric there are so many points."""
    unit, number = METRICS[metric].unit, format.number(text, points, 2)
    if unit is Unit.MONEY:
        return text.t("{points} per {amount}", points=number, amount=format.money(text, PER[unit], currency))
    return (
        text.t("{points} a minute", points=number) if unit is Unit.SECONDS else text.t("{points} each", points=number)
    )


def month_name(text: Text, period: Period) -> str:
    """The name of a period's month at the beginning of a line."""
    name = format.month(text, period.first)
    return name[:1].upper() + name[1:]


def _early(text: Text, about: Subject) -> str:
    if about.day_off:
        return text.t("Day off today")
    if about.progress.elapsed == 0:
        return text.t("Working time has not begun")
    if not about.progress.actual:
        return text.t("Nothing yet, the day is young") if about.kind is PeriodKind.DAY else text.t("Nothing yet")
    return text.t("Too early to judge the pace")


def _closing(text: Text, about: Subject, value: Decimal, per: str) -> str:
    progress = about.progress
    if about.unit is Unit.COUNT and value < 1 and progress.target is not None and progress.actual is not None:
        return text.t("{left} more and the plan is met.", left=_short(text, about, progress.target - progress.actual))
    needed = format.rate(text, value, about.unit, about.currency)
    if per == "day":
        return text.t("{rate} a day closes the plan.", rate=needed)
    if about.closes is None:
        return text.t("{rate} an hour closes the plan.", rate=needed)
    return text.t("{rate} an hour closes the plan by {time}.", rate=needed, time=format.clock(text, about.closes))


def _short(text: Text, about: Subject, value: Decimal) -> str:
    whole = value.quantize(Decimal(1)) if about.unit is Unit.COUNT else value
    return format.short_amount(text, whole, about.unit, about.currency)


def _hour(x: Decimal) -> str:
    return f"{int(x)}:{int(x % 1 * 60):02}"


def _ends(text: Text, period: Period) -> dict[str, str]:
    return {"first": format.day_month(text, period.first), "last": format.day_month(text, period.last)}
