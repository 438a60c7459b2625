"""The page of one figure: what was counted and what was not, the plan, the days behind the expectation, the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts.html import data
from layouts.mine.rank import Sentence
from layouts.settings import parts
from layouts.settings.steps import Step, steps
from layouts.text import Text

Cells = Sequence[Component | str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in words. `rate` and `adds` are '' where the metric is no sum of money or of time."""

    day: str
    who: str
    title: str
    under: str
    url: str | None
    size: str
    rate: str
    adds: str


@dataclass(frozen=True, slots=True)
class Records:
    """The records behind a sum: some of them, and what all of them come to. `of_money`: with rates."""

    tabs: tuple[Step, ...]
    entries: tuple[Entry, ...]
    count: int
    total: str
    with_who: bool
    of_money: bool
    of_time: bool
    currency: str
    newest: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One recorded target in words."""

    value: str
    period: str
    since: str
    until: str
    set_at: str
    author: str
    note: str
    state: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody's target adds to this one."""

    name: str
    address: str
    value: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the plan in words. `at_work` is '' where the figure is one person's."""

    day: str
    word: str
    at_work: str
    share: str
    due: str
    today: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """The whole page in words. `facts` are a role, a term and its value each, the figure first. `by_usual_day`: what is
    due of today goes by how the office's days usually go."""

    title: str
    lead: str
    back: str
    corrections: str
    facts: tuple[tuple[str, str, str], ...]
    formula: str | None
    unavailable: str | None
    records: Records
    left_out: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    shares: tuple[Share, ...]
    target: str
    days: tuple[DayRow, ...]
    expected: str
    by_usual_day: bool
    ratio: bool
    place: Sequence[Sentence]


def page(text: Text, figure: Figure) -> Component:
    """The whole page."""
    ways = [
        dcc.Link(text.t("All numbers"), href=figure.back, className="btn btn-light"),
        dcc.Link(text.t("What changed afterwards"), href=figure.corrections, className="btn btn-light"),
    ]
    return parts.page(
        figure.title,
        figure.lead,
        html.Div(ways, className="act"),
        _summary(figure),
        _records(text, figure.records),
        _left_out(text, figure.left_out),
        _plan(text, figure),
        _days(text, figure),
        _place(text, figure.place),
    )


def nothing(text: Text) -> Component:
    """For a figure that there is not, or not for this reader."""
    back = dcc.Link(text.t("All numbers"), href="/settings/numbers", className="btn btn-light")
    return parts.page(text.t("There is no such figure"), None, html.Div(back, className="act"))


def _summary(figure: Figure) -> Component:
    terms = [
        html.Div([html.Dt(term), html.Dd(said, **data(role=role))], className=role) for role, term, said in figure.facts
    ]
    formula = html.P(figure.formula, className="formula") if figure.formula else None
    missing = html.P(figure.unavailable, className="hint") if figure.unavailable else None
    return parts.section(None, html.Dl(terms, className="terms"), formula, missing)


def _records(text: Text, records: Records) -> Component:
    ways = [
        dcc.Link(text.t("Back to the newest"), href=records.newest, className="btn btn-light")
        if records.newest
        else None,
        dcc.Link(text.t("Show older ones"), href=records.older, className="btn btn-light") if records.older else None,
    ]
    return parts.section(
        text.t("What was counted"),
        steps(records.tabs, text.t("What was counted")) if records.tabs else None,
        _record_table(text, records) if records.entries else html.P(text.t("Nothing counted yet")),
        html.Div(ways, className="act") if any(ways) else None,
    )


def _record_table(text: Text, records: Records) -> Component:
    money = [text.tp("numbers", "Rate"), text.t("In {currency}", currency=records.currency)] if records.of_money else []
    heads = [
        text.t("Day"),
        *([text.t("Who")] if records.with_who else []),
        text.t("Record"),
        text.t("Size"),
        *money,
        *([text.t("Adds")] if records.of_time else []),
    ]
    rows = [[_record_cell(cell) for cell in _entry(text, each, records)] for each in records.entries]
    all_of_them = text.tn("All {n} record together", "All {n} records together", records.count)
    foot = html.Tfoot(
        html.Tr([html.Th(all_of_them, scope="row", colSpan=len(heads) - 1), html.Td(records.total, **data(role="sum"))])
    )
    return _listed(heads, [html.Tr(row) for row in rows], foot)


