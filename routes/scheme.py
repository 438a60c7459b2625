"""Whether the browser came by https: to this server, or to the proxy before it."""

from __future__ import annotations

from flask import Request

# A year. Sent over https alone, so that plain http in an office's own network goes on.
TRANSPORT = "max-age=31536000"


def over_https(asked: Request) -> bool:
    """A browser can say so falsely of itself alone, and would then lose its own cookies."""
    return asked.is_secure or asked.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() == "https"
