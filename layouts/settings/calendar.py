"""The calendar: a month at a glance, who is away, and on which days the office is closed or works all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from domain.rota import Mark
from layouts import format as write
from layouts import ids
from layouts.settings import drawn, parts
from layouts.settings.people import person_address
from layouts.text import Text, mark

FREE, WORKED = "free", "worked"
# The signs of a day, each with its word; never by colour alone.
MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.WORK: ("•", mark("works")),
    Mark.OFF: ("", mark("day off")),
    Mark.HOLIDAY: ("★", mark("holiday")),
    Mark.AWAY: ("↓", mark("away, the plan is lower")),
    Mark.KEPT: ("=", mark("away, the plan stays")),
    Mark.NOT_YET: ("…", mark("not here yet")),
    Mark.LEFT: ("×", mark("has left")),
}
# A letter for each, by which a month is sent.
_LETTERS = {each: str(number) for number, each in enumerate(MARKS)}
GRID = "calendar-grid"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the month: the office's own with the key "", or somebody's. `hours` are in words."""

    key: str
    name: str
    marks: Sequence[Mark]
    days: int
    hours: str


@dataclass(frozen=True, slots=True)
class Away:
    """An absence. `lowers`: it lowers the plan."""

    number: int
    name: str
    days: str
    lowers: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The absence that is being typed, a new one where `number` is "", and what is wrong in which field."""

    rep: str = ""
    first: str = ""
    last: str = ""
    lowers: bool = True
    number: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A public holiday, or a day that the office has made free or worked itself (`own`)."""

    day: date
    name: str
    free: bool
    own: bool


@dataclass(frozen=True, slots=True)
class DayForm:
    """The day off or worked day that is being typed, and what is wrong with it."""

    day: str = ""
    kind: str = FREE
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """The special days of the year, for those who answer for the whole office. `country` '' = none is chosen."""

    year: int
    country: str
    days: Sequence[SpecialDay]
    form: DayForm


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its rows, the office's first. `before` and `after` are the addresses of the months beside it."""

    first: date
    days: Sequence[date]
    today: date
    lines: Sequence[Line]
    before: str
    after: str
    names: Mapping[str, str]
    absences: Sequence[Away]
    form: Form
    office: Office | None


def page(text: Text, month: Month) -> Component:
    """The whole page."""
    body = html.Div(content(text, month, None), id=ids.CALENDAR)
    return parts.page(text.t("Calendar"), None, _bar(text, month), body)


