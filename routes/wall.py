"""The wall for screens: the page with every panel in it, and the state that they fetch from then on."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import brotli
from dash import Dash
from flask import Flask, Request, Response, request

from deps import Deps
from domain.board import Board, SourceHealth
from domain.building import sound
from domain.celebrations import due
from domain.freshness import live_seconds
from domain.privacy import discreet, discretion
from domain.settings import PeriodKind, Slot
from layouts import calm, celebration, ids
from layouts import wall as layout
from layouts.drawings import Drawings
from layouts.html import write
from layouts.text import Text
from layouts.wall import ASSETS, Clock, Wall
from routes import events, fonts, guard, lite, resting, showing
from routes.celebration import told_of
from routes.events import Step, Told
from routes.lite import Look
from routes.pulse import Pulse
from routes.showing import Show
from storage.boards import Snapshot

# The age of these moves, or says nothing, and changes nothing on the wall.
_WELL = (SourceHealth.LIVE, SourceHealth.LISTENING)
# Walls of so many playlists, languages and versions are kept as bytes; packed files as many as Dash has, and some.
_KEPT_WALLS, _KEPT_FILES = 24, 96
_TOO_SMALL_TO_PACK = 1024
# Five packs Plotly's bundle in a third of a second, an eighth smaller than gzip does.
_BROTLI = 5
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_PACKABLE = ("text/html", "text/css", "text/javascript", "application/javascript", "application/json")
_FILES = ("/_dash-component-suites/", "/assets/")
# What only Dash's developer tools ask for, and nobody else needs to know.
_VERSIONS = ("python_version", "dash_version", "dash_version_url", "plotly_version")
_STYLES = ("wall.css", "panels.css", "calm.css")
# After the first paint: styles that are dear to draw, then the wall's script, then those that hang on to it, in the
# order in which they are asked for; the chart's is the last, and takes its time.
_LATE_STYLES = ("dress.css", "celebration.css")
_SCRIPT, _COMPANIONS = "tv.js", ("celebration.js", "overtake.js", "report.js", "calm.js", "push.js", "chart.js")
_WATCHDOG = (ASSETS / "watchdog.js").read_text(encoding="utf-8")

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Body:
    """A wall, its page's build, its state and the bytes of that, and what is new in it since the one before: the same
    for all screens of its playlist and language."""

    wall: Wall
    build: str
    content: Mapping[str, Any]
    plain: bytes
    step: Step | None

    @property
    def etag(self) -> str:
        """The mark of the state, without quotes."""
        return f"{self.wall.version}-{self.build}"


class Kept(Generic[Made]):
    """The last few things made, by what they were made from. One thread makes, the others wait for it."""

    def __init__(self, most: int) -> None:
        self._most, self._making = most, threading.Lock()
        self._made: OrderedDict[Hashable, Made] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of that key, made when it is not there."""
        with self._making:
            if key not in self._made:
                self._made[key] = make()
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]


@dataclass(frozen=True, slots=True)
class Walls:
    """What was made for screens lately, whole and slot by slot."""

    bodies: Kept[Body] = field(default_factory=lambda: Kept(_KEPT_WALLS))
    last: dict[Hashable, Body] = field(default_factory=dict)
    drawings: Drawings = field(default_factory=Drawings)

    def after_last(self, show: Hashable, make: Callable[[Body | None], Body]) -> Body:
        """What is made for this show after what was made for it before."""
        made = make(self.last.pop(show, None))
        self.last[show] = made
        while len(self.last) > _KEPT_WALLS:
            del self.last[next(iter(self.last))]
        return made


def register(server: Flask, deps: Deps, pulse: Pulse | None = None) -> Dash:
    """Put the wall at `/`, its state at `/wall/state` and its lines, which `pulse` wakes; and pack what goes out."""
    walls = Walls()
    files: Kept[bytes] = Kept(_KEPT_FILES)
    guard.trust(server, lambda: [guard.script_hash(_WATCHDOG)])

    @server.get("/wall/state")
    def wall_state() -> Response:
        return state(deps, walls)

    lite.register(server, lambda: simple(deps, walls))
    events.register(server, deps, lambda asked: told(deps, walls, asked), pulse)

    @server.after_request
    def pack(response: Response) -> Response:
        return packed(response, files)

    return create_wall(server, lambda parts: page(deps, walls, parts))


