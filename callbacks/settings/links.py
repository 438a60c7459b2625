"""The phone pages at work: links are made, renewed and ended, PINs are set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from flask import request
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain import pins
from domain.address import for_phones
from domain.people import Rep
from domain.reach import WHOLE, Reach
from layouts import format as write
from layouts import ids
from layouts.mine.door import refusal
from layouts.refusals import plainly
from layouts.settings import drawn, parts
from layouts.settings import links as layout
from layouts.settings.links import NewLink, Owner
from layouts.text import Text
from storage import db as store
from storage import joins, links, people
from storage.db import StoreError


def section(deps: Deps, text: Text, reach: Reach = WHOLE) -> Component:
    """The section of the people page."""
    return layout.section(text, owners(deps, text, reach))


def owners(deps: Deps, text: Text, reach: Reach = WHOLE) -> list[Owner]:
    """Everybody within reach who sells, with their link."""
    zone = deps.settings().timezone
    with store.read(deps.db) as conn:
        same = joins.read(conn)
        # A link that was made before its owner was joined with somebody is theirs still; the main one's goes before.
        made = sorted(links.every(conn), key=lambda link: link.rep not in same.mains)
        known = {same.main(link.rep): link for link in made}
        reps = sorted(_reps(conn, reach), key=lambda rep: (rep.name, rep.key))
        guessed_at = links.guessed_at(conn, known, deps.clock())

    def told(at: datetime | None) -> str:
        return "" if at is None else write.instant(text, at, zone)

    return [
        Owner(
            key=rep.key,
            name=rep.name,
            made=told(link.created_at if (link := known.get(rep.key)) else None),
            opened=told(link.used_at if link else None),
            has_pin=link is not None and link.has_pin,
            guessed_at=rep.key in guessed_at,
        )
        for rep in reps
    ]


def answer(deps: Deps, text: Text, who: str, pressed: Any, rep: str, pin: str,
           reach: Reach = WHOLE) -> list[Component]:  # fmt: skip
    """The section after a button, with what came of it."""
    try:
        with store.write(deps.db) as conn:
            said = _do(conn, deps, text, who, pressed, rep, pin, reach)
    except StoreError as error:
        said = parts.bad(plainly(text, error))
    return layout.content(text, owners(deps, text, reach), said)


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons."""

    @app.callback(
        Output(ids.LINKS, "children"),
        Input(ids.LINKS_PRESS, "data"),
        Input(ids.PIN_SET, "n_clicks"),
        State(ids.PIN_REP, "value"),
        State(ids.PIN_VALUE, "value"),
        prevent_initial_call=True,
    )
    def on_press(sent: Any, _set: Any, rep: Any, pin: Any) -> list[Component]:
        pressed, user = visitor.pressed(), visitor.user()
        pressed = ids.link(*drawn.pressed(sent)) if pressed == ids.LINKS_PRESS else pressed
        return answer(deps, visitor.words(deps), user.login, pressed, str(rep or ""), str(pin or ""), user.reach)


def _do(conn: Connection, deps: Deps, text: Text, who: str, pressed: Any, rep: str, pin: str,
        reach: Reach) -> Component:  # fmt: skip
    """Do what the button says; what is to be said afterwards."""
    now = deps.clock()
    if pressed == ids.PIN_SET:
        return _set_pin(conn, text, who, rep, pin, now, reach)
    key = str(pressed["key"])
    names = {each.key: each.name for each in _reps(conn, reach)}
    if key not in names:
        raise StoreError(text.t("This person does not sell."))
    if pressed["type"] == ids.link("end", "")["type"]:
        links.revoke(conn, key, who, now)
        return parts.good(text.t("The link of {name} is ended, on every phone.", name=names[key]))
    secret = links.renew(conn, key, who, now)
    address = for_phones(deps.settings().public_address, request.host_url)
    here = address or request.host_url.rstrip("/")
    return layout.shown_once(text, NewLink(names[key], f"{here}/me/{secret}", address is not None))


def _set_pin(conn: Connection, text: Text, who: str, rep: str, pin: str, now: datetime,
             reach: Reach) -> Component:  # fmt: skip
    if rep not in {each.key for each in _reps(conn, reach)}:
        return parts.bad(text.t("Choose whose PIN it is."))
    fault = pins.fault(pin)
    if fault is not None:
        return parts.bad(refusal(text, fault))
    links.set_pin(conn, rep, pin, who, now)
    return parts.good(text.t("The PIN is set. Phones that were open ask for it."))


def _reps(conn: Connection, reach: Reach) -> list[Rep]:
    return [rep for rep in people.reps(conn) if reach.person(rep.team)]
