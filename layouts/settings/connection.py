"""What is done with a connection: its form, the test of it, and the questions before something is done for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.connections import Look, Option
from layouts import ids
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Form:
    """A connection in its form. `known` = its name, None = a new one. `kept` are the secrets that are stored.

    `back` is the address that a CRM sends a browser back to, '' where nobody is sent there. `beta`: see SourceKind.
    """

    kind: str
    label: str
    options: Sequence[Option]
    known: str | None = None
    typed: Mapping[str, str] | None = None
    kept: frozenset[str] = frozenset()
    back: str = ""
    beta: bool = False


def form(text: Text, shown: Form) -> Component:
    """The fields, Test, and the place for what it finds."""
    title = text.t("Options of {name}", name=shown.known) if shown.known else text.t("Connect {kind}", kind=shown.label)
    plain = [option for option in shown.options if option.default is None]
    usual = [option for option in shown.options if option.default is not None]
    more = html.Details(
        [
            html.Summary(text.t("More options")),
            html.Div([_option(text, shown, each) for each in usual], className="options"),
        ]
    )
    mode, about = ("known", shown.known) if shown.known else ("new", shown.kind)
    back = text.t("Where the CRM asks for a redirect or handler address, it is this one:")
    return _sheet(
        title,
        _beta(text) if shown.beta else None,
        None if shown.known else _name(text),
        html.Div([_option(text, shown, each) for each in plain], className="options"),
        more if usual else None,
        html.P([back, " ", html.Code(shown.back)], className="hint") if shown.back else None,
        _buttons(text, parts.button(ids.source_test(mode, about), text.t("Test"))),
        html.Div(id=ids.SOURCE_FINDINGS, className="findings"),
    )


def findings(text: Text, look: Look, known: str | None, about: str) -> list[Component | None]:
    """What a test found, and the button that makes it hold."""
    bad = sum(not each.good for each in look.findings)
    well = parts.good(text.t("The test went well."), beside=True) if look.findings and not bad else None
    confirm = text.t("Save these options") if known else text.t("Connect")
    button = parts.button(ids.source_do("change" if known else "connect", about), confirm) if look.proof else None
    return [
        parts.bad(look.problem) if look.problem else None,
        _found(look) if look.findings else None,
        well,
        html.P(text.t("Then authorise Tablo in the CRM: the button appears on the connection."), className="hint")
        if look.login
        else None,
        html.P(text.t("Nothing is stored and nothing is drawn until you confirm."), className="hint"),
        html.Div(button, className="act") if button else None,
        dcc.Store(id=ids.source_proof(about), data=look.proof) if look.proof else None,
    ]


def reread(text: Text, name: str, since: str) -> Component:
    """From which day on to read again."""
    return _sheet(
        text.t("Read {name} again", name=name),
        html.P(text.t("Everything from this day on is read again. The wall goes on showing what is there.")),
        parts.field(text.t("First day"), parts.day_entry(ids.source_field(ids.SOURCE_SINCE), since)),
        _buttons(text, parts.button(ids.source_do("reread!", name), text.t("Read again"))),
        html.Div(id=ids.SOURCE_FINDINGS, className="findings"),
    )


def removal(text: Text, name: str, closed: bool) -> Component:
    """The question whether a connection's numbers shall stay; of a closed one there is nothing else."""
    close = html.P(
        text.t(
            "Close it: its numbers and people stay, its access to the CRM is forgotten, and nobody reads it again. "
            "For a CRM that the office has left."
        )
    )
    remove = html.P(
        text.t("All of its calls, deals and people leave Tablo, and the wall at once. In the CRM nothing changes.")
    )
    return _sheet(
        text.t("Remove {name}?", name=name),
        None if closed else close,
        remove,
        _buttons(
            text,
            None if closed else parts.button(ids.source_do("close!", name), text.t("Close and keep its numbers")),
            parts.button(ids.source_do("remove!", name), text.t("Remove for good"), "danger"),
        ),
        html.Div(id=ids.SOURCE_FINDINGS, className="findings"),
    )


def address(text: Text, url: str, takes_facts: bool = False) -> Component:
    """The address for events or for facts, which cannot be shown again."""
    if takes_facts:
        hint = text.t("Give it to whatever sends the records. It is shown this once; it is a password.")
        return parts.section(text.t("Address to send to"), html.Code(url, className="address"), hint=hint)
    return parts.section(
        text.t("Address for events"),
        html.Code(url, className="address"),
        hint=text.t("Paste it into the CRM as the handler of its webhooks. It is shown this once; it is a password. "
                    "Without it everything works too, half a minute later."),
    )  # fmt: skip


def _sheet(title: str, *children: Component | None) -> Component:
    # Typing here is not what "not saved yet" speaks of: `adding` tells the desk's script.
    return html.Section([html.H2(title), *children], className="card adding sheet")


def _buttons(text: Text, *first: Component | None) -> Component:
    return html.Div([*first, parts.button(ids.source_do("close", ""), text.t("Close"), "light")], className="act")


def _beta(text: Text) -> Component:
    warning = text.t(
        "Beta: built from the maker's documents, never tried with a real account. "
        "The test shows what this account can do; compare the first days with the CRM's own figures."
    )
    return html.P(warning, className="hint")


def _name(text: Text) -> Component:
    hint = text.t("Short, without spaces. It becomes part of every person's key.")
    return parts.field(text.t("Name"), parts.entry(ids.source_field(ids.SOURCE_NAME), "", maxlength=40), hint=hint)


def _option(text: Text, shown: Form, option: Option) -> Component:
    value = (shown.typed or {}).get(option.name, "")
    words = [option.help]
    if option.name in shown.kept:
        words.append(text.t("It is stored: leave the field empty to keep it, type - to take it away."))
    if option.default:
        words.append(text.t("Usual: {value}", value=option.default))
    control = dbc.Input(
        id=ids.source_field(option.name),
        # A secret never comes back to the browser.
        value="" if option.secret else value,
        type="password" if option.secret else "text",
        autocomplete="new-password" if option.secret else "off",
        placeholder="••••••••" if option.name in shown.kept else "",
        required=option.required,
    )
    problem = html.Span(id=ids.source_problem(option.name), className="problem", role="alert")
    return html.Div([parts.field(option.name, control, hint=" ".join(words)), problem])


def _found(look: Look) -> Component:
    rows = [
        html.Tr(
            [
                html.Td("✓" if each.good else "!", className="sign"),
                html.Th(each.what, scope="row"),
                html.Td(each.found),
            ],
            className="" if each.good else "bad",
        )
        for each in look.findings
    ]
    return html.Div(html.Table(html.Tbody(rows), className="list-table found"), className="scroll")
