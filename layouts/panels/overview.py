"""The period at a glance: a line for each of the wall's metrics."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from dash import html
from dash.development.base_component import Component

from domain.board import Board, MetricBoard
from domain.metrics import Unit
from domain.settings import PeriodKind, Slot
from layouts import format, words
from layouts.html import data
from layouts.panels import sentences
from layouts.panels.metric import Kin, planned
from layouts.panels.panel import Panel
from layouts.panels.parts import Bar, bar, draw_bar, heading, plain, tone
from layouts.text import Text

# Longer figures are drawn smaller.
_ROOMY = 6
_LINES = (
    Kin("calls"),
    Kin("emails"),
    Kin("invoices_issued", "invoices_issued_amount"),
    Kin("invoices_paid", "invoices_paid_amount"),
    Kin("deals_created"),
    Kin("deals_won", "deals_won_amount"),
)


# What it tells of, as long as that is shown.
METRICS = tuple(kin.key for kin in _LINES)


@dataclass(frozen=True, slots=True)
class Line:
    """One metric: fact, plan, attainment, verdict, and the same of the month (or its amount)."""

    key: str
    name: str
    value: str
    target: str
    actual: str
    plan: str
    bar: Bar | None
    attainment: str
    verdict: str
    note: str
    tone: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The title and the lines: six, less those that are hidden."""

    title: str
    about: str
    lines: tuple[Line, ...]


def view(board: Board, slot: Slot, text: Text) -> OverviewView:
    """What the panel says."""
    of_day = board.period.kind is PeriodKind.DAY
    return OverviewView(
        title=text.t("The day at a glance") if of_day else words.panel_name(text, slot.panel),
        about=sentences.subtitle(text, board),
        lines=tuple(_line(kin, board, text) for kin in _LINES if not board.metric(kin.key).hidden),
    )


def render(shown: OverviewView) -> Component:
    """The panel as a tree."""
    lines = [_draw(line) for line in shown.lines]
    return html.Div([heading(shown.title, shown.about), html.Div(lines, className="overview")])


def _line(kin: Kin, board: Board, text: Text) -> Line:
    metric = planned(board, kin)
    progress, short = metric.progress, partial(_short, metric, board, text)
    about = sentences.subject(board, progress, metric.unit)
    said = sentences.verdict(text, about) if progress.target is not None else sentences.of_plan(text, about)
    return Line(
        key=kin.key,
        name=words.metric_name(text, kin.key),
        value=plain(progress.actual),
        target=plain(progress.target),
        actual="" if progress.actual is None else short(progress.actual),
        plan=short(progress.target) if progress.target is not None and metric.unit is not Unit.RATIO else "",
        bar=bar(progress) if progress.target is not None else None,
        attainment="" if progress.attainment is None else format.percent(text, progress.attainment),
        verdict=said if metric.available else text.t("not available"),
        note=_note(kin, metric, board, text),
        tone=tone(progress),
    )


def _note(kin: Kin, metric: MetricBoard, board: Board, text: Text) -> str:
    """The money made, and the month so far."""
    if not metric.available:
        return ""
    parts = []
    amount = board.metric(kin.amount) if kin.amount else None
    if amount is not None and amount is not metric and amount.progress.actual and amount.unit is Unit.MONEY:
        parts.append(format.short_amount(text, amount.progress.actual, amount.unit, board.currency))
    month = board.month.get(metric.key)
    if month is not None and month.progress.attainment is not None:
        parts.append(text.t("month {share}", share=format.percent(text, month.progress.attainment)))
    return " · ".join(parts)


def _draw(line: Line) -> Component:
    plan = html.Small(f"/ {line.plan}" if line.plan else "", **data(role="target", value=line.target))
    figure = [html.B(line.actual, **data(role="actual", value=line.value)), html.Wbr(), plan]
    parts = [
        html.Span(line.name, className="what"),
        html.Span(figure, className="figure long" if len(line.actual) > _ROOMY else "figure"),
        draw_bar(line.bar) if line.bar else html.Span(className="bar absent"),
        html.Span(line.attainment, className="pct"),
        html.Span([html.B(line.verdict), html.Small(line.note)], className="said"),
    ]
    return html.Section(parts, className=f"card glance {line.tone}", **data(metric=line.key))


def _short(metric: MetricBoard, board: Board, text: Text, value: Decimal) -> str:
    return format.short_amount(text, value, metric.unit, board.currency)


def _nothing(board: Board) -> bool:
    return not any(board.metric(kin.key).available for kin in _LINES)


PANEL = Panel("overview", view, render, empty=_nothing)
