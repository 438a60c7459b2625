"""The targets page: one period, everybody's targets in a table that one types into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.html import data
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One target. `shown` is what is stored, as it is typed; `typed` what stands in the cell, `due` what holds where
    nothing is typed (from longer or shorter periods, or summed). `history` says who set it and when."""

    metric: str
    shown: str
    typed: str
    due: str
    history: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The targets of the company, a team or a rep."""

    scope: str
    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another view of the table."""

    words: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one period. `heads` are the metrics' names with their units.

    `since` are the days from which a change may hold, the first one proposed. `seen` is the number of the newest
    target when this was drawn, `latest` who changed what last.
    """

    title: str
    kinds: tuple[Step, ...]
    before: Step
    after: Step
    periods: tuple[Step, ...]
    widths: tuple[Step, ...]
    heads: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    since: dict[date, str]
    span: dict[str, str]
    seen: int
    latest: str | None


def page(text: Text, sheet: Sheet) -> Component:
    """The whole page."""
    return parts.page(
        text.t("Targets"),
        None,
        html.Nav([_steps(sheet.kinds), _steps(sheet.widths)], className="bar"),
        html.Nav(
            [
                _step(sheet.before, text.t("Earlier")),
                html.H2(sheet.title),
                _step(sheet.after, text.t("Later")),
                _steps(sheet.periods),
            ],
            className="bar periods",
        ),
        html.Div(form(text, sheet, None), id=ids.TARGETS_FORM),
        dcc.Store(id=ids.TARGETS_TYPED),
    )


def form(text: Text, sheet: Sheet, said: Component | None, since: str | None = None, span: str | None = None,
         note: str = "") -> list[Component | None]:  # fmt: skip
    """The table with its choices and Save: what a save draws anew."""
    return [
        said,
        html.Div(_table(text, sheet), className="scroll"),
        html.Div(
            [
                parts.field(
                    text.t("Holds from"),
                    parts.choice(
                        ids.TARGETS_SINCE,
                        {day.isoformat(): words for day, words in sheet.since.items()},
                        since or next(iter(sheet.since)).isoformat(),
                    ),
                ),
                parts.field(
                    text.t("Holds for"), parts.choice(ids.TARGETS_SPAN, sheet.span, span or next(iter(sheet.span)))
                ),
                parts.field(text.t("Note"), parts.entry(ids.TARGETS_NOTE, note, maxlength=200)),
                html.Div(
                    [
                        parts.button(ids.TARGETS_SAVE, text.t("Save")),
                        parts.unsaved(text.t("Not saved yet")),
                    ],
                    className="act",
                ),
            ],
            className="foot",
        ),
        html.P(sheet.latest, className="hint") if sheet.latest else None,
        dcc.Store(id=ids.TARGETS_SEEN, data=sheet.seen),
    ]


def _table(text: Text, sheet: Sheet) -> Component:
    alone = not any(row.scope == "rep" for row in sheet.rows)
    nobody = text.t("No manager is known yet. Connect a source, or mark who sells on the People page.")
    heads = [html.Th([name, html.Small(unit) if unit else None], scope="col") for name, unit in sheet.heads]
    head = html.Thead(html.Tr([html.Th(text.t("Whose"), scope="col"), *heads]))
    body = html.Tbody([_row(row, sheet) for row in sheet.rows])
    return html.Div([html.Table([head, body], className="grid"), html.P(nobody) if alone else None])


def _row(row: Row, sheet: Sheet) -> Component:
    cells = [_cell(row, cell, name) for cell, (name, _) in zip(row.cells, sheet.heads, strict=True)]
    return html.Tr([html.Th(html.Bdi(row.name), scope="row"), *cells], className=row.scope)


def _cell(row: Row, cell: Cell, metric_name: str) -> Component:
    # Without an id: with one, Dash takes seconds to draw a thousand of them anew. The script collects what was typed.
    typed = dbc.Input(
        value=cell.typed,
        type="text",
        inputmode="decimal",
        placeholder=cell.due,
        maxlength=20,
        autocomplete="off",
        invalid=bool(cell.problem),
    )
    # Read aloud: the eye has the heads of row and column.
    whose = html.Span(f"{row.name}, {metric_name}", className="unseen")
    problem = html.Span(cell.problem, className="problem", role="alert") if cell.problem else None
    place = data(metric=cell.metric, scope=row.scope, key=row.key, was=cell.shown)
    return html.Td([html.Label([whose, typed]), problem], title=cell.history or None, **place)


def _steps(steps: tuple[Step, ...]) -> Component:
    return html.Div([_step(step, None) for step in steps], className="steps")


def _step(step: Step, title: str | None) -> Component:
    return dcc.Link(step.words, href=step.address, title=title, className="step here" if step.here else "step")
