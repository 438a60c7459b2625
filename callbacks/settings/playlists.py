"""The playlists at work: copy one under a new name, rename it, delete it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, dcc
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from layouts import ids
from layouts.settings import parts
from layouts.settings import playlists as layout
from layouts.settings.playlists import Entry
from layouts.text import Text
from storage import db as store
from storage import playlists, screens
from storage.db import StoreError
from storage.names import LONGEST, TakenNameError, UnfitNameError
from storage.playlists import InUseError


def content(deps: Deps, text: Text, number: int | None, said: Component | None) -> list[Component | None]:
    """The playlists, with the one of that number open."""
    with store.read(deps.db) as conn:
        named, bound = playlists.every(conn), screens.every(conn)
    shown_by = {each.id: [screen.name for screen in bound if screen.playlist == each.id] for each in named}
    entries = [Entry(None, "", ()), *(Entry(each.id, each.name, shown_by[each.id]) for each in named)]
    return layout.content(text, entries, number, said)


def answer(deps: Deps, text: Text, who: str, pressed: Any, number: int | None, typed: tuple[str, str]) -> Any:
    """The playlists after a button; `typed`: the name of a new one, the other name of this one."""
    try:
        with store.write(deps.db) as conn:
            said, number = _do(conn, deps, text, who, pressed, number, typed)
    except StoreError as error:
        return content(deps, text, number, parts.bad(problem(text, error)))
    return content(deps, text, number, said)


def problem(text: Text, error: StoreError) -> str:
    """What is wrong, in the reader's language."""
    if isinstance(error, UnfitNameError):
        return text.t("A name has 1 to {n} characters.", n=LONGEST)
    if isinstance(error, TakenNameError):
        return text.t("This name is taken already.")
    if isinstance(error, InUseError):
        return text.t("Screens show this playlist: {names}. Choose another one there first.",
                      names=", ".join(error.shown_by))  # fmt: skip
    return text.t("This is not there any more. Reload the page.")


def register(app: Dash, deps: Deps) -> None:
    """Wire the three buttons."""

    @app.callback(
        Output(ids.PLAYLISTS, "children"),
        Input(ids.PLAYLIST_ADD, "n_clicks"),
        Input(ids.PLAYLIST_RENAME, "n_clicks"),
        Input(ids.PLAYLIST_REMOVE, "n_clicks"),
        State(ids.PLAYLIST_OPEN, "data"),
        State(ids.PLAYLIST_NEW, "value"),
        State(ids.PLAYLIST_NAME, "value"),
        prevent_initial_call=True,
    )
    def on_press(_add: Any, _rename: Any, _remove: Any, number: Any, new: Any, name: Any) -> Any:
        typed = str(new or ""), str(name or "")
        here = number if isinstance(number, int) else None
        return answer(deps, visitor.words(deps), visitor.user().login, visitor.pressed(), here, typed)


def _do(
    conn: Connection, deps: Deps, text: Text, who: str, pressed: Any, number: int | None, typed: tuple[str, str]
) -> tuple[Component, int | None]:
    """What is said, and the number of the playlist that is open now."""
    now = deps.clock()
    if pressed == ids.PLAYLIST_ADD:
        chosen = deps.settings().playlist if number is None else playlists.get(conn, number).slots
        made = playlists.add(conn, typed[0], chosen, who, now)
        return _made(text, made.name, made.id), number
    if number is None:
        raise StoreError("The shared playlist has no name.")
    if pressed == ids.PLAYLIST_RENAME:
        playlists.rename(conn, number, typed[1], who, now)
        return parts.good(text.t("Renamed."), beside=True), number
    name = playlists.get(conn, number).name
    playlists.remove(conn, number, who, now)
    return _removed(text, name), number


def _made(text: Text, name: str, number: int) -> Component:
    there = dcc.Link(text.t("Open it"), href=f"/settings/wall?playlist={number}")
    return parts.good([text.t("“{name}” is made.", name=name), " ", there], beside=True)


def _removed(text: Text, name: str) -> Component:
    there = dcc.Link(text.t("Shared playlist"), href="/settings/wall")
    return parts.good([text.t("“{name}” is deleted.", name=name), " ", there], beside=True)
