"""The audit page: the latest changes, who made them and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Line:
    """One change in words; `before` and `after` may be ''."""

    when: str
    who: str
    what: str
    subject: str
    before: str
    after: str
    note: str


def page(text: Text, lines: Sequence[Line], older: str | None) -> Component:
    """The whole page; `older` is the address of the next one."""
    heads = (text.t("When"), text.t("Who"), text.t("What"), text.t("Before"), text.t("After"))
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    table = html.Table([head, html.Tbody([_row(each) for each in lines])], className="list-table audit")
    more = dcc.Link(text.t("Older changes"), href=older, className="btn btn-light") if older else None
    none = html.P(text.t("Nothing has been changed yet."))
    return parts.page(
        text.t("Changes"), None, parts.section(None, html.Div(table, className="scroll") if lines else none), more
    )


def _row(line: Line) -> Component:
    what = [line.what, html.Small(html.Bdi(line.subject)), html.Small(line.note) if line.note else None]
    return html.Tr(
        [
            html.Td(line.when),
            html.Td(html.Bdi(line.who)),
            html.Td(what, className="who"),
            html.Td(line.before),
            html.Td(line.after),
        ]
    )
