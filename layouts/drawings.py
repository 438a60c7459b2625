"""One slot of the rotation as HTML, drawn anew only where it would say something else."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

from dash import html
from dash.development.base_component import Component

from domain.board import Board, SourceHealth
from domain.settings import Slot
from layouts import words
from layouts.html import write
from layouts.panels import PANELS
from layouts.panels.panel import Figure
from layouts.text import Text

# Slots of some playlists in three languages.
_KEPT = 128


@dataclass(frozen=True, slots=True)
class Drawn:
    """One slot of the rotation as it goes to the screens. `mark` changes with the HTML."""

    id: str
    key: str
    seconds: int
    html: str
    mark: str
    figure: Figure | None


class Drawings:
    """What each slot looked like last: most commits change one panel of ten, and drawing is dear."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[Slot, str], tuple[object, str, Figure | None]] = OrderedDict()

    def draw(self, name: str, slot: Slot, board: Board, text: Text) -> Drawn:
        """The slot as it goes to the screens."""
        drawn, figure = self._drawn(slot, board, text)
        return Drawn(name, slot.panel, slot.seconds, drawn, mark_of(drawn), figure)

    def _drawn(self, slot: Slot, board: Board, text: Text) -> tuple[str, Figure | None]:
        if board.as_of is None:
            return write(_first_reading(slot, board, text)), None
        panel, key = PANELS[slot.panel], (slot, text.language)
        view = panel.view(board, slot, text)
        if key not in self._last or self._last[key][0] != view:
            self._last[key] = view, write(panel.render(view)), panel.figure(view)
            while len(self._last) > _KEPT:
                self._last.popitem(last=False)
        _, drawn, figure = self._last[key]
        return drawn, figure


def mark_of(content: str) -> str:
    """Another mark for another content."""
    return blake2b(content.encode(), digest_size=6).hexdigest()


def _first_reading(slot: Slot, board: Board, text: Text) -> Component:
    title = html.Header(html.H1(words.panel_name(text, slot.panel)), className="title")
    names = ", ".join(words.source_name(text, source) for source in board.sources)
    said = text.t("Reading {source} for the first time", source=names) if names else text.t("No source is connected")
    if names and all(source.health is SourceHealth.LISTENING for source in board.sources):
        said = text.t("{source} has not sent anything yet", source=names)
    more = (
        text.t("The numbers appear by themselves when they are complete.") if names else text.t("Add it in settings.")
    )
    return html.Div([title, html.Section([html.P(said, className="big"), html.P(more)], className="card reading")])
