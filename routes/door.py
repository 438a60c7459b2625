"""The door of the phone page: a personal link or the wall's code leads here, and a PIN leads in."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from threading import Lock

from dash import html
from dash.development.base_component import Component
from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from deps import Deps
from domain import pins
from domain.address import for_phones
from layouts.html import write
from layouts.me import languages, shell
from layouts.mine import door as layout
from layouts.qr import svg
from layouts.text import Text
from routes import pairing, phone_files, visits
from routes.visits import Door
from storage import db as store
from storage import links, screens
from storage.links import Link

_LOG = logging.getLogger("tablo.phone")
# One PIN is checked at a time: its hash takes 64 MB and a core, and guesses must be counted before the next one.
_PATIENCE_S = 1.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong PINs: the next try is heard in `seconds`."""

    seconds: int


def register(server: Flask, deps: Deps) -> None:
    """Put the door on the server."""
    turn = Lock()

    @server.get("/me/<link>")
    def open_link(link: str) -> Response:
        return answer_link(deps, link)

    @server.post("/me/link")
    def typed_link() -> Response:
        return answer_typed(deps)

    @server.post("/me/pin")
    def pin() -> Response:
        return answer_pin(deps, turn)

    @server.get("/wall/phone.svg")
    def code() -> Response:
        return answer_code(deps)


def answer_link(deps: Deps, secret: str) -> Response:
    """The secret becomes a cookie and leaves the address; a link that is none is told so."""
    try:
        with store.write(deps.db) as conn:
            link = links.open_link(conn, secret, deps.clock())
    except SQLAlchemyError as error:
        # Said here, since the server's own words would hold the address, and the secret with it.
        _LOG.error("A personal link could not be looked up (%s).", type(error).__name__)
        return _show(deps, layout.closed(_text(deps), _text(deps).t("Tablo cannot look it up now. Try again.")), 503)
    if link is None:
        text = _text(deps)
        said = text.t("This link does not open anything any more. Ask your team lead for a new one.")
        return _show(deps, layout.closed(text, said), 404)
    answer = to_the_page()
    visits.open_door(deps, Door(link.rep, link.mark), answer)
    return answer


def answer_typed(deps: Deps) -> Response:
    """A link that was pasted: into a page on a home screen, say, which shares nothing with the browser that opens
    links."""
    return answer_link(deps, request.form.get("link", "")[:_LONGEST].strip().rstrip("/").rpartition("/")[2])


def answer_code(deps: Deps) -> Response:
    """The QR code for the wall, good for some minutes; 404 where no phone could follow it."""
    address = for_phones(deps.settings().public_address, request.host_url)
    if address is None:
        return Response("No phone can reach this address.\n", status=404, mimetype="text/plain")
    screen = pairing.screen_of(deps, request)
    code = visits.wall_code(deps, 0 if screen is None else screen.id)
    headers = {"Cache-Control": "no-store"}
    return Response(svg(f"{address}{visits.PATH}?w={code}"), mimetype="image/svg+xml", headers=headers)


def page(deps: Deps, said: str | None = None) -> Response:
    """What `/me` shows to who is not let in: the way in that they have, if any, else what is `said`."""
    if "w" in request.args:
        return _by_code(deps, request.args["w"])
    at = visits.door(deps, request)
    return _closed(deps, said) if at is None else _ask(deps, at)


def again(deps: Deps) -> Response:
    """For a phone whose manager sells here no more: it is let out, and may come in as somebody who does."""
    answer = page(deps, _text(deps).t("There is no page for you now. Ask your team lead."))
    visits.end(deps, answer)
    return answer


def answer_pin(deps: Deps, turn: Lock) -> Response:
    """What the form gets: the page, or the form again with one sentence."""
    at = visits.door(deps, request)
    if at is None:
        return to_the_page()
    who = at.rep or request.form.get("who", "")[:_LONGEST]
    link = _link(deps, at, who)
    if link is None and at.rep:
        return _closed(deps)
    if link is not None and not link.has_pin and at.rep:
        return _choose(deps, at)
    found = try_pin(deps, turn, at, who if link is not None else "", request.form.get("pin", ""))
    if found is True:
        return _let_in(deps, who)
    text = _text(deps)
    if isinstance(found, Wait):
        answer = _ask(deps, at, 429, who, wait_sentence(text, found))
        answer.headers["Retry-After"] = str(found.seconds)
        return answer
    return _ask(deps, at, 403, who, text.t("This is not the PIN."))


def try_pin(deps: Deps, turn: Lock, at: Door, who: str, pin: str) -> bool | Wait:
    """Whether the PIN is right; or how long to wait before the next try. A wrong one counts as a guess."""
    wait = _seconds_to_wait(deps, at, who)
    if wait or not turn.acquire(timeout=_PATIENCE_S):
        return Wait(wait or 1)
    try:
        # Asked again: those who queued up while one guess was being checked have to wait for it.
        wait = _seconds_to_wait(deps, at, who)
        return Wait(wait) if wait else _verify(deps, at, who, pin)
    finally:
        turn.release()


