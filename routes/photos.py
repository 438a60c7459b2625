"""Photos of people for the wall, out of what the sources have fetched."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from deps import Deps


def register(server: Flask, deps: Deps) -> None:
    """Put the photos on the server."""

    @server.get("/photos/<source>/<name>")
    def photo(source: str, name: str) -> Response | tuple[Response, int]:
        return answer(deps, source, name)


def answer(deps: Deps, source: str, name: str) -> Response | tuple[Response, int]:
    """The photo for a day, or 404: the wall then shows initials."""
    found = deps.connections.photo(source, name)
    if found is None:
        return jsonify(error="There is nothing here."), 404
    headers = {"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline"}
    return Response(found[0], mimetype=found[1], headers=headers)
