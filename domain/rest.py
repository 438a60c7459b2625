"""Rest: when somebody works before a wall, and when it may be dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.periods import DAY, days_between
from domain.worktime import Calendar, is_workday

# Who comes early finds the wall awake, and the last one sees it until the coat is on.
MARGIN = timedelta(minutes=30)
# A screen that has lost its server still keeps the hours of so many days.
AHEAD = timedelta(days=15)
_MIDNIGHT = time(0)


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
    zone, hours = ZoneInfo(calendar.zone), calendar.hours
    for day in days_between(first, last):
        if is_workday(calendar, day):
            begin, midnight = _at(day, _MIDNIGHT, zone), _at(day + DAY, _MIDNIGHT, zone)
            start, end = _at(day, hours.start, zone), _at(day, hours.end, zone)
            # A night shift stands at either end of its day, as in domain/worktime.py.
            night = [Span(begin, end), Span(start, midnight)] if start > end else [Span(begin, midnight)]
            for span in [Span(start, end)] if start < end else night:
                yield Span(span.start - MARGIN, span.end + MARGIN)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


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
