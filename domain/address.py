"""Where phones reach Tablo: an address somebody typed, or the one under which it is being read."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


class AddressError(ValueError):
    """What was typed is no address of a server."""


def given(typed: str) -> str:
    """A typed address as scheme, host and port: `http://192.168.1.20:8050`; '' stays ''. Raises AddressError."""
    typed = typed.strip().rstrip("/")
    if not typed:
        return ""
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise AddressError(typed) from None
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not bare or any(map(str.isspace, typed)):
        raise AddressError(typed)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def for_phones(public: str, read_at: str) -> str | None:
    """The address for a phone: the office's own word, else the one at which this page is read (`http://host:port/`).

    None where that is an address of this very machine, which no phone can reach.
    """
    if public:
        return public
    host = urlsplit(read_at).hostname
    return None if host is None or _is_here(host) else read_at.rstrip("/")


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified
