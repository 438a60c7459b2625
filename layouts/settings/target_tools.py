"""Tools of the targets page: filling many cells in at once, and the history of one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from domain.settings import PeriodKind
from layouts import ids
from layouts.html import data
from layouts.settings import parts
from layouts.text import Text


class Deed(StrEnum):
    """How cells are filled in."""

    COPY = "copy"
    RAISE = "raise"
    EQUALLY = "equally"
    BY_DAYS = "days"
    BY_PAST = "past"
    BY_WEIGHT = "weight"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Saying:
    """One change of a cell, as it is read: the newest is `now`. `take` is what "Take this value" types."""

    before: str
    after: str
    holds: str
    who: str
    when: str
    note: str
    take: str
    now: bool


def filling(text: Text, kind: PeriodKind, columns: Mapping[str, str], whose: Mapping[str, str]) -> Component:
    """The form that fills many cells in. Which of its fields are shown depends on what is chosen."""
    fields = [
        parts.field(text.t("Do"), parts.choice(ids.TARGETS_DO, _deeds(text, kind), Deed.COPY)),
        html.Div(
            parts.field(text.t("Per cent"), parts.entry(ids.TARGETS_PERCENT, "", maxlength=8, placeholder="5, -10")),
            className="for-raise",
        ),
        html.Div(
            parts.field(text.t("Last periods"), parts.entry(ids.TARGETS_LAST, "6", maxlength=2, inputmode="numeric")),
            className="for-past",
        ),
        parts.field(text.t("Column"), parts.choice_or_none(ids.TARGETS_COLUMN, {"": text.t("All"), **columns}, "")),
        parts.field(text.t("Whose"), parts.choice_or_none(ids.TARGETS_WHOSE, whose, "")),
        html.Div(parts.button(ids.TARGETS_FILL, text.t("Fill in"), "light"), className="act"),
    ]
    split = text.t("A split divides the target that stands in the team's row. Its shares sum to it exactly.")
    weigh = text.t("Type the weights beside the names: somebody with 2 gets twice as much as somebody with 1.")
    hints = [html.P(split, className="hint for-split"), html.P(weigh, className="hint for-weight")]
    inside = [html.Div(fields, className="adding"), *hints, html.Div(filled(None, None), id=ids.TARGETS_FILLED)]
    summary = html.Summary(text.t("Fill in many at once: copy, raise, split"))
    return html.Details(
        [summary, *inside, dcc.Store(id=ids.TARGETS_ORDER)],
        className="card tools",
        open=False,
    )


def filled(said: Component | None, cells: dict[str, Any] | None) -> list[Component | None]:
    """What came of filling in: a sentence, and the cells for the script."""
    return [said, dcc.Store(id=ids.TARGETS_FILLS, data=cells)]


def story(text: Text, title: str, past: Sequence[tuple[str, str]], reached: str, sayings: Sequence[Saying],
          place: Sequence[str]) -> Component:  # fmt: skip
    """Everything about one cell: earlier periods' figures, and every change with a button that types it again."""
    heads = [
        text.t("Before"),
        text.t("After"),
        text.t("Holds"),
        text.t("Who"),
        text.t("When"),
        text.t("Note"),
        "",
    ]
    rows = [_saying(text, each, place) for each in sayings]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(rows)], className="list-table"
    )
    figures = [html.Li([html.Span(name), html.Strong(value)]) for name, value in past]
    return html.Section(
        [
            html.H2(html.Bdi(title), tabIndex="-1", className="story-head"),
            html.Ul(figures, className="tally") if figures else html.P(text.t("nothing counted yet"), className="hint"),
            html.P(reached, className="hint") if reached else None,
            html.Div(table, className="scroll") if rows else html.P(text.t("Nobody has set this target yet.")),
        ],
        className="card story",
    )


def _saying(text: Text, saying: Saying, place: Sequence[str]) -> Component:
    name = text.t("Take {value}", value=saying.take) if saying.take else text.t("Take none")
    button = html.Button(
        name, type="button", className="btn btn-light", **data(take=saying.take, place="\n".join(place))
    )
    cells = [saying.before or "–", saying.after or "–", saying.holds, saying.who, saying.when, saying.note]
    return html.Tr([*(html.Td(cell) for cell in cells), html.Td(None if saying.now else button)])


def _deeds(text: Text, kind: PeriodKind) -> dict[str, str]:
    copies = {
        PeriodKind.DAY: text.t("Copy from the day before"),
        PeriodKind.WEEK: text.t("Copy from the week before"),
        PeriodKind.MONTH: text.t("Copy from the month before"),
        PeriodKind.QUARTER: text.t("Copy from the quarter before"),
        PeriodKind.YEAR: text.t("Copy from the year before"),
    }
    return {
        Deed.COPY: copies[kind],
        Deed.RAISE: text.t("Raise by per cent"),
        Deed.EQUALLY: text.t("Split equally"),
        Deed.BY_DAYS: text.t("Split by working days"),
        Deed.BY_PAST: text.t("Split by what was reached"),
        Deed.BY_WEIGHT: text.t("Split by own weights"),
        Deed.DOWN: text.t("Fill down from the first"),
    }
