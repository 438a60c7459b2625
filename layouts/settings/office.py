"""The office page: where and when the office works, its money and its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import format as write
from layouts import ids
from layouts.settings import parts
from layouts.text import LANGUAGES, Text

_WEEK = range(1, 8)
_ZONES, _CURRENCIES = "office-zones", "office-currencies"
# A Monday, to name the days of the week by.
_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Office:
    """The form as it stands. `typed` has every field's text by the name of its setting, `problems` what is wrong.

    `seen` marks the settings that this was drawn from.
    """

    typed: Mapping[str, str]
    workdays: Sequence[int]
    zones: Sequence[str]
    countries: Sequence[str]
    problems: Mapping[str, str]
    seen: str


def page(text: Text, office: Office) -> Component:
    """The whole page."""
    return parts.page(text.t("Office"), None, html.Div(form(text, office, None), id=ids.OFFICE_FORM))


def form(text: Text, office: Office, said: Component | None) -> list[Component | None]:
    """The form with Save: what a save draws anew."""
    return [
        said,
        html.Div([_place(text, office), _hours(text, office)],
                 className="columns"),
        html.Div(
            [
                parts.button(ids.OFFICE_SAVE, text.t("Save")),
                parts.unsaved(text.t("Not saved yet")),
            ],
            className="foot act",
        ),
        dcc.Store(id=ids.OFFICE_SEEN, data=office.seen),
    ]  # fmt: skip


def weekdays(text: Text) -> dict[int, str]:
    """ISO weekday → its name."""
    return {day: write.weekday(text, _MONDAY.replace(day=day)) for day in _WEEK}


def currencies(text: Text) -> dict[str, str]:
    """ISO code → name, in the reader's language."""
    return dict(sorted(text.locale.currencies.items()))


def _place(text: Text, office: Office) -> Component:
    return parts.section(
        text.t("Place and money"),
        _entry(text.t("Time zone"), "timezone", office, list=_ZONES),
        parts.suggestions(_ZONES, office.zones),
        _entry(text.t("Currency"), "currency", office, text.t("Every amount is shown in it"), list=_CURRENCIES),
        parts.suggestions(_CURRENCIES, currencies(text)),
        _choice(text.t("Language of the wall"), "language", office, LANGUAGES),
        _choice(text.t("Public holidays of"), "country", office, _countries(text, office.countries)),
        _entry(
            text.t("Address for phones"),
            "public_address",
            office,
            text.t("Where phones reach Tablo, like http://192.168.1.20:8050; empty = where this page is read"),
        ),
    )


def _hours(text: Text, office: Office) -> Component:
    days = dbc.Checklist(
        id=ids.office_field("workdays"),
        options=[{"value": day, "label": name} for day, name in weekdays(text).items()],
        value=list(office.workdays),
    )
    starts = {str(day): name for day, name in weekdays(text).items()}
    months = {str(number): write.month(text, date(2024, number, 1)) for number in range(1, 13)}
    return parts.section(
        text.t("Working time"),
        html.Div([_clock(text.t("From"), "start", office), _clock(text.t("To"), "end", office)], className="pair"),
        html.Div(
            [_clock(text.t("Break from"), "break_start", office), _clock(text.t("Break to"), "break_end", office)],
            className="pair",
        ),
        html.P(text.t("Equal times: no break. The plan of a day is spread over its working hours."), className="hint"),
        parts.group(text.t("Working days"), days, office.problems.get("workdays")),
        _choice(text.t("The week begins on"), "week_start", office, starts),
        _choice(text.t("The year begins in"), "year_start", office, months),
        html.P(
            [
                text.t("Public holidays, days off and absences are on the page"),
                " ",
                dcc.Link(text.t("Calendar"), href="/settings/calendar"),
            ],
            className="hint",
        ),
    )


def _countries(text: Text, codes: Sequence[str]) -> dict[str, str]:
    names = text.locale.territories
    named = sorted(((names.get(code) or code, code) for code in codes), key=lambda pair: pair[0])
    return {"": text.t("no country")} | {code: name for name, code in named}


def _entry(label: str, name: str, office: Office, hint: str | None = None, **more: object) -> Component:
    problem = office.problems.get(name)
    control = parts.entry(ids.office_field(name), office.typed[name], invalid=bool(problem), **more)
    return parts.field(label, control, problem, hint)


def _clock(label: str, name: str, office: Office) -> Component:
    return _entry(label, name, office, inputmode="numeric", maxlength=5, placeholder="09:00")


def _choice(label: str, name: str, office: Office, options: Mapping[str, str]) -> Component:
    control = parts.choice(ids.office_field(name), options, office.typed[name])
    return parts.field(label, control, office.problems.get(name))
