"""The audit page: the latest changes, who made them and when, and the fields by which they are searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

PLACE = "/settings/audit"


@dataclass(frozen=True, slots=True)
class Line:
    """One change in words; `before` and `after` may be ''."""

    when: str
    who: str
    what: str
    subject: str
    before: str
    after: str
    note: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in the fields, as it was typed; '' = no matter."""

    who: str = ""
    what: str = ""
    first: str = ""
    last: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen: everybody who changed something, and the kinds of things with their words."""

    who: Sequence[str]
    what: Mapping[str, str]


def page(
    text: Text, wanted: Wanted, offer: Offer, lines: Sequence[Line], older: str | None, said: str | None = None
) -> Component:
    """The whole page; `older` is the address of the next one, `said` why nothing could be searched."""
    more = dcc.Link(text.t("Older changes"), href=older, className="btn btn-light") if older else None
    searched = wanted != Wanted()
    none = html.P(text.t("No change fits the search.") if searched else text.t("Nothing has been changed yet."))
    return parts.page(
        text.t("Changes"),
        None,
        parts.section(text.t("Search"), *_form(text, wanted, offer, searched)),
        parts.bad(said) if said else parts.section(None, _table(text, lines) if lines else none),
        more,
    )


def columns(text: Text) -> tuple[str, ...]:
    """The heads of the file that is downloaded."""
    heads = (text.t("When"), text.t("Who"), text.t("What"), text.t("About"))
    return (*heads, text.t("Before"), text.t("After"), text.t("Note"))


def _form(text: Text, wanted: Wanted, offer: Offer, searched: bool) -> list[Component]:
    """A plain form: the address holds the search, so that it can be kept and sent."""
    everybody, everything = {"": text.t("Everybody")}, {"": text.t("Everything")}
    fields = [
        parts.field(text.t("Who"), _choice("who", everybody | {each: each for each in offer.who}, wanted.who)),
        parts.field(text.t("What"), _choice("what", everything | dict(offer.what), wanted.what)),
        parts.field(text.tp("day", "From"), _day("from", wanted.first)),
        parts.field(text.tp("day", "To"), _day("to", wanted.last)),
        parts.field(text.t("Words"), parts.entry(ids.audit_field("text"), wanted.text, name="text", maxlength=80)),
        html.Button(text.t("Find"), type="submit", className="btn btn-primary"),
    ]  # fmt: skip
    act = [
        parts.button(ids.AUDIT_EXPORT, text.t("Download as CSV"), "light"),
        html.A(text.t("Show all"), href=PLACE, className="btn btn-link") if searched else None,
    ]
    form = html.Form(fields, method="get", action=PLACE, className="adding")
    return [form, html.Div(act, className="act"), dcc.Download(id=ids.AUDIT_FILE)]


def _choice(name: str, options: Mapping[str, str], value: str) -> Component:
    return parts.choice_or_none(ids.audit_field(name), options, value, name=name)


def _day(name: str, value: str) -> Component:
    return parts.day_entry(ids.audit_field(name), value, name=name)


def _table(text: Text, lines: Sequence[Line]) -> Component:
    heads = (text.t("When"), text.t("Who"), text.t("What"), text.t("Before"), text.t("After"))
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    table = html.Table([head, html.Tbody([_row(each) for each in lines])], className="list-table audit")
    return html.Div(table, className="scroll")


def _row(line: Line) -> Component:
    what = [line.what, html.Small(html.Bdi(line.subject)), html.Small(line.note) if line.note else None]
    return html.Tr(
        [
            html.Td(line.when),
            html.Td(html.Bdi(line.who)),
            html.Td(what, className="who"),
            html.Td(line.before),
            html.Td(line.after),
        ]
    )
