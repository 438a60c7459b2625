"""The phone page: one manager's own numbers, as HTML that is whole before any script has run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from domain.board import Board, Leaderboard
from domain.days import Day
from domain.leaderboard import Explanation
from domain.metrics import METRICS
from domain.points import POINTS, earning
from domain.records import RecordPage
from domain.settings import Settings
from domain.standing import Neighbour
from layouts import words
from layouts.drawings import mark_of
from layouts.html import aria, data, write
from layouts.mine.card import Card, card, goal, is_sum, period_name
from layouts.mine.month import month
from layouts.mine.rank import rank
from layouts.mine.records import records
from layouts.panels.parts import person
from layouts.text import LANGUAGES, Text
from layouts.wall import STALE_AFTER, Clock, script_words, standing

FILES = "/me/files"
ASSETS = Path(__file__).resolve().parents[1] / "assets" / "me"


@dataclass(frozen=True, slots=True)
class Mine:
    """All that the page is made of. `wall` is the leaderboard as everybody may see it, with no row beyond.

    `chosen` is the metric of the calendar and of the records, '' = there is none. `later`: these are not the newest
    records.
    """

    rep: str
    name: str
    today: Board
    month: Board
    wall: Leaderboard
    near: tuple[Neighbour, ...]
    why: Explanation | None
    metrics: tuple[str, ...]
    chosen: str
    days: tuple[Day, ...]
    records: RecordPage
    later: bool
    week_start: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One card as it goes to the phone. `mark` changes with the HTML."""

    key: str
    html: str
    mark: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one manager in one language. `version` changes with anything that it shows."""

    name: str
    about: str
    cards: tuple[Drawn, ...]
    version: str
    timezone: str
    offset: int


def shown_metrics(settings: Settings) -> tuple[str, ...]:
    """What the office looks at: the metric of the ranking first (or what brings points), then those of the wall."""
    on_the_wall = [slot.panel for slot in settings.playlist if slot.panel in METRICS]
    ranked = earning(settings.rank_points) if settings.rank_by == POINTS else ((settings.rank_metric, None),)
    known = dict.fromkeys((*(key for key, _ in ranked), *on_the_wall))
    return tuple(key for key in known if key not in settings.metrics_hidden)


def chosen_metric(wanted: str, metrics: Sequence[str]) -> str:
    """The metric of the calendar: the one that was asked for, else the first that has days of its own."""
    sums = [key for key in metrics if is_sum(key)]
    return wanted if wanted in sums else next(iter(sums), "")


def draw(mine: Mine, text: Text) -> Page:
    """Every card of the page."""
    cards = [_drawn(each) for each in _cards(mine, text)]
    about = _about(mine.month, text)
    content = json.dumps([text.language, mine.name, about, [each.mark for each in cards]])
    return Page(mine.name, about, tuple(cards), mark_of(content), mine.today.timezone, _offset(mine.today))


def state(page: Page, clock: Clock, text: Text) -> dict[str, Any]:
    """What the phone fetches while the page is open."""
    return _boot(page, clock, text) | {
        "name": page.name,
        "about": page.about,
        "title": _tab_title(page.name),
        "cards": [{"key": each.key, "mark": each.mark, "html": each.html} for each in page.cards],
    }


def document(page: Page, clock: Clock, text: Text, style: str, version: str) -> str:
    """The whole page."""
    head = html.Header(
        [
            html.Div([html.H1(person(page.name)), html.P(page.about, className="about")]),
            # A page whose script does not come tells no age, which nobody would count.
            html.P(standing(clock, text, page.timezone), className="fresh"),
            # What the script has read out when the numbers stop being live, or are again.
            html.P("", className="unseen told", role="status"),
        ]
    )
    body = (
        f'<div id="me" data-version="{page.version}">{write(head)}'
        f"<main>{''.join(each.html for each in page.cards)}</main>{write(_foot(text))}</div>"
        f'<script type="application/json" id="me-boot">{_safe(_boot(page, clock, text))}</script>'
        f'<script src="{FILES}/me.js?v={version}"></script>'
    )
    return shell(text, page.name, style, body)


def shell(text: Text, title: str, style: str, body: str) -> str:
    """A page of the phone around its body."""
    head = (ASSETS / "head.html").read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html><html lang="{text.locale.language}"><head>{head}<title>{escape(_tab_title(title))}</title>'
        f"<style>{style}</style></head><body>{body}</body></html>"
    )


def languages(text: Text) -> Component:
    """Buttons to read the page in another language."""
    buttons = [
        html.Button(
            name,
            type="submit",
            name="language",
            value=code,
            lang=code,
            **aria(pressed="true" if code == text.language else "false"),
        )
        for code, name in LANGUAGES.items()
    ]
    label = aria(label=text.t("Language"))
    return html.Form(buttons, method="post", action="/me/language", className="languages", **label)


def _cards(mine: Mine, text: Text) -> Iterable[Card]:
    if mine.today.as_of is None:
        yield _first_reading(text)
        return
    first, others = mine.metrics[:1], mine.metrics[1:]
    ranked = rank(mine.today, mine.wall, mine.near, mine.why, text)
    if ranked is not None:
        yield ranked
    title = period_name(text, mine.month.period)
    yield from _goals("first", title, mine.month, first, mine.rep, text)
    yield from _goals("today", text.t("Today"), mine.today, (*others, *first), mine.rep, text)
    yield from _goals("month", title, mine.month, others, mine.rep, text)
    if mine.chosen:
        yield _chooser(mine, text)
        yield month(mine.days, mine.chosen, mine.month, mine.week_start, text)
        yield records(mine.records, mine.chosen, mine.later, mine.month, text)


def _first_reading(text: Text) -> Card:
    said = html.P(text.t("The numbers appear by themselves when they are complete."))
    return card("reading", text.t("Reading the data for the first time"), said)


def _goals(key: str, title: str, board: Board, metrics: Iterable[str], rep: str, text: Text) -> Iterable[Card]:
    lines = [line for metric in metrics if (line := goal(board, metric, rep, text)) is not None]
    if lines:
        yield card(key, title, html.Ul(lines, className="goals"), kind=key)


def _chooser(mine: Mine, text: Text) -> Card:
    ways = [
        html.A(
            words.metric_name(text, key),
            href=f"?metric={quote(key)}#days",
            **aria(current="true" if key == mine.chosen else None),
        )
        for key in mine.metrics
        if is_sum(key)
    ]
    label = aria(label=text.t("Days and records of"))
    return Card("chooser", html.Nav(ways, id="days", className="chooser", **data(card="chooser"), **label))


def _foot(text: Text) -> Component:
    out = html.Button(text.t("Log out"), type="submit")
    return html.Footer([languages(text), html.Form(out, method="post", action="/me/logout")])


def _about(board: Board, text: Text) -> str:
    """The month, and how far it has come."""
    ranks, name = board.leaderboard, period_name(text, board.period)
    if ranks.period != board.period or not ranks.working_days:
        return name
    return text.t("{period}, working day {n} of {all}", period=name, n=ranks.working_day, all=ranks.working_days)


def _boot(page: Page, clock: Clock, text: Text) -> dict[str, Any]:
    return {
        "version": page.version,
        "now": _millis(clock.now),
        "as_of": _millis(clock.as_of),
        "offset": page.offset,
        "live_seconds": clock.live_seconds,
        "stale_seconds": STALE_AFTER,
        "marks": {each.key: each.mark for each in page.cards},
        "words": script_words(text),
    }


def _tab_title(title: str) -> str:
    return f"{title} · Tablo"


def _drawn(each: Card) -> Drawn:
    content = write(each.body)
    return Drawn(each.key, content, mark_of(content))


def _offset(board: Board) -> int:
    """The office's distance from UTC in seconds."""
    shift = board.now.astimezone(ZoneInfo(board.timezone)).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def _millis(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def _safe(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
