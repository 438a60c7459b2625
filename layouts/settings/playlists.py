"""The playlists: the shared one and those with a name, and what can be done with the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One playlist; `number` None = the shared one. `shown_by` are names of screens."""

    number: int | None
    name: str
    shown_by: Sequence[str]


def content(text: Text, entries: Sequence[Entry], number: int | None, said: Component | None) -> list[Component | None]:
    """The choice, and what belongs to the playlist that is open."""
    here = next((entry for entry in entries if entry.number == number), entries[0])
    links = [_link(text, entry, entry is here) for entry in entries]
    return [
        said,
        parts.section(
            None,
            html.Nav(links, className="steps", title=text.t("Playlists")),
            html.P(_shown_by(text, here), className="hint"),
            html.Details([html.Summary(text.t("New playlist, name, delete")), _tools(text, here)]),
            dcc.Store(id=ids.PLAYLIST_OPEN, data=here.number),
        ),
    ]


def name_of(text: Text, entry: Entry) -> str:
    """What a playlist is called."""
    return text.t("Shared playlist") if entry.number is None else entry.name


def _link(text: Text, entry: Entry, here: bool) -> Component:
    address = "/settings/wall" if entry.number is None else f"/settings/wall?playlist={entry.number}"
    shown = html.Bdi(name_of(text, entry))
    current: dict[str, Any] = {"aria-current": "page"} if here else {}
    return html.Span(dcc.Link(shown, href=address, className="step here" if here else "step"), **current)


def _shown_by(text: Text, entry: Entry) -> list[Component | str]:
    if entry.number is None:
        return [text.t("Shown by every screen that has no playlist of its own.")]
    if not entry.shown_by:
        return [text.t("No screen shows it yet: choose it under Screens.")]
    return [text.t("Shown by: {names}", names=", ".join(entry.shown_by))]


def _tools(text: Text, entry: Entry) -> Component:
    """The fields are all there in any case, so that the page is wired once."""
    named = entry.number is not None
    copy = html.Div(
        [
            parts.field(
                text.t("Name of the new playlist"), parts.entry(ids.PLAYLIST_NEW, "", placeholder=text.t("Hall"))
            ),
            parts.button(ids.PLAYLIST_ADD, text.t("Copy this one"), "light"),
        ],
        className="adding",
    )
    rename = html.Div(
        [
            parts.field(text.t("Name"), parts.entry(ids.PLAYLIST_NAME, entry.name if named else "")),
            parts.button(ids.PLAYLIST_RENAME, text.t("Rename"), "light"),
            parts.button(ids.PLAYLIST_REMOVE, text.t("Delete"), "light"),
        ],
        className="adding",
        hidden=not named,
    )
    return html.Div([copy, rename], className="tools")
