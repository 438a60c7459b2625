"""The sources page: every CRM connection, up to when its numbers are complete, and what is wrong in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from domain.board import SourceHealth
from layouts import ids
from layouts.settings import parts
from layouts.text import Text, mark

_HEALTH = {
    SourceHealth.LIVE: mark("Up to date"),
    SourceHealth.LATE: mark("Late"),
    SourceHealth.STALE: mark("Out of date"),
    SourceHealth.THROTTLED: mark("Asked to slow down"),
    SourceHealth.NEEDS_LOGIN: mark("Needs a new login"),
    SourceHealth.ERROR: mark("Does not answer"),
    SourceHealth.LISTENING: mark("Listening"),
    SourceHealth.CLOSED: mark("Closed"),
}
ACTIONS = {
    "edit": mark("Options and test"),
    "hurry": mark("Look now"),
    "pause": mark("Pause"),
    "resume": mark("Go on"),
    "reread": mark("Read again"),
    "hook": mark("New address for events"),
    "remove": mark("Remove"),
}
# Progress is looked at every few seconds for ten minutes: a page left open must not keep its login alive for ever.
_TICK_MS, _TICKS = 5_000, 120


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection. `as_of` and `progress` are words; `problems` are (where, what and how to mend it, how often).

    `health` None = paused. `reading`: its first read is under way, and nothing keeps it. `actions` are the keys of its
    buttons; `login`: it is authorised in the browser.
    """

    name: str
    kind: str
    health: SourceHealth | None
    as_of: str
    progress: str | None
    problem: str | None
    problems: Sequence[tuple[str, str, int]]
    missing: Sequence[tuple[str, str]]
    actions: Sequence[str] = ()
    login: bool = False
    reading: bool = False


def page(text: Text, connections: Sequence[Connection], kinds: Mapping[str, str], said: Component | None) -> Component:
    """The whole page. `kinds` are the products that can be connected: key → name."""
    return parts.page(
        text.t("Sources"),
        None,
        html.Div(desk(said, None, 0), id=ids.SOURCE_DESK),
        html.Div(content(text, connections, ""), id=ids.SOURCES_LIST),
        parts.section(
            text.t("Connect a source"),
            html.Div(
                [
                    parts.field(text.t("Product"), parts.choice(ids.SOURCE_KIND, kinds, next(iter(kinds), ""))),
                    parts.button(ids.SOURCE_ADD, text.t("Next")),
                ],
                className="adding",
            ),
        ),
        dcc.Interval(id=ids.SOURCES_TICK, interval=_TICK_MS, max_intervals=_TICKS),
    )


def desk(said: Component | None, sheet: Component | None, change: int) -> list[Component | None]:
    """What is being done with a connection. A new number in `change` has the list drawn anew."""
    return [said, sheet, dcc.Store(id=ids.SOURCE_CHANGED, data=change)]


def content(text: Text, connections: Sequence[Connection], seen: str) -> list[Component | None]:
    """Every connection; `seen` marks what this was drawn from."""
    none = parts.section(None, html.P(text.t("No source is connected. The wall shows the demo sales floor.")))
    cards = [_card(text, each) for each in connections]
    return [*cards, None if cards else none, dcc.Store(id=ids.SOURCES_SEEN, data=seen)]


def _card(text: Text, each: Connection) -> Component:
    state, words = _state(text, each)
    head = html.Div(
        [
            html.H2(html.Bdi(each.name)),
            html.Small(each.kind),
            html.Span(words, className=f"state {state}"),
        ],
        className="source-head",
    )
    return html.Section(
        [
            head,
            html.P(each.as_of),
            html.P(each.progress) if each.progress else None,
            html.P(each.problem, className="said bad") if each.problem else None,
            _missing(text, each),
            _problems(text, each),
            _buttons(text, each) if each.actions else None,
        ],
        className="card",
    )


def _state(text: Text, each: Connection) -> tuple[str, str]:
    """The class and the words of how a connection is doing."""
    if each.health is None:
        return "paused", text.t("Paused")
    return ("reading", text.t("First read")) if each.reading else (each.health.value, text.t(_HEALTH[each.health]))


def _buttons(text: Text, each: Connection) -> Component:
    spoken = html.Span(each.name, className="unseen")
    buttons = [
        parts.button(ids.source_do(action, each.name), [text.t(ACTIONS[action]), " ", spoken], "light")
        for action in each.actions
    ]
    login = html.A(
        [text.t("Authorise in the CRM"), " ", spoken],
        href=f"/connect/{quote(each.name, safe='')}",
        className="btn btn-primary",
    )
    return html.Div([login if each.login else None, *buttons], className="act")


def _missing(text: Text, each: Connection) -> Component | None:
    if not each.missing:
        return None
    lines = [html.Li([html.Strong(kind), f": {why}"]) for kind, why in each.missing]
    return html.Div([html.H3(text.t("Not available")), html.Ul(lines)])


def _problems(text: Text, each: Connection) -> Component | None:
    if not each.problems:
        return None
    lines = [
        html.Li([html.Code(where), f" {what}", html.Small(f" × {count}") if count > 1 else None])
        for where, what, count in each.problems
    ]
    return html.Div([html.H3(text.t("To mend")), html.Ul(lines)])
