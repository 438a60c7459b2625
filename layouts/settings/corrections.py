"""The corrections page: what changed in days that were over, and the fields by which it is searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

PLACE = "/settings/corrections"


@dataclass(frozen=True, slots=True)
class Line:
    """One correction in words. `url` leads into the CRM, `figure` to the number that it changed ('' = nobody's)."""

    when: str
    what: str
    record: str
    under: str
    url: str | None
    whose: str
    day: str
    figure: str
    before: str
    after: str
    who: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in the fields; '' = no matter."""

    person: str = ""
    kind: str = ""
    month: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen, with its words."""

    people: Mapping[str, str]
    kinds: Mapping[str, str]
    months: Mapping[str, str]


def page(text: Text, wanted: Wanted, offer: Offer, lines: Sequence[Line], older: str | None) -> Component:
    """The whole page; `older` is the address of the next one."""
    searched = wanted != Wanted()
    none = html.P(
        text.t("No correction fits the search.") if searched else text.t("Nothing has changed in days that were over.")
    )
    lead = text.t(
        "What the CRM said otherwise after a day was over: its figures are others now than the room saw that evening."
    )
    return parts.page(
        text.t("Corrections"),
        lead,
        parts.section(text.t("Search"), *_form(text, wanted, offer, searched)),
        parts.section(None, _table(text, lines) if lines else none),
        dcc.Link(text.t("Older ones"), href=older, className="btn btn-light") if older else None,
    )


def columns(text: Text) -> tuple[str, ...]:
    """The heads of the table, and of the file that is downloaded."""
    return (
        text.tp("correction", "Noted"),
        text.t("What"),
        text.t("Record"),
        text.t("Whose"),
        text.t("Day"),
        text.t("Before"),
        text.t("After"),
        text.tp("correction", "By"),
    )


def _form(text: Text, wanted: Wanted, offer: Offer, searched: bool) -> list[Component]:
    """A plain form: the address holds the search, so that it can be kept and sent."""
    everybody, everything, any_month = text.t("Everybody"), text.t("Everything"), text.t("Any month")
    fields = [
        parts.field(text.t("Whose"), _choice("person", {"": everybody, **offer.people}, wanted.person)),
        parts.field(text.t("What"), _choice("kind", {"": everything, **offer.kinds}, wanted.kind)),
        parts.field(text.t("Month"), _choice("month", {"": any_month, **offer.months}, wanted.month)),
        html.Button(text.t("Find"), type="submit", className="btn btn-primary"),
    ]
    act = [
        parts.button(ids.CORRECTIONS_EXPORT, text.t("Download as CSV"), "light"),
        html.A(text.t("Show all"), href=PLACE, className="btn btn-link") if searched else None,
    ]
    form = html.Form(fields, method="get", action=PLACE, className="adding")
    return [form, html.Div(act, className="act"), dcc.Download(id=ids.CORRECTIONS_FILE)]


def _choice(name: str, options: Mapping[str, str], value: str) -> Component:
    return parts.choice_or_none(ids.correction_field(name), options, value, name=name)


def _table(text: Text, lines: Sequence[Line]) -> Component:
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in columns(text)]))
    table = html.Table([head, html.Tbody([_row(text, each) for each in lines])], className="list-table audit")
    return html.Div(table, className="scroll")


def _row(text: Text, line: Line) -> Component:
    name = html.Bdi(line.record)
    record: Component = name
    if line.url:
        elsewhere = html.Span(text.t("opens the CRM"), className="unseen")
        record = html.A([name, " ", elsewhere], href=line.url, target="_blank", rel="noopener noreferrer")
    day = dcc.Link(line.day, href=line.figure) if line.figure else line.day
    return html.Tr(
        [
            html.Td(line.when),
            html.Td(line.what),
            html.Td([record, html.Small(html.Bdi(line.under))], className="who"),
            html.Td(html.Bdi(line.whose)),
            html.Td(day),
            html.Td(line.before),
            html.Td(line.after),
            html.Td(html.Bdi(line.who)),
        ]
    )
