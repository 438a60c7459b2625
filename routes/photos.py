"""Photos of people for the wall: what the sources have fetched, and what the office has uploaded."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from deps import Deps
from storage import db as store
from storage import files

# No file has a number of so many digits.
_TOO_LONG = 10


def register(server: Flask, deps: Deps) -> None:
    """Put the photos on the server."""

    @server.get("/photos/<source>/<name>")
    def photo(source: str, name: str) -> Response | tuple[Response, int]:
        return answer(deps.connections.photo(source, name))

    @server.get("/portraits/<name>")
    def portrait(name: str) -> Response | tuple[Response, int]:
        return answer(_uploaded(deps, name))


def answer(found: tuple[bytes, str] | None) -> Response | tuple[Response, int]:
    """The photo for a day, or 404: the wall then shows initials."""
    if found is None:
        return jsonify(error="There is nothing here."), 404
    headers = {"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline"}
    return Response(found[0], mimetype=found[1], headers=headers)


def _uploaded(deps: Deps, name: str) -> tuple[bytes, str] | None:
    if not (name.isascii() and name.isdigit() and len(name) < _TOO_LONG):
        return None
    with store.read(deps.db) as conn:
        file = files.get(conn, int(name), "photo")
    return None if file is None else (file.content, file.mime)
