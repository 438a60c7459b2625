"""The sources page: every CRM connection, up to when its numbers are complete, and what is wrong in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from domain.board import SourceHealth
from layouts.settings import parts
from layouts.text import Text, mark

_HEALTH = {
    SourceHealth.LIVE: mark("Up to date"),
    SourceHealth.LATE: mark("Late"),
    SourceHealth.STALE: mark("Out of date"),
    SourceHealth.THROTTLED: mark("Asked to slow down"),
    SourceHealth.NEEDS_LOGIN: mark("Needs a new login"),
    SourceHealth.ERROR: mark("Does not answer"),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection. `as_of` and `progress` are words; `problems` are (where, what and how to mend it, how often)."""

    name: str
    kind: str
    health: SourceHealth
    as_of: str
    progress: str | None
    problem: str | None
    problems: Sequence[tuple[str, str, int]]
    missing: Sequence[tuple[str, str]]


def page(text: Text, connections: Sequence[Connection]) -> Component:
    """The whole page."""
    none = parts.section(None, html.P(text.t("No source is connected. The wall shows the demo sales floor.")))
    how = html.P([text.t("Sources are added on the command line:"), " ", html.Code("python app.py sources add")])
    return parts.page(text.t("Sources"), None, *(_card(text, each) for each in connections), *(
        [] if connections else [none]), how)  # fmt: skip


def _card(text: Text, each: Connection) -> Component:
    head = html.Div(
        [
            html.H2(each.name),
            html.Small(each.kind),
            html.Span(text.t(_HEALTH[each.health]), className=f"state {each.health}"),
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
        ],
        className="card",
    )


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
