"""The second step of a login: the phone's code after the password, and the page that turns it on and off."""

from __future__ import annotations

from threading import Lock

from flask import Flask, Response, request
from flask_login import current_user

from deps import Deps
from layouts.login import document, turn_off_form, turn_on_form
from layouts.qr import data_uri
from routes import auth, sessions
from routes.auth import Wait
from storage import db as store
from storage import second_step, users
from storage.db import StoreError
from storage.users import User

_ACCOUNT = "account"
# Tells what was sealed for this page from all else that is sealed.
_MARK = "second step: "


def register(server: Flask, deps: Deps) -> None:
    """Put the pages on the server."""
    # Guesses are counted before the next one: of the password, whose hash takes a core, and of the code.
    turn = Lock()

    @server.post("/login/code")
    def second_step_code() -> Response:
        return answer_code(deps, turn)

    @server.get("/second-step")
    def show_second_step() -> Response:
        return page(deps)

    @server.post("/second-step")
    def turn_second_step_on() -> Response:
        return answer_on(deps, turn)

    @server.post("/second-step/off")
    def turn_second_step_off() -> Response:
        return answer_off(deps, turn)


def answer_code(deps: Deps, turn: Lock) -> Response:
    """What the code of a login gets: a session, or the form again; back to the password when it took too long."""
    onward = request.form.get("next", "")
    with store.read(deps.db) as conn:
        user = second_step.of_ticket(conn, deps.secrets, request.form.get("ticket", ""), deps.clock())
    if user is None:
        return auth.go_on("/login")
    found = try_code(deps, turn, user)
    if found is True:
        return auth.enter(deps, user, onward)
    said = _refusal(deps, found)
    form = auth.ask_for_code(deps, user, onward, said)
    return _as_refusal(form, found)


def try_code(deps: Deps, turn: Lock, user: User) -> Wait | bool:
    """Whether the code of this request is right; or how long to wait. A wrong one counts as a guess."""
    code, place, now = request.form.get("code", "")[:20], request.remote_addr or "", deps.clock()
    with turn, store.write(deps.db) as conn:
        wait = second_step.seconds_to_wait(conn, user.login, place, now)
        if wait:
            return Wait(wait)
        if second_step.right(conn, deps.secrets, user, code, now):
            second_step.right_guess(conn, user.login, place)
            return True
        second_step.wrong_guess(conn, user.login, place, now)
        return False


def page(deps: Deps, said: str | None = None, secret: str | None = None) -> Response:
    """The form that turns it on, with a new secret or the one that was shown before; or the one that turns it off."""
    text, user = auth.words(deps), current_user.user
    if user.second_step:
        form = turn_off_form(text, user.login, said)
    else:
        secret = secret or second_step.new_secret()
        picture = data_uri(second_step.address(secret, user.login))
        form = turn_on_form(text, user.login, secret, deps.secrets.seal(_MARK + secret), picture, said)
    shown = auth.show(document(text, text.t("Second step"), form))
    shown.status_code = 422 if said else 200
    return shown


def answer_on(deps: Deps, turn: Lock) -> Response:
    """From now on codes are asked for; every other session ends."""
    user, secret = current_user.user, _shown_before(deps)
    if secret is None or user.second_step:
        return page(deps)
    proven = _password(deps, turn, user)
    if proven is not True:
        return _as_refusal(page(deps, _no_password(deps, proven), secret), proven)
    with turn, store.write(deps.db) as conn:
        on = second_step.turn_on(conn, deps.secrets, user, secret, request.form.get("code", "")[:20], deps.clock())
        if on:
            users.end_all(conn, user.id)
    if not on:
        return _as_refusal(page(deps, _refusal(deps, False), secret), False)
    return _back(deps, user)


def answer_off(deps: Deps, turn: Lock) -> Response:
    """No more codes, once the password and one last code were right."""
    user = current_user.user
    if not user.second_step:
        return page(deps)
    proven = _password(deps, turn, user)
    if proven is not True:
        return _as_refusal(page(deps, _no_password(deps, proven)), proven)
    found = try_code(deps, turn, user)
    if found is not True:
        return _as_refusal(page(deps, _refusal(deps, found)), found)
    with store.write(deps.db) as conn:
        second_step.turn_off(conn, user.login, user.login, deps.clock())
    return auth.go_on(auth.landing(_ACCOUNT))


def _shown_before(deps: Deps) -> str | None:
    """The secret whose code is on the page, None for what never was."""
    try:
        mark, _, secret = deps.secrets.unseal(request.form.get("sealed", "")).partition(_MARK)
    except StoreError:
        return None
    return secret if not mark and secret else None


def _password(deps: Deps, turn: Lock, user: User) -> Wait | bool:
    given = request.form.get("password", "")
    found = auth.try_password(deps, turn, user.login, given, request.remote_addr or "")
    return found if isinstance(found, Wait) else found is not None


def _no_password(deps: Deps, found: Wait | bool) -> str:
    text = auth.words(deps)
    if isinstance(found, Wait):
        return auth.wait_sentence(text, found)
    return text.t("The present password is another one.")


def _refusal(deps: Deps, found: Wait | bool) -> str:
    text = auth.words(deps)
    if isinstance(found, Wait):
        return text.tn(
            "Too many wrong codes. Try again in {n} second.",
            "Too many wrong codes. Try again in {n} seconds.",
            found.seconds,
        )
    return text.t("This code is not right, or was used already. Take the newest one.")


def _as_refusal(shown: Response, found: Wait | bool) -> Response:
    if isinstance(found, Wait):
        return auth.slowed(shown, found)
    shown.status_code = 403
    return shown


def _back(deps: Deps, user: User) -> Response:
    answer = auth.go_on(auth.landing(_ACCOUNT))
    sessions.open_session(deps, user, answer)
    return answer
