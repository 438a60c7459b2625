"""The currencies page at work: a rate is given from a day on, or taken back; every sum follows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain.facts import Rate
from domain.worktime import today
from layouts import format as write
from layouts import ids
from layouts.settings import parts
from layouts.settings import rates as layout
from layouts.settings.entry import EntryError, read_day, read_rate
from layouts.settings.office import currencies
from layouts.settings.rates import Change, Missing, Own, Rates, Told, Typed
from layouts.text import Text
from storage import audit, rates, totals
from storage import db as store
from storage.audit import Entry, Search
from storage.db import StoreError
from storage.rates import Unrated

_HISTORY = 30
# A rate that differs so much from the one before may be the wrong way round.
_LEAP = 3
_DECIMALS = 8


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page as things are."""
    return layout.page(text, read(deps, text))


def save(deps: Deps, text: Text, who: str, typed: Typed) -> list[Component | None]:
    """Store a rate, or say what is wrong; the page anew."""
    base = deps.settings().currency
    rate, problems = _read(text, base, typed)
    if rate is None:
        return layout.content(text, read(deps, text, replace(typed, problems=problems)), None)
    with store.write(deps.db) as conn:
        before = rates.book(conn, base).value(rate.currency, rate.day)
        rates.keep(conn, rate, who, deps.clock())
    said = text.t("Saved: {rate} from {day} on. The wall shows it in a moment.", rate=_equation(text, rate),
                  day=write.short_day(text, rate.day))  # fmt: skip
    if before and not before / _LEAP <= rate.value <= before * _LEAP:
        warning = text.t("Before it was {rate}. Is it the right way round?", rate=_worth(text, before))
        said = f"{said} {warning}"
    return layout.content(text, read(deps, text), parts.good(said))


def remove(deps: Deps, text: Text, who: str, currency: str, day: str) -> list[Component | None]:
    """Take a rate back; the page anew."""
    try:
        with store.write(deps.db) as conn:
            rates.remove(conn, currency, deps.settings().currency, date.fromisoformat(day), who, deps.clock())
    except (StoreError, ValueError):
        gone = parts.bad(text.t("This rate is not there any more."))
        return layout.content(text, read(deps, text), gone)
    said = parts.good(text.t("Removed. The rate before it holds again, or that of the sources."))
    return layout.content(text, read(deps, text), said)


def read(deps: Deps, text: Text, typed: Typed | None = None) -> Rates:
    """Everything on the page, in words. Where nothing is typed, the form asks for what is missing most."""
    settings = deps.settings()
    with store.read(deps.db) as conn:
        own = [rate for rate in rates.own(conn) if rate.base == settings.currency]
        told = [rate for rate in totals.rates(conn) if rate.base == settings.currency]
        here, missing = today(settings.timezone, deps.clock()), rates.unrated(conn, rates.book(conn, settings.currency))
        return Rates(
            base=settings.currency,
            names=currencies(text),
            missing=[Missing(each.currency, each.records, _months(text, each.first, each.last)) for each in missing],
            own=_own(text, own, here),
            told=_told(text, told, {rate.currency for rate in own}),
            history=_history(conn, text, settings.timezone),
            typed=typed or _wanted(missing, here),
        )


def register(app: Dash, deps: Deps) -> None:
    """Wire Save, and the buttons that take a rate back."""

    @app.callback(
        Output(ids.RATES, "children"),
        Input(ids.RATE_SAVE, "n_clicks"),
        Input(ids.rate_remove(ALL, ALL), "n_clicks"),
        State(ids.RATE_CURRENCY, "value"),
        State(ids.RATE_VALUE, "value"),
        State(ids.RATE_SINCE, "value"),
        prevent_initial_call=True,
    )
    def on_press(_save: Any, _remove: Any, currency: Any, value: Any, day: Any) -> list[Component | None]:
        text, who, pressed = visitor.words(deps), visitor.user().login, visitor.pressed()
        if pressed == ids.RATE_SAVE:
            return save(deps, text, who, Typed(str(currency or ""), str(day or ""), str(value or "")))
        return remove(deps, text, who, str(pressed["currency"]), str(pressed["day"]))


def _wanted(missing: Sequence[Unrated], here: date) -> Typed:
    return Typed(missing[0].currency, missing[0].first.isoformat()) if missing else Typed(day=here.isoformat())


def _read(text: Text, base: str, typed: Typed) -> tuple[Rate | None, dict[str, str]]:
    """The rate, or what is wrong by field."""
    problems: dict[str, str] = {}
    currency = typed.currency.strip().upper()
    if currency not in currencies(text):
        problems["currency"] = text.t("Choose one of the list")
    elif currency == base:
        problems["currency"] = text.t("This is the currency of the office itself")
    day, value = date.min, Decimal(0)
    try:
        day = read_day(text, typed.day)
    except EntryError as error:
        problems["day"] = str(error)
    try:
        value = read_rate(text, typed.value)
    except EntryError as error:
        problems["value"] = str(error)
    return (None if problems else Rate(currency, base, day, value)), problems


def _months(text: Text, first: date, last: date) -> str:
    named = (f"{write.month(text, day)} {day.year}" for day in (first, last))
    return " – ".join(dict.fromkeys(named))


def _own(text: Text, own: Iterable[Rate], here: date) -> list[Own]:
    """By currency, the newest first."""
    ordered = sorted(own, key=lambda rate: (rate.currency, -rate.day.toordinal()))
    holding = {rate.currency: rate.day for rate in reversed(ordered) if rate.day <= here}
    return [
        Own(rate.currency, rate.day.isoformat(), write.short_day(text, rate.day), _equation(text, rate),
            holding.get(rate.currency) == rate.day)
        for rate in ordered
    ]  # fmt: skip


def _told(text: Text, told: Iterable[Rate], own: set[str]) -> list[Told]:
    newest = {rate.currency: rate for rate in sorted(told, key=lambda rate: rate.day)}
    return [
        Told(rate.currency, write.short_day(text, rate.day), _equation(text, rate), rate.currency in own)
        for _, rate in sorted(newest.items())
    ]


def _history(conn: Connection, text: Text, zone: str) -> list[Change]:
    return [_change(text, entry, zone) for entry in islice(audit.find(conn, Search(what="rate")), _HISTORY)]


def _change(text: Text, entry: Entry, zone: str) -> Change:
    before, after = (_said(text, value) for value in (entry.before, entry.after))
    return Change(write.instant(text, entry.at, zone), entry.who, entry.subject, before, after)


def _said(text: Text, value: Any) -> str:
    if not value:
        return "–"
    day = write.short_day(text, date.fromisoformat(value["since"]))
    return text.t("{rate} from {day} on", rate=_worth(text, Decimal(value["value"])), day=day)


def _equation(text: Text, rate: Rate) -> str:
    return f"1 {rate.currency} = {_worth(text, rate.value)} {rate.base}"


def _worth(text: Text, value: Decimal) -> str:
    return write.number(text, value, _DECIMALS)
