"""The login, its second step, the choice of a password: plain pages with one form each, whole without any script."""

from __future__ import annotations

from html import escape
from typing import Literal

from dash import dcc, html
from dash.development.base_component import Component

from layouts.html import write
from layouts.text import Text

STYLESHEET = "/settings/assets/desk.css"
_CARD = "card gate-card"


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
    return _gate(
        text.t("Choose your password"),
        "/password",
        [
            # For password managers: it says whose password this is.
            _field(text.t("Login"), "login", "text", "username", login, fixed=True),
            *([] if forced else [old]),
            *_new_password(text, minimum, focus=forced),
        ],
        text.t("Save password"),
        said or (text.t("The password you came with works once. Choose your own now.") if forced else None),
    )


def code_form(text: Text, ticket: str, onward: str, said: str | None) -> Component:
    """Asks for the phone's code after a right password; `ticket` says that it was right."""
    return _gate(
        text.t("One more step"),
        "/login/code",
        [
            _hidden("ticket", ticket),
            _hidden("next", onward),
            html.P(text.t("Type the six digits that the app on your phone shows for Tablo."), className="hint"),
            _code(text),
        ],
        text.t("Log in"),
        said,
    )


def invited_form(text: Text, login: str, address: str, minimum: int, said: str | None) -> Component:
    """Lets somebody who was invited choose a password; `address` is the link that they came by."""
    return _gate(
        text.t("Welcome to Tablo"),
        address,
        [
            html.P(text.t("You are invited to Tablo's settings. Choose a password; you log in with it from now on."),
                   className="hint"),
            _field(text.t("Login"), "login", "text", "username", login, fixed=True),
            *_new_password(text, minimum, focus=True),
        ],
        text.t("Save password"),
        said,
    )  # fmt: skip


def not_invited(text: Text) -> Component:
    """For a link that opens nothing any more."""
    why = text.t("It was used, taken back, or is older than three days. Ask your administrator for a new one.")
    onward = html.A(text.t("Log in"), href="/login", className="btn btn-primary")
    return html.Main(html.Div([*_head(text.t("This invitation holds no more")), html.P(why), onward], className=_CARD))


def turn_on_form(text: Text, login: str, secret: str, sealed: str, picture: str, said: str | None) -> Component:
    """Lets a login ask for a phone's codes: `picture` is the QR code of `secret`, which comes back `sealed`."""
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return _gate(
        text.t("Second step"),
        "/second-step",
        [
            _hidden("sealed", sealed),
            html.P(text.t("Scan this with an authenticator app on your phone, then type the code that it shows."),
                   className="hint"),
            html.Img(src=picture, alt=text.t("The key as a QR code"), className="qr"),
            html.P([text.t("Or type this key into the app:"), " ", html.Code(spaced, className="handed")],
                   className="hint"),
            *_prove(text, login),
        ],
        text.t("Turn on"),
        said,
        back=text.t("Back to your account"),
    )  # fmt: skip


def turn_off_form(text: Text, login: str, said: str | None) -> Component:
    """Lets a login stop asking for codes."""
    return _gate(
        text.t("Second step"),
        "/second-step/off",
        [
            html.P(text.t("Tablo asks for a code from your phone whenever you log in."), className="hint"),
            *_prove(text, login),
        ],
        text.t("Turn off"),
        said,
        back=text.t("Back to your account"),
    )


def _prove(text: Text, login: str) -> list[Component]:
    """That it is the owner: the password, and a code of the phone."""
    return [
        _field(text.t("Login"), "login", "text", "username", login, fixed=True),
        _field(text.t("Present password"), "password", "password", "current-password", focus=True),
        _code(text, focus=False),
    ]


def _new_password(text: Text, minimum: int, focus: bool) -> list[Component]:
    hint = text.tn("At least {n} character. A few words are easier to keep than signs.",
                   "At least {n} characters. A few words are easier to keep than signs.", minimum)  # fmt: skip
    return [
        _field(text.t("New password"), "new", "password", "new-password", focus=focus),
        html.P(hint, className="hint"),
        _field(text.t("New password again"), "again", "password", "new-password"),
    ]


def _code(text: Text, focus: bool = True) -> Component:
    return _field(text.t("Code"), "code", "text", "one-time-code", focus=focus, digits=True)


def _gate(
    title: str, action: str, fields: list[Component], button: str, said: str | None, back: str | None = None
) -> Component:
    body = [
        *_head(title),
        html.P(said, className="said", role="alert") if said else None,
        *fields,
        html.Button(button, type="submit", className="btn btn-primary"),
        html.A(back, href="/settings/account", className="btn btn-link") if back else None,
    ]
    return html.Main(html.Form(body, method="post", action=action, className=_CARD))


def _head(title: str) -> list[Component]:
    return [html.P("Tablo", className="brand"), html.H1(title)]


def _field(
    label: str,
    name: str,
    kind: Literal["text", "password"],
    complete: str,
    value: str = "",
    *,
    focus: bool = False,
    fixed: bool = False,
    digits: bool = False,
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
        inputMode="numeric" if digits else None,
        spellCheck="false",
        className="form-control",
    )
    return html.Div([html.Label(label, htmlFor=name), entry], className="field")


def _hidden(name: str, value: str) -> Component:
    return dcc.Input(name=name, type="hidden", value=value)
