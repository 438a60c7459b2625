"""What the pages of the desk are put together from: sections, fields, choices, notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.html import data

Id = str | dict[str, object]
# From so many rows on a list can be searched.
SEEK_FROM = 8
NONE = "-"


def page(title: str, lead: str | None, *children: Component | None) -> Component:
    """A page: its title, one sentence of what it is for, and its sections."""
    return html.Div([html.H1(title), html.P(lead, className="lead") if lead else None, *children], className="page")


def section(title: str | None, *children: Component | None, hint: str | None = None) -> Component:
    """A card with a heading."""
    head = [html.H2(title)] if title else []
    return html.Section([*head, html.P(hint, className="hint") if hint else None, *children], className="card")


def field(label: str, control: Component, problem: str | None = None, hint: str | None = None) -> Component:
    """A label with its control, and beside it what is wrong with what was typed, or a hint."""
    said = html.Span(problem, className="problem", role="alert") if problem else None
    below = html.Span(hint, className="hint") if hint and not problem else None
    # A <label> around both names the control without an id, which a pattern of ids could not serve.
    inside = html.Label([html.Span(label, className="label"), control])
    return html.Div([inside, said, below], className="field bad" if problem else "field")


def group(label: str, control: Component, problem: str | None = None, hint: str | None = None) -> Component:
    """The same for a control that is several: boxes to tick."""
    said = html.Span(problem, className="problem", role="alert") if problem else None
    below = html.Span(hint, className="hint") if hint and not problem else None
    return html.Fieldset([html.Legend(label, className="label"), control, said, below], className="field")


def entry(key: Id, value: str, **more: Any) -> Component:
    """A line of text to type."""
    control: Component = dbc.Input(id=key, value=value, type=more.pop("type", "text"), autocomplete="off", **more)
    return control


def choice(key: Id, options: Mapping[str, str], value: str, **more: Any) -> Component:
    """One of several, closed: value → words."""
    listed = [{"value": each, "label": words} for each, words in options.items()]
    control: Component = dbc.Select(id=key, options=listed, value=value, **more)
    return control


def choice_or_none(key: Id, options: Mapping[str, str], value: str, **more: Any) -> Component:
    """The same where one of the values is "": it is sent as NONE, because an empty one is not shown as chosen."""
    return choice(key, {each or NONE: words for each, words in options.items()}, value or NONE, **more)


def chosen(sent: object) -> str:
    """What was chosen or typed, out of what the browser sent."""
    return "" if sent in (None, NONE) else str(sent)


def suggestions(key: str, values: Sequence[str] | Mapping[str, str]) -> Component:
    """What an entry with `list=key` offers while one types."""
    named = values if isinstance(values, Mapping) else dict.fromkeys(values, "")
    options = [html.Option(words, value=each) for each, words in named.items()]
    return html.Datalist(options, id=key)


def seek(label: str) -> Component:
    """A field that leaves, of all rows on the page that have a `data-find`, those that have in it what is typed."""
    field = html.Label([html.Span(label, className="unseen"), entry(ids.SEEK, "", type="search", placeholder=label)])
    return html.Div(field, className="seek")


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Component | str]], finds: Sequence[str] | None = None
) -> Component:
    """A list with several facts a row. `finds` is what each row is found by."""
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    found = [data(find=each.casefold()) for each in finds] if finds else [{} for _ in rows]
    pairs = zip(rows, found, strict=True)
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row], **more) for row, more in pairs])
    return html.Div(html.Table([head, body], className="list-table"), className="scroll")


def query(**given: str) -> str:
    """The part of an address after the question mark."""
    return urlencode(given)


def day_entry(key: Id, value: str, **more: Any) -> Component:
    """A day; the desk's script turns it into the browser's own calendar."""
    return entry(key, value, class_name="as-day", placeholder="2026-11-20", **more)


def good(sentence: str | list[Component | str], beside: bool = False) -> Component:
    """Said after something worked. `beside`: it is not about what is typed on the page, which is to be saved yet."""
    return html.P(sentence, className="said good beside" if beside else "said good", role="status")


def bad(sentence: str) -> Component:
    """Said when nothing was done, and why."""
    return html.P(sentence, className="said bad", role="alert")


def button(key: Id, words: str | list[Component | str], kind: str = "primary") -> Component:
    """A button that does something."""
    control: Component = dbc.Button(words, id=key, color=kind, n_clicks=0)
    return control


def unsaved(words: str) -> Component:
    """Shown by the desk's script while something typed has not been saved."""
    return html.Span(words, className="unsaved", role="status")
