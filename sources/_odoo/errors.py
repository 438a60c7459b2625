"""What an error of Odoo means: the same names come with HTTP 200 (JSON-RPC) and with 4xx and 5xx (JSON-2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources import AuthError, OptionError, PermissionDeniedError, SchemaError, SourceError, TransientError

_LOGIN = frozenset(("AccessDenied", "Unauthorized"))
# Python's own complaints about a question that was wrong.
_WRONG = frozenset(("ValueError", "TypeError", "AttributeError", "KeyError", "NotFound", "BadRequest"))
_NO_DATABASE = re.compile(r'database ".*" does not exist')
_LONGEST = 160


class OutOfTime(Exception):
    """The deadline of this sync is near: what was read so far is handed over, the rest is for the next sync."""


class NoModelError(SchemaError):
    """The application that keeps such records is not installed."""


class BadFieldError(SchemaError):
    """A field that was there is not there any more."""


class NoUserError(AuthError):
    """The number that the login once had is nobody's now: log in again."""


def refusal() -> AuthError:
    """Odoo does not accept the login; it does not say which part of it is wrong."""
    return AuthError(
        "Odoo does not accept the login: the database, the login, the password or the API key is wrong, or the key "
        "has expired. Make a new API key, or correct the connection."
    )


def fault(told: Mapping[str, Any], model: str, method: str) -> SourceError:
    """Our error for one of Odoo's, `{name, message, debug, …}`. `debug` is a traceback and is never looked at.

    Names and paths of the server, which a database's message holds, are not repeated.
    """
    name, message = str(told.get("name") or ""), str(told.get("message") or "")
    kind = name.rsplit(".", 1)[-1]
    if kind in _LOGIN:
        return refusal()
    if name.startswith("psycopg2"):
        return _of_database(message)
    if kind == "AccessError":
        return PermissionDeniedError(
            f"The Odoo user may not read {model}. Give it the rights that the connection's page in the docs names."
        )
    if kind == "MissingError":
        return NoUserError(refusal().args[0]) if "res.users" in message else TransientError(f"{model}: a row vanished.")
    if kind in ("UserError", "NotFound") and model in message:
        return NoModelError(f"Odoo has no {model}: its application is not installed.")
    if kind == "ValueError" and "Invalid field" in message:
        return BadFieldError(f"Odoo changed: {_first_line(message)}.")
    if kind in _WRONG:
        return SchemaError(f"Odoo does not understand {model}.{method} ({kind}: {_first_line(message)}).")
    return TransientError(f"Odoo failed on {model}.{method} ({kind or 'it does not say why'}).")


def _of_database(message: str) -> SourceError:
    if _NO_DATABASE.search(message):
        return OptionError("Odoo has no database of this name. Correct database=… in the connection.")
    return TransientError("Odoo cannot use its database just now. Tablo goes on by itself when it can.")


def _first_line(message: str) -> str:
    line = message.strip().splitlines()[0] if message.strip() else ""
    return line[:_LONGEST].rstrip(".")
