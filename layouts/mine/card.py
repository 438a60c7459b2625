"""What the cards of the phone page are put together from."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from domain.board import Board, MetricBoard, Period, Progress
from domain.metrics import METRICS, Unit
from layouts import format, words
from layouts.html import data
from layouts.panels import sentences
from layouts.panels.parts import bar, draw_bar, plain, tone
from layouts.panels.sentences import Subject
from layouts.text import Text

Piece = Component | str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the page. `key` names it for the script, which replaces a card when it has changed."""

    key: str
    body: Component


def card(key: str, title: str, *children: Piece, kind: str = "") -> Card:
    """A card under its heading."""
    body = html.Section([html.H2(title), *children], className=f"card {kind}".strip(), **data(card=key))
    return Card(key, body)


def own(board: Board, key: str, rep: str) -> tuple[MetricBoard, Progress] | None:
    """A metric of the board and the rep's part in it; None where nobody can say, or the rep is not on the board."""
    metric = board.metric(key)
    line = next((line for line in metric.reps if line.rep == rep), None)
    return (metric, line.progress) if line is not None and metric.available else None


def goal(board: Board, key: str, rep: str, text: Text) -> Component | None:
    """A metric against its plan: name and figures, bar, verdict, what closes the plan."""
    found = own(board, key, rep)
    if found is None:
        return None
    metric, progress = found
    about = sentences.subject(board, progress, metric.unit)
    figures = [html.B(figure(text, progress, metric.unit, board.currency)), *_of(text, progress, metric, board)]
    return html.Li(
        [
            html.Div([html.H3(words.metric_name(text, key)), html.P(figures, className="figures")], className="line"),
            draw_bar(bar(progress)) if progress.target is not None else None,
            html.P(sentences.expected(text, about), className="expected"),
            html.P(_said(text, about), className="say"),
        ],
        className=f"goal {tone(progress)}",
        **data(metric=key, value=plain(progress.actual)),
    )


def figure(text: Text, progress: Progress, unit: Unit, currency: str) -> str:
    """What was done; a dash where nobody knows."""
    return "–" if progress.actual is None else format.amount(text, progress.actual, unit, currency)


def period_name(text: Text, period: Period) -> str:
    """The month at the beginning of a line."""
    return sentences.month_name(text, period)


def is_sum(key: str) -> bool:
    """Whether a metric has days and records of its own."""
    return METRICS[key].unit is not Unit.RATIO and key != "average_deal"


def _of(text: Text, progress: Progress, metric: MetricBoard, board: Board) -> list[Piece]:
    if progress.target is None:
        return []
    return [" ", html.Small(f"/ {format.amount(text, progress.target, metric.unit, board.currency)}")]


def _said(text: Text, about: Subject) -> list[Piece]:
    """The verdict, and what closes the plan; or that there is none."""
    none = sentences.of_plan(text, about) if about.progress.target is None else ""
    advice = sentences.advice(text, about) or none
    verdict = sentences.verdict(text, about)
    between = " · " if verdict and advice else ""
    return [html.B(verdict) if verdict else None, html.Span(between, className="dot"), advice]
