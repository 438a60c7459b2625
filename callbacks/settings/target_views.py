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
class Column:
    """What a column of the table plans: a metric in a period."""

    metric: str
    period: Period


@dataclass(frozen=True, slots=True)
class View:
    """A period with the usual metrics or every one; or a year of one `metric`, whose columns are the months."""

    period: Period
    every: bool
    metric: str | None = None
    parts: tuple[Period, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of the metrics on the page."""
        if self.metric is not None:
            return (self.metric,)
        return tuple(METRICS) if self.every else USUAL

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods that have targets on the page, all of one kind."""
        return self.parts or (self.period,)

    @property
    def columns(self) -> tuple[Column, ...]:
        """From left to right."""
        return tuple(Column(metric, period) for metric in self.metrics for period in self.periods)


def read_view(search: str | None, settings: Settings, today: date) -> View:
    """The view of an address's query; what cannot be read is this month."""
    query = {key: values[0] for key, values in parse_qs((search or "").removeprefix("?")).items()}
    kind = query.get("period", "")
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = today
    day, every = day if day.year in _YEARS else today, query.get("metrics") == "all"
    if kind == PeriodKind.YEAR:
        metric = query.get("metric", "")
        return year_of(metric if metric in METRICS else USUAL[0], every, day, settings)
    return View(_period(PeriodKind(kind) if kind in KINDS else PeriodKind.MONTH, day, settings), every)


def year_of(metric: str, every: bool, day: date, settings: Settings) -> View:
    """The months of the year that holds a day."""
    period = _period(PeriodKind.YEAR, day, settings)
    return View(period, every, metric, tuple(_split(period, PeriodKind.MONTH, settings)))


def title(text: Text, period: Period) -> str:
    """November 2026 · 16 November - 22 November 2026 · Friday 20 November 2026 · 2026."""
    if period.kind is PeriodKind.MONTH:
        name = write.month(text, period.first)
        return f"{name[0].upper()}{name[1:]} {period.first.year}"
    if period.kind is PeriodKind.DAY:
        return f"{write.long_day(text, period.first)} {period.first.year}"
    if period.kind is PeriodKind.YEAR and period.first.year == period.last.year:
        return str(period.first.year)
    first = write.day_month(text, period.first)
    if period.first.year != period.last.year:
        first = f"{first} {period.first.year}"
    return f"{first} – {write.day_month(text, period.last)} {period.last.year}"


def kinds(text: Text, view: View, settings: Settings, today: date) -> tuple[Step, ...]:
    """The same time by month, week, day, and the whole year by months."""
    # From a period that holds today one comes to today's week, not to the first of the month.
    day = today if view.period.first <= today <= view.period.last else view.period.first
    named = [(words.period_name(text, kind), View(_period(kind, day, settings), view.every)) for kind in KINDS]
    year = view if view.metric else year_of(USUAL[0], view.every, day, settings)
    return tuple(_step(name, to, view) for name, to in (*named, (text.t("Year by months"), year)))


def widths(text: Text, view: View) -> tuple[Step, ...]:
    """The usual metrics, or all; in a year one of them."""
    named = ((text.t("Usual metrics"), False), (text.t("All metrics"), True))
    return tuple(_step(name, replace(view, every=every), view) for name, every in named)


def choices(text: Text, view: View) -> tuple[Step, ...]:
    """Which metric's year is shown; nothing to choose elsewhere."""
    if view.metric is None:
        return ()
    keys = tuple(METRICS) if view.every else dict.fromkeys((*USUAL, view.metric))
    return tuple(_step(words.metric_name(text, key), replace(view, metric=key), view) for key in keys)


def neighbours(view: View, settings: Settings) -> tuple[Step, Step]:
    """The periods before and after."""
    earlier = previous(view.period, settings.week_start, settings.year_start)
    later = _period(view.period.kind, view.period.last + DAY, settings)
    return _step("‹", _moved(view, earlier, settings)), _step("›", _moved(view, later, settings))


def around(text: Text, view: View, settings: Settings) -> tuple[Step, ...]:
    """The months or quarters of the year, the weeks or days of the month."""
    if view.metric is not None:
        return ()
    return tuple(_step(_short(text, each), replace(view, period=each), view) for each in _around(view.period, settings))


def head(text: Text, view: View, column: Column) -> str:
    """What stands over a column."""
    if view.metric is None:
        return words.metric_name(text, column.metric)
    name = write.month(text, column.period.first)
    return f"{name[0].upper()}{name[1:]}"


def before(view: View, column: Column, settings: Settings) -> Period:
    """From where a column is copied: the period before it, in a year the same month of the year before."""
    if view.metric is None:
        return previous(column.period, settings.week_start, settings.year_start)
    first = column.period.first
    return _period(PeriodKind.MONTH, first.replace(year=first.year - 1), settings)


def address(view: View) -> str:
    """Where a view is found."""
    query = {"period": view.period.kind.value, "day": view.period.first.isoformat()}
    more = {"metrics": "all"} if view.every else {}
    return "/settings/targets?" + urlencode(query | ({"metric": view.metric} if view.metric else {}) | more)


def _moved(view: View, period: Period, settings: Settings) -> View:
    if view.metric is not None:
        return year_of(view.metric, view.every, period.first, settings)
    return replace(view, period=period)


def _around(period: Period, settings: Settings) -> Iterator[Period]:
    by_year = period.kind in (PeriodKind.MONTH, PeriodKind.QUARTER)
    # A week that begins in another month is shown with the month that most of it lies in.
    middle = date.fromordinal((period.first.toordinal() + period.last.toordinal()) // 2)
    span = _period(PeriodKind.YEAR if by_year else PeriodKind.MONTH, middle, settings)
    return _split(span, period.kind, settings)


def _split(span: Period, kind: PeriodKind, settings: Settings) -> Iterator[Period]:
    day = span.first
    while day <= span.last:
        part = _period(kind, day, settings)
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
