"""The frame around every page of the desk: where one can go, who one is, and what is said when the server is away."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.html import aria, data
from layouts.text import Text, mark

# Every page by its address, in the order of the menu.
TITLES = {
    "targets": mark("Targets"),
    "office": mark("Office"),
    "metrics": mark("Metrics"),
    "wall": mark("Wall"),
    "look": mark("Look"),
    "celebrations": mark("Celebrations"),
    "screens": mark("Screens"),
    "people": mark("People"),
    "calendar": mark("Calendar"),
    "rates": mark("Currencies"),
    "sources": mark("Sources"),
    "users": mark("Users"),
    "numbers": mark("Numbers"),
    "corrections": mark("Corrections"),
    "audit": mark("Changes"),
}
# Only an administrator sees these.
ADMIN_PAGES = frozenset(("sources", "users"))
# What a team lead of own teams sees too; every other page is about the whole office.
PAGES_OF_ALL = frozenset(("targets", "people", "calendar", "numbers", "corrections", "account"))


def frame(text: Text, login: str, admin: bool, whole: bool) -> Component:
    """Menu and place for a page. The page itself comes by its address. `whole`: the login is for the whole office."""
    warnings = data(
        leave=text.t("What you typed is not saved. Leave all the same?"),
        large=text.t("This file is too large: at most 2 MB can be sent."),
        away=text.t("The server does not answer. What you typed is still here; save again in a moment."),
    )
    return html.Div(
        [
            dcc.Location(id=ids.PLACE, refresh=False),
            html.A(text.t("To the page"), href=f"#{ids.PAGE}", className="skip"),
            html.Header([html.Strong("Tablo", className="brand"), _menu(text, admin, whole), _self(text, login)]),
            html.P(className="away", role="alert"),
            html.Main(id=ids.PAGE, tabIndex="-1"),
        ],
        className="desk",
        lang=text.language,
        **warnings,
    )


def nobody() -> Component:
    """What somebody without a login is given: nothing."""
    return html.Div()


def wrong_address(text: Text) -> Component:
    """For an address of the desk under which there is no page."""
    return html.Div([html.H1(text.t("There is no such page")), dcc.Link(text.t("Targets"), href="/settings/targets")])


def refused(text: Text) -> Component:
    """For a page that needs another role."""
    return html.Div([html.H1(text.t("Only an administrator sees this page"))])


def beyond(text: Text) -> Component:
    """For a page about the whole office, before a team lead of own teams."""
    return html.Div([html.H1(text.t("This page is for those who answer for all teams"))])


def _menu(text: Text, admin: bool, whole: bool) -> Component:
    pages = [page for page in TITLES if (admin or page not in ADMIN_PAGES) and (whole or page in PAGES_OF_ALL)]
    links = [dcc.Link(text.t(TITLES[page]), href=f"/settings/{page}", className="nav-link") for page in pages]
    return html.Nav(links, id=ids.NAV, **aria(label=text.t("Pages of the settings")))


def _self(text: Text, login: str) -> Component:
    leave = html.Form(
        html.Button(text.t("Log out"), type="submit", className="btn btn-link"), method="post", action="/logout"
    )
    return html.Div(
        [html.A(text.t("To the wall"), href="/", target="_blank"), html.A(login, href="/settings/account"), leave],
        className="self",
    )
