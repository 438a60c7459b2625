"""Sounds for the screens: our own tunes, and what the office has uploaded."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from deps import Deps
from domain import tunes
from storage import db as store
from storage import files

SILENCE = "silence"
# No file has a number of so many digits.
_TOO_LONG = 10
_WAV = "audio/wav"


def register(server: Flask, deps: Deps) -> None:
    """Put the sounds on the server."""

    @server.get("/sounds/<name>")
    def sound(name: str) -> Response | tuple[Response, int]:
        return answer(deps, name)


def answer(deps: Deps, name: str) -> Response | tuple[Response, int]:
    """A tune by its name, an upload by its number, or a moment of silence; 404 for anything else."""
    found = _found(deps, name)
    if found is None:
        return jsonify(error="There is nothing here."), 404
    headers = {"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline"}
    return Response(found[0], mimetype=found[1], headers=headers)


def _found(deps: Deps, name: str) -> tuple[bytes, str] | None:
    if name == SILENCE:
        return tunes.silence(), _WAV
    if name in tunes.TUNES:
        return tunes.wav(name), _WAV
    if not (name.isascii() and name.isdigit() and len(name) < _TOO_LONG):
        return None
    with store.read(deps.db) as conn:
        file = files.get(conn, int(name), "sound")
    return None if file is None else (file.content, file.mime)
