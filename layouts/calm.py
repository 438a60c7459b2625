"""Kind to eyes and panels: the wall's theme, and what it shows while nobody works before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from domain.rest import Span
from domain.settings import AfterHours, Theme
from layouts import format, ids
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Calm:
    """How the wall looks, and when. `awake` is empty where it never rests."""

    theme: Theme = Theme.DARK
    after_hours: AfterHours = AfterHours.ON
    awake: tuple[Span, ...] = ()


def state(calm: Calm, text: Text, zone: str) -> Mapping[str, Any]:
    """What a screen needs to keep the hours by itself, even without a server: the stretches in which it is awake, in
    milliseconds, each with the day on which it begins in words and the local time: the clocks may change before."""
    spans = [
        [_millis(span.start), _millis(span.end), _day(text, span.start, zone), format.clock(text, span.start, zone)]
        for span in calm.awake
    ]
    return {"theme": str(calm.theme), "after_hours": str(calm.after_hours), "awake": spans}


def theme(wanted: Theme) -> str:
    """The attribute that colours a page; dark is how the wall is without one."""
    return "" if wanted is Theme.DARK else f' data-theme="{wanted}"'


def words(text: Text) -> Mapping[str, str]:
    """The sentences of a sleeping screen, which its script fills."""
    return {"back": text.t("Back at {time}"), "back_day": text.t("Back on {day} at {time}")}


def overlay() -> Component:
    """What is seen of a sleeping wall: the time, and when it wakes. Empty until the script fills it."""
    return html.Div(
        html.Div([html.P(className="hour"), html.P(className="back")]), id=ids.SLEEP, role="status"
    )  # fmt: skip


def _day(text: Text, at: datetime, zone: str) -> str:
    return format.long_day(text, at.astimezone(ZoneInfo(zone)).date())


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
