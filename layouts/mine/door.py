"""The door of the phone page: a PIN to choose or to type, by the personal link or by the wall's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dash import dcc, html
from dash.development.base_component import Component

from domain.pins import LONGEST, SHORTEST, Fault
from layouts.html import data
from layouts.panels.parts import person
from layouts.text import Text

_ACTION, _LINK = "/me/pin", "/me/link"


def closed(text: Text, said: str | None = None) -> Component:
    """For who came without a link and without a code."""
    how = html.P(
        text.t("Open your personal link, which your team lead gives you, or scan the code on the wall with the camera.")
    )
    pasted: list[Component] = [
        html.Div([html.Label(text.t("Personal link"), htmlFor="link"), _link()], className="field link")
    ]
    hint = text.t("A page on the home screen does not know you yet? Paste your personal link here, once.")
    return _gate(
        text.t("Your numbers"),
        said,
        [how, html.P(hint, className="hint"), _form(pasted, text.t("Open my page"), _LINK)],
    )


def choose(text: Text, name: str, said: str | None = None) -> Component:
    """The first use of a personal link."""
    hint = text.t(
        "{least} to {most} digits that nobody guesses. You will need them on other devices.",
        least=SHORTEST,
        most=LONGEST,
    )
    fields = [_pin(text.t("New PIN"), "pin", "new-password", focus=True), html.P(hint, className="hint"),
              _pin(text.t("New PIN again"), "again", "new-password")]  # fmt: skip
    return _gate(text.t("Choose a PIN"), said, [_whose(name), _form(fields, text.t("Open my page"))])


def ask(text: Text, name: str, said: str | None = None) -> Component:
    """A personal link on another device."""
    fields = [_pin(text.t("PIN"), "pin", "current-password", focus=True)]
    return _gate(text.t("Type your PIN"), said, [_whose(name), _form(fields, text.t("Open my page")), _forgotten(text)])


def pick(text: Text, names: Mapping[str, str], who: str = "", said: str | None = None) -> Component:
    """The wall's code: whose page, and the PIN. `names` are the managers who have one, by their keys."""
    if not names:
        said = text.t("Nobody has a PIN yet. Ask your team lead for your personal link.")
        return _gate(text.t("Your numbers"), said, [])
    options = [html.Option(name, value=key, selected=key == who) for key, name in names.items()]
    first = html.Option(text.t("Choose your name"), value="", disabled=True, selected=who not in names)
    chooser = html.Select([first, *options], id="who", name="who", required=True)
    fields = [html.Div([html.Label(text.t("Who are you?"), htmlFor="who"), chooser], className="field"),
              _pin(text.t("PIN"), "pin", "current-password")]  # fmt: skip
    missing = text.t("Your name is not in the list? Ask your team lead for your personal link.")
    body: list[Component] = [_form(fields, text.t("Open my page")), html.P(missing, className="hint")]
    return _gate(text.t("Your numbers"), said, body)


def offline(text: Text) -> Component:
    """What an installed page shows without a connection: no number, and how old the last ones were."""
    return html.Main(
        [
            html.P("Tablo", className="brand"),
            html.H1(text.t("No connection")),
            html.P(text.t("The page opens again as soon as Tablo can be reached."), className="hint"),
            html.P(
                "",
                id="last-seen",
                className="said",
                role="status",
                **data(words=text.t("The last numbers here were of {day}, {time}.")),
            ),
            html.A(text.t("Try again"), href="/me", className="button"),
        ],
        className="gate",
    )


def refusal(text: Text, fault: Fault) -> str:
    """Why a PIN cannot be taken."""
    if fault is Fault.SHAPE:
        return text.t("A PIN has {least} to {most} digits.", least=SHORTEST, most=LONGEST)
    return text.t("This PIN is one of the first that anybody would try. Choose another one.")


def _gate(title: str, said: str | None, body: list[Component]) -> Component:
    told = [html.P(said, className="said", role="alert")] if said else []
    return html.Main([html.P("Tablo", className="brand"), html.H1(title), *told, *body], className="gate")


def _whose(name: str) -> Component:
    return html.P(person(name), className="whose")


def _forgotten(text: Text) -> Component:
    return html.P(text.t("Forgotten? Your team lead makes a new link, or sets a new PIN."), className="hint")


def _form(fields: list[Component], button: str, action: str = _ACTION) -> Component:
    return html.Form([*fields, html.Button(button, type="submit", className="button")], method="post", action=action)


def _link() -> Component:
    return dcc.Input(id="link", name="link", type="text", inputMode="url", autoComplete="off", required=True)


def _pin(
    label: str, name: str, complete: Literal["new-password", "current-password"], *, focus: bool = False
) -> Component:
    entry = dcc.Input(
        id=name,
        name=name,
        type="password",
        inputMode="numeric",
        pattern="[0-9]*",
        minLength=SHORTEST,
        maxLength=LONGEST,
        autoComplete=complete,
        autoFocus=focus,
        required=True,
    )
    return html.Div([html.Label(label, htmlFor=name), entry], className="field")
