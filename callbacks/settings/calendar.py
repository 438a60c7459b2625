"""The calendar at work: a month at a glance, absences, and the office's own days off and worked days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain.board import Period
from domain.building import sound
from domain.people import Absence, Rep
from domain.periods import days, period_of
from domain.plans import employed
from domain.reach import WHOLE, Reach
from domain.rota import rota
from domain.settings import PeriodKind, Settings
from domain.worktime import Calendar, holiday_names, office_calendar, public_holidays, rep_calendar, today, zone_known
from layouts import format as write
from layouts import ids
from layouts.refusals import plainly
from layouts.settings import calendar as layout
from layouts.settings import parts
from layouts.settings.calendar import WORKED, Away, DayForm, Form, Line, Month, Office, SpecialDay
from layouts.settings.entry import EntryError, read_day
from layouts.text import Text
from storage import absences, joins, people
from storage import db as store
from storage import settings as saved
from storage.absences import OverlapError
from storage.db import StoreError

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forms:
    """What is being typed: an absence, and a day of the office's own."""

    absence: Form = field(default_factory=Form)
    day: DayForm = field(default_factory=DayForm)


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> Component:
    """The month that the address names, else the present one."""
    return layout.page(text, read_month(deps, text, search, reach, Forms()))


def answer(
    deps: Deps, text: Text, who: str, pressed: Mapping[str, Any], search: str | None, forms: Forms,
    reach: Reach = WHOLE,
) -> list[Component | None]:  # fmt: skip
    """The page after a button, with what came of it; what was refused stands as it was typed."""
    forms = replace(forms, absence=replace(forms.absence, number=str(pressed["about"])))
    if pressed["action"] in ("edit", "leave"):
        return layout.content(text, read_month(deps, text, search, reach, _opened(deps, pressed, reach)), None)
    problems = read_problems(text, forms.absence) if pressed["action"] == "save" else {}
    if problems:
        forms = replace(forms, absence=replace(forms.absence, problems=problems))
        return layout.content(text, read_month(deps, text, search, reach, forms), None)
    try:
        with store.write(deps.db) as conn:
            done = _do(conn, deps, text, who, pressed, forms, reach)
    except OverlapError as error:
        words = text.t("Overlaps with {days}, which is noted already", days=_span(text, error.absence))
        forms = replace(forms, absence=replace(forms.absence, problems={"first": words}))
        return layout.content(text, read_month(deps, text, search, reach, forms), None)
    except EntryError as error:
        forms = replace(forms, day=replace(forms.day, problem=str(error)))
        return layout.content(text, read_month(deps, text, search, reach, forms), None)
    except StoreError as error:
        return layout.content(text, read_month(deps, text, search, reach, Forms()), parts.bad(plainly(text, error)))
    return layout.content(text, read_month(deps, text, search, reach, Forms()), parts.good(done))


def read_month(deps: Deps, text: Text, search: str | None, reach: Reach, forms: Forms) -> Month:
    """The month with everybody within reach who is employed in it."""
    settings, _ = sound(deps.settings())
    here = today(settings.timezone, deps.clock())
    period = _period(search, here)
    with store.read(deps.db) as conn:
        known = joins.read(conn)
        reps = sorted((rep for rep in people.reps(conn) if reach.person(rep.team)), key=lambda r: (r.name, r.key))
        noted = absences.every(conn)
    names = {rep.key: rep.name for rep in reps}
    return Month(
        first=period.first,
        days=list(days(period)),
        today=here,
        lines=_lines(text, settings, [rep for rep in reps if employed(rep, period)], period),
        before=_address(period.first - _DAY),
        after=_address(period.last + _DAY),
        names=names,
        absences=[
            Away(each.id, names[known.main(each.rep)], _span(text, each.absence), each.absence.lowers)
            for each in noted
            if known.main(each.rep) in names and each.absence.last >= period.first
        ],
        form=forms.absence,
        office=_office(text, settings, period.first.year, forms.day) if reach.whole else None,
    )


def read_problems(text: Text, form: Form) -> dict[str, str]:
    """What is wrong with the absence that was typed, by field."""
    problems = {} if form.rep else {"rep": text.t("Choose who is away.")}
    for name in ("first", "last"):
        typed = getattr(form, name)
        if name == "last" and not typed.strip():
            continue
        try:
            read_day(text, typed)
        except EntryError as error:
            problems[name] = str(error)
    readable = not problems.keys() & {"first", "last"} and form.last.strip()
    if readable and read_day(text, form.last) < read_day(text, form.first):
        problems["last"] = text.t("The last day is before the first one.")
    return problems


