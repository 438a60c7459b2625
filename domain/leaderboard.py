"""Leaderboard: places with ties, movement, the distance to the next place, the explanation of a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from domain.board import Period, Place, Scored

Ranked = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why somebody holds a place: what was counted, against which target, on which days.

    `tied` are the reps with the same score. `working_days` are the rep's own in the period, `passed` those of them
    that have begun. `scored` is what the value is made of, where points are compared.
    """

    place: int
    metric: str
    rank_by: str
    period: Period
    value: Decimal
    records: int | None
    target: Decimal | None
    attainment: Decimal | None
    tied: tuple[str, ...]
    reached: datetime | None
    working_days: int
    passed: int
    scored: tuple[Scored, ...] = ()


def ties(scores: Mapping[str, Decimal | None]) -> tuple[str, ...]:
    """Everybody whose score somebody else has too; nothing yet (0) or no score needs no order."""
    counts: dict[Decimal, int] = {}
    for score in scores.values():
        if score:
            counts[score] = counts.get(score, 0) + 1
    return tuple(rep for rep, score in scores.items() if score and counts[score] > 1)


def rank(
    scores: Mapping[str, Decimal | None], reached: Mapping[str, datetime], names: Mapping[str, str] | None = None
) -> Ranked:
    """Places and reps in their order: the higher score first, ties share a place (1, 2, 2, 4).

    Within a tie the earlier to reach it (`reached`) is listed first, then by name. Reps without a score share the
    last place.
    """
    known = names or {}

    def order(rep: str) -> tuple[bool, Decimal, bool, float, str, str]:
        score, at = scores[rep], reached.get(rep)
        instant = at.timestamp() if at is not None else 0.0
        return score is None, -(score or Decimal(0)), at is None, instant, known.get(rep, rep), rep

    ranked: Ranked = []
    previous: Decimal | None = None
    for position, rep in enumerate(sorted(scores, key=order), start=1):
        same = bool(ranked) and scores[rep] == previous
        ranked.append((ranked[-1][0] if same else position, rep))
        previous = scores[rep]
    return ranked


def movements(before: Ranked, now: Ranked) -> dict[str, int | None]:
    """Places gained by each rep (negative = lost); None for who was not ranked before."""
    places = {rep: place for place, rep in before}
    return {rep: places[rep] - place if rep in places else None for place, rep in now}


def better_score(ranked: Ranked, scores: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """The score of the next better place, for everybody but the first."""
    found: dict[str, Decimal] = {}
    for above, (place, rep) in pairwise(ranked):
        score = scores[above[1]] if above[0] < place else found.get(above[1])
        if score is not None:
            found[rep] = score
    return found


def days_in_lead(closes: Iterable[Mapping[str, Decimal | None]]) -> dict[str, int]:
    """For who leads now: on how many days in a row they have been first. `closes` are the scores at the end of each
    working day, today's first, then backwards. Nobody leads while nothing is scored."""
    counts: dict[str, int] = {}
    for number, scores in enumerate(closes, start=1):
        best = max((score for score in scores.values() if score), default=None)
        leaders = {rep for rep, score in scores.items() if best is not None and score == best}
        staying = leaders if number == 1 else {rep for rep in leaders if counts.get(rep) == number - 1}
        if not staying:
            break
        counts |= dict.fromkeys(staying, number)
    return counts


def explain(
    place: Place,
    metric: str,
    rank_by: str,
    period: Period,
    rows: Sequence[Place],
    reached: datetime | None,
    working_days: Sequence[date],
    day: date,
) -> Explanation:
    """Why this place. `working_days` are the rep's own in the period, `day` is today."""
    return Explanation(
        place=place.place,
        metric=metric,
        rank_by=rank_by,
        period=period,
        value=place.value,
        records=place.count,
        target=place.target,
        attainment=place.attainment,
        tied=tuple(row.rep for row in rows if row.place == place.place and row.rep != place.rep),
        reached=reached,
        working_days=len(working_days),
        passed=sum(worked <= day for worked in working_days),
        scored=place.scored,
    )
