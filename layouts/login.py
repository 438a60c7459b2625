"""The login and the change of a password: plain pages with one form each, whole without any script."""

from __future__ import annotations

from html import escape
from typing import Literal

from dash import dcc, html
from dash.development.base_component import Component

from layouts.html import write
from layouts.text import Text

STYLESHEET = "/settings/assets/desk.css"


def document(text: Text, title: str, body: Component) -> str:
    """The page of a body, as HTML."""
    return (
        f'<!DOCTYPE html><html lang="{text.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} · Tablo</title><link rel="stylesheet" href="{STYLESHEET}">'
        # An empty icon: the browser would else ask for one that is not there.
        '<link rel="icon" href="data:,">'
        f'</head><body class="gate">{write(body)}</body></html>'
    )


def login_form(text: Text, login: str, onward: str, said: str | None) -> Component:
    """Asks for login and password. `onward` is the page to open afterwards, `said` why the last try failed."""
    return _gate(
        text.t("Log in"),
        "/login",
        [
            _hidden("next", onward),
            _field(text.t("Login"), "login", "text", "username", login, focus=not login),
            _field(text.t("Password"), "password", "password", "current-password", focus=bool(login)),
        ],
        text.t("Log in"),
        said,
    )


def password_form(text: Text, login: str, forced: bool, minimum: int, said: str | None) -> Component:
    """Asks for a new password, twice; for the old one too, unless it was a one-time password that has to go."""
    old = _field(text.t("Present password"), "old", "password", "current-password", focus=True)
    hint = text.tn("At least {n} character. A few words are easier to keep than signs.",
                   "At least {n} characters. A few words are easier to keep than signs.", minimum)  # fmt: skip
    return _gate(
        text.t("Choose your password"),
        "/password",
        [
            # For password managers: it says whose password this is.
            _field(text.t("Login"), "login", "text", "username", login, fixed=True),
            *([] if forced else [old]),
            _field(text.t("New password"), "new", "password", "new-password", focus=forced),
            html.P(hint, className="hint"),
            _field(text.t("New password again"), "again", "password", "new-password"),
        ],
        text.t("Save password"),
        said or (text.t("The password you came with works once. Choose your own now.") if forced else None),
    )


def _gate(title: str, action: str, fields: list[Component], button: str, said: str | None) -> Component:
    return html.Main(
        html.Form(
            [
                html.P("Tablo", className="brand"),
                html.H1(title),
                html.P(said, className="said", role="alert") if said else None,
                *fields,
                html.Button(button, type="submit", className="btn btn-primary"),
            ],
            method="post",
            action=action,
            className="card gate-card",
        )
    )


def _field(
    label: str,
    name: str,
    kind: Literal["text", "password"],
    complete: str,
    value: str = "",
    *,
    focus: bool = False,
    fixed: bool = False,
) -> Component:
    entry = dcc.Input(
        id=name,
        name=name,
        type=kind,
        value=value,
        autoComplete=complete,
        required=True,
        autoFocus=focus,
        readOnly=fixed,
        maxLength=200,
        spellCheck="false",
        className="form-control",
    )
    return html.Div([html.Label(label, htmlFor=name), entry], className="field")


def _hidden(name: str, value: str) -> Component:
    return dcc.Input(name=name, type="hidden", value=value)
