"""The look page: the wall's colours, what it does after hours, and what it keeps to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.settings import AfterHours, Theme
from layouts import ids
from layouts.settings import parts
from layouts.text import Text, mark

_THEMES = {Theme.DARK: mark("dark"), Theme.LIGHT: mark("light, for bright rooms")}
_AFTER_HOURS = {
    AfterHours.ON: mark("stays on"),
    AfterHours.DIM: mark("is dimmed"),
    AfterHours.SLEEP: mark("sleeps: a dark page with a dim clock"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """The form as it stands. `hidden` has every switch by the name of its setting; `seen` marks what it was drawn
    from."""

    theme: str
    after_hours: str
    hidden: Mapping[str, bool]
    seen: str


def page(text: Text, look: Look) -> Component:
    """The whole page."""
    lead = text.t("How the wall looks on every screen.")
    return parts.page(text.t("Look"), lead, html.Div(form(text, look, None), id=ids.LOOK_FORM))


def form(text: Text, look: Look, said: Component | None) -> list[Component | None]:
    """The form with Save: what a save draws anew."""
    return [
        said,
        html.Div([_eyes(text, look), _privacy(text, look)], className="columns"),
        html.Div([parts.button(ids.LOOK_SAVE, text.t("Save")), parts.unsaved(text.t("Not saved yet"))],
                 className="foot act"),
        dcc.Store(id=ids.LOOK_SEEN, data=look.seen),
    ]  # fmt: skip


def _eyes(text: Text, look: Look) -> Component:
    themes = {theme.value: text.t(words) for theme, words in _THEMES.items()}
    rests = {rest.value: text.t(words) for rest, words in _AFTER_HOURS.items()}
    return parts.section(
        text.t("Kind to eyes and screens"),
        parts.field(text.t("Colours"), parts.choice(ids.look_field("theme"), themes, look.theme)),
        parts.field(
            text.t("Outside working hours the wall"),
            parts.choice(ids.look_field("after_hours"), rests, look.after_hours),
            hint=text.t(
                "By the office's days, hours and holidays, with half an hour before and after. Any key wakes it."
            ),
        ),
    )


def _privacy(text: Text, look: Look) -> Component:
    return parts.section(
        text.t("Privacy"),
        _switch(text.t("First names only"), "first_names_only", look,
                text.t("Those who share one keep the first letter of their last name.")),
        _switch(text.t("Hide amounts"), "hide_amounts", look,
                text.t("No sum of money is shown: counts, places and shares of the plan stay.")),
        _switch(text.t("Hide ranking"), "hide_ranking", look,
                text.t("No leaderboard, and the managers stand by name.")),
        hint=text.t("On the wall alone. Personal pages, settings and the API show everything to those who may see it."),
    )  # fmt: skip


def _switch(label: str, name: str, look: Look, hint: str) -> Component:
    control = dbc.Switch(id=ids.look_field(name), value=look.hidden[name], label=label)
    return html.Div([control, html.Span(hint, className="hint")], className="field")
