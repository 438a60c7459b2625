"""Who is at the desk, and in which language: never taken from the page, always from the session."""

from __future__ import annotations

from flask_login import current_user

from deps import Deps
from layouts.text import Text
from storage.users import User


def user() -> User:
    """The login of this request. Raises PermissionError without one: the guard lets nobody else come here."""
    if not current_user.is_authenticated:
        raise PermissionError("no login")
    found: User = current_user.user
    return found


def words(deps: Deps) -> Text:
    """The words of the office's language."""
    return Text(deps.settings().language)
