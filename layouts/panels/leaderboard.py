"""The leaderboard: who leads, by how much, who moved, what the next place takes."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from domain.board import Board, Leaderboard, Place, Status
from domain.metrics import Unit
from domain.settings import PeriodKind, Slot
from layouts import format, words
from layouts.html import data
from layouts.panels import sentences
from layouts.panels.panel import Panel
from layouts.panels.parts import TONES, Face, draw_face, face, heading, person, plain, size
from layouts.text import Text, mark

LEADER = {
    PeriodKind.DAY: mark("Leader of the day"),
    PeriodKind.WEEK: mark("Leader of the week"),
    PeriodKind.MONTH: mark("Leader of the month"),
    PeriodKind.QUARTER: mark("Leader of the quarter"),
    PeriodKind.YEAR: mark("Leader of the year"),
}
# Rows beside the leader: a few tall ones, in one roomy column, or in two with one line each.
_FEW, _ROOMY, _TIGHT = 5, 9, 24
# So many lines say what brings points.
_RULES = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One place, ready to draw. `moved` is "up", "down" or "same"."""

    place: str
    rep: str
    name: str
    face: Face
    move: str
    moved: str
    note: str
    value: str
    sum: str
    attainment: str
    tone: str


@dataclass(frozen=True, slots=True)
class Podium:
    """The leader (or several who share the first place), or why nobody leads yet. `rule` says what brings points."""

    crown: str
    rows: tuple[Row, ...]
    details: str
    praise: tuple[str, ...]
    empty: str
    rule: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaderboardView:
    """The podium and the rows after it; `more` counts who found no room."""

    title: str
    about: str
    podium: Podium
    rows: tuple[Row, ...]
    more: str
    tight: bool


def view(board: Board, slot: Slot, text: Text) -> LeaderboardView:
    """What the panel says."""
    ranks = board.leaderboard
    leaders = tuple(place for place in ranks.rows if place.place == 1 and place.value > 0)
    rest = ranks.rows[min(len(leaders), 1) :]
    room = _ROOMY if len(rest) <= _ROOMY else _TIGHT
    shown = rest if len(rest) <= room else rest[: room - 1]
    left = len(rest) - len(shown)
    return LeaderboardView(
        title=words.panel_name(text, slot.panel),
        about=sentences.of_team(board, f"{words.ranked_name(text, ranks.metric)} · {_when(ranks, text)}"),
        podium=_podium(leaders, ranks, board.currency, text),
        rows=tuple(_row(place, ranks, board.currency, text) for place in shown),
        more=text.tn("+ {n} more", "+ {n} more", left) if left else "",
        tight=room == _TIGHT,
    )


def render(shown: LeaderboardView) -> Component:
    """The panel as a tree."""
    rows = [_draw_row(row) for row in shown.rows]
    if shown.more:
        rows.append(html.Div(shown.more, className="row card more"))
    kind = "rows tight" if shown.tight else "rows few" if len(rows) <= _FEW else "rows"
    body = [_draw_podium(shown.podium), html.Div(rows, className=kind) if rows else None]
    drawn = html.Div(body, className="board" if rows else "board alone")
    return html.Div([heading(shown.title, shown.about), drawn])


def _draw_podium(podium: Podium) -> Component:
    crown = html.P(podium.crown, className="crown")
    if podium.empty:
        return html.Section(
            [crown, html.P(podium.empty, className="empty"), _draw_rule(podium)], className="card podium"
        )
    first = podium.rows[0]
    faces = html.Div([draw_face(row.face) for row in podium.rows[:3]], className="faces")
    names = [html.Span(person(row.name)) for row in podium.rows[:3]]
    who = html.Div([html.Div(names, className="names"), html.P(podium.details, className="details")])
    value = html.P(first.sum, className=f"sum {size(first.sum)}")
    praise = [html.P(line, className="praise") for line in podium.praise]
    return html.Section(
        [crown, faces, who, html.Div([value, *praise]), _draw_rule(podium)],
        className=f"card podium {first.tone}",
        **data(rep=first.rep, value=first.value),
    )


def _draw_rule(podium: Podium) -> Component | None:
    return html.Ul([html.Li(line) for line in podium.rule], className="rule") if podium.rule else None


def _draw_row(row: Row) -> Component:
    parts = [
        html.Span(row.place, className="place"),
        html.Span(row.move, className=f"move {row.moved}"),
        draw_face(row.face),
        html.Span([html.Span(person(row.name), className="name"), html.Small(row.note)], className="who"),
        html.Span(row.sum, className="sum"),
        html.Span(row.attainment, className="pct"),
    ]
    return html.Div(parts, className=f"row card {row.tone}", **data(rep=row.rep, value=row.value))


