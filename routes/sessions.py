"""Who is asking: Flask-Login over our own sessions, which the store keeps and can end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Request, Response, request
from flask_login import LoginManager

from deps import Deps
from routes.scheme import over_https
from storage import db as store
from storage import users
from storage.users import Session, User

COOKIE = "tablo_session"
# A login ends after a working day, and an administrator's sooner when nobody uses it.
LIFETIME = timedelta(hours=12)
IDLE = {"admin": timedelta(minutes=30)}
# Use is noted at most this often, so that a page of many requests is no row of writes.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, in the shape that Flask-Login asks for."""

    user: User
    session: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The login."""
        return self.user.login


def register(server: Flask, deps: Deps) -> None:
    """Teach Flask-Login to read our cookie. Its own cookies are never set, and never read."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(lambda asked: visitor(deps, asked))
    manager.init_app(server)
    # A header that is a cookie's name cannot be sent: a stray "remember me" cookie of another program on this host
    # would else be taken for one of Flask-Login's.
    server.config["REMEMBER_COOKIE_NAME"] = "tablo;none"


def visitor(deps: Deps, asked: Request) -> Visitor | None:
    """The one whose cookie it is, None for nobody."""
    cookie = asked.cookies.get(COOKIE)
    if not cookie:
        return None
    now = deps.clock()
    with store.read(deps.db) as conn:
        session = users.look_up(conn, cookie, now, IDLE)
    if session is None:
        return None
    _note_use(deps, cookie, session)
    return Visitor(session.user, session.id)


def open_session(deps: Deps, user: User, answer: Response) -> None:
    """Begin a session and put its cookie on the answer; the one that this browser had before ends."""
    now = deps.clock()
    with store.write(deps.db) as conn:
        users.end(conn, request.cookies.get(COOKIE, ""))
        cookie = users.begin(conn, user, request.headers.get("User-Agent", ""), now, LIFETIME)
    age = int(LIFETIME.total_seconds())
    answer.set_cookie(COOKIE, cookie, max_age=age, httponly=True, samesite="Lax", secure=over_https(request))


def close_session(deps: Deps, answer: Response) -> None:
    """End the session, in the store and in the browser."""
    with store.write(deps.db) as conn:
        users.end(conn, request.cookies.get(COOKIE, ""))
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=over_https(request))


def _note_use(deps: Deps, cookie: str, session: Session) -> None:
    now = deps.clock()
    if now - session.seen_at >= NOTED_EVERY:
        with store.write(deps.db) as conn:
            users.touch(conn, cookie, now)