def create_wall(server: Flask, draw: Callable[[Mapping[str, str]], str]) -> Dash:
    """The Dash application of the wall. `draw` makes the page out of what Dash wants to have in it."""
    app = Dash(
        "wall",
        server=server,  # type: ignore[arg-type]  # Dash's annotation knows only `True`, its documentation a server
        url_base_pathname="/",
        assets_folder=str(ASSETS),
        include_assets_files=False,
        title=layout.TITLE,
        update_title="",
        suppress_callback_exceptions=True,
    )
    app.layout = layout.shell
    # Dash's documented place for a page of one's own; the other way is a subclass.
    setattr(app, "interpolate_index", lambda **parts: draw(parts))  # noqa: B010 — mypy holds methods to be fixed
    return app


def current(deps: Deps, walls: Walls, show: Show) -> tuple[Body, Clock]:
    """The wall that is asked for as it is now, and how fresh its numbers are."""
    body, clock = deps.boards.lately(("wall", show.playlist, show.language), lambda: _current(deps, walls, show))
    return body, replace(clock, now=deps.clock())


def _current(deps: Deps, walls: Walls, show: Show) -> tuple[Body, Clock]:
    settings, _ = sound(deps.settings())
    scenes, version = showing.scenes(deps, show.playlist), build(deps)
    board = scenes[0][1].board
    clock = Clock(deps.clock(), board.as_of, live_seconds(deps.config.poll_seconds))
    drawn_from = tuple((slot, snapshot.version) for slot, snapshot in scenes)
    look, hidden = resting.calm(deps, show.playlist), discretion(settings)
    cheers = due(deps.boards.cheers(), settings, clock.now)
    festive = settings.celebrating, tuple(each.win.id for each in cheers)
    words = (show.language, settings.rank_top, look, hidden, festive)
    key = (drawn_from, words, _health(board), board.as_of is None, version)

    def make(before: Body | None) -> Body:
        text = Text(show.language)
        pairs = [(slot, discreet(snapshot.board, hidden)) for slot, snapshot in scenes]
        around = discreet(_around(deps, scenes), hidden)
        office = discreet(told_of(deps), hidden) if cheers else around
        party = celebration.draw(cheers, office, settings, text, clock.now)
        wall = layout.draw_wall(pairs, around, text, deps.config.replay, settings.rank_top, look, party, walls.drawings)
        content = layout.state(wall, clock, board.sources, version)
        news = {} if before is None else layout.news(before.content, content)
        step = Step(news["since"], _json(news)) if news else None
        return Body(wall, version, content, _json(content).encode(), step)

    return walls.bodies.get(key, lambda: walls.after_last((show.playlist, show.language), make)), clock


def _around(deps: Deps, scenes: Sequence[tuple[Slot, Snapshot]]) -> Board:
    """The board that is told of around the panels, whatever they rank by: the office's, or on a screen that shows teams
    alone that of its first."""
    teams = [snapshot.board.team for _, snapshot in scenes]
    return deps.boards.get(PeriodKind.DAY, team=None if None in teams else teams[0]).board


def told(deps: Deps, walls: Walls, asked: Request) -> Told:
    """What the viewer who asked should have now: the mark of its state, and the number of what it is to do."""
    show = showing.asked_for(deps, asked)
    body, _ = current(deps, walls, show)
    screen, step = show.screen, body.step
    due = f" {screen.due.number}" if screen and screen.due else ""
    return Told(f'"{body.etag}"{due}', screen.id if screen else None, step and Step(step.since + due, step.news))