def _entry(text: Text, each: Entry, records: Records) -> list[Cells | str]:
    name = html.Bdi(each.title)
    shown: Component = name
    if each.url:
        elsewhere = html.Span(text.t("opens the CRM"), className="unseen")
        shown = html.A([name, " ", elsewhere], href=each.url, target="_blank", rel="noopener noreferrer")
    what = [shown, html.Small(html.Bdi(each.under)) if each.under else ""]
    money = [each.rate, each.adds] if records.of_money else []
    return [
        each.day,
        *([[html.Bdi(each.who)]] if records.with_who else []),
        what,
        each.size,
        *money,
        *([each.adds] if records.of_time else []),
    ]


def _record_cell(cell: Cells | str) -> Component:
    return html.Td(cell, className="" if isinstance(cell, str) else "who")


def _left_out(text: Text, sentences: Sequence[str]) -> Component | None:
    if not sentences:
        return None
    return parts.section(text.t("What was left out, and why"), html.Ul([html.Li(each) for each in sentences]))


def _plan(text: Text, figure: Figure) -> Component:
    none = html.P(text.t("Nobody has set a target for this.")) if not figure.rows and not figure.shares else None
    return parts.section(
        text.t("The plan"), none, _plan_rows(text, figure.rows) if figure.rows else None, _shares(text, figure)
    )


def _plan_rows(text: Text, rows: Sequence[PlanRow]) -> Component:
    heads = [
        text.t("Target"),
        text.t("For a"),
        text.t("From"),
        text.tp("numbers", "Until"),
        text.t("Set by"),
        text.t("Note"),
        text.t("State"),
    ]
    lines = [
        html.Tr(
            [
                html.Td(row.value),
                html.Td(row.period),
                html.Td(row.since),
                html.Td(row.until),
                html.Td([html.Bdi(row.author), html.Small(row.set_at)], className="who"),
                html.Td(html.Bdi(row.note)),
                html.Td(row.state),
            ],
            className="holds" if row.holds else "past",
        )
        for row in rows
    ]
    return _listed(heads, lines)


def _shares(text: Text, figure: Figure) -> Component | None:
    if not figure.shares:
        return None
    lines = [
        html.Tr([html.Td(dcc.Link(html.Bdi(each.name), href=each.address), className="who"), html.Td(each.value)])
        for each in figure.shares
    ]
    foot = html.Tfoot(
        html.Tr([html.Th(text.t("Together"), scope="row"), html.Td(figure.target, **data(role="shares"))])
    )
    table = _listed([text.t("Whose"), text.t("Target")], lines, foot)
    return html.Div([html.P(text.t("It has no target of its own. These add up to it:"), className="hint"), table])


def _days(text: Text, figure: Figure) -> Component | None:
    if figure.ratio:
        hint = text.t("A ratio is expected in full from the first hour on.")
        return parts.section(text.t("Expected by now"), html.P(hint)) if figure.target else None
    if not figure.days:
        return None
    with_people = any(each.at_work for each in figure.days)
    people = [text.tp("numbers", "At work")] if with_people else []
    heads = [text.t("Day"), text.tp("numbers", "Calendar"), *people, text.t("Share of the plan"), text.t("Due by now")]
    lines = [
        html.Tr(
            [
                html.Td(cell)
                for cell in (row.day, row.word, *([row.at_work] if with_people else []), row.share, row.due)
            ],
            className="today" if row.today else "",
        )
        for row in figure.days
    ]
    foot = html.Tfoot(
        html.Tr(
            [
                html.Th(text.t("Together"), scope="row", colSpan=len(heads) - 2),
                html.Td(figure.target, **data(role="target-sum")),
                html.Td(figure.expected, **data(role="expected-sum")),
            ]
        )
    )
    shown = html.Details([html.Summary(text.t("Day by day")), _listed(heads, lines, foot)], open=len(lines) <= 31)
    usual = text.t("What is due of today goes by how your days usually go.") if figure.by_usual_day else None
    return parts.section(text.t("Expected by now"), shown, hint=usual)


def _day(row: DayRow, with_people: bool) -> Component:
    cells = (row.day, row.word, *([row.at_work] if with_people else []), row.share, row.due)
    return html.Tr([html.Td(cell) for cell in cells], className="today" if row.today else "")


def _place(text: Text, sentences: Sequence[Sentence]) -> Component | None:
    if not sentences:
        return None
    return parts.section(text.t("The place"), html.Ul([html.Li(each) for each in sentences]))


def _listed(heads: Sequence[str], lines: Sequence[Component], foot: Component | None = None) -> Component:
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    table = html.Table([head, html.Tbody(list(lines)), *([foot] if foot else [])], className="list-table figure-table")
    return html.Div(table, className="scroll")
