"""The screens page: every TV that may show the wall, how it is doing, and the code of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Tv:
    """One bound screen in words; `seen` may say that it was never seen."""

    number: int
    name: str
    seen: str
    showing: str
    browser: str
    memory: str


def page(text: Text, screens: Sequence[Tv], open_here: bool) -> Component:
    """The whole page. `open_here`: no screen was ever bound, and the wall is open to this machine."""
    return parts.page(
        text.t("Screens"),
        text.t(
            "A screen is a TV that shows the wall. It needs no login, sees nothing else, and stays bound for months."
        ),
        html.Div(content(text, screens, open_here, None), id=ids.SCREENS),
        _binding(text),
    )


def content(text: Text, screens: Sequence[Tv], open_here: bool, said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    note = html.P(text.t("No screen is bound yet: the wall is open in the browser of this machine."))
    nobody = html.P(text.t("No screen is bound."))
    listed = _table(text, screens) if screens else note if open_here else nobody
    return [said, parts.section(text.t("Bound screens"), listed)]


def _binding(text: Text) -> Component:
    """The fields stand apart from what changes draw anew, so that a mistake costs no typing."""
    code = parts.field(text.t("Code on the screen"), parts.entry(ids.SCREEN_CODE, "", inputmode="numeric"))
    name = parts.field(text.t("Name"), parts.entry(ids.SCREEN_NAME, "", placeholder=text.t("Hall")))
    adding = html.Div([code, name, parts.button(ids.SCREEN_BIND, text.t("Bind"))], className="adding")
    hint = text.t("Open this server's address on the TV. It shows a code of six digits, which holds for ten minutes.")
    return parts.section(text.t("Bind a screen"), adding, hint=hint)


def _table(text: Text, screens: Sequence[Tv]) -> Component:
    heads = [text.t("Name"), text.t("Last seen"), text.t("Shows"), text.t("Browser"), text.t("Memory"), ""]
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    rows = [html.Tr([html.Td(cell) for cell in _cells(text, each)]) for each in screens]
    return html.Div(html.Table([head, html.Tbody(rows)], className="list-table"), className="scroll")


def _cells(text: Text, each: Tv) -> list[Component | str]:
    end = parts.button(ids.screen(each.number), [text.t("End"), " ", html.Span(each.name, className="unseen")], "light")
    return [html.Bdi(each.name), each.seen, each.showing, html.Small(each.browser), each.memory, end]
