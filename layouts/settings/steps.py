"""Links between the views of a page whose address says what it shows: periods, kinds, filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts.html import aria


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another view of the same page; `title` says more than its words do."""

    words: str
    address: str
    here: bool = False
    title: str | None = None


def steps(found: Sequence[Step], label: str) -> Component:
    """A row of links of which one is where one is; `label` says aloud what they are."""
    return html.Div([step(each) for each in found], className="steps", role="group", **aria(label=label))


def step(each: Step) -> Component:
    """One link."""
    return dcc.Link(each.words, href=each.address, title=each.title, className="step here" if each.here else "step")
