"""The office page at work: the form is read whole, checked whole, and saved whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.settings import visitor
from deps import Deps
from domain.address import AddressError, given
from domain.settings import Hours, Settings
from domain.worktime import countries
from layouts import ids
from layouts.settings import office as layout
from layouts.settings import parts
from layouts.settings.entry import EntryError, read_clock, read_whole
from layouts.settings.office import Office
from layouts.text import LANGUAGES, Text
from storage import db as store
from storage import facts
from storage import settings as saved

# What the page may change, by the names of Settings' fields, and the parts of the hours.
FIELDS = ("timezone", "currency", "language", "country", "hours", "workdays", "week_start", "year_start",
          "public_address")  # fmt: skip
_HOURS = ("start", "end", "break_start", "break_end")


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form: every field's text, and the ticked weekdays."""

    typed: Mapping[str, str]
    workdays: Sequence[int]
    seen: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings that the form asks for (as they were where something is wrong), and what is wrong in which field."""

    settings: Settings
    problems: Mapping[str, str]


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with the settings as they are."""
    return layout.page(text, office(text, deps.settings()))


def save(deps: Deps, text: Text, who: str, form: Form) -> list[Component | None]:
    """Store what was changed, all of it or nothing; the form anew, with what came of it."""
    with store.write(deps.db) as conn:
        old = deps.settings()
        reading = read(text, old, form)
        refusal = _refusal(text, old, reading, form)
        if refusal is None:
            saved.save(conn, changes(old, reading.settings), who, deps.clock())
            if facts.out_of_date(conn, reading.settings):
                facts.rebuild(conn, reading.settings)
    if refusal is not None:
        kept = office(text, old)
        kept = replace(kept, typed={**kept.typed, **form.typed}, workdays=form.workdays, problems=reading.problems,
                       seen=form.seen)  # fmt: skip
        return layout.form(text, kept, parts.bad(refusal))
    # The office may speak another language from now on.
    text = visitor.words(deps)
    said = parts.good(text.t("Saved. The wall shows it in a moment."))
    return layout.form(text, office(text, reading.settings), said)


def office(text: Text, settings: Settings) -> Office:
    """The form of these settings."""
    country = settings.country
    return Office(
        typed=_typed(settings),
        workdays=sorted(settings.workdays),
        zones=zones(),
        # A part of a country (DE-BY) can be set from outside, and stays.
        countries=[*countries(), *([country] if country and country not in countries() else [])],
        problems={},
        seen=mark(settings),
    )


def read(text: Text, old: Settings, form: Form) -> Reading:
    """The settings out of what was typed, every field checked."""
    new: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, reader in _readers(text, old).items():
        try:
            new[name] = reader(form.typed.get(name, ""))
        except EntryError as error:
            problems[name] = str(error)
    workdays = frozenset(day for day in form.workdays if day in range(1, 8))
    if not workdays:
        problems["workdays"] = text.t("Choose at least one day")
    if problems:
        return Reading(old, problems)
    hours = Hours(**{part: new.pop(part) for part in _HOURS})
    if hours.start == hours.end:
        return Reading(old, {"end": text.t("Must differ from the beginning")})
    return Reading(replace(old, **new, hours=hours, workdays=workdays), {})


def changes(old: Settings, new: Settings) -> dict[str, object]:
    """The fields that differ, with their new values."""
    return {name: getattr(new, name) for name in FIELDS if getattr(old, name) != getattr(new, name)}


def mark(settings: Settings) -> str:
    """A short text that differs when any setting of this page does."""
    parts_ = [_stable(getattr(settings, name)) for name in FIELDS]
    return hashlib.sha256("\n".join(parts_).encode()).hexdigest()[:16]


@cache
def zones() -> tuple[str, ...]:
    """Every IANA name of a place."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


def register(app: Dash, deps: Deps) -> None:
    """Wire Save."""
    fields = ids.office_field(ALL)

    @app.callback(
        Output(ids.OFFICE_FORM, "children"),
        Input(ids.OFFICE_SAVE, "n_clicks"),
        State(fields, "value"),
        State(fields, "id"),
        State(ids.OFFICE_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_save(clicks: int | None, *form: Any) -> list[Component | None]:
        if not clicks:
            raise PreventUpdate
        return save(deps, visitor.words(deps), visitor.user().login, read_form(*form))


def read_form(values: Sequence[Any], keys: Sequence[Mapping[str, Any]], seen: Any) -> Form:
    """The form out of what the browser sent."""
    given = {str(key["name"]): value for key, value in zip(keys, values, strict=True)}
    workdays = given.pop("workdays", None) or []
    return Form(
        typed={name: str(value or "") for name, value in given.items()},
        workdays=[day for day in workdays if isinstance(day, int)],
        seen=str(seen),
    )


def _refusal(text: Text, old: Settings, reading: Reading, form: Form) -> str | None:
    if form.seen != mark(old):
        return text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
    if reading.problems:
        return text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                       len(reading.problems))  # fmt: skip
    return None if changes(old, reading.settings) else text.t("Nothing to save: nothing has changed.")


def _typed(settings: Settings) -> dict[str, str]:
    hours = {part: f"{getattr(settings.hours, part):%H:%M}" for part in _HOURS}
    plain = {
        name: str(getattr(settings, name))
        for name in ("timezone", "currency", "language", "week_start", "year_start", "public_address")
    }
    return hours | plain | {"country": settings.country or ""}


def _readers(text: Text, old: Settings) -> dict[str, Callable[[str], object]]:
    """How each field is read."""

    def one_of(allowed: Sequence[str], message: str) -> Callable[[str], str]:
        def reader(typed: str) -> str:
            if typed.strip() not in allowed:
                raise EntryError(message)
            return typed.strip()

        return reader

    listed = text.t("Choose one of the list")
    known = [*countries(), *([old.country] if old.country else [])]
    return {
        **{part: lambda typed: read_clock(text, typed) for part in _HOURS},
        # The present one may be a name that is not proposed, like UTC.
        "timezone": one_of([*zones(), old.timezone], text.t("Choose a city of the list, like Europe/Kyiv")),
        "currency": lambda typed: one_of([*layout.currencies(text)], listed)(typed.upper()),
        "language": one_of(list(LANGUAGES), listed),
        "country": lambda typed: one_of(["", *known], listed)(typed) or None,
        "week_start": lambda typed: read_whole(text, typed, 1, 7),
        "year_start": lambda typed: read_whole(text, typed, 1, 12),
        "public_address": lambda typed: _address(text, typed),
    }


def _address(text: Text, typed: str) -> str:
    try:
        return given(typed)
    except AddressError:
        raise EntryError(text.t("Write an address like http://192.168.1.20:8050")) from None


def _stable(value: object) -> str:
    return repr(sorted(value) if isinstance(value, frozenset) else value)
