"""The frame at work: the page of an address, for those who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dash import Dash, Input, Output
from dash.development.base_component import Component
from flask_login import current_user

from callbacks.settings import (
    audit,
    calendar,
    celebrations,
    corrections,
    look,
    metrics,
    numbers,
    office,
    people,
    rates,
    screens,
    sources,
    targets,
    users,
    visitor,
    wall,
)
from callbacks.settings.visitor import Seat
from deps import Deps
from layouts import ids
from layouts.settings import frame
from layouts.text import Text

Page = Callable[[Deps, Text, str | None], Component]
Personal = Callable[[Deps, Text, str | None, Seat], Component]

PAGES: Mapping[str, Page] = {
    "office": office.page,
    "metrics": metrics.page,
    "wall": wall.page,
    "look": look.page,
    "celebrations": celebrations.page,
    "screens": screens.page,
    "rates": rates.page,
    "sources": sources.page,
    "audit": audit.page,
}
# Those that are drawn for whoever asks.
PERSONAL: Mapping[str, Personal] = {
    "targets": lambda deps, text, search, seat: targets.page(deps, text, search, seat.user.reach, seat.user.login),
    "people": lambda deps, text, search, seat: people.page(deps, text, search, seat.user.reach),
    "numbers": lambda deps, text, search, seat: numbers.page(deps, text, search, seat.user.reach),
    "calendar": lambda deps, text, search, seat: calendar.page(deps, text, search, seat.user.reach),
    "corrections": lambda deps, text, search, seat: corrections.page(deps, text, search, seat.user.reach),
    "users": users.page,
    "account": users.account,
}


def draw(deps: Deps) -> Component:
    """The frame for whoever asks; nothing for nobody."""
    if not current_user.is_authenticated:
        return frame.nobody()
    user = visitor.user()
    return frame.frame(visitor.words(deps), user.login, user.role == "admin", user.reach.whole)


def open_page(deps: Deps, text: Text, seat: Seat, pathname: str | None, search: str | None) -> Component:
    """The page of an address; an address without a page leads to the first one."""
    name = (pathname or "").removeprefix("/settings").strip("/") or ids.PAGES[0]
    if name not in ids.PAGES:
        return frame.wrong_address(text)
    if name in frame.ADMIN_PAGES and seat.user.role != "admin":
        return frame.refused(text)
    if name not in frame.PAGES_OF_ALL and not seat.user.reach.whole:
        return frame.beyond(text)
    return PERSONAL[name](deps, text, search, seat) if name in PERSONAL else PAGES[name](deps, text, search)


def register(app: Dash, deps: Deps) -> None:
    """Wire the address."""

    @app.callback(Output(ids.PAGE, "children"), Input(ids.PLACE, "pathname"), Input(ids.PLACE, "search"))
    def show(pathname: str | None, search: str | None) -> Component:
        return open_page(deps, visitor.words(deps), visitor.seat(), pathname, search)
