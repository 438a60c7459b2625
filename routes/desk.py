"""The desk's Dash app, beside the wall's on the same server: the settings pages, for those who have logged in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from dash import Dash
from flask import Flask

from deps import Deps
from routes import guard

_ASSETS = Path(__file__).parents[1] / "assets" / "settings"


def register(server: Flask, _deps: Deps) -> Dash:
    """Put the desk on the server. Its pages come from callbacks/desk.py, and nothing is shown without them."""
    app = Dash(
        "desk",
        server=cast(Any, server),  # its annotation forgets that a server may be handed in
        url_base_pathname="/settings/",
        assets_folder=str(_ASSETS),
        title="Tablo",
        update_title="",
        suppress_callback_exceptions=True,
        enable_mcp=False,
        serve_locally=True,
    )
    guard.trust(server, app.csp_hashes)
    return app
