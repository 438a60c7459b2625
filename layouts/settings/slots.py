"""The rows of a playlist: one panel each, with its parameters, and the days and hours on which it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from domain.points import POINTS
from domain.settings import PeriodKind
from layouts import ids, words
from layouts.html import data
from layouts.settings import parts
from layouts.settings.office import weekdays
from layouts.text import Text

RANKED = "leaderboard"
# Panels that show no list of managers.
_WITHOUT_LIST = ("overview",)


@dataclass(frozen=True, slots=True)
class Row:
    """One panel as it stands in the form: everything as typed, "" = as the office, or everybody, or no hours.

    `key` stays with the row while it moves. `problems` are by field. `note` says why it is not on the wall just now.
    """

    key: int
    panel: str
    seconds: str
    period: str = PeriodKind.DAY.value
    team: str = ""
    metric: str = ""
    top: str = ""
    days: tuple[int, ...] = ()
    start: str = ""
    end: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen: teams (key → name), every metric but the hidden ones, and points where there are any."""

    teams: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    points: bool = False

    def panels(self) -> list[str]:
        """The panels that there are to be added."""
        return [key for key in words.PANELS if key not in self.hidden]


def rows(text: Text, listed: Sequence[Row], offer: Offer) -> Component:
    """The rows in their order."""
    last = len(listed) - 1
    items = [_row(text, row, offer, place == 0, place == last) for place, row in enumerate(listed)]
    return html.Ol(items, className="card slots")


def _row(text: Text, row: Row, offer: Offer, first: bool, last: bool) -> Component:
    name = words.panel_name(text, row.panel)
    moves = [
        html.Span("⠿", className="grip", title=text.t("Drag to another place")),
        _button(text.t("Move “{name}” up", name=name), "up", row, "↑", first),
        _button(text.t("Move “{name}” down", name=name), "down", row, "↓", last),
    ]
    head = [
        html.Div(moves, className="moves"),
        html.Div([html.Strong(name), html.Small(row.note) if row.note else None], className="what"),
        _seconds(text, row),
        _button(text.t("Remove “{name}”", name=name), "remove", row, "×", False),
    ]
    return html.Li(
        [html.Div(head, className="slot-head"), html.Div(_parameters(text, row, offer), className="slot-more")],
        className="slot off" if row.note else "slot",
        **data(row=row.key),
    )


def _parameters(text: Text, row: Row, offer: Offer) -> list[Component]:
    ranked, everybody, teams = row.panel == RANKED, text.t("Everybody"), offer.teams
    metrics = {"": text.t("As in Metrics"), **_ranked(text, offer, row)}
    chosen = {"": everybody, **teams}
    if row.team not in chosen:
        chosen[row.team] = text.t("A team that is gone")
    periods = {kind.value: words.period_name(text, kind) for kind in PeriodKind}
    top = text.t("As in Metrics") if ranked else text.t("All")
    return [
        _choice(text.t("Ranked by"), "metric", row, metrics, row.metric, hidden=not ranked),
        # The office's leaderboard has a period of its own.
        _choice(text.t("Period"), "period", row, periods, row.period, kind="period" if ranked else ""),
        _choice(text.t("Team"), "team", row, chosen, row.team, hidden=not teams and not row.team),
        _entry(text.t("Managers shown"), "top", row, row.top, top, hidden=row.panel in _WITHOUT_LIST),
        html.Details([html.Summary(_when(text, row)), _hours(text, row)], open=_open(row), className="when"),
    ]


def _ranked(text: Text, offer: Offer, row: Row) -> dict[str, str]:
    """What a leaderboard can rank by; what this one ranks by stays in the list."""
    keys = [*words.METRICS, POINTS]
    gone = offer.hidden if offer.points else offer.hidden | {POINTS}
    return {key: words.ranked_name(text, key) for key in keys if key not in gone or key == row.metric}


def _hours(text: Text, row: Row) -> Component:
    options = [{"value": day, "label": name} for day, name in weekdays(text).items()]
    days = dbc.Checklist(id=_id("days", row), options=options, value=list(row.days), inline=True)
    return html.Div(
        [
            parts.group(text.t("On these days (none ticked: every day)"), days),
            html.Div(
                [
                    _entry(text.t("From"), "start", row, row.start, "00:00"),
                    _entry(text.t("To"), "end", row, row.end, "24:00"),
                ],
                className="pair",
            ),
        ],
        className="hours",
    )


def _when(text: Text, row: Row) -> str:
    """The days and hours in one line."""
    names = weekdays(text)
    days = ", ".join(names[day] for day in sorted(row.days) if day in names) or text.t("Every day")
    hours = f"{row.start or '00:00'} – {row.end or '24:00'}" if row.start or row.end else text.t("all day")
    return f"{days}, {hours}"


def _open(row: Row) -> bool:
    return any(name in row.problems for name in ("start", "end"))


def _seconds(text: Text, row: Row) -> Component:
    bad = "seconds" in row.problems
    entry = parts.entry(_id("seconds", row), row.seconds, inputmode="numeric", maxlength=4, invalid=bad)
    return parts.field(text.t("Seconds"), entry, row.problems.get("seconds"))


def _entry(label: str, name: str, row: Row, value: str, empty: str, hidden: bool = False) -> Component:
    control = parts.entry(
        _id(name, row), value, maxlength=5, placeholder=empty, invalid=name in row.problems, debounce=True
    )
    return html.Div(parts.field(label, control, row.problems.get(name)), hidden=hidden)


def _choice(
    label: str, name: str, row: Row, options: Mapping[str, str], value: str, hidden: bool = False, kind: str = ""
) -> Component:
    control = parts.choice_or_none(_id(name, row), options, value)
    return html.Div(parts.field(label, control), hidden=hidden, className=f"of-{kind}" if kind else None)


def _button(spoken: str, way: str, row: Row, sign: str, at_end: bool) -> Component:
    control: Component = dbc.Button(
        [html.Span(sign), html.Span(spoken, className="unseen")],
        id=_id(way, row),
        color="light",
        n_clicks=0,
        disabled=at_end,
        title=spoken,
    )
    return control


def _id(part: str, row: Row) -> dict[str, object]:
    return ids.slot(part, row.key, row.panel)
