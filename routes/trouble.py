"""An error while a screen's page is made: a page that asks again by itself, since nobody stands there to do it."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import InternalServerError

from deps import Deps
from domain.settings import Settings
from layouts import trouble as layout
from layouts.text import Text
from layouts.wall import ASSETS
from routes import guard, pairing, showing

_AGAIN_AFTER = 10
# In the page, which may be all that can be had.
_STYLES = (ASSETS / "pairing.css").read_text(encoding="utf-8")
# It takes a page without a wall for one that came in half, and goes only where the server has the whole one: a page
# that loaded itself anew while the server is down would leave the screen with the browser's own error.
_SCRIPT = (ASSETS / "watchdog.js").read_text(encoding="utf-8")


def register(server: Flask, deps: Deps) -> None:
    """Answer for the screens' pages where nothing else could; other routes keep their answers."""
    guard.trust(server, lambda: [guard.script_hash(_SCRIPT)])

    @server.errorhandler(InternalServerError)
    def broken(error: InternalServerError) -> Response | InternalServerError:
        # It has been logged by now, with its traceback.
        return page(deps) if request.path in pairing.PAGES else error


def page(deps: Deps) -> Response:
    """The page in place of the one that could not be made."""
    drawn = layout.page(Text(_language(deps)), _STYLES, _SCRIPT, _AGAIN_AFTER)
    return Response(drawn, status=503, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _language(deps: Deps) -> str:
    """That of the viewer, as far as it can be known now."""
    try:
        return showing.asked_for(deps, request).language
    except Exception:  # noqa: BLE001 (most likely what broke the page, too, which has just been logged)
        return deps.config.language or Settings().language
