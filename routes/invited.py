"""Where an invitation leads: whoever was invited chooses a password, and is in."""

from __future__ import annotations

from flask import Flask, Response, request

from deps import Deps
from layouts.login import document, invited_form, not_invited
from routes import auth
from storage import db as store
from storage import invitations
from storage.db import StoreError
from storage.invitations import Invitation
from storage.passwords import MIN_PASSWORD

# Longer than any secret of ours.
_LONGEST = 200


def register(server: Flask, deps: Deps) -> None:
    """Put the page on the server."""

    @server.get("/invited/<secret>")
    def invited(secret: str) -> Response:
        return show(deps, secret[:_LONGEST])

    @server.post("/invited/<secret>")
    def accept(secret: str) -> Response:
        return answer(deps, secret[:_LONGEST])


def show(deps: Deps, secret: str, said: str | None = None) -> Response:
    """The form for who was invited, or that the link opens nothing any more."""
    text, found = auth.words(deps), _find(deps, secret)
    if found is None:
        page = auth.show(document(text, text.t("This invitation holds no more"), not_invited(text)))
        page.status_code = 404
        return page
    form = invited_form(text, found.login, f"/invited/{secret}", MIN_PASSWORD, said)
    page = auth.show(document(text, text.t("Welcome to Tablo"), form))
    page.status_code = 422 if said else 200
    return page


def answer(deps: Deps, secret: str) -> Response:
    """A login and a session, or the form again with the reason."""
    new = request.form.get("new", "")
    found = _find(deps, secret)
    login = "" if found is None else found.login
    wrong = auth.wrong_password(auth.words(deps), new, request.form.get("again", ""), login)
    if wrong is not None:
        return show(deps, secret, wrong)
    try:
        with store.write(deps.db) as conn:
            user = invitations.accept(conn, secret, new, deps.clock())
    except StoreError:
        return show(deps, secret)
    return auth.enter(deps, user, "")


def _find(deps: Deps, secret: str) -> Invitation | None:
    with store.read(deps.db) as conn:
        return invitations.find(conn, secret, deps.clock())