def read_forms(values: Sequence[Any], keys: Sequence[Mapping[str, Any]]) -> Forms:
    """The forms out of what the browser sent."""
    given = {str(key["name"]): value for key, value in zip(keys, values, strict=True)}
    typed = {name: parts.chosen(given.get(name)) for name in ("rep", "first", "last", "day", "kind")}
    form = Form(typed["rep"], typed["first"], typed["last"], bool(given.get("lowers")))
    return Forms(form, DayForm(typed["day"], typed["kind"]))


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons."""
    fields = ids.calendar_field(ALL)

    @app.callback(
        Output(ids.CALENDAR, "children"),
        Input(ids.calendar_do(ALL, ALL), "n_clicks"),
        State(fields, "value"),
        State(fields, "id"),
        State(ids.PLACE, "search"),
        prevent_initial_call=True,
    )
    def on_press(_clicks: Any, values: Any, keys: Any, search: str | None) -> list[Component | None]:
        pressed, user = visitor.pressed(), visitor.user()
        return answer(deps, visitor.words(deps), user.login, pressed, search, read_forms(values, keys), user.reach)


def _do(conn: Connection, deps: Deps, text: Text, who: str, pressed: Mapping[str, Any], forms: Forms,
        reach: Reach) -> str:  # fmt: skip
    """Do what the button says; what is to be said afterwards."""
    now, action, about = deps.clock(), pressed["action"], str(pressed["about"])
    if action in ("turn", "add"):
        if not reach.whole:
            raise StoreError(text.t("Only an administrator, or who answers for all teams, may do this."))
        old = deps.settings()
        saved.save(conn, _turned(text, old, about) if action == "turn" else _added(text, old, forms.day), who, now)
        return text.t("Saved. The wall shows it in a moment.")
    number = _number(about)
    whose = absences.get(conn, number).rep if about else forms.absence.rep
    if not reach.whole and not people.within(conn, reach).issuperset({whose, forms.absence.rep or whose}):
        raise StoreError(text.t("Nothing is done: this is nobody of your teams."))
    if action == "remove":
        absences.remove(conn, number, who, now)
        return text.t("The absence is taken back.")
    absence = _read_absence(text, forms.absence)
    if about and whose == forms.absence.rep:
        absences.change(conn, number, absence, who, now)
        return text.t("The absence is changed.")
    if about:
        absences.remove(conn, number, who, now)
    absences.add(conn, forms.absence.rep, absence, who, now)
    return text.t("The absence is noted.")


def _opened(deps: Deps, pressed: Mapping[str, Any], reach: Reach) -> Forms:
    """The form with an absence that is to be changed; empty where there is none within reach."""
    if pressed["action"] == "leave":
        return Forms()
    number = _number(str(pressed["about"]))
    with store.read(deps.db) as conn:
        known = joins.read(conn)
        near = people.within(conn, reach)
        found = next((each for each in absences.every(conn) if each.id == number and each.rep in near), None)
    if found is None:
        return Forms()
    away = found.absence
    typed = Form(known.main(found.rep), away.first.isoformat(), away.last.isoformat(), away.lowers, str(number))
    return Forms(typed)


def _read_absence(text: Text, form: Form) -> Absence:
    first = read_day(text, form.first)
    return Absence(first, read_day(text, form.last) if form.last.strip() else first, form.lowers)


def _turned(text: Text, settings: Settings, about: str) -> dict[str, object]:
    """The other way round: an own day is none any more, a public holiday is worked, or kept again."""
    day = read_day(text, about)
    for name in ("holidays_added", "workdays_added", "holidays_removed"):
        if day in getattr(settings, name):
            return {name: getattr(settings, name) - {day}}
    return {"holidays_removed": settings.holidays_removed | {day}}


def _added(text: Text, settings: Settings, form: DayForm) -> dict[str, object]:
    """The day that was typed, off or worked. Raises EntryError where it is so already."""
    day, office = read_day(text, form.day), office_calendar(settings)
    if day in settings.holidays_added | settings.workdays_added:
        raise EntryError(text.t("This day is in the list already"))
    public = settings.country is not None and day in public_holidays(settings.country, day.year)
    if form.kind != WORKED:
        if public and day not in settings.holidays_removed:
            raise EntryError(text.t("This is a public holiday already"))
        return {"holidays_added": settings.holidays_added | {day}}
    if day.isoweekday() in office.workdays and (not public or day in settings.holidays_removed):
        raise EntryError(text.t("The office works on this day anyway"))
    return {"workdays_added": settings.workdays_added | {day}}


def _lines(text: Text, settings: Settings, reps: Sequence[Rep], period: Period) -> list[Line]:
    office = _line(text, "", text.t("Office"), office_calendar(settings), period)
    sane = [rep if rep.zone is None or zone_known(rep.zone) else replace(rep, zone=None) for rep in reps]
    return [office, *(_line(text, rep.key, rep.name, rep_calendar(settings, rep), period) for rep in sane)]


def _line(text: Text, key: str, name: str, calendar: Calendar, period: Period) -> Line:
    found = rota(calendar, period.first, period.last)
    return Line(key, name, found.marks, found.days, _hours(text, found.hours))


def _hours(text: Text, hours: Fraction) -> str:
    return write.number(text, Decimal(hours.numerator) / hours.denominator, 1)


def _office(text: Text, settings: Settings, year: int, form: DayForm) -> Office:
    named = holiday_names(settings.country, year, text.language) if settings.country else {}
    own = dict.fromkeys(settings.holidays_added, True) | dict.fromkeys(settings.workdays_added, False)
    special = [
        *(SpecialDay(day, name, day not in settings.holidays_removed, False) for day, name in named.items()
          if day not in own),
        *(SpecialDay(day, named.get(day, ""), free, True) for day, free in own.items() if day.year == year),
    ]  # fmt: skip
    return Office(year, settings.country or "", sorted(special, key=lambda each: each.day), form)


def _period(search: str | None, here: date) -> Period:
    given = parse_qs((search or "").removeprefix("?")).get("month", [""])[0]
    try:
        day = date.fromisoformat(f"{given}-01")
    except ValueError:
        day = here
    return period_of(PeriodKind.MONTH, day if _FIRST_YEAR <= day.year < _LAST_YEAR else here)


def _address(day: date) -> str:
    return f"/settings/calendar?{parts.query(month=f'{day:%Y-%m}')}"


def _number(about: str) -> int:
    """An absence's number, 0 = none."""
    return int(about) if about.isascii() and about.isdigit() and len(about) < 10 else 0


def _span(text: Text, absence: Absence) -> str:
    first, last = write.short_day(text, absence.first), write.short_day(text, absence.last)
    return first if absence.first == absence.last else f"{first} – {last}"
