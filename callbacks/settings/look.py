"""The look page at work: colours, rest and privacy, saved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.settings import visitor
from deps import Deps
from domain.settings import AfterHours, Settings, Theme
from layouts import ids
from layouts.settings import look as layout
from layouts.settings import parts
from layouts.settings.look import Look
from layouts.text import Text
from storage import db as store
from storage import settings as saved

# What the page may change, by the names of Settings' fields.
SWITCHES = ("first_names_only", "hide_amounts", "hide_ranking")
FIELDS = ("theme", "after_hours", *SWITCHES)


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with the settings as they are."""
    return layout.page(text, look(deps.settings()))


def look(settings: Settings) -> Look:
    """The form of these settings."""
    hidden = {name: bool(getattr(settings, name)) for name in SWITCHES}
    return Look(settings.theme, settings.after_hours, hidden, mark(settings))


def mark(settings: Settings) -> str:
    """A text that differs when any setting of this page does."""
    return ";".join(str(getattr(settings, name)) for name in FIELDS)


def save(deps: Deps, text: Text, who: str, wanted: Mapping[str, object], seen: str) -> list[Component | None]:
    """Store what was changed; the form anew, with what came of it."""
    with store.write(deps.db) as conn:
        old = deps.settings()
        changed = {name: value for name, value in wanted.items() if value != getattr(old, name)}
        if seen == mark(old) and changed:
            saved.save(conn, changed, who, deps.clock())
    if seen != mark(old):
        meanwhile = text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
        return layout.form(text, look(old), parts.bad(meanwhile))
    if not changed:
        return layout.form(text, look(old), parts.bad(text.t("Nothing to save: nothing has changed.")))
    return layout.form(text, look(deps.settings()), parts.good(text.t("Saved. The wall shows it in a moment.")))


def read_form(values: Sequence[Any], keys: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """The settings out of what the browser sent; what is no setting of this page, or no value of one, is left out."""
    given = {str(key["name"]): value for key, value in zip(keys, values, strict=True)}
    wanted: dict[str, object] = {name: bool(given[name]) for name in SWITCHES if name in given}
    choices: tuple[tuple[str, type[Theme] | type[AfterHours]], ...] = (("theme", Theme), ("after_hours", AfterHours))
    for name, kind in choices:
        if given.get(name) in [choice.value for choice in kind]:
            wanted[name] = kind(given[name])
    return wanted


def register(app: Dash, deps: Deps) -> None:
    """Wire Save."""
    fields = ids.look_field(ALL)

    @app.callback(
        Output(ids.LOOK_FORM, "children"),
        Input(ids.LOOK_SAVE, "n_clicks"),
        State(fields, "value"),
        State(fields, "id"),
        State(ids.LOOK_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_save(clicks: int | None, values: list[Any], keys: list[dict[str, Any]], seen: Any) -> list[Component | None]:
        if not clicks:
            raise PreventUpdate
        return save(deps, visitor.words(deps), visitor.user().login, read_form(values, keys), str(seen))
