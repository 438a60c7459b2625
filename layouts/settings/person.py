"""One person's page: what the office decides about them, their teams over time, their photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.settings.office import weekdays
from layouts.text import Text

LONGEST_NAME = 60
# What the choice of a team says for "as in the source" and "none", where anything else is a team's key.
FOLLOW, NO_TEAM = "follow", "none"
YES, NO = "yes", "no"
_ZONES = "person-zones"


@dataclass(frozen=True, slots=True)
class Stay:
    """A stint in a team, in words; `since` is its ISO day, '' = from the beginning, which cannot be taken back."""

    since: str
    day: str
    team: str


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields, and what is wrong in which. `workdays` without any day are the office's."""

    typed: Mapping[str, str]
    workdays: Sequence[int]
    visible: bool
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person. `said` has the source's own words for what the form may decide otherwise. `photo` is an address.

    `own_photo`: the office has uploaded it. `seen` marks what this was drawn from.
    """

    key: str
    name: str
    source: str
    said: Mapping[str, str]
    photo: str | None
    own_photo: bool
    stays: Sequence[Stay]
    teams: Mapping[str, str]
    zones: Sequence[str]
    form: Form
    seen: str


def page(text: Text, who: Somebody) -> Component:
    """The whole page."""
    back = dcc.Link(f"‹ {text.t('People')}", href="/settings/people", className="step back")
    body = html.Div(content(text, who, None), id=ids.PERSON)
    key = dcc.Store(id=ids.PERSON_KEY, data=who.key)
    return parts.page(who.name, None, html.Div(back, className="bar periods"), body, key)


def content(text: Text, who: Somebody, said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    left = html.Div([_wall(text, who), _photo(text, who)], className="list stacked")
    return [
        said,
        html.Div([left, _work(text, who), _teams(text, who)], className="columns"),
        html.Div(
            [parts.button(ids.person_do("save", ""), text.t("Save")), parts.unsaved(text.t("Not saved yet"))],
            className="foot act",
        ),
        dcc.Input(id=ids.person_field("seen"), type="hidden", value=who.seen),
    ]


def _wall(text: Text, who: Somebody) -> Component:
    sells = {
        "": text.t("as the source says: {word}", word=who.said["sells"]),
        YES: text.t("sells"),
        NO: text.t("does not sell"),
    }
    choice = parts.choice_or_none(ids.person_field("sells"), sells, who.form.typed["sells"])
    said = text.t("Empty = {name}, as in the source", name=who.said["name"])
    return parts.section(
        text.t("On the wall"),
        _entry(text.t("Name on the wall"), "name", who, said, maxlength=LONGEST_NAME),
        parts.field(text.t("Is a manager"), choice),
        dbc.Switch(id=ids.person_field("visible"), value=who.form.visible, label=text.t("Shown on the wall")),
        html.P(text.t("Who is not shown counts all the same, and has no place in the leaderboard."), className="hint"),
    )


def _photo(text: Text, who: Somebody) -> Component:
    words = text.t("Photo of {name}", name=who.name)
    shown = html.Img(src=who.photo, alt=words, className="portrait") if who.photo else None
    upload = dcc.Upload(
        html.Button(text.t("Upload a photo"), type="button", className="btn btn-light"),
        id=ids.PERSON_UPLOAD,
        accept="image/jpeg,image/png,image/webp",
        multiple=False,
    )
    remove = parts.button(ids.person_do("unphoto", ""), text.t("Remove the photo"), "light") if who.own_photo else None
    hint = text.t("JPEG, PNG or WebP, 2 MB at most. It is cut to a square; what the camera noted is left out.")
    return parts.section(text.t("Photo"), shown, html.Div([upload, remove], className="act"), hint=hint)


def _work(text: Text, who: Somebody) -> Component:
    days = dbc.Checklist(
        id=ids.person_field("workdays"),
        options=[{"value": day, "label": name} for day, name in weekdays(text).items()],
        value=list(who.form.workdays),
    )
    ends = [_day(text.t("First day"), "joined", who), _day(text.t("Last day"), "left", who)]
    return parts.section(
        text.t("Work"),
        parts.group(text.t("Days of the week"), days, None, text.t("None ticked = the office's week")),
        html.Div(ends, className="pair"),
        _entry(text.t("Time zone"), "zone", who, text.t("Empty = {zone}", zone=who.said["zone"]), list=_ZONES),
        parts.suggestions(_ZONES, who.zones),
        html.P(dcc.Link(text.t("Absences are in the calendar"), href="/settings/calendar")),
    )


def _teams(text: Text, who: Somebody) -> Component:
    rows = [_stay(text, each) for each in who.stays]
    follow = text.t("as in the source: {team}", team=who.said["team"])
    teams = {FOLLOW: follow} | dict(who.teams) | {NO_TEAM: text.t("no team")}
    choice = parts.choice(ids.person_field("team"), teams, who.form.typed["team"])
    return parts.section(
        text.t("Team"),
        parts.table([text.t("From"), text.t("Team"), ""], rows),
        html.H3(text.t("Change of teams")),
        parts.field(text.t("Team"), choice, who.form.problems.get("team")),
        _day(text.t("From the day"), "since", who, text.t("Empty = always. Earlier days stay with the team of then.")),
        html.Div(parts.button(ids.person_do("move", ""), text.t("Change the team"), "light"), className="act"),
    )


def _stay(text: Text, each: Stay) -> list[Component | str]:
    spoken = html.Span(each.day, className="unseen")
    back = parts.button(ids.person_do("take-back", each.since), [text.t("Take back"), " ", spoken], "light")
    return [each.day, html.Bdi(each.team), back if each.since else ""]


def _entry(label: str, name: str, who: Somebody, hint: str | None = None, **more: object) -> Component:
    problem = who.form.problems.get(name)
    control = parts.entry(ids.person_field(name), who.form.typed[name], invalid=bool(problem), **more)
    return parts.field(label, control, problem, hint)


def _day(label: str, name: str, who: Somebody, hint: str | None = None) -> Component:
    control = parts.day_entry(ids.person_field(name), who.form.typed[name])
    return parts.field(label, control, who.form.problems.get(name), hint)
