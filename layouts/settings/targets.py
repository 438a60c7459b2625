"""The targets page: one period, or a year of one metric, everybody's targets in a table that one types into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

# Of the days from which a change may hold: another one, which is typed beside.
OTHER_DAY = "other"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over a column: a metric in the period that begins with `first`, its name and its unit.

    `more`: more is better, as with nearly all metrics.
    """

    metric: str
    first: date
    name: str
    unit: str
    more: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One target. `shown` is what is stored, as it is typed; `typed` what stands in the cell, `due` what holds where
    nothing is typed (from longer or shorter periods, or summed). `history` says who set it and when."""

    shown: str
    typed: str
    due: str
    history: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The targets of the company, a team or a rep. `past` are their values of earlier periods by metric, as typed."""

    scope: str
    key: str
    name: str
    cells: tuple[Cell, ...]
    past: dict[str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another view of the table."""

    words: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one view. `times` name the earlier periods of which the rows have values, the oldest first.

    `since` are the days from which a change may hold, the first one proposed. `seen` is the number of the newest
    target when this was drawn, `latest` who changed what last, `undo` what the last save of one's own was.
    """

    title: str
    kinds: tuple[Step, ...]
    before: Step
    after: Step
    periods: tuple[Step, ...]
    widths: tuple[Step, ...]
    choices: tuple[Step, ...]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    times: tuple[str, ...]
    since: dict[str, str]
    span: dict[str, str]
    seen: int
    latest: str | None
    undo: str | None


def page(text: Text, sheet: Sheet, *tools: Component) -> Component:
    """The whole page."""
    around = _steps(sheet.periods) if sheet.periods else None
    return parts.page(
        text.t("Targets"),
        None,
        html.Nav([_steps(sheet.kinds), _steps(sheet.widths)], className="bar"),
        html.Nav(
            [
                _step(sheet.before, text.t("Earlier")),
                html.H2(sheet.title),
                _step(sheet.after, text.t("Later")),
                around,
            ],
            className="bar periods",
        ),
        html.Nav(_steps(sheet.choices)) if sheet.choices else None,
        *tools,
        # The desk's script draws the table in here: as a tree of components a thousand cells would take seconds. It is
        # no part of the form, with which it would be thrown away and laid out anew at every save.
        html.Div(
            [html.Div(id=ids.TARGETS_GRID, className="scroll"), html.Div(form(text, sheet, None), id=ids.TARGETS_FORM)],
            className="planning",
        ),
        html.Div(id=ids.TARGETS_STORY),
        dcc.Store(id=ids.TARGETS_TYPED),
        dcc.Store(id=ids.TARGETS_ASKED),
    )


def form(text: Text, sheet: Sheet, said: Component | None, since: str | None = None, span: str | None = None,
         note: str = "", day: str = "") -> list[Component | None]:  # fmt: skip
    """What is said of a save, the choices, Save, and what the script writes into the table: what a save draws anew."""
    alone = not any(row.scope == "rep" for row in sheet.rows)
    nobody = text.t("No manager is known yet. Connect a source, or mark who sells on the People page.")
    return [
        said,
        html.P(nobody) if alone else None,
        _foot(text, sheet, since, span, note, day),
        _latest(text, sheet),
        dcc.Store(id=ids.TARGETS_SEEN, data=sheet.seen),
        dcc.Store(id=ids.TARGETS_SHEET, data=drawn(text, sheet)),
    ]


def drawn(text: Text, sheet: Sheet) -> dict[str, Any]:
    """The table for the script. A cell is [shown, typed if other, due, place among `told`, problem]."""
    told: dict[str, int] = {}
    rows = [
        {
            "scope": row.scope,
            "key": row.key,
            "name": row.name,
            "past": row.past,
            "cells": [
                [
                    cell.shown,
                    None if cell.typed == cell.shown else cell.typed,
                    cell.due,
                    told.setdefault(cell.history, len(told)),
                    cell.problem,
                ]
                for cell in row.cells
            ],
        }
        for row in sheet.rows
    ]
    heads = [
        {
            "metric": head.metric,
            "first": head.first.isoformat(),
            "name": head.name,
            "unit": head.unit,
            "more": head.more,
        }
        for head in sheet.heads
    ]
    return {"heads": heads, "rows": rows, "told": list(told), "times": sheet.times, "words": _words(text)}


def _words(text: Text) -> dict[str, str]:
    """What the script says; it fills the placeholders."""
    return {
        "whose": text.t("Whose"),
        "weight": text.t("Weight"),
        "reached": text.t("{value}: reached {n} of {of}"),
        "short": text.t("{n} of {of}"),
        "none": text.t("nothing counted yet"),
        "history": text.t("History"),
        "keys": text.t("F2: history of this cell. Ctrl+D: fill down. Ctrl+S: save."),
    }


def _foot(text: Text, sheet: Sheet, since: str | None, span: str | None, note: str, day: str) -> Component:
    hint = html.Span(text.t("Earlier days stay as they were."), className="hint")
    save = [parts.button(ids.TARGETS_SAVE, text.t("Save")), parts.unsaved(text.t("Not saved yet")), hint]
    return html.Div(
        [
            html.Div(className="about", role="status"),
            parts.field(
                text.t("Holds from"), parts.choice(ids.TARGETS_SINCE, sheet.since, since or next(iter(sheet.since)))
            ),
            html.Div(
                parts.field(text.t("From this day"), parts.day_entry(ids.TARGETS_DAY, day)), className="other-day"
            ),
            parts.field(
                text.t("Holds for"), parts.choice(ids.TARGETS_SPAN, sheet.span, span or next(iter(sheet.span)))
            ),
            parts.field(text.t("Note"), parts.entry(ids.TARGETS_NOTE, note, maxlength=200)),
            html.Div(save, className="act"),
        ],
        className="foot",
    )


def _latest(text: Text, sheet: Sheet) -> Component:
    undo = parts.button(ids.TARGETS_UNDO, text.t("Undo my last save"), "light")
    back = html.Div([undo, html.Span(sheet.undo, className="hint")], className="act", hidden=sheet.undo is None)
    return html.Div([html.P(sheet.latest, className="hint") if sheet.latest else None, back], className="bar latest")


def _steps(steps: tuple[Step, ...]) -> Component:
    return html.Div([_step(step, None) for step in steps], className="steps")


def _step(step: Step, title: str | None) -> Component:
    return dcc.Link(step.words, href=step.address, title=title, className="step here" if step.here else "step")
