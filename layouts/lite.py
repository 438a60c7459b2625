"""The wall for old televisions: the same panels as plain HTML for engines without grid, flex or custom properties."""

from __future__ import annotations

import json
import re

from dash import html

from layouts import format, ids, wall
from layouts.drawings import Drawn
from layouts.html import data, write
from layouts.text import Text
from layouts.wall import Clock, Wall

# What a custom property stands for where there is none: how far a bar is filled, and where its mark is.
_SHARE = re.compile(r'style="--([ap]):(\d(?:\.\d+)?)"')
_AGO = re.compile(r'<span data-ago="(\d+)">')
_SIDES = {"a": "width", "p": "left"}


def page(shown: Wall, clock: Clock, text: Text, at: int, build: str, styles: str, script: str) -> str:
    """The whole document, on at the slot of that number. Without any script it loads itself anew for the next."""
    number = at % len(shown.slots)
    slot, following = shown.slots[number], (number + 1) % len(shown.slots)
    words = json.dumps(dict(shown.words), ensure_ascii=False).replace("<", "\\u003c")
    root = html.Div("\0inside", id=ids.WALL, className=clock.state, **data(**_facts(shown, clock, slot), build=build))
    return "".join(
        (
            f'<!DOCTYPE html><html lang="{text.locale.language}"><head><meta charset="utf-8">',
            f'<meta name="viewport" content="width=1280"><title>{wall.TITLE}</title><link rel="icon" href="data:,">',
            f'<noscript><meta http-equiv="refresh" content="{slot.seconds};url=/tv-lite?at={following}"></noscript>',
            f"<style>{styles}</style></head><body>",
            write(root).replace("\0inside", inside(shown, clock, text, number)),
            f'<script type="application/json" id="{ids.BOOT}">{words}</script>',
            f"<script>{script}</script></body></html>",
        )
    )


def inside(shown: Wall, clock: Clock, text: Text, at: int = 0) -> str:
    """Everything within the wall: all panels, that of number `at` on, and what surrounds them."""
    panels = "".join(_section(slot, number == at) for number, slot in enumerate(shown.slots))
    status = html.Div(
        [
            html.Span("\0badges", className="badges"),
            html.Span(wall.freshness(clock, text, shown.timezone), className="fresh"),
            html.Span(format.clock(text, clock.now, shown.timezone), className="clock"),
        ],
        className="status",
    )
    foot = html.P("\0line", className="foot")
    line = _AGO.sub(lambda ago: ago[0] + _ago(int(ago[1]), clock, text), shown.frame.line)
    return panels + write([status, foot]).replace("\0badges", shown.frame.badges).replace("\0line", line)


def plain(drawn: str) -> str:
    """The drawing with widths and places in the styles, where there were custom properties."""
    return _SHARE.sub(lambda share: f'style="{_SIDES[share[1]]}:{float(share[2]) * 100:.2f}%"', drawn)


def _facts(shown: Wall, clock: Clock, slot: Drawn) -> dict[str, object]:
    return {
        "state": clock.state,
        "panel": slot.key,
        "version": shown.version,
        "now": wall.millis(clock.now),
        "as_of": wall.millis(clock.as_of),
        "live": clock.live_seconds,
        "stale": wall.STALE_AFTER,
        "offset": shown.offset,
    }


def _ago(at: int, clock: Clock, text: Text) -> str:
    """How long ago that was (ms since 1970), in whole minutes, as the script says it from then on."""
    minutes = max(0, int(clock.now.timestamp() * 1000) - at) // 60_000
    return text.t("{age} ago", age=format.duration(text, minutes * 60)) if minutes else text.t("just now")


def _section(slot: Drawn, on: bool) -> str:
    return (
        f'<div class="panel{" on" if on else ""}" data-slot="{slot.key}" data-id="{slot.id}" '
        f'data-seconds="{slot.seconds}">{plain(slot.html)}</div>'
    )
