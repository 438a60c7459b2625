"""The currencies page: what has no rate, the office's own rates from a day on, and what the sources say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

_CURRENCIES = "rate-currencies"


@dataclass(frozen=True, slots=True)
class Own:
    """A rate of the office, in words; `iso` is its day. `holds`: it is the one that counts today."""

    currency: str
    iso: str
    day: str
    value: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The newest rate that a source has for a currency. `beaten`: the office has an own one, which counts."""

    currency: str
    day: str
    value: str
    beaten: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A currency without a rate: how many records that keeps out of the sums, and when those were."""

    currency: str
    records: int
    when: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history, in words."""

    when: str
    who: str
    pair: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, and what is wrong in which field."""

    currency: str = ""
    day: str = ""
    value: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rates:
    """All of the page. `base` is the currency of the office, `names` every currency there is by its code."""

    base: str
    names: Mapping[str, str]
    missing: Sequence[Missing]
    own: Sequence[Own]
    told: Sequence[Told]
    history: Sequence[Change]
    typed: Typed


def page(text: Text, rates: Rates) -> Component:
    """The whole page."""
    lead = text.t("Amounts keep their own currency; the wall shows them in {base}, at the rate of their day.",
                  base=rates.base)  # fmt: skip
    return parts.page(text.t("Currencies"), lead, html.Div(content(text, rates, None), id=ids.RATES))


def content(text: Text, rates: Rates, said: Component | None) -> list[Component | None]:
    """Everything, as a button draws it anew."""
    return [
        said,
        _missing(text, rates) if rates.missing else None,
        html.Div([_form(text, rates), _own(text, rates)], className="columns"),
        _told(text, rates) if rates.told else None,
        _history(text, rates) if rates.history else None,
    ]


def _missing(text: Text, rates: Rates) -> Component:
    lines = [
        html.Li(
            [
                html.Strong(each.currency),
                " ",
                text.tn("{n} record is in no sum", "{n} records are in no sum", each.records),
                html.Small(f" · {each.when}"),
            ]
        )
        for each in rates.missing
    ]
    hint = text.t("Give a rate from the first of these days on, and they count at once.")
    return parts.section(text.t("Without a rate"), html.Ul(lines, className="missing-rates"), hint=hint)


def _form(text: Text, rates: Rates) -> Component:
    typed = rates.typed
    return parts.section(
        text.t("A rate of our own"),
        parts.field(text.t("Currency"), parts.entry(
            ids.RATE_CURRENCY, typed.currency, list=_CURRENCIES, maxlength=3, invalid="currency" in typed.problems
        ), typed.problems.get("currency")),
        parts.suggestions(_CURRENCIES, rates.names),
        parts.field(text.t("One unit is worth, in {base}", base=rates.base), parts.entry(
            ids.RATE_VALUE, typed.value, inputmode="decimal", maxlength=20, invalid="value" in typed.problems
        ), typed.problems.get("value")),
        parts.field(text.t("From this day on"), parts.day_entry(ids.RATE_SINCE, typed.day), typed.problems.get("day")),
        html.Div([parts.button(ids.RATE_SAVE, text.t("Save")), parts.unsaved(text.t("Not saved yet"))],
                 className="act"),
        hint=text.t("It wins over what the sources say, from its day until the next one of our own."),
    )  # fmt: skip


def _own(text: Text, rates: Rates) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(each.currency, scope="row"),
                html.Td(each.day),
                html.Td([each.value, _beside(text.t("holds now")) if each.holds else None]),
                html.Td(_remove(text, each)),
            ]
        )
        for each in rates.own
    ]
    none = html.P(text.t("None yet: the rates of the sources hold."), className="hint")
    heads = (text.t("Currency"), text.t("From"), text.t("Rate"), "")
    return parts.section(text.t("Our own rates"), _table(heads, rows) if rows else none)


def _beside(words: str) -> Component:
    return html.Small(f" · {words}")


def _remove(text: Text, each: Own) -> Component:
    spoken = html.Span(f"{each.currency}, {each.day}", className="unseen")
    return parts.button(ids.rate_remove(each.currency, each.iso), [text.t("Remove"), " ", spoken], "light")


def _told(text: Text, rates: Rates) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(each.currency, scope="row"),
                html.Td(each.day),
                html.Td([each.value, _beside(text.t("our own holds")) if each.beaten else None]),
            ]
        )
        for each in rates.told
    ]
    heads = (text.t("Currency"), text.t("From"), text.t("Rate"))
    return parts.section(text.t("Rates of the sources"), _table(heads, rows), hint=text.t("The newest of each."))


def _history(text: Text, rates: Rates) -> Component:
    rows = [
        html.Tr([html.Td(each.when), html.Td(html.Bdi(each.who)), html.Th(each.pair, scope="row"),
                 html.Td(each.before), html.Td(each.after)])
        for each in rates.history
    ]  # fmt: skip
    heads = (text.t("When"), text.t("Who"), text.t("Currency"), text.t("Before"), text.t("After"))
    return html.Details([html.Summary(text.t("History")), _table(heads, rows)], className="card")


def _table(heads: Sequence[str], rows: Sequence[Component]) -> Component:
    head = html.Tr([html.Th(each, scope="col") for each in heads])
    return html.Div(
        html.Table([html.Thead(head), html.Tbody(rows)], className="list-table rates-table"), className="scroll"
    )
