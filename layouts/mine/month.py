"""The calendar of the month: each working day made or missed, for the eye as a grid and in figures as a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from babel import dates
from dash import html
from dash.development.base_component import Component

from domain.board import Board
from domain.days import Day, DayKind
from domain.metrics import METRICS, Unit
from layouts import format
from layouts.html import aria, data
from layouts.mine.card import Card, card, period_name
from layouts.panels.parts import plain, share
from layouts.text import Text, mark

# Never by colour alone: the sign says the same.
SIGNS = {
    DayKind.MADE: "✓",
    DayKind.MISSED: "✕",
    DayKind.UNDER_WAY: "…",
    DayKind.HOLIDAY: "★",
    DayKind.AWAY: "☂",
}
_NAMES = {
    DayKind.MADE: mark("made"),
    DayKind.MISSED: mark("missed"),
    DayKind.UNDER_WAY: mark("under way"),
    DayKind.AHEAD: mark("to come"),
    DayKind.FREE: mark("nothing was planned"),
    DayKind.OFF: mark("day off"),
    DayKind.HOLIDAY: mark("holiday"),
    DayKind.AWAY: mark("away"),
    DayKind.OUTSIDE: mark("not in the office yet, or no longer"),
}
_LEGEND = (DayKind.MADE, DayKind.MISSED, DayKind.HOLIDAY, DayKind.AWAY)
_WEEK = 7


def month(days: Sequence[Day], metric: str, board: Board, week_start: int, text: Text) -> Card:
    """The card of the days, by a metric that is a sum."""
    unit = METRICS[metric].unit
    return card(
        "days",
        text.t("Days of {month}", month=format.month(text, board.period.first)),
        html.P(_summary(days, text), className="next"),
        _grid(days, unit, board, week_start, text),
        _legend(days, text),
        _list(days, unit, board, text),
    )


def _summary(days: Sequence[Day], text: Text) -> str:
    made = sum(day.kind is DayKind.MADE for day in days)
    judged = made + sum(day.kind is DayKind.MISSED for day in days)
    if not judged:
        return text.t("No day has been judged yet")
    return text.t("{made} of {all} days made", made=made, all=judged)


def _grid(days: Sequence[Day], unit: Unit, board: Board, week_start: int, text: Text) -> Component:
    first = days[0].day
    lead = (first.isoweekday() - week_start) % _WEEK
    cells: list[Component] = [html.Td() for _ in range(lead)] + [_cell(day, unit, board, text) for day in days]
    cells += [html.Td() for _ in range(-len(cells) % _WEEK)]
    rows = [html.Tr(cells[start : start + _WEEK]) for start in range(0, len(cells), _WEEK)]
    start_of_week = first - timedelta(days=lead)
    heads = [_head(start_of_week + timedelta(days=number), text) for number in range(_WEEK)]
    caption = html.Caption(period_name(text, board.period), className="unseen")
    return html.Table([caption, html.Thead(html.Tr(heads)), html.Tbody(rows)], className="grid")


def _head(day: date, text: Text) -> Component:
    short = dates.format_date(day, "EEEEEE", locale=text.locale)
    spoken = html.Span(format.weekday(text, day), className="unseen")
    return html.Th([html.Span(short, **aria(hidden="true")), spoken], scope="col")


def _cell(day: Day, unit: Unit, board: Board, text: Text) -> Component:
    said = " · ".join(part for part in (text.t(_NAMES[day.kind]), _figures(day, unit, board, text)) if part)
    seen = html.Span(
        [html.Span(str(day.day.day), className="number"), html.Span(SIGNS.get(day.kind, ""), className="sign")],
        **aria(hidden="true"),
    )
    done = html.I(style={"--a": share(day.actual, day.target)}) if day.target and day.actual is not None else None
    spoken = html.Span(f"{day.day.day}: {said}", className="unseen")
    return html.Td(
        [done, seen, spoken], className=f"day {day.kind}", title=said, **data(day=day.day.isoformat(), kind=day.kind)
    )


def _legend(days: Sequence[Day], text: Text) -> Component:
    there = {day.kind for day in days}
    items = [
        html.Li([html.Span(SIGNS[kind], className=f"sign {kind}"), " ", text.t(_NAMES[kind])])
        for kind in _LEGEND
        if kind in there
    ]
    return html.Ul(items, className="legend", **aria(hidden="true"))


def _list(days: Sequence[Day], unit: Unit, board: Board, text: Text) -> Component:
    """Every day that is over or under way and was a working day, or had something done."""
    told = [day for day in reversed(days) if day.actual is not None and (day.target is not None or day.actual)]
    rows = [
        html.Tr(
            [
                html.Th(format.day_month(text, day.day), scope="row"),
                html.Td(_amount(day.actual, unit, board, text)),
                html.Td("–" if day.target is None else _amount(day.target, unit, board, text)),
                html.Td(text.t(_NAMES[day.kind]), className=f"word {day.kind}"),
            ],
            **data(value=plain(day.actual)),
        )
        for day in told
    ]
    heads = [html.Th(words, scope="col") for words in (text.t("Day"), text.t("Fact"), text.t("Plan"), "")]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="daily")
    return html.Details([html.Summary(text.t("Day by day")), table], **data(details="days"))


def _figures(day: Day, unit: Unit, board: Board, text: Text) -> str:
    if day.actual is None:
        return "" if day.target is None else text.t("planned {plan}", plan=_amount(day.target, unit, board, text))
    done = _amount(day.actual, unit, board, text)
    if day.target is None:
        return done if day.actual else ""
    return text.t("{done} of {plan}", done=done, plan=_amount(day.target, unit, board, text))


def _amount(value: Decimal | None, unit: Unit, board: Board, text: Text) -> str:
    return "" if value is None else format.short_amount(text, value, unit, board.currency)
