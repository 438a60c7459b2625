"""The screens page: every TV that may show the wall, how it is doing, what it shows, and the code of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from domain.watching import Standing
from layouts import ids
from layouts.settings import parts
from layouts.text import Text, mark

# How often the page looks again at how the screens are doing.
_LOOK_EVERY_MS = 10_000
_STANDINGS = {
    Standing.HERE: mark("On"),
    Standing.OFF: mark("Off outside working hours"),
    Standing.MISSED: mark("Not seen for {age}"),
    Standing.FORGOTTEN: mark("Forgotten: not seen for {age}"),
}
# Which of the pill's looks each has.
_LOOKS = {Standing.HERE: "live", Standing.OFF: "paused", Standing.MISSED: "missed", Standing.FORGOTTEN: "missed"}


@dataclass(frozen=True, slots=True)
class Facts:
    """How a screen is doing, in words. `age` is how long ago it was seen; `told` what it was asked to do."""

    standing: Standing
    age: str
    seen: str
    showing: str
    browser: str
    memory: str
    errors: str
    told: str


@dataclass(frozen=True, slots=True)
class Card:
    """What stands in the fields of a screen. `playlist` and `language` "" = as the office; `slot` "" = the first."""

    name: str = ""
    playlist: str = ""
    language: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Tv:
    """One bound screen. `name` is what it is called, whatever stands in the field; `slots` are what it can show now,
    by id."""

    number: int
    name: str
    facts: Facts
    card: Card
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a screen may be set to, value -> words."""

    playlists: Mapping[str, str]
    languages: Mapping[str, str]


def page(text: Text, screens: Sequence[Tv], choices: Choices, open_here: bool) -> Component:
    """The whole page. `open_here`: no screen was ever bound, and the wall is open to this machine."""
    return parts.page(
        text.t("Screens"),
        text.t(
            "A screen is a TV that shows the wall. It needs no login, sees nothing else, and stays bound for months."
        ),
        html.Div(content(text, screens, choices, open_here, None), id=ids.SCREENS),
        _binding(text),
        dcc.Interval(id=ids.SCREENS_TICK, interval=_LOOK_EVERY_MS),
    )


def content(
    text: Text, screens: Sequence[Tv], choices: Choices, open_here: bool, said: Component | None
) -> list[Component | None]:
    """What every change draws anew."""
    note = text.t("No screen is bound yet: the wall is open in the browser of this machine.")
    nobody = parts.section(text.t("Bound screens"), html.P(note if open_here else text.t("No screen is bound.")))
    listed = [_screen(text, each, choices) for each in screens]
    return [said, html.Div(listed, className="screens") if listed else nobody]


def facts(text: Text, shown: Facts) -> list[Component]:
    """How a screen is doing: what is looked at again every few seconds."""
    said = text.t(_STANDINGS[shown.standing], age=shown.age)
    lines = {
        text.t("Last seen"): shown.seen,
        text.t("Shows"): shown.showing,
        text.t("Browser"): shown.browser,
        text.t("Memory"): shown.memory,
        text.t("Errors"): shown.errors,
    }
    listed = [html.Div([html.Dt(name), html.Dd(value or "–")]) for name, value in lines.items()]
    told = [html.P(shown.told, className="hint")] if shown.told else []
    return [html.P(said, className=f"state {_LOOKS[shown.standing]}"), html.Dl(listed, className="facts"), *told]


def _binding(text: Text) -> Component:
    """The fields stand apart from what changes draw anew, so that a mistake costs no typing."""
    code = parts.field(text.t("Code on the screen"), parts.entry(ids.SCREEN_CODE, "", inputmode="numeric"))
    name = parts.field(text.t("Name"), parts.entry(ids.SCREEN_NAME, "", placeholder=text.t("Hall")))
    adding = html.Div([code, name, parts.button(ids.SCREEN_BIND, text.t("Bind"))], className="adding")
    hint = text.t("Open this server's address on the TV. It shows a code of six digits, which holds for ten minutes.")
    return parts.section(text.t("Bind a screen"), adding, hint=hint)


def _screen(text: Text, each: Tv, choices: Choices) -> Component:
    card = each.card
    slot = card.slot if card.slot in each.slots else next(iter(each.slots))
    return html.Section(
        [
            html.H2(html.Bdi(each.name)),
            html.Div(facts(text, each.facts), id=ids.screen_facts(each.number), className="doing"),
            html.Div(
                [
                    parts.field(text.t("Name"), parts.entry(_field("name", each), card.name)),
                    parts.field(
                        text.t("Playlist"),
                        parts.choice_or_none(_field("playlist", each), choices.playlists, card.playlist),
                    ),
                    parts.field(
                        text.t("Language"),
                        parts.choice_or_none(_field("language", each), choices.languages, card.language),
                    ),
                    _do(text.t("Save"), "save", each, "primary"),
                ],
                className="adding",
            ),
            html.Div(
                [
                    parts.field(
                        text.t("Show this panel now"),
                        parts.choice_or_none(_field("slot", each), each.slots, slot),
                    ),
                    _do(text.t("Show"), "show", each),
                    _do(text.t("Reload"), "reload", each),
                    _do(text.t("End"), "end", each),
                ],
                className="adding",
            ),
        ],
        className="card screen",
    )


def _field(name: str, each: Tv) -> dict[str, object]:
    return ids.screen_field(name, each.number)


def _do(words: str, action: str, each: Tv, kind: str = "light") -> Component:
    spoken: list[Component | str] = [words, " ", html.Span(each.name, className="unseen")]
    return parts.button(ids.screen_do(action, each.number), spoken, kind)
