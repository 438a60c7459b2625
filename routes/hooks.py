"""Where a CRM calls when something changed: the poller is told to look, and nothing that was sent is believed."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from deps import Deps

_MOST_BYTES = 1024 * 1024
_LONGEST = 200


def register(server: Flask, deps: Deps) -> None:
    """Put the address on the server. Its secret is the credential; the guard asks for no other."""

    @server.post("/api/v1/hooks/<secret>")
    def hook(secret: str) -> tuple[Response, int]:
        return answer(deps, secret)


def answer(deps: Deps, secret: str) -> tuple[Response, int]:
    """200 = the poller looks soon, 403 = not proven, 404 = no such address; 413 when too much was sent."""
    request.max_content_length = _MOST_BYTES
    heard = deps.connections.event(secret[:_LONGEST], request.get_data())
    if heard is None:
        return jsonify(error="There is nothing here."), 404
    return (jsonify(heard=True), 200) if heard else (jsonify(error="This event does not prove where it is from."), 403)
