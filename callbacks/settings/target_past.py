"""How hard a plan is: what everybody came to in the last periods that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from callbacks.settings.target_ground import Ground, Line
from domain.board import Period
from domain.metrics import METRICS, parts_of
from domain.periods import previous
from domain.plans import employed
from domain.settings import PeriodKind
from domain.sums import Converter, RepSums, actual_of_all, actuals, by_rep
from domain.totals import RateBook
from domain.worktime import is_workday, office_calendar
from layouts import format as write
from layouts.settings.entry import write_value
from layouts.text import Text
from storage import history, totals

PERIODS = 6
# An office that works on no day has no working days to look for.
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Past:
    """The sums of earlier periods, the oldest first."""

    periods: tuple[Period, ...]
    sums: tuple[RepSums, ...]


def read_past(conn: Connection, ground: Ground) -> Past:
    """The last six periods that are over and of which there is anything."""
    span = history.span(conn)
    over = [each for each in _before(ground, PERIODS) if span and each.last >= span[0]]
    converter = Converter(RateBook(ground.settings.currency, totals.rates(conn)))
    return Past(tuple(over), tuple(_sums(conn, ground, converter, each.first, each.last) for each in over))


def sums_of_last(conn: Connection, ground: Ground, count: int) -> RepSums:
    """Everybody's sums over the last periods that are over, as many as are asked for."""
    over = _before(ground, count)
    converter = Converter(RateBook(ground.settings.currency, totals.rates(conn)))
    return _sums(conn, ground, converter, over[0].first, over[-1].last)


def values(
    ground: Ground, past: Past, whose: Sequence[Line]
) -> Mapping[tuple[str, str], dict[str, tuple[str | None, ...]]]:
    """By scope and key: by metric, the values of the periods as they would be typed, None where there is none."""
    reps, by_key = ground.reps, {rep.key: rep for rep in ground.reps}
    keys = [rep.key for rep in reps]
    found: dict[tuple[str, str], dict[str, tuple[str | None, ...]]] = {}
    for metric in ground.view.metrics:
        unit = METRICS[metric].unit
        each = [dict(zip(keys, actuals(metric, sums, keys), strict=True)) for sums in past.sums]
        for line in whose:
            if line.scope == "rep":
                rep = by_key[line.key]
                series = [
                    of[line.key] if employed(rep, period) else None
                    for of, period in zip(each, past.periods, strict=True)
                ]
            else:
                theirs = [rep.key for rep in reps if line.scope == "company" or rep.team == line.key]
                series = [actual_of_all(metric, sums, theirs) for sums in past.sums]
            written = tuple(None if value is None else write_value(_short(value), unit) for value in series)
            found.setdefault((line.scope, line.key), {})[metric] = written
    return found


def names(text: Text, past: Past) -> tuple[str, ...]:
    """What the periods are called."""
    return tuple(name_of(text, period) for period in past.periods)


def name_of(text: Text, period: Period) -> str:
    """May 2026 · 16 November – 22 November · 20 Nov 2026."""
    if period.kind is PeriodKind.MONTH:
        return f"{write.month(text, period.first)} {period.first.year}"
    if period.kind is PeriodKind.DAY:
        return write.short_day(text, period.first)
    return f"{write.day_month(text, period.first)} – {write.day_month(text, period.last)}"


def _before(ground: Ground, count: int) -> list[Period]:
    """The last periods before the view, and before the present one, the oldest first; of days those of work."""
    settings, shown = ground.settings, ground.view.periods
    office = office_calendar(settings)
    each = next((period for period in shown if period.first <= ground.today <= period.last), shown[0])
    found: list[Period] = []
    while len(found) < count and each.first.year > _FIRST_YEAR:
        each = previous(each, settings.week_start, settings.year_start)
        idle = each.kind is PeriodKind.DAY and not is_workday(office, each.first)
        if each.last < ground.today and not idle:
            found.append(each)
    return found[::-1]


def _sums(conn: Connection, ground: Ground, converter: Converter, first: date, last: date) -> RepSums:
    wanted = parts_of(ground.view.metrics)
    return by_rep(totals.read(conn, first, last, ground.settings.currency, wanted), converter)


def _short(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))