def to_the_page() -> Response:
    """On to the page itself."""
    # 303: the page is asked for with GET, and takes the place of an address that holds a secret.
    return Response(status=303, headers={"Location": visits.PATH, "Referrer-Policy": "no-referrer"})


def wait_sentence(text: Text, wait: Wait) -> str:
    """How long to wait, in words: beyond a minute, in minutes begun."""
    if wait.seconds > 60:
        minutes = math.ceil(wait.seconds / 60)
        return text.tn(
            "Too many wrong PINs. Try again in {n} minute.", "Too many wrong PINs. Try again in {n} minutes.", minutes
        )
    return text.tn(
        "Too many wrong PINs. Try again in {n} second.", "Too many wrong PINs. Try again in {n} seconds.", wait.seconds
    )


def _verify(deps: Deps, at: Door, who: str, pin: str) -> bool:
    by_link, address = bool(at.rep), request.remote_addr or ""
    with store.read(deps.db) as conn:
        right = links.is_pin(conn, who, pin)
    with store.write(deps.db) as conn:
        if right:
            links.right_pin(conn, who, by_link, address)
        else:
            links.wrong_pin(conn, who, by_link, address, deps.clock())
    return right


def _seconds_to_wait(deps: Deps, at: Door, who: str) -> int:
    with store.read(deps.db) as conn:
        return links.seconds_to_wait(conn, who, bool(at.rep), request.remote_addr or "", deps.clock())


def _choose(deps: Deps, at: Door) -> Response:
    """The first use of a link: the PIN that was typed becomes the manager's own."""
    pin, text = request.form.get("pin", ""), _text(deps)
    fault = pins.fault(pin)
    if fault is not None:
        return _ask(deps, at, 422, said=layout.refusal(text, fault))
    if pin != request.form.get("again", ""):
        return _ask(deps, at, 422, said=text.t("The two PINs differ."))
    with store.write(deps.db) as conn:
        link = links.of_rep(conn, at.rep)
        if link is None or link.mark != at.mark or link.has_pin:
            return to_the_page()
        links.set_pin(conn, at.rep, pin, at.rep, deps.clock())
    return _let_in(deps, at.rep)


def _by_code(deps: Deps, code: str) -> Response:
    screen = visits.screen_of_code(deps, code)
    with store.read(deps.db) as conn:
        known = screen == 0 or screen in {each.id for each in screens.every(conn)}
    if not known:
        text = _text(deps)
        return _show(deps, layout.closed(text, text.t("This code is too old. Scan the one that is on the wall now.")))
    answer = to_the_page()
    visits.open_door(deps, Door(), answer)
    return answer


def _ask(deps: Deps, at: Door, status: int = 200, who: str = "", said: str | None = None) -> Response:
    """The form that belongs to this door."""
    text = _text(deps)
    if not at.rep:
        return _show(deps, layout.pick(text, _with_pins(deps), who, said), status)
    link, rep = _link(deps, at, at.rep), visits.manager(deps, at.rep)
    if link is None or rep is None:
        return _closed(deps)
    form = layout.ask if link.has_pin else layout.choose
    return _show(deps, form(text, rep.name, said), status)


def _link(deps: Deps, at: Door, who: str) -> Link | None:
    """The link of somebody who may have a page; by a personal link, of no other one than that."""
    with store.read(deps.db) as conn:
        link = links.of_rep(conn, who)
    if link is None or visits.manager(deps, who) is None:
        return None
    return link if at.mark in ("", link.mark) else None


def _with_pins(deps: Deps) -> dict[str, str]:
    """The names of those who can come in by a PIN, by the keys of the PINs; of a joined person the main one first."""
    crew, known = visits.managers(deps), visits.mains(deps)
    with store.read(deps.db) as conn:
        able = [link.rep for link in links.every(conn) if link.has_pin]
    keys = {known.main(key): key for key in sorted(able, key=lambda key: key not in known.mains)}
    named = ((crew[main].name, key) for main, key in keys.items() if main in crew)
    return {key: name for name, key in sorted(named)}


def _let_in(deps: Deps, rep: str) -> Response:
    answer = to_the_page()
    visits.let_in(deps, rep, answer)
    return answer


def _closed(deps: Deps, said: str | None = None) -> Response:
    return _show(deps, layout.closed(_text(deps), said))


def _show(deps: Deps, form: Component, status: int = 200) -> Response:
    text = _text(deps)
    body = write([form, html.Footer(languages(text))])
    return phone_files.page(shell(text, text.t("Your numbers"), phone_files.style(deps), body), status)


def _text(deps: Deps) -> Text:
    return visits.text_of(deps, request)
