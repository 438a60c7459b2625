"""Rota: a month of one person, or of the office, day by day: what each day is, and how many hours are worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.periods import days_between
from domain.worktime import Calendar, absence_on, hours_of, is_employed, is_holiday, is_regular


class Mark(StrEnum):
    """What a day is. AWAY lowers the target, KEPT is an absence that leaves it; OFF is no day of the own week."""

    WORK = "work"
    OFF = "off"
    HOLIDAY = "holiday"
    AWAY = "away"
    KEPT = "kept"
    NOT_YET = "not_yet"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Rota:
    """The marks of the days in order, the days worked and their hours."""

    marks: tuple[Mark, ...]
    days: int
    hours: Fraction


def rota(calendar: Calendar, first: date, last: date) -> Rota:
    """The days from `first` to `last`, both included."""
    days = list(days_between(first, last))
    marks = tuple(mark(calendar, day) for day in days)
    worked = [day for day, each in zip(days, marks, strict=True) if each is Mark.WORK]
    return Rota(marks, len(worked), _hours(calendar, worked))


def mark(calendar: Calendar, day: date) -> Mark:
    """What a day is: outside employment first, then the office's days, then absences from days that would be worked."""
    if not is_employed(calendar, day):
        return Mark.NOT_YET if calendar.joined is not None and day < calendar.joined else Mark.LEFT
    if not is_regular(calendar, day):
        return Mark.HOLIDAY if is_holiday(calendar, day) else Mark.OFF
    absence = absence_on(calendar, day)
    if absence is None:
        return Mark.WORK
    return Mark.AWAY if absence.lowers else Mark.KEPT


def _hours(calendar: Calendar, worked: Sequence[date]) -> Fraction:
    return sum((hours_of(calendar, day) for day in worked), Fraction(0))
