"""A celebration as the screens show it: whose deal, how much, from whom, and what it made of the month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from domain.board import Board, MetricBoard, Place, RepProgress
from domain.celebrations import Celebration, Cheer, sound_of, until
from domain.metrics import Unit
from domain.people import Rep
from domain.privacy import first_names
from domain.ranking import ATTAINMENT
from domain.settings import PeriodKind, Settings
from layouts import format
from layouts.html import data, write
from layouts.panels import leaderboard, sentences
from layouts.panels.parts import Bar, Face, bar, draw_bar, draw_face, face, person, size
from layouts.text import Text

# Screens begin one celebration in so many seconds at most; of what waits meanwhile so many deals are shown together.
APART_S = 15
TOGETHER = 6
_MONEY = "deals_won_amount"
# A name of more letters than this is written smaller, and of more than that smaller still.
_LONG, _VERY_LONG = 22, 60


@dataclass(frozen=True, slots=True)
class CelebrationView:
    """One won deal in words. `sum`, `customer`, `place`, `month` are empty where they are not known or not shown."""

    deal: str
    badge: str
    name: str
    length: str
    face: Face
    sum: str
    customer: str
    place: str
    way: str
    leads: bool
    month: str
    share: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A celebration as it goes to the screens: the whole of it, and the line that it takes among several.

    `at` and `until` are ms UTC: when it was won, and from when on it is to be left. `sound` is an address, '' = none.
    """

    id: int
    deal: str
    at: int
    until: int
    sound: str
    html: str
    line: str


@dataclass(frozen=True, slots=True)
class Party:
    """Everything that screens need to celebrate. `titles` has one for every number of deals shown together."""

    drawn: tuple[Drawn, ...]
    seconds: int
    volume: int
    audible: bool
    titles: tuple[str, ...]
    words: Mapping[str, str]


NOTHING = Party((), 0, 0, False, (), {})


def draw(cheers: Iterable[Cheer], board: Board, settings: Settings, text: Text, now: datetime) -> Party:
    """What is celebrated, drawn from the board as it is."""
    rules = settings.celebrating
    return Party(
        drawn=tuple(_draw(each, board, settings, text, now) for each in cheers),
        seconds=rules.seconds,
        volume=rules.volume,
        audible=rules.on
        and rules.volume > 0
        and any((rules.sound, *dict(rules.team_sounds + rules.rep_sounds).values())),
        titles=tuple(text.tn("{n} deal won", "{n} deals won", n) for n in range(1, TOGETHER + 1)),
        words={"blocked": text.t("Sound is blocked · press any key once")},
    )


def state(party: Party) -> dict[str, Any]:
    """The party as the script reads it."""
    shown = [
        {
            "id": each.id,
            "deal": each.deal,
            "at": each.at,
            "until": each.until,
            "sound": each.sound,
            "html": each.html,
            "line": each.line,
        }
        for each in party.drawn
    ]
    rules = {"seconds": party.seconds, "apart": APART_S, "together": TOGETHER}
    heard = {"volume": party.volume, "audible": party.audible}
    return {"party": {**rules, **heard, "titles": party.titles, "words": party.words}, "celebrations": shown}


def view(cheer: Cheer, board: Board, settings: Settings, text: Text) -> CelebrationView:
    """What is said of a won deal. The board has nothing on it that is not for the room."""
    win, rep = cheer.win, cheer.rep
    name = _name(rep, board, settings)
    rows = board.leaderboard.rows
    place = next((row for row in rows if row.rep == rep.key), None)
    month = _month(board, rep.key)
    planned = month is not None and bool(month.progress.target)
    return CelebrationView(
        deal=win.deal,
        badge=text.t("Demo") if board.demo else "",
        name=name,
        length="very-long" if len(name) > _VERY_LONG else "long" if len(name) > _LONG else "",
        face=face(rep.key, name, rep.photo),
        sum="" if settings.hide_amounts else _sum(win, text),
        customer=win.customer or win.title or "",
        place=_place(place, board, text) if place else "",
        way=_way(place, rows, board, text) if place else "",
        leads=place is not None and place.place == 1 and place.value > 0,
        month=_plan(month, board, text) if month and planned else "",
        share=format.percent(text, month.progress.attainment) if month and month.progress.attainment else "",
        bar=bar(month.progress) if month and planned else None,
    )


def render(shown: CelebrationView, text: Text) -> Component:
    """The whole screen of one deal."""
    head = html.P([html.B(shown.badge, className="badge") if shown.badge else None, text.t("A deal is won!")],
                  className="won")  # fmt: skip
    parts = [
        head,
        draw_face(shown.face),
        html.H2(person(shown.name), className=f"winner {shown.length}".strip()),
        html.P(shown.sum, className=f"sum {size(shown.sum)}") if shown.sum else None,
        html.P(person(shown.customer), className="customer") if shown.customer else None,
        _foot(shown) if shown.place or shown.bar else None,
    ]
    return html.Div(parts, className="toast", **data(deal=shown.deal))


