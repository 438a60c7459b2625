"""The celebrations page: when a won deal interrupts the room, for how long, and by which sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text, mark

# What a select says for "like everybody" and "no sound"; anything else is a tune's name or an upload's number.
USUAL, NONE = "usual", "none"
MOST_BYTES = 2**20
TUNES = {
    "fanfare": mark("Fanfare"),
    "bell": mark("Bell"),
    "chime": mark("Chime"),
    "harp": mark("Harp"),
    "coins": mark("Coins"),
    "gong": mark("Gong"),
}
_STAGE = "party-stage"


@dataclass(frozen=True, slots=True)
class Owner:
    """A team or a manager who may have a sound of their own. `whose` is "team" or "rep"."""

    whose: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it stands. `typed` has every field's text, `chosen` the sounds by (whose, key), `uploads` the names
    by number, `problems` what is wrong in which field. `seen` marks the settings that this was drawn from."""

    on: bool
    workdays_only: bool
    typed: Mapping[str, str]
    chosen: Mapping[tuple[str, str], str]
    seen: str
    owners: Sequence[Owner] = ()
    uploads: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def page(text: Text, shown: Form) -> Component:
    """The whole page."""
    return parts.page(
        text.t("Celebrations"),
        text.t("A won deal interrupts every screen for some seconds: whose it is, how much, from whom."),
        html.Div(form(text, shown, None), id=ids.PARTY_FORM),
        _stage(text),
    )


def form(text: Text, shown: Form, said: Component | None) -> list[Component | None]:
    """The form with Save: what every change draws anew."""
    sections = [_rules(text, shown), _sounds(text, shown), _uploads(text, shown)]
    save = [parts.button(ids.PARTY_SAVE, text.t("Save")), parts.unsaved(text.t("Not saved yet"))]
    return [
        said,
        html.Div(sections, className="columns"),
        html.Div(save, className="foot act"),
        dcc.Store(id=ids.PARTY_SEEN, data=shown.seen),
    ]


def _rules(text: Text, shown: Form) -> Component:
    clocks = [(text.t("Quiet from"), "quiet_from"), (text.t("Quiet to"), "quiet_to")]
    return parts.section(
        text.t("When"),
        dbc.Switch(id=ids.party_field("on"), value=shown.on, label=text.t("Celebrate won deals")),
        _entry(text.t("Seconds"), "seconds", shown),
        html.Div([_entry(label, name, shown, placeholder="20:00") for label, name in clocks], className="pair"),
        html.P(text.t("Equal times: no quiet hours. What is won in quiet hours is not made up for."), className="hint"),
        dbc.Switch(
            id=ids.party_field("workdays_only"), value=shown.workdays_only, label=text.t("Only on working days")
        ),
    )


def _sounds(text: Text, shown: Form) -> Component:
    known = {NONE: text.t("no sound")} | sounds(text, shown.uploads)
    own = {USUAL: text.t("like everybody")} | known
    choices = [
        parts.field(each.name, parts.choice(ids.party_sound(each.whose, each.key), own,
                                            shown.chosen.get((each.whose, each.key), USUAL)))
        for each in shown.owners
    ]  # fmt: skip
    return parts.section(
        text.t("Sound"),
        parts.field(text.t("For everybody"), parts.choice(ids.party_field("sound"), known, shown.typed["sound"])),
        _entry(text.t("Volume, %"), "volume", shown, text.t("0 is mute")),
        html.H3(text.t("Of teams and managers")) if choices else None,
        html.Div(choices, className="list"),
        hint=text.t("A manager's own sound goes before the team's, and the team's before everybody's."),
    )


def _uploads(text: Text, shown: Form) -> Component:
    rows = [_heard(name, key, None) for key, name in sounds(text, {}).items()]
    for number, name in shown.uploads.items():
        spoken: list[Component | str] = [text.t("Remove"), " ", html.Span(name, className="unseen")]
        rows.append(_heard(name, number, parts.button(ids.sound_remove(int(number)), spoken, "light")))
    upload = dcc.Upload(
        html.Button(text.t("Upload a sound"), type="button", className="btn btn-light"),
        id=ids.PARTY_UPLOAD,
        accept=".wav,.mp3,.ogg,audio/*",
        multiple=False,
        className="adding",
    )
    hint = text.t("WAV, MP3 or OGG, 1 MB at most. It is played on the screens alone.")
    return parts.section(text.t("All sounds"), html.Div(rows, className="list sounds"), upload, hint=hint)


def sounds(text: Text, uploads: Mapping[str, str]) -> dict[str, str]:
    """Every sound that can be chosen, by what the settings call it."""
    return {key: text.t(name) for key, name in TUNES.items()} | dict(uploads)


def _heard(name: str, key: str, remove: Component | None) -> Component:
    player = html.Audio(src=f"/sounds/{key}", controls=True, preload="none", title=name)
    return html.Div([html.Bdi(name), player, remove], className="sound")


def _stage(text: Text) -> Component:
    """A rehearsal in a small wall of its own; the screens go on meanwhile."""
    rehearse = html.A(text.t("Try it"), href="/celebration", target=_STAGE, className="btn btn-light")
    stage = html.Iframe(name=_STAGE, title=text.t("Rehearsal"), className="stage")
    return parts.section(
        text.t("Rehearsal"), html.Div(rehearse, className="act"), stage,
        hint=text.t("As it was saved last, here alone: no screen shows it."),
    )  # fmt: skip


def _entry(label: str, name: str, shown: Form, hint: str | None = None, **more: object) -> Component:
    problem = shown.problems.get(name)
    control = parts.entry(
        ids.party_field(name), shown.typed[name], inputmode="numeric", maxlength=5, invalid=bool(problem), **more
    )
    return parts.field(label, control, problem, hint)
