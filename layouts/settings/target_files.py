"""Targets as files: upload with a look at what would change, and two files to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

# As text in a request it is a third larger, and no request may be larger than 2 MiB.
MOST_BYTES = 1_400_000


@dataclass(frozen=True, slots=True)
class Count:
    """How many targets of a file are new, changed, withdrawn or as they are."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One change that a file makes, written. `fate` is "added", "changed" or "withdrawn"."""

    row: int
    whose: str
    metric: str
    holds: str
    before: str
    after: str
    fate: str


def section(text: Text, metrics: Mapping[str, str]) -> Component:
    """The closed section of the targets page."""
    upload = dcc.Upload(
        html.Button(text.t("Choose a file"), type="button", className="btn btn-light"),
        id=ids.TARGETS_UPLOAD,
        accept=".csv,.tsv,.txt,.xlsx",
        multiple=False,
    )
    named = {"": text.t("As the file says"), **metrics}
    fields = [
        parts.field(text.t("Metric"), parts.choice_or_none(ids.TARGETS_ABOUT, named, "")),
        html.Div(upload, className="act"),
        html.Div(
            [
                parts.button(ids.TARGETS_CSV, text.t("Keep all as CSV"), "light"),
                parts.button(ids.TARGETS_XLSX, text.t("Keep all as XLSX"), "light"),
            ],
            className="act",
        ),
    ]
    hint = text.t(
        "CSV or XLSX with the columns metric, who, period, since, until, value; or with year and M01 to M12 for the "
        "months, and - where there is none. You see what would change before anything is recorded."
    )
    return html.Details(
        [
            html.Summary(text.t("Import and export")),
            html.P(hint, className="hint"),
            html.Div(fields, className="adding"),
            html.Div(_state(text, None, ""), id=ids.TARGETS_IMPORT, className="import"),
            dcc.Download(id=ids.TARGETS_DOWNLOAD),
        ],
        className="card tools",
        open=False,
    )


def preview(
    text: Text, counts: Sequence[Count], rows: Sequence[Shown], more: int, token: str
) -> list[Component | None]:
    """What would change, and the button that records it."""
    figures = [html.Li([html.Span(each.name), html.Strong(str(each.count))]) for each in counts]
    heads = [text.t("Row"), text.t("Whose"), text.t("Metric"), text.t("Holds"), text.t("Before"), text.t("After")]
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    table = html.Table([head, html.Tbody([_row(each) for each in rows])], className="list-table")
    if not rows:
        return [
            html.Ul(figures, className="tally"),
            parts.good(text.t("Nothing would change.")),
            *_state(text, None, ""),
        ]
    rest = html.P(text.tn("and {n} more", "and {n} more", more), className="hint") if more else None
    record = text.tn("Record this {n} change", "Record these {n} changes", len(rows) + more)
    return [
        html.Ul(figures, className="tally"),
        html.Div(table, className="scroll"),
        rest,
        *_state(text, record, token),
    ]


def refused(text: Text, said: str, lines: Sequence[str], more: int) -> list[Component | None]:
    """Why nothing of a file can be taken, mistake by mistake."""
    listed = html.Ul([html.Li(line) for line in lines]) if lines else None
    rest = html.P(text.tn("and {n} more", "and {n} more", more), className="hint") if more else None
    return [parts.bad(said), listed, rest, *_state(text, None, "")]


def done(text: Text, said: str) -> list[Component | None]:
    """After recording; the table is drawn with the next look at the page."""
    again = html.A(text.t("Show them in the table"), href="/settings/targets")
    return [parts.good(said), again, *_state(text, None, "")]


def _state(text: Text, record: str | None, token: str) -> list[Component]:
    """The button, which is there for the callback even when there is nothing to record, and what it records."""
    button = parts.button(ids.TARGETS_APPLY, record or text.t("Save"))
    return [html.Div(button, className="act", hidden=record is None), dcc.Store(id=ids.TARGETS_TOKEN, data=token)]


def _row(shown: Shown) -> Component:
    cells: list[Component | str] = [
        str(shown.row),
        html.Bdi(shown.whose),
        shown.metric,
        shown.holds,
        shown.before or "–",
        shown.after or "–",
    ]
    return html.Tr([html.Td(cell) for cell in cells], className=shown.fate)
