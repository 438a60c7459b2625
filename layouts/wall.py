"""The wall: every panel as HTML, what surrounds them, and the page that holds all of it before any script has run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from domain.board import Board, SourceHealth, SourceState
from domain.settings import Slot
from layouts import calm as rest
from layouts import celebration, format, ids, words
from layouts.calm import Calm
from layouts.celebration import Party
from layouts.drawings import Drawings, Drawn, mark_of
from layouts.html import data, write
from layouts.panels.parts import person, woven
from layouts.showing import slot_ids
from layouts.text import Text

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "wall"
# Older numbers than this are stale and no longer merely late (seconds).
STALE_AFTER = 900
TITLE = "Tablo"
_HEALTHY = (SourceHealth.LIVE, SourceHealth.LISTENING)
# plotly.js has a button that uploads the chart: no bar, no button.
_ORDINARY = Calm()
_GRAPH: Any = {"displayModeBar": False, "staticPlot": True, "responsive": False}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the panels, as HTML: badges above, the dots and the line below."""

    badges: str
    dots: str
    line: str


@dataclass(frozen=True, slots=True)
class Wall:
    """The whole wall in one language. `version` changes with anything that a screen shows, and with nothing else."""

    language: str
    slots: tuple[Drawn, ...]
    frame: Frame
    timezone: str
    offset: int
    words: Mapping[str, str]
    calm: Mapping[str, Any]
    party: Party
    version: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Freshness at an instant: the server's time, how far the numbers reach, and how old they may be (seconds)."""

    now: datetime
    as_of: datetime | None
    live_seconds: int

    @property
    def state(self) -> str:
        """live, late or stale."""
        if self.as_of is None:
            return "stale"
        age = (self.now - self.as_of).total_seconds()
        return "live" if age < self.live_seconds else "late" if age < STALE_AFTER else "stale"


def draw_wall(
    scenes: Sequence[tuple[Slot, Board]],
    around: Board,
    text: Text,
    replay: bool,
    top: int,
    calm: Calm = _ORDINARY,
    party: Party = celebration.NOTHING,
    drawings: Drawings | None = None,
) -> Wall:
    """Everything that a screen shows: each slot with the board that it is drawn from, and what another tells `around`
    them. A leaderboard shows its `top` rows (0 = all) where its slot does not say how many. `drawings` spares drawing
    what was drawn before."""
    draw = (drawings or Drawings()).draw
    slots = [slot for slot, _ in scenes]
    found = zip(slot_ids(slots), scenes, strict=True)
    drawn = tuple(draw(name, slot, _cut(board, slot, top), text) for name, (slot, board) in found)
    frame = Frame(
        badges=write(_badges(around, text, replay)),
        dots=write([html.I() for _ in slots]),
        line=write(_line(around, text)),
    )
    offset = _offset(around)
    calmly = rest.state(calm, text, around.timezone)
    shown = [(each.id, each.seconds, each.html, each.figure) for each in drawn]
    framed = [frame.badges, frame.dots, frame.line]
    version = mark_of(
        json.dumps([text.language, offset, calmly, shown, *framed, celebration.state(party)], sort_keys=True)
    )
    said = {**script_words(text), **rest.words(text)}
    return Wall(text.language, drawn, frame, around.timezone, offset, said, calmly, party, version)


def state(wall: Wall, clock: Clock, sources: Iterable[SourceState], build: str) -> dict[str, Any]:
    """What the screens fetch: the whole wall as JSON."""
    return {
        **_common(wall, clock, build),
        "state": clock.state,
        "sources": [
            {"name": each.name, "kind": each.kind, "state": str(each.health), "as_of": millis(each.as_of)}
            for each in sources
        ],
        "panels": [_panel(each) for each in wall.slots],
        "frame": {"badges": wall.frame.badges, "dots": wall.frame.dots, "line": wall.frame.line},
    }


