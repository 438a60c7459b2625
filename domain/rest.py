"""Rest: when somebody works before a wall, and when it may be dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from domain.periods import DAY
from domain.worktime import Calendar, shift, workdays

# Who comes early finds the wall awake, and the last one sees it until the coat is on.
MARGIN = timedelta(minutes=30)
# A screen that has lost its server still keeps the hours of so many days.
AHEAD = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant to another, in UTC."""

    start: datetime
    end: datetime


@lru_cache(maxsize=64)
def awake(calendars: tuple[Calendar, ...], today: date) -> tuple[Span, ...]:
    """The stretches, from yesterday on, in which anybody of these calendars is at work, in order and apart.

    Breaks are slept through by nobody. Empty where nobody works at all in these days.
    """
    spans = [span for calendar in calendars for span in _spans(calendar, today - DAY, today + AHEAD)]
    return tuple(_merged(sorted(spans, key=lambda span: span.start)))


def _spans(calendar: Calendar, first: date, last: date) -> Iterator[Span]:
    for day in workdays(calendar, first, last):
        start, end = shift(calendar, day)
        yield Span(start - MARGIN, end + MARGIN)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span.start <= held.end:
            held = Span(held.start, max(held.end, span.end))
        else:
            yield held
            held = span
    if held is not None:
        yield held
