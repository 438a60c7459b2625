"""The table of targets: what is stored for a view, what is due, and what was typed over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from callbacks.settings import target_past as pasts
from callbacks.settings import target_views as views
from callbacks.settings.target_ground import Ground, Line, Place, as_typed, holding, lines
from callbacks.settings.target_past import Past
from callbacks.settings.target_saving import since_choices, span_choices
from domain.board import Period
from domain.metrics import METRICS, Metric, Unit
from domain.plans import MetricPlan, floor, plans
from domain.settings import Settings
from domain.targets import TargetBook
from domain.worktime import today
from layouts import format as write
from layouts.settings.entry import write_value
from layouts.settings.targets import Cell, Head, Row, Sheet
from layouts.text import Text
from storage.targets import StoredTarget


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the table beside what is stored: entries, what is wrong with them, and what their author saw."""

    cells: Mapping[Place, str]
    problems: Mapping[Place, str]
    seen: int


def sheet(text: Text, ground: Ground, past: Past, typed: Typed | None = None, undo: str | None = None) -> Sheet:
    """The table, with what was typed kept in it."""
    view = ground.view
    before, after = views.neighbours(view, ground.settings)
    whose = list(lines(text, ground))
    own = holding(ground, view.periods, ground.seen)
    return Sheet(
        title=views.title(text, view.period),
        kinds=views.kinds(text, view, ground.settings, ground.today),
        before=before,
        after=after,
        periods=views.around(text, view, ground.settings),
        widths=views.widths(text, view),
        choices=views.choices(text, view),
        heads=tuple(_heads(text, ground)),
        rows=tuple(_rows(text, ground, past, whose, own, typed)),
        times=pasts.names(text, past),
        since=since_choices(text, view, ground.today),
        span=span_choices(text, view),
        seen=ground.seen if typed is None else typed.seen,
        latest=_latest(text, ground, whose, own),
        undo=undo,
    )


def _heads(text: Text, ground: Ground) -> Iterator[Head]:
    for column in ground.view.columns:
        yield Head(
            metric=column.metric,
            first=column.period.first,
            name=views.head(text, ground.view, column),
            unit=_unit(text, column.metric, ground.settings),
            more=METRICS[column.metric].higher_is_better,
        )


def _rows(text: Text, ground: Ground, past: Past, whose: Sequence[Line], own: Mapping[Place, StoredTarget],
          typed: Typed | None) -> Iterator[Row]:  # fmt: skip
    dues, told, written = _dues(ground, whose), _Told(text, ground.settings), pasts.values(ground, past, whose)
    for line in whose:
        cells = []
        for column in ground.view.columns:
            place = Place(column.metric, line.scope, line.key, column.period.first)
            shown = as_typed(own, place)
            cells.append(
                Cell(
                    shown=shown,
                    typed=typed.cells.get(place, shown) if typed else shown,
                    due="" if shown else _due(text, dues.get(place), METRICS[place.metric].unit),
                    history=told.of(own[place]) if place in own else "",
                    problem=typed.problems.get(place, "") if typed else "",
                )
            )
        yield Row(line.scope, line.key, line.name, tuple(cells), written.get((line.scope, line.key), {}))


def _dues(ground: Ground, whose: Sequence[Line]) -> dict[Place, Decimal]:
    """What is due from everybody in the periods, however it came to be."""
    metrics = set(ground.view.metrics)
    book = TargetBook(row.target for row in ground.stored if row.target.metric in metrics)
    found: dict[Place, Decimal] = {}
    for period in ground.view.periods:
        for metric, plan in _plans(ground, book, period, "").items():
            found |= {Place(metric, "rep", rep, period.first): due.target for rep, due in plan.reps.items()}
            total = _total(plan)
            if total is not None:
                found[Place(metric, "company", "", period.first)] = total
        _add_teams(ground, book, period, whose, found)
    return found


def _add_teams(ground: Ground, book: TargetBook, period: Period, whose: Sequence[Line],
               found: dict[Place, Decimal]) -> None:  # fmt: skip
    """A team without a target of its own has the sum of its managers'; one with is laid out for itself."""
    teams: dict[str, list[str]] = {}
    for line in whose:
        if line.team:
            teams.setdefault(line.team, []).append(line.key)
    for team, members in teams.items():
        own = [metric for metric in ground.view.metrics if book.plan(metric, "team", team)]
        planned = _plans(ground, book, period, team) if own else {}
        for metric in ground.view.metrics:
            place = Place(metric, "team", team, period.first)
            if metric in own:
                total = _total(planned[metric]) if metric in planned else None
            else:
                sums = [due for key in members if (due := found.get(place._replace(scope="rep", key=key))) is not None]
                total = sum(sums, Decimal(0)) if sums and isinstance(METRICS[metric], Metric) else None
            if total is not None:
                found[place] = total


def _plans(ground: Ground, book: TargetBook, period: Period, team: str) -> Mapping[str, MetricPlan]:
    on = floor(ground.settings, ground.reps, ground.teams, period, team or None)
    return plans(book, on, tuple(today(calendar.zone, ground.now) for calendar in on.calendars))


def _total(plan: MetricPlan) -> Decimal | None:
    parts = [*(due.target for due in plan.own), *(plan.reps[rep].target for rep in plan.summed)]
    return sum(parts, Decimal(0)) if parts else None


def _due(text: Text, value: Decimal | None, unit: Unit) -> str:
    if value is None:
        return ""
    typed = Decimal(write_value(value.quantize(Decimal("0.0001")), unit))
    return write.number(text, typed, 1)


@dataclass(frozen=True, slots=True)
class _Told:
    """Who set a target, when and since when: said once for all that were recorded together."""

    text: Text
    settings: Settings
    known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def of(self, row: StoredTarget) -> str:
        key = (row.author, row.recorded_at, row.target.since, row.note)
        if key not in self.known:
            self.known[key] = _history(self.text, row, self.settings)
        return self.known[key]


def _history(text: Text, row: StoredTarget, settings: Settings) -> str:
    said = text.t(
        "Set by {who}, {when}. Holds from {day}.",
        who=row.author,
        when=write.instant(text, row.recorded_at, settings.timezone),
        day=write.short_day(text, row.target.since),
    )
    return f"{said} {row.note}".rstrip()


def _latest(text: Text, ground: Ground, whose: Sequence[Line], own: Mapping[Place, StoredTarget]) -> str | None:
    shown = {(line.scope, line.key) for line in whose}
    rows = [row for place, row in own.items() if (place.scope, place.key) in shown]
    if not rows:
        return None
    row = max(rows, key=lambda row: row.target.order)
    when = write.instant(text, row.recorded_at, ground.settings.timezone)
    return text.t("Last change of these targets: {who}, {when}", who=row.author, when=when)


def _unit(text: Text, metric: str, settings: Settings) -> str:
    signs = {
        Unit.COUNT: "",
        Unit.MONEY: write.symbol(settings.currency),
        Unit.SECONDS: text.tp("unit", "minutes"),
        Unit.RATIO: "%",
    }
    return signs[METRICS[metric].unit]
