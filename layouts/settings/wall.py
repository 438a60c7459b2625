"""The wall page: which panels cycle, in which order, for how long, over which period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.settings import PeriodKind
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One panel as it stands in the form: `seconds` as typed."""

    panel: str
    seconds: str
    period: str
    shown: bool
    problem: str | None = None


def page(text: Text, rows: Sequence[Row], seen: str, cycle_seconds: int) -> Component:
    """The whole page."""
    return parts.page(
        text.t("Wall"),
        text.t("The screens show these panels one after the other."),
        html.Div(form(text, rows, seen, None), id=ids.WALL_ROWS),
        html.Div(
            [
                html.P(cycle(text, cycle_seconds), id=ids.WALL_CYCLE, className="hint"),
                html.Div(
                    [
                        parts.button(ids.WALL_SAVE, text.t("Save")),
                        parts.unsaved(text.t("Not saved yet")),
                        html.A(text.t("Open the wall"), href="/", target="_blank", className="btn btn-link"),
                    ],
                    className="act",
                ),
            ],
            className="foot",
        ),
    )


def form(text: Text, rows: Sequence[Row], seen: str, said: Component | None) -> list[Component | None]:
    """The panels in their order: what a move or a save draws anew."""
    last = len(rows) - 1
    items = [_row(text, row, place == 0, place == last) for place, row in enumerate(rows)]
    return [said, html.Ol(items, className="card slots"), dcc.Store(id=ids.WALL_SEEN, data=seen)]


def cycle(text: Text, seconds: int) -> str:
    """How long one round takes."""
    parts_of_it = [write.duration(text, part) for part in (seconds - seconds % 60, seconds % 60) if part]
    return text.t("One round takes {duration}.", duration=" ".join(parts_of_it) or write.duration(text, 0))


def _row(text: Text, row: Row, first: bool, last: bool) -> Component:
    name = words.panel_name(text, row.panel)
    periods = {kind.value: words.period_name(text, kind) for kind in PeriodKind}
    seconds = parts.entry(
        ids.slot("seconds", row.panel), row.seconds, inputmode="numeric", maxlength=4, invalid=bool(row.problem)
    )
    return html.Li(
        [
            html.Div([_move(text, row, name, "up", "↑", first), _move(text, row, name, "down", "↓", last)],
                     className="moves"),
            dbc.Switch(id=ids.slot("shown", row.panel), value=row.shown, label=name),
            parts.field(text.t("Seconds"), seconds, row.problem),
            parts.field(text.t("Period"), parts.choice(ids.slot("period", row.panel), periods, row.period)),
        ],
        className="slot" if row.shown else "slot off",
    )  # fmt: skip


def _move(text: Text, row: Row, name: str, way: str, sign: str, at_end: bool) -> Component:
    spoken = text.t("Move “{name}” up", name=name) if way == "up" else text.t("Move “{name}” down", name=name)
    control: Component = dbc.Button(
        [html.Span(sign), html.Span(spoken, className="unseen")],
        id=ids.slot(way, row.panel),
        color="light",
        n_clicks=0,
        disabled=at_end,
        title=spoken,
    )
    return control
