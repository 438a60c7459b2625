"""The panel with the code that opens a manager's own page on their phone."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from domain.board import Board
from domain.settings import Slot
from layouts import words
from layouts.panels.panel import Panel
from layouts.panels.parts import heading
from layouts.text import Text

KEY = "phone"
# The picture's address changes so often (seconds), so that a screen asks for a new code before the old one is too old.
_CODE_CHANGES = 240


@dataclass(frozen=True, slots=True)
class PhoneView:
    """What the panel says, and where the picture of the code is."""

    title: str
    about: str
    code: str
    spoken: str
    steps: tuple[str, ...]
    note: str


def view(board: Board, slot: Slot, text: Text) -> PhoneView:
    """What the panel says."""
    return PhoneView(
        title=words.panel_name(text, slot.panel),
        about=text.t("for managers"),
        code=f"/wall/phone.svg?{int(board.now.timestamp()) // _CODE_CHANGES}",
        spoken=text.t("A code for the camera of a phone"),
        steps=(text.t("Point the camera at the code"), text.t("Choose your name"), text.t("Type your PIN")),
        note=text.t("No PIN yet? Ask your team lead for your personal link."),
    )


def render(shown: PhoneView) -> Component:
    """The panel as a tree."""
    steps = [html.Li([html.B(str(number)), html.Span(step)]) for number, step in enumerate(shown.steps, start=1)]
    body = html.Section(
        [
            html.Img(src=shown.code, alt=shown.spoken, className="code"),
            html.Div([html.Ol(steps, className="steps"), html.P(shown.note, className="note")]),
        ],
        className="card to-phone",
    )
    return html.Div([heading(shown.title, shown.about), body])


PANEL = Panel(KEY, view, render)
