"""Teams over time: who was in which on a day, so that a team's past numbers stay those of its people of then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.board import Period
from domain.people import Rep
from domain.periods import DAY


@dataclass(frozen=True, slots=True)
class LineUp:
    """Who was in a team on all days from `first` to `last`, both included: the reps' keys."""

    first: date
    last: date
    reps: tuple[str, ...]


def team_on(rep: Rep, day: date) -> str | None:
    """The key of the rep's team on a day, None = in none. Before the first stint it is that one's."""
    if not rep.stints:
        return rep.team
    begun = [stint for stint in rep.stints if stint.since <= day]
    return (begun or rep.stints)[-1 if begun else 0].team


def was_in(rep: Rep, team: str, period: Period) -> bool:
    """Whether the rep was in the team on any day of the period."""
    return any(each == team for each in _teams(rep, period.first, period.last))


def line_ups(reps: Sequence[Rep], team: str | None, first: date, last: date) -> list[LineUp]:
    """A team's people from `first` to `last`, in spans of days with the same ones; without a team everybody's."""
    if team is None:
        return [LineUp(first, last, tuple(rep.key for rep in reps))]
    starts = sorted({first, *_changes(reps, first, last)})
    ends = [*(start - DAY for start in starts[1:]), last]
    return [
        LineUp(start, end, tuple(rep.key for rep in reps if team_on(rep, start) == team))
        for start, end in zip(starts, ends, strict=True)
    ]


def came_or_went(found: Iterable[LineUp]) -> frozenset[str]:
    """Who is in some of these line-ups and not in all."""
    sets = [frozenset(each.reps) for each in found]
    return frozenset().union(*sets) - frozenset.intersection(*sets) if sets else frozenset()


def _changes(reps: Iterable[Rep], first: date, last: date) -> Iterator[date]:
    return (stint.since for rep in reps for stint in rep.stints if first < stint.since <= last)


def _teams(rep: Rep, first: date, last: date) -> Iterator[str | None]:
    yield team_on(rep, first)
    yield from (stint.team for stint in rep.stints if first < stint.since <= last)
