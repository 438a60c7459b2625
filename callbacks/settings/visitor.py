"""Who is at the desk, and in which language: never taken from the page, always from the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import ctx
from dash.exceptions import PreventUpdate
from flask_login import current_user

from deps import Deps
from layouts.text import Text
from storage.users import User


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody at the desk: the login, and the id of the session by which they came."""

    user: User
    session: str


def seat() -> Seat:
    """Who asks, and by which session. Raises PermissionError for nobody."""
    return Seat(user(), current_user.session)


def user() -> User:
    """The login of this request. Raises PermissionError without one: the guard lets nobody else come here."""
    if not current_user.is_authenticated:
        raise PermissionError("no login")
    found: User = current_user.user
    return found


def words(deps: Deps) -> Text:
    """The words of the office's language."""
    return Text(deps.settings().language)


def pressed() -> Any:
    """The id of the button that was pressed. Raises PreventUpdate when none was.

    Buttons that were just drawn report themselves without a press, and the browser sends a press of the same moment
    along with them, in any order.
    """
    found = [id_ for prop, id_ in ctx.triggered_prop_ids.items() if _value(prop, ctx.triggered)]
    if not found:
        raise PreventUpdate
    return found[0]


def _value(prop: str, changed: list[Mapping[str, Any]]) -> Any:
    return next(each["value"] for each in changed if each["prop_id"] == prop)