def news(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What of one state is new against the one before: `since` is the mark of that. Panels that stay are named alone,
    and the times are always told."""
    told = {key: value for key, value in now.items() if value != before.get(key) or key in ("now", "as_of")}
    had = {each["id"]: each for each in before["panels"]}
    panels = [each if each != had.get(each["id"]) else _named(each) for each in now["panels"]]
    charts = {key: figure for key, figure in now["charts"].items() if figure != before["charts"].get(key)}
    return told | {"since": _mark(before), "mark": _mark(now), "panels": panels, "charts": charts}


def page_body(wall: Wall, clock: Clock, text: Text) -> str:
    """The wall as it stands in the page: its first panel alone, which is then painted soonest."""
    first = wall.slots[0]
    root = html.Div(
        [
            "\0panel",
            html.Div(
                [
                    html.Span("\0badges", className="badges"),
                    html.Span(
                        freshness(clock, text, wall.timezone),
                        className="fresh",
                        role="status",
                        **data(lost=standing(clock, text, wall.timezone)),
                    ),
                    html.Span(format.clock(text, clock.now, wall.timezone), className="clock"),
                ],
                className="status",
            ),
            html.Footer([html.Nav("\0dots", className="dots"), html.P("\0line", className="line")]),
        ],
        id=ids.WALL,
        **data(state=clock.state, panel=first.key, version=wall.version),
    )
    parts = {"panel": _section(first)}
    parts |= {"badges": wall.frame.badges, "dots": wall.frame.dots, "line": wall.frame.line}
    page = write(root)
    for name, part in parts.items():
        page = page.replace(f"\0{name}", part)
    return page


def boot(wall: Wall, clock: Clock, build: str, scripts: Sequence[str]) -> str:
    """What the script needs to begin with, as JSON that is safe inside a `<script>` block. Text is read in no time,
    so the panels after the first wait in it."""
    slots = [_panel(each) for each in wall.slots]
    del slots[0]["html"]
    content = _common(wall, clock, build) | {"panels": slots, "scripts": list(scripts)}
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def freshness(clock: Clock, text: Text, zone: str) -> str:
    """How old the numbers are, as the script will say it every second from now on."""
    if clock.as_of is None:
        return text.t("Reading the data for the first time")
    age = format.duration(text, max(0, int((clock.now - clock.as_of).total_seconds())))
    if clock.state == "live":
        return text.t("Live · {age} ago", age=age)
    return text.t("As of {time} · {age} old", time=format.clock(text, clock.as_of, zone), age=age)


def standing(clock: Clock, text: Text, zone: str) -> str:
    """When the numbers were true, for a page whose script does not count their age."""
    if clock.as_of is None:
        return text.t("Reading the data for the first time")
    return text.t("As of {time}", time=format.instant(text, clock.as_of, zone))


def script_words(text: Text) -> dict[str, str]:
    """The sentences that the script fills every second, with their placeholders."""
    return {
        "live": text.t("Live · {age} ago"),
        "old": text.t("As of {time} · {age} old"),
        "lost": text.t("No connection · {time} · {age} old"),
        "first": text.t("Reading the data for the first time"),
        "ago": text.t("{age} ago"),
        "now": text.t("just now"),
        "s": text.t("{n} s"),
        "min": text.t("{n} min"),
        "h": text.t("{n} h"),
        "d": text.t("{n} d"),
    }


def millis(at: datetime | None) -> int | None:
    """An instant as milliseconds since 1970, as scripts count."""
    return None if at is None else int(at.timestamp() * 1000)


def shell() -> Component:
    """The tree that Dash itself draws on a wall."""
    return html.Div(dcc.Graph(id=ids.CHART, figure={"data": [], "layout": {}}, config=_GRAPH))


def _common(wall: Wall, clock: Clock, build: str) -> dict[str, Any]:
    return {
        "version": wall.version,
        "build": build,
        "language": wall.language,
        "now": millis(clock.now),
        "as_of": millis(clock.as_of),
        "offset": wall.offset,
        "live_seconds": clock.live_seconds,
        "stale_seconds": STALE_AFTER,
        "charts": {each.id: each.figure for each in wall.slots if each.figure is not None},
        "words": dict(wall.words),
        "calm": dict(wall.calm),
        **celebration.state(wall.party),
    }


def _cut(board: Board, slot: Slot, office: int) -> Board:
    """Nobody is shamed: the wall shows the first places alone."""
    rows, top = board.leaderboard.rows, office if slot.top is None else slot.top
    return replace(board, leaderboard=replace(board.leaderboard, rows=rows[:top])) if 0 < top < len(rows) else board


def _panel(slot: Drawn) -> dict[str, Any]:
    return {"id": slot.id, "key": slot.key, "seconds": slot.seconds, "mark": slot.mark, "html": slot.html}


def _named(panel: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in panel.items() if name != "html"}


def _mark(state: Mapping[str, Any]) -> str:
    return f'"{state["version"]}-{state["build"]}"'


def _section(slot: Drawn) -> str:
    return (
        f'<section class="panel on" data-slot="{slot.key}" data-id="{slot.id}" data-mark="{slot.mark}">'
        f"{slot.html}</section>"
    )


def _badges(board: Board, text: Text, replay: bool) -> list[Component]:
    said = [text.t("Demo")] * board.demo + [text.t("Replay")] * replay
    return [html.B(badge, className="badge") for badge in said]


def _line(board: Board, text: Text) -> list[Component | str]:
    """The foot of the wall: what is wrong with a source, else the last won deal, else who overtook whom today."""
    ill = next((source for source in board.sources if source.health not in _HEALTHY), None)
    if ill is not None:
        return [html.Span(_trouble(ill, board, text), className="trouble")]
    win = board.last_win
    if win is not None:
        known = win.amount is not None and win.currency is not None
        amount = f" · {format.money(text, win.amount, win.currency)}" if known and win.amount and win.currency else ""
        who = html.B(person(win.name))
        # The screen says how long ago, so that the wall does not change with every minute.
        ago = html.Span(**data(ago=millis(win.at)))
        return [*woven(text.t("Won deal · {name}"), name=who), amount, " · ", ago]
    moves = board.leaderboard.overtakes
    return [text.tn("{n} overtake today", "{n} overtakes today", moves)] if moves else []


def _trouble(source: SourceState, board: Board, text: Text) -> list[Component | str]:
    name = html.B(words.source_name(text, source))
    if source.health is SourceHealth.NEEDS_LOGIN:
        return woven(text.t("{source} wants a new login: see settings"), source=name)
    if source.health is SourceHealth.THROTTLED:
        return woven(text.t("{source} asks us to slow down · trying again by itself"), source=name)
    if source.as_of is None and source.health is not SourceHealth.ERROR:
        return woven(text.t("Reading {source} for the first time"), source=name)
    if source.as_of is None:
        return woven(text.t("{source} has not answered yet · trying again every {n} s"), source=name, n=_every(source))
    since = html.B(format.clock(text, source.as_of, board.timezone))
    sentence = text.t("{source} has not answered since {time} · trying again every {n} s")
    return woven(sentence, source=name, time=since, n=_every(source))


def _every(source: SourceState) -> str:
    return str(source.poll_seconds)


def _offset(board: Board) -> int:
    """The office's distance from UTC in seconds: a television's own zone data may be years old."""
    shift = board.now.astimezone(ZoneInfo(board.timezone)).utcoffset()
    return int(shift.total_seconds()) if shift else 0