def render_line(shown: CelebrationView) -> Component:
    """One deal among several."""
    badge = [html.B(shown.badge, className="badge")] if shown.badge else []
    who = [html.Span([person(shown.name), *badge], className="name"), html.Small(person(shown.customer or shown.place))]
    parts = [draw_face(shown.face), html.Span(who, className="who"), html.Span(shown.sum, className="sum")]
    return html.Div(parts, className="card", **data(deal=shown.deal))


def rehearsal(cheer: Cheer, board: Board, settings: Settings, text: Text, now: datetime) -> dict[str, Any]:
    """The state of a screen that celebrates this at once and remembers nothing."""
    return {**state(draw([cheer], board, settings, text, now)), "rehearsal": True, "now": _millis(now)}


def _draw(cheer: Cheer, board: Board, settings: Settings, text: Text, now: datetime) -> Drawn:
    shown, win = view(cheer, board, settings, text), cheer.win
    sound = sound_of(settings.celebrating, cheer.rep.key, cheer.rep.team)
    return Drawn(
        id=win.id,
        deal=win.deal,
        at=_millis(win.at),
        until=_millis(until(win, settings, now)),
        sound=f"/sounds/{sound}" if sound else "",
        html=write(render(shown, text)),
        line=write(render_line(shown)),
    )


def _foot(shown: CelebrationView) -> Component:
    """What the deal made of the month: the place, and the way to the plan."""
    place = html.Div(
        [html.B(shown.place), html.Small(shown.way) if shown.way else None],
        className="rank leads" if shown.leads else "rank",
    )
    figures = html.P([html.Span(shown.month), html.B(shown.share)])
    month = html.Div([figures, draw_bar(shown.bar)], className=f"plan-of {shown.bar.tone}") if shown.bar else None
    return html.Div([place if shown.place else None, month], className="foot")


def _name(rep: Rep, board: Board, settings: Settings) -> str:
    """The name as the panels have it: by first names alone only the whole board tells namesakes apart."""
    if not settings.first_names_only:
        return rep.name
    named: tuple[RepProgress | Place, ...] = (*board.everybody, *board.leaderboard.rows)
    return next((each.name for each in named if each.rep == rep.key), first_names([rep.name])[rep.name])


def _sum(win: Celebration, text: Text) -> str:
    return "" if win.amount is None or win.currency is None else format.money(text, win.amount, win.currency)


def _place(place: Place, board: Board, text: Text) -> str:
    ranks = board.leaderboard
    if place.place == 1 and place.value > 0:
        return f"★ {text.t(leaderboard.LEADER[ranks.period.kind])}"
    month = ranks.period.kind is PeriodKind.MONTH
    when = sentences.month_name(text, ranks.period) if month else sentences.when(text, ranks.period)
    return text.t("Place {n} · {period}", n=place.place, period=when)


def _way(place: Place, rows: Sequence[Place], board: Board, text: Text) -> str:
    """How far it is to the place above, or back to the next one."""
    ranks = board.leaderboard
    if ranks.rank_by == ATTAINMENT or ranks.veiled:
        return ""
    if place.gap_to_next:
        gap = format.amount(text, place.gap_to_next, ranks.unit, board.currency)
        return text.t("{gap} to the place above", gap=gap)
    behind = next((row for row in rows if row.value < place.value), None)
    if behind is None or place.value <= 0:
        return ""
    return text.t(
        "{gap} ahead of the next", gap=format.amount(text, place.value - behind.value, ranks.unit, board.currency)
    )


def _month(board: Board, rep: str) -> RepProgress | None:
    """The rep's month in won money."""
    found = _month_metric(board)
    return next((line for line in found.reps if line.rep == rep), None) if found else None


def _month_metric(board: Board) -> MetricBoard | None:
    return (board.metrics if board.period.kind is PeriodKind.MONTH else board.month).get(_MONEY)


def _plan(month: RepProgress, board: Board, text: Text) -> str:
    """₴412,000 of ₴600,000 planned this month; without sums of money, what the share is of."""
    done, plan, metric = month.progress.actual, month.progress.target, _month_metric(board)
    if done is None or plan is None or metric is None or metric.unit is not Unit.MONEY:
        return text.t("Plan of the month")
    shown = [format.money(text, each, board.currency) for each in (done, plan)]
    return f"{shown[0]} " + text.t("of {plan} planned this month", plan=shown[1])


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
