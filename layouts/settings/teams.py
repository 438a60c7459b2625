"""The teams on the people page: what they are called, and those that the office makes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Group:
    """A team: `own` = the office made it, so many `people` are in it now. `typed` and `problem` after a mistake."""

    key: str
    name: str
    own: bool
    people: int
    typed: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NewGroup:
    """The name of the team that is being made, and what is wrong with it."""

    typed: str = ""
    problem: str | None = None


def section(text: Text, groups: Sequence[Group], new: NewGroup) -> Component:
    """The section on the page."""
    rows = [_row(text, each) for each in groups]
    adding = html.Div(
        [
            parts.field(text.t("A team of our own"), parts.entry(ids.team("name", ""), new.typed), new.problem),
            parts.button(ids.team("add", ""), text.t("Add")),
        ],
        className="adding",
    )
    hint = text.t("Teams come from the sources. Here they get another name, empty = the source's, and others are made.")
    heads = [text.t("Name"), text.t("Managers"), ""]
    return parts.section(text.t("Teams"), parts.table(heads, rows) if rows else None, adding, hint=hint)


def _row(text: Text, each: Group) -> list[Component | str]:
    spoken = html.Span(each.name, className="unseen")
    label = html.Span(text.t("Name of {team}", team=each.name), className="unseen")
    control = parts.entry(ids.team("name", each.key), each.name if each.typed is None else each.typed,
                          invalid=bool(each.problem))  # fmt: skip
    said = html.Span(each.problem, className="problem", role="alert") if each.problem else None
    buttons = [parts.button(ids.team("rename", each.key), [text.t("Rename"), " ", spoken], "light")]
    if each.own and not each.people:
        buttons.append(parts.button(ids.team("remove", each.key), [text.t("Remove"), " ", spoken], "light"))
    name = html.Div([html.Label([label, control]), said], className="field bad" if each.problem else "field")
    return [name, str(each.people), html.Span(buttons, className="act ends")]
