"""The phone pages on the people page: each manager's personal link and PIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.pins import LONGEST, SHORTEST
from layouts import ids
from layouts.qr import data_uri
from layouts.settings import drawn, parts
from layouts.settings.drawn import Act, Cell, Row
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Owner:
    """A manager and their link: when it was made and last opened, in words; '' = there is none, or never.

    `guessed_at`: somebody has typed many wrong PINs within a day.
    """

    key: str
    name: str
    made: str
    opened: str
    has_pin: bool
    guessed_at: bool


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was made just now: it is shown this once. `reachable` False = no phone can reach its address."""

    name: str
    address: str
    reachable: bool


def section(text: Text, owners: Sequence[Owner]) -> Component:
    """The section on the page."""
    return html.Div([html.Div(content(text, owners, None), id=ids.LINKS), dcc.Store(id=ids.LINKS_PRESS)])


def content(text: Text, owners: Sequence[Owner], said: Component | None) -> list[Component]:
    """What every change draws anew."""
    hint = text.t(
        "A personal link opens a manager's own page on their phone. With a PIN they can come in by the code on the "
        "wall too, where the panel “On your phone” is shown."
    )
    body = [said, _table(text, owners), _pin(text, owners)] if owners else [html.P(text.t("Nobody yet."))]
    return [parts.section(text.t("Phone pages"), *body, hint=hint)]


def shown_once(text: Text, new: NewLink) -> Component:
    """A new link, to be handed on."""
    warning = text.t("This address works on this computer alone. Set the address for phones on the Office page first.")
    return html.Div(
        [
            html.P(text.t("The link of {name}. It is shown this once:", name=new.name)),
            html.Code(new.address, className="handed"),
            html.Img(src=data_uri(new.address), alt=text.t("The same link as a QR code"), className="qr"),
            html.P(warning, className="problem", role="alert") if not new.reachable else None,
        ],
        className="said good new-link",
        role="status",
    )


def _table(text: Text, owners: Sequence[Owner]) -> Component:
    heads = [text.t("Who"), text.t("Link made"), text.t("Last opened"), text.t("PIN"), ""]
    return drawn.table(heads, [_row(text, owner) for owner in owners])


def _row(text: Text, owner: Owner) -> Row:
    make = text.t("Renew the link") if owner.made else text.t("Make a link")
    acts = [_act(make, "make", owner)]
    if owner.made:
        acts.append(_act(text.t("End it"), "end", owner))
    said = [owner.made or "–", owner.opened or "–", _pin_said(text, owner)]
    return Row([Cell(owner.name), *map(Cell, said), Cell(acts=acts)], owner.name)


def _pin_said(text: Text, owner: Owner) -> str:
    if not owner.has_pin:
        return "–"
    return text.t("chosen; many wrong tries within a day") if owner.guessed_at else text.t("chosen")


def _act(words: str, action: str, owner: Owner) -> Act:
    return Act(words, owner.name, action, owner.key, ids.LINKS_PRESS)


def _pin(text: Text, owners: Sequence[Owner]) -> Component:
    names = {"": "–"} | {owner.key: owner.name for owner in owners}
    entry: Component = dbc.Input(
        id=ids.PIN_VALUE, type="password", inputmode="numeric", maxlength=LONGEST, autocomplete="off", value=""
    )
    hint = text.t("{least} to {most} digits", least=SHORTEST, most=LONGEST)
    return html.Div(
        [
            parts.field(text.t("PIN for"), parts.choice(ids.PIN_REP, names, "")),
            parts.field(text.t("New PIN"), entry, hint=hint),
            parts.button(ids.PIN_SET, text.t("Set the PIN"), "light"),
        ],
        className="adding",
    )