def content(text: Text, month: Month, said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    return [said, _grid(text, month), _absences(text, month), _days(text, month.office)]


def month_name(text: Text, day: date) -> str:
    """November 2026."""
    return f"{write.month(text, day).capitalize()} {day.year}"


def _bar(text: Text, month: Month) -> Component:
    # Not more than fits: with a handful of people nobody has to search.
    search = parts.seek(text.t("Find somebody")) if len(month.lines) > parts.SEEK_FROM else None
    return html.Div(
        [
            dcc.Link("‹", href=month.before, title=text.t("Earlier"), className="step"),
            html.H2(month_name(text, month.first)),
            dcc.Link("›", href=month.after, title=text.t("Later"), className="step"),
            search,
        ],
        className="bar periods",
    )


def _grid(text: Text, month: Month) -> Component:
    said = {each: text.t(word) for each, (_, word) in MARKS.items()}
    heads = [
        {"text": text.t("Who")},
        *({"text": str(day.day), "above": write.short_weekday(text, day), "now": day == month.today}
          for day in month.days),
        *({"text": text.t(each)} for each in (mark("Days"), mark("Hours"))),
    ]  # fmt: skip
    # A common day needs no word of its own.
    marks = {
        letter: {"look": f"day-{each}", "sign": MARKS[each][0], "words": "" if letter in "01" else said[each]}
        for each, letter in _LETTERS.items()
    }
    table = drawn.place({"heads": heads, "rows": [_line(each) for each in month.lines], "marks": marks}, GRID)
    legend = [
        html.Span([html.B(sign or "\u00a0", className=f"mark day-{each}"), " ", said[each]])
        for each, (sign, _) in MARKS.items()
    ]
    return html.Div([table, html.P(legend, className="hint legend")], className="card")


def _line(line: Line) -> dict[str, object]:
    return {
        "text": line.name,
        "href": person_address(line.key) if line.key else "",
        "find": line.name.casefold() if line.key else "",
        "kind": "rep" if line.key else "office",
        "marks": "".join(_LETTERS[each] for each in line.marks),
        "ends": [str(line.days), line.hours],
    }


def _absences(text: Text, month: Month) -> Component:
    rows = [_away(text, each) for each in month.absences]
    table = parts.table([text.t("Who"), text.t("Days"), text.t("Plan"), ""], rows) if rows else None
    hint = text.t("From the month above on. An absence lowers the plan by the share of its days, or leaves it.")
    return parts.section(text.t("Absences"), table, _absence_form(text, month), hint=hint)


def _away(text: Text, each: Away) -> list[Component | str]:
    spoken = html.Span(f"{each.name}, {each.days}", className="unseen")
    buttons = [
        parts.button(ids.calendar_do("edit", each.number), [text.t("Change"), " ", spoken], "light"),
        parts.button(ids.calendar_do("remove", each.number), [text.t("Take back"), " ", spoken], "light"),
    ]
    plan = text.t("lowers the plan") if each.lowers else text.t("the plan stays")
    return [html.Bdi(each.name), each.days, plan, html.Span(buttons, className="act ends")]


def _absence_form(text: Text, month: Month) -> Component:
    form = month.form
    names = {"": "–"} | dict(month.names)
    leave = parts.button(ids.calendar_do("leave", ""), text.t("Leave it as it was"), "light") if form.number else None
    fields = [
        parts.field(text.t("Who"), parts.choice_or_none(ids.calendar_field("rep"), names, form.rep),
                    form.problems.get("rep")),
        _day_field(text.t("First day"), "first", form.first, form.problems),
        _day_field(text.t("Last day"), "last", form.last, form.problems),
        dbc.Checkbox(id=ids.calendar_field("lowers"), value=form.lowers, label=text.t("lowers the plan")),
        parts.button(ids.calendar_do("save", form.number), text.t("Save") if form.number else text.t("Add")),
        leave,
    ]  # fmt: skip
    return html.Div(fields, className="adding")


def _day_field(label: str, name: str, value: str, problems: Mapping[str, str]) -> Component:
    return parts.field(label, parts.day_entry(ids.calendar_field(name), value), problems.get(name))


def _days(text: Text, office: Office | None) -> Component | None:
    if office is None:
        return None
    rows = [_special(text, each) for each in office.days]
    none = None if office.country else html.P(text.t("No country is chosen, so no public holiday is known."))
    kinds = {FREE: text.t("day off"), WORKED: text.t("worked day")}
    adding = html.Div(
        [
            parts.field(
                text.t("Day"), parts.day_entry(ids.calendar_field("day"), office.form.day), office.form.problem
            ),
            parts.field(text.t("Is a"), parts.choice(ids.calendar_field("kind"), kinds, office.form.kind)),
            parts.button(ids.calendar_do("add", ""), text.t("Add")),
        ],
        className="adding",
    )
    elsewhere = html.P(
        [
            text.t("Office hours, the break, the days of the week and the country are on the page"),
            " ",
            dcc.Link(text.t("Office"), href="/settings/office"),
            ".",
        ],
        className="hint",
    )
    return parts.section(
        text.t("Holidays and exceptions {year}", year=office.year),
        none,
        parts.table([text.t("Day"), "", "", ""], rows) if rows else None,
        adding,
        elsewhere,
        hint=text.t("A worked day holds for everybody whose week is the office's."),
    )


def _special(text: Text, each: SpecialDay) -> list[Component | str]:
    words = text.t("day off") if each.free else text.t("worked day")
    button = (
        text.t("Take back") if each.own else text.t("We work that day") if each.free else text.t("Day off after all")
    )
    spoken = html.Span(write.short_day(text, each.day), className="unseen")
    act = parts.button(ids.calendar_do("turn", each.day.isoformat()), [button, " ", spoken], "light")
    name = each.name or text.t("our own")
    return [
        write.long_day(text, each.day),
        html.Bdi(name),
        html.Span(words, className="free" if each.free else None),
        act,
    ]
