"""The frame at work: the page of an address, for those who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dash import Dash, Input, Output
from dash.development.base_component import Component
from flask_login import current_user

from callbacks.settings import audit, celebrations, look, office, people, screens, sources, targets, visitor, wall
from deps import Deps
from layouts import ids
from layouts.settings import frame
from layouts.text import Text

Page = Callable[[Deps, Text, str | None], Component]

PAGES: Mapping[str, Page] = {
    "targets": targets.page,
    "office": office.page,
    "wall": wall.page,
    "look": look.page,
    "celebrations": celebrations.page,
    "screens": screens.page,
    "people": people.page,
    "sources": sources.page,
    "audit": audit.page,
}


def draw(deps: Deps) -> Component:
    """The frame for whoever asks; nothing for nobody."""
    if not current_user.is_authenticated:
        return frame.nobody()
    user = visitor.user()
    return frame.frame(visitor.words(deps), user.login, user.role == "admin")


def open_page(deps: Deps, text: Text, admin: bool, pathname: str | None, search: str | None) -> Component:
    """The page of an address; an address without a page leads to the first one."""
    name = (pathname or "").removeprefix("/settings").strip("/") or ids.PAGES[0]
    if name not in PAGES:
        return frame.wrong_address(text)
    if name in frame.ADMIN_PAGES and not admin:
        return frame.refused(text)
    return PAGES[name](deps, text, search)


def register(app: Dash, deps: Deps) -> None:
    """Wire the address."""

    @app.callback(Output(ids.PAGE, "children"), Input(ids.PLACE, "pathname"), Input(ids.PLACE, "search"))
    def show(pathname: str | None, search: str | None) -> Component:
        return open_page(deps, visitor.words(deps), visitor.user().role == "admin", pathname, search)
