"""Login, logout, and one's own password: plain forms, slowed down for those who guess."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from flask import Flask, Response, request
from flask_login import current_user

from deps import Deps
from layouts import ids
from layouts.login import code_form, document, login_form, password_form
from layouts.text import Text
from routes import sessions
from storage import db as store
from storage import second_step, users
from storage.passwords import MIN_PASSWORD, is_common
from storage.users import User

# One password is checked at a time: its hash takes 64 MB and a core, and guesses must be counted before the next one.
_PATIENCE_S = 1.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong passwords: the next try is heard in `seconds`."""

    seconds: int


def register(server: Flask, deps: Deps) -> None:
    """Put the forms on the server."""
    turn = Lock()

    @server.get("/login")
    def show_login() -> Response:
        return _login_page(deps, request.args.get("next", ""))

    @server.post("/login")
    def log_in() -> Response:
        return answer_login(deps, turn)

    @server.post("/logout")
    def log_out() -> Response:
        answer = go_on("/login")
        sessions.close_session(deps, answer)
        return answer

    @server.get("/password")
    def show_password() -> Response:
        return _password_page(deps)

    @server.post("/password")
    def change_password() -> Response:
        return answer_password(deps, turn)


def answer_login(deps: Deps, turn: Lock) -> Response:
    """What the login form gets: a session and the page it asked for, or the form again with one sentence."""
    login, onward = request.form.get("login", "")[:_LONGEST], request.form.get("next", "")
    found = try_password(deps, turn, login, request.form.get("password", ""), request.remote_addr or "")
    if isinstance(found, User):
        return ask_for_code(deps, found, onward) if found.second_step else enter(deps, found, onward)
    text = words(deps)
    if isinstance(found, Wait):
        return slowed(_login_page(deps, onward, login, wait_sentence(text, found)), found)
    page = _login_page(deps, onward, login, text.t("This login and this password do not belong together."))
    page.status_code = 403
    return page


def enter(deps: Deps, user: User, onward: str) -> Response:
    """Open a session and go on to the page that was asked for."""
    answer = go_on("/password" if user.must_change else landing(onward))
    sessions.open_session(deps, user, answer)
    return answer


def ask_for_code(deps: Deps, user: User, onward: str, said: str | None = None) -> Response:
    """The second step: no session before the phone's code."""
    text = words(deps)
    with store.read(deps.db) as conn:
        ticket = second_step.ticket(conn, deps.secrets, user, deps.clock())
    page = document(text, text.t("One more step"), code_form(text, ticket, onward if onward in ids.PAGES else "", said))
    return show(page)


def answer_password(deps: Deps, turn: Lock) -> Response:
    """What the password form gets: a new session, since the old ones end, or the form again with the reason."""
    user, text = current_user.user, words(deps)
    if not user.must_change:
        found = try_password(deps, turn, user.login, request.form.get("old", ""), request.remote_addr or "")
        if isinstance(found, Wait):
            return slowed(_password_page(deps, wait_sentence(text, found)), found)
        if found is None:
            return _password_page(deps, text.t("The present password is another one."))
    new = request.form.get("new", "")
    wrong = wrong_password(text, new, request.form.get("again", ""), user.login)
    if wrong is None and _is_present(deps, turn, user, new):
        wrong = text.t("This is the password you have now. Choose another one.")
    if wrong is not None:
        return _password_page(deps, wrong)
    with store.write(deps.db) as conn:
        users.set_password(conn, user.login, new, user.login, deps.clock())
    answer = go_on(landing(""))
    sessions.open_session(deps, user, answer)
    return answer


def try_password(deps: Deps, turn: Lock, login: str, password: str, address: str) -> User | Wait | None:
    """The user; or how long to wait before the next try; or None for a wrong pair, which counts as a guess."""
    wait = _seconds_to_wait(deps, login, address)
    if wait or not turn.acquire(timeout=_PATIENCE_S):
        return Wait(wait or 1)
    try:
        # Asked again: those who queued up while one guess was being checked have to wait for it.
        wait = _seconds_to_wait(deps, login, address)
        return Wait(wait) if wait else _verify(deps, login, password, address)
    finally:
        turn.release()


def wrong_password(text: Text, new: str, again: str, login: str) -> str | None:
    """Why a new password cannot be taken, None when it can."""
    if len(new) < MIN_PASSWORD:
        return text.tn("A password has at least {n} character.", "A password has at least {n} characters.",
                       MIN_PASSWORD)  # fmt: skip
    if len(new) > _LONGEST:
        return text.tn("A password has at most {n} character.", "A password has at most {n} characters.", _LONGEST)
    if is_common(new, login):
        return text.t("This password is one of the first that anybody would try. Choose another one.")
    return None if new == again else text.t("The two new passwords differ.")


def landing(onward: str) -> str:
    """The address of a page of ours; what names no page leads to the first one."""
    return f"/settings/{onward if onward in ids.PAGES else ids.PAGES[0]}"


def wait_sentence(text: Text, wait: Wait) -> str:
    """Said to whoever has to wait."""
    return text.tn(
        "Too many wrong passwords. Try again in {n} second.",
        "Too many wrong passwords. Try again in {n} seconds.",
        wait.seconds,
    )


def slowed(page: Response, wait: Wait) -> Response:
    """The page as an answer that says when to come again."""
    page.status_code = 429
    page.headers["Retry-After"] = str(wait.seconds)
    return page


def show(html: str) -> Response:
    """A page that nobody keeps."""
    return Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})


def go_on(address: str) -> Response:
    """Lead the browser to another page of ours."""
    # 303: the next page is asked for with GET, whatever this one was asked for with.
    return Response(status=303, headers={"Location": address})


def words(deps: Deps) -> Text:
    """The words of the office's language."""
    return Text(deps.settings().language)


def _verify(deps: Deps, login: str, password: str, address: str) -> User | None:
    with store.read(deps.db) as conn:
        user = users.verify(conn, login, password) if len(password) <= _LONGEST else None
    with store.write(deps.db) as conn:
        if user is None:
            users.wrong_guess(conn, login, address, deps.clock())
        else:
            users.right_guess(conn, login, address)
    return user


def _is_present(deps: Deps, turn: Lock, user: User, password: str) -> bool:
    with turn, store.read(deps.db) as conn:
        return users.verify(conn, user.login, password) is not None


def _seconds_to_wait(deps: Deps, login: str, address: str) -> int:
    with store.read(deps.db) as conn:
        return users.seconds_to_wait(conn, login, address, deps.clock())


def _login_page(deps: Deps, onward: str, login: str = "", said: str | None = None) -> Response:
    text = words(deps)
    onward = onward if onward in ids.PAGES else ""
    return show(document(text, text.t("Log in"), login_form(text, login, onward, said)))


def _password_page(deps: Deps, said: str | None = None) -> Response:
    text, user = words(deps), current_user.user
    form = password_form(text, user.login, user.must_change, MIN_PASSWORD, said)
    page = show(document(text, text.t("Choose your password"), form))
    page.status_code = 422 if said else 200
    return page
