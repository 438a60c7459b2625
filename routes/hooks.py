"""Where a CRM calls when something changed, and where others send facts: the secret in the address opens it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from deps import Deps
from domain.deliveries import Outcome, Posted, Receipt

STATUS = {
    Outcome.HURRIED: 200,
    Outcome.STORED: 202,
    Outcome.UNREADABLE: 400,
    Outcome.UNPROVEN: 403,
    Outcome.NOWHERE: 404,
    Outcome.TOO_MANY: 413,
    Outcome.NO_JSON: 415,
    Outcome.WRONG: 422,
    Outcome.LATER: 503,
}
_MOST_BYTES = 1024 * 1024
_LONGEST = 200
_AGAIN_S = "60"


def register(server: Flask, deps: Deps) -> None:
    """Put the address on the server; the guard asks for no other credential."""

    @server.post("/api/v1/hooks/<secret>")
    def hook(secret: str) -> tuple[Response, int]:
        return answer(deps, secret)


def answer(deps: Deps, secret: str) -> tuple[Response, int]:
    """What became of a call, by STATUS."""
    request.max_content_length = _MOST_BYTES
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return jsonify(error="At most 1 MB is taken at once. Send it in parts."), STATUS[Outcome.TOO_MANY]
    head = request.headers
    posted = Posted(body, request.mimetype, head.get("Tablo-Timestamp", ""), head.get("Tablo-Signature", ""))
    receipt = deps.connections.called(secret[:_LONGEST], posted)
    told = jsonify(_said(receipt))
    if receipt.outcome is Outcome.LATER:
        told.headers["Retry-After"] = _AGAIN_S
    return told, STATUS[receipt.outcome]


def _said(receipt: Receipt) -> dict[str, Any]:
    counts = receipt.counts
    if counts is not None:
        return {
            "received": counts.received,
            "added": counts.added,
            "removed": counts.removed,
            "unchanged": counts.unchanged,
            "ignored": counts.ignored,
        }
    if receipt.outcome is Outcome.HURRIED:
        return {"heard": True}
    faults = [{"index": each.index, "field": each.field, "text": each.text} for each in receipt.faults]
    return {"error": receipt.text} | ({"problems": faults} if faults else {})
