"""The metrics page: what is shown, what counts, when the pace is judged, and how the leaderboard ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.metrics import METRICS, Unit
from domain.points import EARNING, PER, POINTS
from domain.ranking import ATTAINMENT, VALUE
from domain.settings import Credit, DayShape, PeriodKind
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts
from layouts.text import Text, mark

_CREDITS: dict[str, str] = {
    Credit.AT_EVENT: mark("who owned the deal then"),
    Credit.CURRENT_OWNER: mark("who owns it now"),
}
_RANK_BY = {
    VALUE: mark("the value itself"),
    ATTAINMENT: mark("the share of the plan"),
    POINTS: mark("points for several metrics"),
}

_SHAPES: dict[str, str] = {
    DayShape.HOURS: mark("evenly over the working hours"),
    DayShape.USUAL: mark("as our days usually go"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form as it stands. `typed` has every field's text by the name of its setting, `points` that of each metric.

    `shown` are the metrics with a tick. `problems` are by the name of a setting, or the key of a metric. `seen` marks
    the settings that this was drawn from.
    """

    typed: Mapping[str, str]
    shown: frozenset[str]
    points: Mapping[str, str]
    currency: str
    problems: Mapping[str, str]
    seen: str


def page(text: Text, sheet: Sheet) -> Component:
    """The whole page."""
    lead = text.t("What is counted, what is seen of it, and how the leaderboard ranks.")
    return parts.page(text.t("Metrics"), lead, html.Div(form(text, sheet, None), id=ids.METRICS_FORM))


def form(text: Text, sheet: Sheet, said: Component | None) -> list[Component | None]:
    """The form with Save: what a save draws anew."""
    return [
        said,
        html.Div([_ranking(text, sheet), _counting(text, sheet), _pace(text, sheet)], className="columns"),
        _table(text, sheet),
        html.Div([parts.button(ids.METRICS_SAVE, text.t("Save")), parts.unsaved(text.t("Not saved yet"))],
                 className="foot act"),
        dcc.Store(id=ids.METRICS_SEEN, data=sheet.seen),
    ]  # fmt: skip


def _ranking(text: Text, sheet: Sheet) -> Component:
    metrics = {key: words.metric_name(text, key) for key in METRICS}
    periods = {kind.value: words.period_name(text, kind) for kind in PeriodKind}
    return parts.section(
        text.t("Leaderboard"),
        _choice(text.t("Compares"), "rank_by", sheet, _translated(text, _RANK_BY)),
        _choice(text.t("Ranks by"), "rank_metric", sheet, metrics, text.t("By points the table below decides")),
        _choice(text.t("Over"), "rank_period", sheet, periods),
        _entry(text.t("Places shown"), "rank_top", sheet, text.t("0 = everybody")),
        hint=text.t("Equal results share a place; who reached it first is listed first."),
    )


def _counting(text: Text, sheet: Sheet) -> Component:
    return parts.section(
        text.t("What counts"),
        _entry(
            text.t("Shortest productive call, seconds"),
            "productive_seconds",
            sheet,
            text.t("Shorter calls count as calls, not as productive ones"),
        ),
        _choice(text.t("A deal that changed hands counts for"), "credit", sheet, _translated(text, _CREDITS)),
        hint=text.t("A change here counts everything anew, the past too."),
    )


def _pace(text: Text, sheet: Sheet) -> Component:
    return parts.section(
        text.t("Pace"),
        _choice(
            text.t("The plan of a day is expected"),
            "day_shape",
            sheet,
            _translated(text, _SHAPES),
            text.t("Learned from the last four weeks; evenly until there are so many"),
        ),
        _entry(
            text.t("No verdict in the first … % of a period"),
            "early_percent",
            sheet,
            text.t("So that nobody is called behind at nine in the morning"),
        ),
        _entry(
            text.t("Far behind: more than … % below what is expected"),
            "behind_percent",
            sheet,
            text.t("From there on the wall turns from yellow to red"),
        ),
    )


def _table(text: Text, sheet: Sheet) -> Component:
    heads = (text.t("Metric"), text.t("Shown"), text.t("Points"))
    head = html.Tr([html.Th(each, scope="col") for each in heads])
    rows = [_row(text, sheet, key) for key in METRICS]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="list-table metrics-table")
    return parts.section(
        text.t("Metrics"),
        html.Div(table, className="scroll"),
        hint=text.t(
            "A metric without a tick is neither on the wall nor on a phone, and no panel can be made of it; it goes on "
            "being counted, and the API tells it. Points are what a leaderboard by points adds up: "
            "give a won deal a hundred and a call one, and ten calls weigh a tenth of a deal."
        ),
    )


def _row(text: Text, sheet: Sheet, key: str) -> Component:
    name = words.metric_name(text, key)
    shown = dbc.Checkbox(id=ids.metric_shown(key), value=key in sheet.shown, label=html.Span(name, className="unseen"))
    return html.Tr([html.Th(name, scope="row"), html.Td(shown), html.Td(_points(text, sheet, key, name))])


def _points(text: Text, sheet: Sheet, key: str, name: str) -> Component | None:
    if key not in EARNING:
        return None
    problem = sheet.problems.get(key)
    label = text.t("Points for {metric}", metric=name)
    control = parts.entry(
        ids.metric_points(key), sheet.points.get(key, ""), inputmode="decimal", maxlength=8, invalid=bool(problem)
    )
    said = html.Span(problem, className="problem", role="alert") if problem else None
    spoken = html.Label([html.Span(label, className="unseen"), control])
    return html.Div([spoken, html.Small(_per(text, key, sheet.currency)), said], className="points")


def _per(text: Text, key: str, currency: str) -> str:
    """For how much of the metric the points are."""
    unit = METRICS[key].unit
    if unit is Unit.MONEY:
        return text.t("per {amount}", amount=write.money(text, PER[unit], currency))
    return text.t("a minute") if unit is Unit.SECONDS else text.t("each")


def _translated(text: Text, table: Mapping[str, str]) -> dict[str, str]:
    return {str(key): text.t(message) for key, message in table.items()}


def _entry(label: str, name: str, sheet: Sheet, hint: str | None = None) -> Component:
    problem = sheet.problems.get(name)
    control = parts.entry(
        ids.metrics_field(name), sheet.typed[name], inputmode="numeric", maxlength=5, invalid=bool(problem)
    )
    return parts.field(label, control, problem, hint)


def _choice(label: str, name: str, sheet: Sheet, options: Mapping[str, str], hint: str | None = None) -> Component:
    control = parts.choice(ids.metrics_field(name), options, sheet.typed[name])
    return parts.field(label, control, sheet.problems.get(name), hint)
