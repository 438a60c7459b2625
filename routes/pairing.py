"""Screens without a login: a TV shows a code, a team lead types it, and the TV is known by its cookie from then on."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, Response, jsonify, request

from deps import Deps
from layouts import pairing as layout
from layouts.text import Text
from layouts.wall import ASSETS
from routes.scheme import over_https
from storage import db as store
from storage import screens
from storage.screens import Report, Screen

COOKIE = "tablo_screen"
# What a screen opens; an unbound one sees its code there.
PAGES = ("/", "/tv-lite")
# In the page: one that came without it would never learn that it was bound, and show a code that holds no more.
SCRIPT = (ASSETS / "pairing.js").read_text(encoding="utf-8")
# What a screen may say of itself: more is none of these.
_MOST_BYTES, _MOST = 1 << 50, 1 << 30
# Browsers keep a cookie for 400 days at most; every page that a screen loads begins them anew.
_LIFETIME = timedelta(days=400)


def register(server: Flask, deps: Deps) -> None:
    """Put the question of an unbound screen on the server."""

    @server.get("/pairing")
    def pairing() -> Response:
        return answer(deps)

    @server.after_request
    def renew(response: Response) -> Response:
        if request.path in PAGES and response.status_code == 200 and COOKIE in request.cookies:
            _remember(response, request.cookies[COOKIE])
        return response


def screen_of(deps: Deps, asked: Request) -> Screen | None:
    """The bound screen that asks; None for anybody else."""
    cookie = asked.cookies.get(COOKIE)
    if not cookie:
        return None
    # Never kept with the request: that of an open line lasts for minutes, and its screen may be ended meanwhile.
    found = deps.boards.lately("screens", lambda: _bound(deps)).get(screens.digest(cookie))
    return found and deps.sightings.left_to_do(found)


def _bound(deps: Deps) -> dict[bytes, Screen]:
    with store.read(deps.db) as conn:
        return screens.bound(conn)


def answer(deps: Deps) -> Response:
    """Whether the screen that asks is bound, else the code that it has to show."""
    if screen_of(deps, request) is not None:
        return jsonify(bound=True, code=None)
    cookie = request.cookies.get(COOKIE) or screens.new_cookie()
    response = jsonify(bound=False, code=_offer(deps, cookie))
    _remember(response, cookie)
    return response


def page(deps: Deps) -> Response:
    """The page of an unbound screen, with its code."""
    cookie = request.cookies.get(COOKIE) or screens.new_cookie()
    text = Text(deps.settings().language)
    html = layout.page(text, _offer(deps, cookie), f"{request.host_url}settings/screens", SCRIPT)
    response = Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})
    _remember(response, cookie)
    return response


def note(deps: Deps, screen: Screen, asked: Request) -> None:
    """Keep that a bound screen is there, what it says of itself, and what it has done; where it can be kept."""
    report = Report(
        agent=asked.headers.get("User-Agent", ""),
        showing=asked.args.get("panel"),
        heap=_counted(asked, "heap", _MOST_BYTES),
        errors=_counted(asked, "errors", _MOST),
    )
    deps.sightings.came_to(screen, asked.host_url)
    deps.sightings.note(deps.db, screen, report, deps.clock(), asked.args.get("done", type=int))


def _counted(asked: Request, name: str, most: int) -> int | None:
    """A number that can be true; None where a screen says nothing, or nonsense that no store would take."""
    number: int | None = asked.args.get(name, type=int)
    return number if number is not None and 0 <= number <= most else None


def _offer(deps: Deps, cookie: str) -> str:
    with store.write(deps.db) as conn:
        return screens.offer(conn, cookie, request.headers.get("User-Agent", ""), deps.clock())


def _remember(response: Response, cookie: str) -> None:
    age = int(_LIFETIME.total_seconds())
    response.set_cookie(COOKIE, cookie, max_age=age, httponly=True, samesite="Lax", secure=over_https(request))
