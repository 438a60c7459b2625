"""Floors: what the people of one board came to. Who changed teams counts in each on the days in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from domain.board import Period
from domain.people import Rep
from domain.sums import DayRow, HourRow
from domain.teams import LineUp, came_or_went, line_ups, team_on
from domain.totals import Total
from storage import facts, totals


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose board it is: everybody's (`team` None), or one team's."""

    reps: tuple[Rep, ...]
    team: str | None

    def between(self, first: date, last: date) -> list[LineUp]:
        """The board's people, in spans of days with the same ones."""
        return line_ups(self.reps, self.team, first, last)


def of_period(conn: Connection, whose: Whose, period: Period, base: str) -> list[Total]:
    """Sums of the period by rep; of who came or went, of the days in the team. Others than the board's may be in it."""
    found = whose.between(period.first, period.last)
    moving = came_or_went(found)
    everybody = totals.read(conn, period.first, period.last, base)
    if not moving:
        return everybody
    parts = [total for total in everybody if total.rep not in moving]
    for span in found:
        mine = moving.intersection(span.reps)
        if mine:
            parts += [total for total in totals.read(conn, span.first, span.last, base) if total.rep in mine]
    return parts


def of_days(conn: Connection, whose: Whose, metrics: Iterable[str], first: date, last: date) -> list[Total]:
    """Sums by rep and day, likewise."""
    movers = {rep.key: rep for rep in whose.reps if rep.stints} if whose.team is not None else {}
    found = (total for metric in metrics for total in totals.reps_by_day(conn, metric, first, last))
    return [each for each in found if each.rep not in movers or _was_there(movers[each.rep], whose.team, each.day)]


def by_day(conn: Connection, whose: Whose, period: Period | None) -> list[DayRow]:
    """Sums over the board's people for each day."""
    if period is None:
        return []
    return [
        (row.metric, row.currency, row.day, row.value)
        for span in whose.between(period.first, period.last)
        for row in totals.by_day(conn, span.first, span.last, span.reps)
    ]


def by_hour(conn: Connection, whose: Whose, days: Sequence[date]) -> list[HourRow]:
    """Sums over the board's people for each hour of these days."""
    teams: dict[tuple[str, ...], list[date]] = {}
    for day in days:
        teams.setdefault(whose.between(day, day)[0].reps, []).append(day)
    return [
        (row.metric, row.currency, row.day, row.hour, row.value)
        for reps, theirs in teams.items()
        for row in totals.by_hour(conn, theirs, reps)
    ]


def reached(
    conn: Connection, whose: Whose, reps: Sequence[str], metric: str, first: date, last: date, productive_seconds: int
) -> Mapping[str, datetime]:
    """When each of these reps had what they have now."""
    latest: dict[str, datetime] = {}
    for span in whose.between(first, last):
        there = [rep for rep in reps if rep in span.reps]
        latest |= facts.last_at(conn, there, metric, span.first, span.last, productive_seconds) if there else {}
    return latest


def _was_there(rep: Rep, team: str | None, day: date | None) -> bool:
    return day is not None and team_on(rep, day) == team
