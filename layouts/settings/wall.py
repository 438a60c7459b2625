"""The wall page: the playlists, the panels of one of them, and what that looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts import format as write
from layouts import ids, words
from layouts.html import data
from layouts.settings import parts, slots
from layouts.settings.slots import Offer, Row
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Sheet:
    """The playlist that is open: its number (None = the shared one), its rows, what they were drawn from (`seen`), and
    whether they differ from what is stored."""

    number: int | None
    rows: Sequence[Row]
    offer: Offer
    seen: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """How long one round takes, in seconds: with every panel, and with those that are on now."""

    whole: int
    now: int


def page(text: Text, lists: list[Component | None], sheet: Sheet, turn: Round, source: str) -> Component:
    """The whole page. `source` is the address of the miniature."""
    return parts.page(
        text.t("Wall"),
        text.t("The screens show these panels one after the other."),
        html.Div(lists, id=ids.PLAYLISTS),
        html.Div(
            [
                html.Div(
                    [html.Div(form(text, sheet, None), id=ids.WALL_ROWS), _adding(text, sheet.offer)],
                    className="rows-side",
                ),
                _preview(text, source),
            ],
            className="wall-sides",
        ),
        html.Div(
            [
                html.P(cycle(text, turn), id=ids.WALL_CYCLE, className="hint"),
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


def form(text: Text, sheet: Sheet, said: Component | None) -> list[Component | None]:
    """The panels in their order: what a move or a save draws anew."""
    return [
        said,
        html.Div(slots.rows(text, sheet.rows, sheet.offer), **data(changed=sheet.changed)),
        dcc.Store(id=ids.WALL_SEEN, data={"list": sheet.number, "seen": sheet.seen}),
    ]


def cycle(text: Text, turn: Round) -> str:
    """How long one round takes."""
    whole = text.t("One round takes {duration}.", duration=_long(text, turn.whole))
    if turn.now == turn.whole:
        return whole
    now = text.t("With the panels that are on now: {duration}.", duration=_long(text, turn.now))
    return f"{whole} {now}"


def _long(text: Text, seconds: int) -> str:
    shown = [write.duration(text, part) for part in (seconds - seconds % 60, seconds % 60) if part]
    return " ".join(shown) or write.duration(text, 0)


def _adding(text: Text, offer: Offer) -> Component:
    panels = {key: words.panel_name(text, key) for key in offer.panels()}
    choice = parts.field(text.t("One more panel"), parts.choice(ids.WALL_PANEL, panels, "overview"))
    order = dcc.Store(id=ids.WALL_ORDER)
    return html.Div([choice, parts.button(ids.WALL_ADD, text.t("Add"), "light"), order], className="card adding")


def _preview(text: Text, source: str) -> Component:
    frame = html.Iframe(id=ids.WALL_PREVIEW, src=source, title=text.t("What the wall shows"), tabIndex=-1)
    hint = text.t("As the wall shows it now, before it is saved. Panels at other hours and empty ones are skipped.")
    return parts.section(text.t("Preview"), html.Div(frame, className="miniature"), hint=hint)
