"""Which numbers are shown, and where one can go from there: all of it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qs, urlencode

from domain.board import Period
from domain.counting import sums_of
from domain.metrics import METRICS
from domain.periods import DAY, period_of, previous
from domain.settings import PeriodKind, Settings
from domain.targets import COMPANY, REP, TEAM
from layouts import format as write
from layouts import words
from layouts.settings.steps import Step
from layouts.text import Text

PATH = "/settings/numbers"
# The metrics that most offices look at; the others are one click away.
USUAL = ("calls", "emails", "invoices_issued", "invoices_paid", "deals_created", "deals_won", "deals_won_amount")
_SCOPES = (COMPANY, TEAM, REP)
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class View:
    """A period, whether every metric is shown, and the figure that is explained: its metric ('' = the whole table),
    whose it is, which part of a ratio is listed, and after which record the page begins."""

    period: Period
    every: bool = False
    metric: str = ""
    scope: str = COMPANY
    key: str = ""
    part: str = ""
    after: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of the columns."""
        return tuple(METRICS) if self.every else USUAL


def read_view(search: str | None, settings: Settings, today: date) -> View:
    """The view of an address's query; what cannot be read is today's table."""
    query = {key: values[0] for key, values in parse_qs((search or "").removeprefix("?")).items()}
    kind = query.get("period", "")
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = today
    day = day if day.year in _YEARS else today
    metric = query.get("metric", "") if query.get("metric") in METRICS else ""
    return View(
        period=_period(PeriodKind(kind) if kind in set(PeriodKind) else PeriodKind.DAY, day, settings),
        every=query.get("metrics") == "all",
        metric=metric,
        scope=query["scope"] if query.get("scope") in _SCOPES else COMPANY,
        key=query.get("key", ""),
        part=_part(metric, query.get("part", "")),
        after=query.get("after", ""),
    )


def address(view: View) -> str:
    """Where a view is found."""
    query = {"period": view.period.kind.value, "day": view.period.first.isoformat()}
    query |= {"metrics": "all"} if view.every else {}
    if view.metric:
        query |= {"metric": view.metric, "scope": view.scope}
    more = {"key": view.key, "part": view.part, "after": view.after}
    return f"{PATH}?" + urlencode(query | {name: said for name, said in more.items() if said})


def anchor(period: Period, today: date) -> date:
    """The day by which a period is asked for: today where it holds it, as the wall does."""
    return today if period.first <= today <= period.last else period.first


def title(text: Text, period: Period) -> str:
    """November 2026 · 16 November – 22 November 2026 · Friday 20 November 2026 · 2026."""
    if period.kind is PeriodKind.DAY:
        return f"{write.long_day(text, period.first)} {period.first.year}"
    if period.kind is PeriodKind.MONTH:
        name = write.month(text, period.first)
        return f"{name[0].upper()}{name[1:]} {period.first.year}"
    if period.kind is PeriodKind.YEAR and period.first.year == period.last.year:
        return str(period.first.year)
    return f"{write.day_month(text, period.first)} – {write.day_month(text, period.last)} {period.last.year}"


def kinds(text: Text, view: View, settings: Settings, today: date) -> tuple[Step, ...]:
    """The same time by day, week, month, quarter, year."""
    # From a period that holds today one comes to today, not to its first day.
    periods = [_period(kind, anchor(view.period, today), settings) for kind in PeriodKind]
    return tuple(
        Step(words.period_name(text, each.kind), address(replace(view, period=each)), each == view.period)
        for each in periods
    )


def widths(text: Text, view: View) -> tuple[Step, ...]:
    """The usual metrics, or all."""
    named = ((text.t("Usual metrics"), False), (text.t("All metrics"), True))
    return tuple(Step(name, address(replace(view, every=every)), view.every is every) for name, every in named)


def neighbours(text: Text, view: View, settings: Settings) -> tuple[Step, Step]:
    """The periods before and after."""
    earlier = previous(view.period, settings.week_start, settings.year_start)
    later = _period(view.period.kind, view.period.last + DAY, settings)
    return (
        Step("‹", address(replace(view, period=earlier)), title=text.t("Earlier")),
        Step("›", address(replace(view, period=later)), title=text.t("Later")),
    )


def tabs(text: Text, view: View) -> tuple[Step, ...]:
    """The parts of a ratio, each to be listed; none for a sum."""
    found = [metric.key for metric in sums_of(view.metric)]
    if len(found) < 2:
        return ()
    return tuple(
        Step(words.metric_name(text, key), address(replace(view, part=key, after="")), key == view.part)
        for key in found
    )


def _part(metric: str, asked: str) -> str:
    """The sum whose records are listed."""
    if not metric:
        return ""
    known = [each.key for each in sums_of(metric)]
    return asked if asked in known else known[0]


def _period(kind: PeriodKind, day: date, settings: Settings) -> Period:
    return period_of(kind, day, settings.week_start, settings.year_start)
