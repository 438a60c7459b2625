"""The numbers page: the board as a plain table, each figure a link to what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.html import aria, data
from layouts.settings import parts
from layouts.settings.steps import Step, step, steps
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure in words; '' where there is none. `address` is where it is explained."""

    metric: str
    address: str
    actual: str
    target: str
    expected: str


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of the company, a team or a rep."""

    scope: str
    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The board of one period. `kind` and `day` are what the address says."""

    title: str
    kinds: tuple[Step, ...]
    widths: tuple[Step, ...]
    before: Step
    after: Step
    kind: str
    day: str
    heads: tuple[str, ...]
    rows: Sequence[Row]


def page(text: Text, table: Table) -> Component:
    """The whole page."""
    return parts.page(
        text.t("Numbers"),
        text.t("The figures of the wall. Open one to see the records, the plan and the days that it is made of."),
        html.Nav(
            [steps(table.kinds, text.t("Period")), steps(table.widths, text.tp("numbers", "Metrics"))],
            className="bar",
            **aria(label=text.tp("numbers", "View")),
        ),
        html.Nav(
            [step(table.before), html.H2(table.title), step(table.after), _day(text, table)],
            className="bar periods",
            **aria(label=text.t("Period")),
        ),
        html.Div(_table(text, table), className="scroll"),
    )


def _day(text: Text, table: Table) -> Component:
    """A day to go to: a plain form, whose address is the page of that day."""
    fields = [
        dbc.Input(type="hidden", name="period", value=table.kind),
        html.Label(
            [
                html.Span(text.t("Day"), className="unseen"),
                dbc.Input(name="day", value=table.day, class_name="as-day", placeholder="2026-11-20"),
            ]
        ),
        html.Button(text.t("Show"), type="submit", className="btn btn-light"),
    ]
    return html.Form(fields, action="/settings/numbers", method="get", className="go-to")


def _table(text: Text, table: Table) -> Component:
    heads = [html.Th(name, scope="col") for name in table.heads]
    head = html.Thead(html.Tr([html.Th(text.t("Whose"), scope="col"), *heads]))
    return html.Table([head, html.Tbody([_row(text, row, table.heads) for row in table.rows])], className="figure-grid")


def _row(text: Text, row: Row, heads: Sequence[str]) -> Component:
    cells = [_cell(text, row.name, cell, head) for cell, head in zip(row.cells, heads, strict=True)]
    return html.Tr([html.Th(html.Bdi(row.name), scope="row"), *cells], className=row.scope)


def _cell(text: Text, name: str, cell: Cell, head: str) -> Component:
    below = "\n".join(
        each
        for each in (
            text.t("plan {plan}", plan=cell.target) if cell.target else "",
            text.t("by now {expected}", expected=cell.expected) if cell.expected else "",
        )
        if each
    )
    # As few parts as will do: two hundred managers have thousands of figures.
    unseen = html.Span(f"{name}, {head}: ", className="unseen")
    shown: list[Component | str] = [unseen, cell.actual or "–", *([html.Small(below)] if below else [])]
    return html.Td(dcc.Link(shown, href=cell.address), **data(metric=cell.metric))