def state(deps: Deps, walls: Walls) -> Response:
    """The state as JSON, or 304. Headers of both hold the server's time, the age of the numbers, and what this one
    screen is to do."""
    show = showing.asked_for(deps, request)
    body, clock = current(deps, walls, show)
    response = Response(body.plain, mimetype="application/json")
    response.set_etag(body.etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers.update(_said(show, clock))
    response.make_conditional(request)
    return response


def simple(deps: Deps, walls: Walls) -> Look:
    """The same wall for an old television."""
    show = showing.asked_for(deps, request)
    body, clock = current(deps, walls, show)
    return Look(body.wall, clock, body.build, _said(show, clock))


def page(deps: Deps, walls: Walls, parts: Mapping[str, str]) -> str:
    """The whole document: the first panel, then what comes after it has been painted, and Dash asleep in a template."""
    body, clock = current(deps, walls, showing.asked_for(deps, request))
    text, look = Text(body.wall.language), deps.settings().theme
    styles, dress = _css(_STYLES), fonts.faces(deps) + _css(_LATE_STYLES)
    version = body.build
    script, *companions = (f"/assets/{name}?v={version}" for name in (_SCRIPT, *_COMPANIONS))
    boot = layout.boot(body.wall, clock, version, companions)
    return "".join(
        (
            f'<!DOCTYPE html><html lang="{text.locale.language}"{calm.theme(look)}><head><meta charset="utf-8">',
            f'<meta name="viewport" content="width=device-width"><title>{layout.TITLE}</title>',
            f'<link rel="icon" href="data:,"><style>{styles}</style><script>{_WATCHDOG}</script></head><body>',
            layout.page_body(body.wall, clock, text) + write(calm.overlay()),
            f'<script type="application/json" id="{ids.BOOT}">{boot}</script>',
            f'<link id="{ids.SCRIPT}" rel="preload" as="script" href="{script}">',
            f'<style id="{ids.DRESS}" media="not all">{dress}</style>',
            f'<div id="{ids.CHART_LAYER}">{parts["app_entry"]}</div>{_discreet(parts["config"])}',
            f'<template id="{ids.LATE}">{_needed(parts["scripts"])}{parts["renderer"]}</template></body></html>',
        )
    )


def build(deps: Deps) -> str:
    """Changes when a screen has to load the page anew: another release, other files, the fonts have come."""
    digest = blake2b(deps.config.version.encode(), digest_size=6)
    for path in sorted(ASSETS.glob("*.*")):
        digest.update(f"{path.name}:{path.stat().st_mtime_ns}".encode())
    digest.update(fonts.faces(deps).encode())
    return digest.hexdigest()


def packed(response: Response, files: Kept[bytes]) -> Response:
    """The response as small as the browser can take it; files once, by their content."""
    coding = _coding()
    wanted = (
        response.status_code == 200 and response.mimetype in _PACKABLE and "Content-Encoding" not in response.headers
    )
    if request.path.startswith("/assets/") and request.args.get("v"):
        # What came in a file's place must not be kept as the file.
        response.headers["Cache-Control"] = _FOR_A_YEAR if response.status_code in (200, 304) else "no-store"
    if coding is None or not wanted or (response.is_streamed and not response.direct_passthrough):
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < _TOO_SMALL_TO_PACK:
        return response
    lasting = any(part in request.path for part in _FILES) or request.path == "/wall/state"
    key = (coding, blake2b(content, digest_size=16).digest())
    small = files.get(key, lambda: _pack(content, coding)) if lasting else _pack(content, coding)
    response.set_data(small)
    response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    return response


def _said(show: Show, clock: Clock) -> dict[str, str]:
    """Headers with the server's time, the age of the numbers, and what this one screen is to do."""
    as_of = _millis(clock.as_of.timestamp()) if clock.as_of else ""
    said = {"Tablo-Now": _millis(clock.now.timestamp()), "Tablo-As-Of": as_of}
    due = show.screen.due if show.screen else None
    return said if due is None else {**said, "Tablo-Command": f"{due.number} {due.do}"}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _css(names: Iterable[str]) -> str:
    return "".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


def _health(board: Board) -> Hashable:
    """What is said of the sources: who is ill, and since when. The age of a healthy one moves and changes nothing."""
    return tuple((each.name, each.health, None if each.health in _WELL else each.as_of) for each in board.sources)


def _coding() -> str | None:
    return next((name for name in ("br", "gzip") if request.accept_encodings.quality(name) > 0), None)


def _pack(content: bytes, coding: str) -> bytes:
    return brotli.compress(content, quality=_BROTLI) if coding == "br" else gzip.compress(content, 6)


def _discreet(config: str) -> str:
    """Dash's configuration without the versions of what runs here."""
    return re.sub(rf'"(?:{"|".join(_VERSIONS)})":\s*"[^"]*",?\s*', "", config)


def _needed(scripts: str) -> str:
    """Dash's scripts without those of components that no wall has."""
    tags = re.findall(r"<script[^>]*></script>", scripts)
    return "".join(tag for tag in tags if not re.search(r"dash_table|dash_bootstrap_components|ag_grid", tag))


def _millis(seconds: float) -> str:
    return str(int(seconds * 1000))
