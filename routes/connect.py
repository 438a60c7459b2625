"""Authorising Tablo in a CRM: the browser is sent to the vendor, and comes back to our settings with a code."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, request
from flask_login import current_user

from deps import Deps
from domain.connections import LoginResult, RefusedError
from routes import sessions
from storage.db import StoreError

# Codes are short; what is longer is none.
_LONGEST = 4000


def register(server: Flask, deps: Deps) -> None:
    """Put both ways on the server; the guard lets administrators alone come here."""

    @server.get("/connect/<name>")
    def connect(name: str) -> Response:
        return leave(deps, name)

    @server.get("/connect/<name>/done")
    def connected(name: str) -> Response:
        return come_back(deps, name)


def leave(deps: Deps, name: str) -> Response:
    """Off to the vendor's page, which the source names; to no other address."""
    try:
        return _redirect(deps.connections.login(name, _session()))
    except (RefusedError, StoreError):
        return _settings(name, LoginResult.IMPOSSIBLE)


def come_back(deps: Deps, name: str) -> Response:
    """Back to our settings, with what came of it."""
    came = {key: value[:_LONGEST] for key, value in request.args.items()}
    try:
        result = deps.connections.logged_in(name, _session(), came, current_user.user.login)
    except (RefusedError, StoreError):
        result = LoginResult.IMPOSSIBLE
    return _settings(name, result)


def _session() -> str:
    return request.cookies[sessions.COOKIE]


def _settings(name: str, result: LoginResult) -> Response:
    return _redirect(f"/settings/sources?{urlencode({'login': result.value, 'source': name})}")


def _redirect(address: str) -> Response:
    return Response(status=302, headers={"Location": address})
