"""What the phone page loads, and what makes it installable: style, script, icons, manifest, the offline page."""

from __future__ import annotations

from hashlib import blake2b

from flask import Flask, Response, abort, request

from deps import Deps
from layouts import icon
from layouts.html import write
from layouts.me import ASSETS, shell
from layouts.mine import door
from routes import fonts, visits

_ICONS = {f"icon-{size}.png": size for size in icon.SIZES}
_FILES = {
    "me.js": "text/javascript",
    "offline.js": "text/javascript",
    "sw.js": "text/javascript",
    "manifest.webmanifest": "application/manifest+json",
}
_FOR_A_DAY = "public, max-age=86400"


def register(server: Flask, deps: Deps) -> None:
    """Put the files on the server. None of them holds a name or a number."""

    @server.get("/me/files/<name>")
    def phone_file(name: str) -> Response:
        return answer(name)

    @server.get("/me/offline")
    def offline() -> Response:
        return offline_page(deps)


def answer(name: str) -> Response:
    """A file by its name, or 404."""
    if name in _ICONS:
        return Response(icon.png(_ICONS[name]), mimetype="image/png", headers={"Cache-Control": _FOR_A_DAY})
    if name not in _FILES:
        abort(404)
    response = Response((ASSETS / name).read_bytes(), mimetype=_FILES[name])
    # Asked for under its version it does not change; the worker is looked at anew each time.
    response.headers["Cache-Control"] = _FOR_A_DAY if request.args.get("v") else "no-cache"
    if name == "sw.js":
        response.headers["Service-Worker-Allowed"] = visits.PATH
    return response


def offline_page(deps: Deps) -> Response:
    """The page that an installed one keeps for times without a connection."""
    text = visits.text_of(deps, request)
    body = f'{write(door.offline(text))}<script src="/me/files/offline.js"></script>'
    return page(shell(text, text.t("No connection"), style(deps), body))


def style(deps: Deps) -> str:
    """The CSS of every page of the phone."""
    return fonts.faces(deps) + (ASSETS / "me.css").read_text(encoding="utf-8")


def version() -> str:
    """Changes with the files."""
    digest = blake2b(digest_size=6)
    for path in sorted(ASSETS.glob("*.*")):
        digest.update(f"{path.name}:{path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()


def page(html: str, status: int = 200) -> Response:
    """A page that nobody keeps."""
    return Response(html, status=status, mimetype="text/html", headers={"Cache-Control": "no-store"})
