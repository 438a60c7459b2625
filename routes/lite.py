"""The wall for old televisions at `/tv-lite`: a page that needs no script, and its inside, for a small one to fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from flask import Flask, Response, request

from layouts import lite as layout
from layouts.text import Text
from layouts.wall import ASSETS, Clock, Wall
from routes import guard

# In the page: one that came without it would stand still for ever, and never say so.
_SCRIPT = (ASSETS / "lite.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """What the viewer who asks is shown now, the build of its page, and the answer's headers with the times."""

    wall: Wall
    clock: Clock
    build: str
    headers: dict[str, str]


def register(server: Flask, look: Callable[[], Look]) -> None:
    """Put the page and its inside on the server."""
    guard.trust(server, lambda: [guard.script_hash(_SCRIPT)])

    @server.get("/tv-lite")
    def lite() -> Response:
        return page(look(), request.args.get("at", 0, type=int))

    @server.get("/tv-lite/inside")
    def lite_inside() -> Response:
        return inside(look(), request.args.get("version", ""))


def page(shown: Look, at: int) -> Response:
    """The whole document."""
    styles = (ASSETS / "lite.css").read_text(encoding="utf-8")
    drawn = layout.page(shown.wall, shown.clock, Text(shown.wall.language), at, _mark(shown), styles, _SCRIPT)
    return Response(drawn, mimetype="text/html", headers=_headers(shown))


def inside(shown: Look, known: str) -> Response:
    """What is new since the version that the viewer knows: 204 for nothing, which old engines do understand."""
    if known == shown.wall.version:
        return Response(status=204, headers=_headers(shown))
    drawn = layout.inside(shown.wall, shown.clock, Text(shown.wall.language))
    return Response(drawn, mimetype="text/html", headers=_headers(shown))


def _headers(shown: Look) -> dict[str, str]:
    version = {"Tablo-Version": shown.wall.version, "Tablo-Build": _mark(shown)}
    return {"Cache-Control": "no-store", **version, **shown.headers}


def _mark(shown: Look) -> str:
    """Changes with anything that stands in the page alone, and that its inside does not bring."""
    alone = (_SCRIPT, shown.build, shown.wall.language, shown.wall.offset, shown.clock.live_seconds)
    return blake2b(repr(alone).encode(), digest_size=6).hexdigest()