def _podium(leaders: tuple[Place, ...], ranks: Leaderboard, currency: str, text: Text) -> Podium:
    crown = f"★ {text.t(LEADER[ranks.period.kind])}"
    rule = _rule(ranks, currency, text)
    if not leaders:
        empty = text.t("The first place is free: the first result takes it") if ranks.rows else text.t("No results yet")
        return Podium(crown, (), "", (), empty, rule)
    rows = tuple(_row(leader, ranks, currency, text) for leader in leaders)
    if len(leaders) > 1:
        shared = text.tn("{n} share the first place", "{n} share the first place", len(leaders))
        return Podium(crown, rows, shared, (), "", rule)
    return Podium(crown, rows, _details(leaders[0], ranks.metric, text), _praise(leaders[0], text), "", rule)


def _rule(ranks: Leaderboard, currency: str, text: Text) -> tuple[str, ...]:
    """What brings points, the most first, as far as there is room for it."""
    parts = sorted(ranks.rule, key=lambda part: -part[1])
    shown = parts if len(parts) <= _RULES else parts[: _RULES - 1]
    lines = [sentences.worth(text, key, points, currency) for key, points in shown]
    left = len(parts) - len(shown)
    return (*lines, text.tn("+ {n} more", "+ {n} more", left)) if left else tuple(lines)


def _details(leader: Place, metric: str, text: Text) -> str:
    count = "" if leader.count is None else _records(metric, leader.count, text)
    return " · ".join(part for part in (count, leader.team) if part)


def _records(metric: str, count: int, text: Text) -> str:
    """What the money came from."""
    if metric == "deals_won_amount":
        return text.tn("{n} won deal", "{n} won deals", count)
    if metric == "invoices_paid_amount":
        return text.tn("{n} paid invoice", "{n} paid invoices", count)
    return text.tn("{n} record", "{n} records", count)


def _praise(leader: Place, text: Text) -> tuple[str, ...]:
    share = leader.attainment
    plan = "" if share is None else text.t("{share} of plan", share=format.percent(text, share))
    days = leader.days_in_lead or 0
    lead = text.tn("{n} day in the lead", "{n} days in the lead", days) if days > 1 else ""
    return tuple(line for line in (plan, lead) if line)


def _row(place: Place, ranks: Leaderboard, currency: str, text: Text) -> Row:
    moved = place.movement or 0
    return Row(
        place=str(place.place),
        rep=place.rep,
        name=place.name,
        face=face(place.rep, place.name, place.photo),
        move=f"▲ {moved}" if moved > 0 else f"▼ {-moved}" if moved < 0 else "·",
        moved="up" if moved > 0 else "down" if moved < 0 else "same",
        note=_note(place, ranks, currency, text),
        value="" if ranks.veiled else plain(place.value),
        sum="" if ranks.veiled else _figure(place, ranks, currency, text),
        attainment="" if place.attainment is None else format.percent(text, place.attainment),
        tone=TONES[place.status] if place.value else "none",
    )


def _figure(place: Place, ranks: Leaderboard, currency: str, text: Text) -> str:
    """The value; of points, which the panel is headed with, the number alone."""
    how = format.short_amount if ranks.unit is Unit.POINTS else format.amount
    return how(text, place.value, ranks.unit, currency)


def _note(place: Place, ranks: Leaderboard, currency: str, text: Text) -> str:
    """The one thing worth knowing of a place: plan met, what it needs, or the way up."""
    if place.value == 0:
        return text.t("nothing yet")
    if place.status is Status.MET and place.target is not None and place.value > place.target:
        over = format.amount(text, place.value - place.target, ranks.unit, currency)
        return text.t("plan met, +{over}", over=over)
    if place.status is Status.FAR_BEHIND and (rate := place.required_rate) is not None:
        needed = format.rate(text, rate.value, ranks.unit, currency)
        sentence = text.t("needs {rate} an hour") if rate.per == "hour" else text.t("needs {rate} a day")
        return sentence.format(rate=needed)
    if place.gap_to_next:
        gap = format.amount(text, place.gap_to_next, ranks.unit, currency)
        return text.t("{gap} to the place above", gap=gap)
    return ""


def _when(ranks: Leaderboard, text: Text) -> str:
    if ranks.period.kind is PeriodKind.DAY:
        return sentences.when(text, ranks.period)
    name = sentences.month_name(text, ranks.period)
    if ranks.period.kind is not PeriodKind.MONTH:
        name = sentences.when(text, ranks.period)
    if not ranks.working_days:
        return name
    return text.t("{period}, working day {n} of {all}", period=name, n=ranks.working_day, all=ranks.working_days)


def _nobody(board: Board) -> bool:
    return not board.leaderboard.rows


PANEL = Panel("leaderboard", view, render, empty=_nobody)
