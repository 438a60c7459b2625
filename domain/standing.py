"""Standing: one rep among the others: the nearest rivals, and how far away they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from domain.board import Leaderboard, Place

ATTAINMENT = "attainment"
# The rep's own row and the nearest two.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row near the rep's own, or the own one (`own`). `distance` is how far it is ahead of the rep (negative =
    behind) in the value that is ranked; by attainment, what the rep's own target makes of it. None = not comparable.

    `seen` False: the wall does not show this place, so nobody is named. `veiled`: its value is not for others.
    """

    place: Place
    own: bool
    distance: Decimal | None
    seen: bool
    veiled: bool


def neighbours(ranks: Leaderboard, wall: Leaderboard, rep: str, top: int) -> tuple[Neighbour, ...]:
    """The rep's row with the two nearest, in their order; empty for who is not ranked, or where nobody is.

    `wall` is the same leaderboard with what the wall keeps to itself left out; it shows `top` rows (0 = all).
    """
    names = {row.rep: row.name for row in wall.rows}
    position = next((number for number, row in enumerate(ranks.rows) if row.rep == rep), None)
    if position is None or rep not in names:
        return ()
    first = max(0, min(position - 1, len(ranks.rows) - _SHOWN))
    own = ranks.rows[position]
    return tuple(
        Neighbour(
            place=row if row is own else replace(row, name=names[row.rep]),
            own=row is own,
            distance=None if wall.veiled else _distance(ranks, own, row),
            seen=row is own or top == 0 or number < top,
            veiled=wall.veiled and row is not own,
        )
        for number, row in enumerate(ranks.rows[first : first + _SHOWN], start=first)
    )


def _distance(ranks: Leaderboard, own: Place, other: Place) -> Decimal | None:
    if ranks.rank_by != ATTAINMENT:
        return other.value - own.value
    if own.attainment is None or other.attainment is None or own.target is None:
        return None
    return (other.attainment - own.attainment) * own.target
