"""Which period the targets page shows, and where one can go from there: all of it stands in the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qs, urlencode

from domain.board import Period
from domain.metrics import METRICS
from domain.periods import DAY, period_of, previous
from domain.settings import PeriodKind, Settings
from layouts import format as write
from layouts import words
from layouts.settings.targets import Step
from layouts.text import Text

KINDS = (PeriodKind.MONTH, PeriodKind.WEEK, PeriodKind.DAY, PeriodKind.QUARTER)
# The metrics that most offices plan; the others are one click away.
USUAL = ("calls", "emails", "invoices_issued", "invoices_paid", "deals_created", "deals_won", "deals_won_amount")
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class View:
    """A period, and whether every metric is shown or the usual ones."""

    period: Period
    every: bool

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of the columns."""
        return tuple(METRICS) if self.every else USUAL


def read_view(search: str | None, settings: Settings, today: date) -> View:
    """The view of an address's query; what cannot be read is this month."""
    query = {key: values[0] for key, values in parse_qs((search or "").removeprefix("?")).items()}
    kind = query.get("period", "")
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = today
    day = day if day.year in _YEARS else today
    period = _period(PeriodKind(kind) if kind in KINDS else PeriodKind.MONTH, day, settings)
    return View(period, query.get("metrics") == "all")


def title(text: Text, period: Period) -> str:
    """November 2026 · 16 November - 22 November 2026 · Friday 20 November 2026."""
    if period.kind is PeriodKind.MONTH:
        name = write.month(text, period.first)
        return f"{name[0].upper()}{name[1:]} {period.first.year}"
    if period.kind is PeriodKind.DAY:
        return f"{write.long_day(text, period.first)} {period.first.year}"
    return f"{write.day_month(text, period.first)} – {write.day_month(text, period.last)} {period.last.year}"


def kinds(text: Text, view: View, settings: Settings, today: date) -> tuple[Step, ...]:
    """The same time by month, week, day."""
    # From a period that holds today one comes to today's week, not to the first of the month.
    day = today if view.period.first <= today <= view.period.last else view.period.first
    return tuple(
        _step(words.period_name(text, kind), replace(view, period=_period(kind, day, settings)), view) for kind in KINDS
    )


def widths(text: Text, view: View) -> tuple[Step, ...]:
    """The usual metrics, or all."""
    named = ((text.t("Usual metrics"), False), (text.t("All metrics"), True))
    return tuple(_step(name, replace(view, every=every), view) for name, every in named)


def neighbours(view: View, settings: Settings) -> tuple[Step, Step]:
    """The periods before and after."""
    earlier = previous(view.period, settings.week_start, settings.year_start)
    later = _period(view.period.kind, view.period.last + DAY, settings)
    return _step("‹", replace(view, period=earlier)), _step("›", replace(view, period=later))


def around(text: Text, view: View, settings: Settings) -> tuple[Step, ...]:
    """The months or quarters of the year, the weeks or days of the month."""
    return tuple(_step(_short(text, each), replace(view, period=each), view) for each in _around(view.period, settings))


def address(view: View) -> str:
    """Where a view is found."""
    query = {"period": view.period.kind.value, "day": view.period.first.isoformat()}
    return "/settings/targets?" + urlencode(query | ({"metrics": "all"} if view.every else {}))


def _around(period: Period, settings: Settings) -> Iterator[Period]:
    by_year = period.kind in (PeriodKind.MONTH, PeriodKind.QUARTER)
    # A week that begins in another month is shown with the month that most of it lies in.
    middle = date.fromordinal((period.first.toordinal() + period.last.toordinal()) // 2)
    span = _period(PeriodKind.YEAR if by_year else PeriodKind.MONTH, middle, settings)
    day = span.first
    while day <= span.last:
        part = _period(period.kind, day, settings)
        yield part
        day = part.last + DAY


def _short(text: Text, period: Period) -> str:
    if period.kind is PeriodKind.MONTH:
        return write.month(text, period.first)
    if period.kind is PeriodKind.DAY:
        return str(period.first.day)
    return f"{period.first:%d.%m} – {period.last:%d.%m}"


def _period(kind: PeriodKind, day: date, settings: Settings) -> Period:
    return period_of(kind, day, settings.week_start, settings.year_start)


def _step(name: str, to: View, here: View | None = None) -> Step:
    return Step(name, address(to), to == here)
