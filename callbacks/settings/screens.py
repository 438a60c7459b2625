"""The screens page at work: bind a TV by the code that it shows, end one that has gone."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.settings import visitor
from deps import Deps
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts
from layouts.settings import screens as layout
from layouts.settings.screens import Tv
from layouts.text import Text
from storage import db as store
from storage import screens
from storage.db import StoreError
from storage.screens import Screen

_MEGABYTE = 1_000_000


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with every bound screen."""
    return layout.page(text, *_bound(deps, text))


def bind(deps: Deps, text: Text, who: str, code: str, name: str) -> list[Component | None]:
    """The list after a code was typed, with what came of it."""
    try:
        with store.write(deps.db) as conn:
            screen = screens.bind(conn, code, name, who, deps.clock())
    except StoreError as error:
        return layout.content(text, *_bound(deps, text), parts.bad(str(error)))
    said = text.t("{name} is bound and shows the wall in a moment.", name=screen.name)
    return layout.content(text, *_bound(deps, text), parts.good(said))


def end(deps: Deps, text: Text, who: str, number: int) -> list[Component | None]:
    """The list after a screen was ended."""
    try:
        with store.write(deps.db) as conn:
            screens.revoke(conn, number, who, deps.clock())
    except StoreError as error:
        return layout.content(text, *_bound(deps, text), parts.bad(str(error)))
    return layout.content(text, *_bound(deps, text), parts.good(text.t("The screen is ended. It shows a code again.")))


def register(app: Dash, deps: Deps) -> None:
    """Wire the two buttons."""

    @app.callback(
        Output(ids.SCREENS, "children"),
        Input(ids.SCREEN_BIND, "n_clicks"),
        Input(ids.screen(ALL), "n_clicks"),
        State(ids.SCREEN_CODE, "value"),
        State(ids.SCREEN_NAME, "value"),
        prevent_initial_call=True,
    )
    def on_press(_bind: Any, _end: Any, code: Any, name: Any) -> list[Component | None]:
        return answer(deps, visitor.words(deps), visitor.user().login, visitor.pressed(), (code, name))


def answer(deps: Deps, text: Text, who: str, pressed: Any, typed: tuple[Any, Any]) -> list[Component | None]:
    """The list after a button was pressed."""
    if pressed == ids.SCREEN_BIND:
        return bind(deps, text, who, str(typed[0] or ""), str(typed[1] or ""))
    return end(deps, text, who, int(pressed["number"]))


def _bound(deps: Deps, text: Text) -> tuple[list[Tv], bool]:
    with store.read(deps.db) as conn:
        found, ever = screens.every(conn), screens.ever_bound(conn)
    return [_tv(deps, text, screen) for screen in found], deps.config.loopback and not ever


def _tv(deps: Deps, text: Text, screen: Screen) -> Tv:
    zone = deps.settings().timezone
    memory = text.t("{n} MB", n=screen.heap // _MEGABYTE) if screen.heap else ""
    return Tv(
        number=screen.id,
        name=screen.name,
        seen=write.instant(text, screen.seen_at, zone) if screen.seen_at else text.t("never"),
        showing=words.panel_name(text, screen.showing) if screen.showing in words.PANELS else "",
        browser=screen.agent,
        memory=memory,
    )
