"""What a playlist comes to on a screen: which of its slots can be shown, and the ids by which a screen knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from domain.board import Board
from domain.settings import Slot
from layouts.panels import PANELS

# What is left when nothing of a playlist can be shown: a wall is never empty.
ALWAYS = Slot("overview", 15)


def known(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """The slots whose panel there is."""
    return tuple(slot for slot in slots if slot.panel in PANELS and slot.seconds > 0)


def is_empty(slot: Slot, board: Board) -> bool:
    """Whether the slot has nothing to show: no source tells it, its team has no managers, nobody is ranked.

    Until the first data have come every slot says that they are being read.
    """
    if board.as_of is None:
        return False
    nobody = slot.team is not None and not board.metrics[0].reps
    return nobody or PANELS[slot.panel].empty(board)


def slot_ids(slots: Iterable[Slot]) -> tuple[str, ...]:
    """The ids of the slots: the same panel shown twice has two, and other hours or seconds change none."""
    seen: Counter[str] = Counter()
    found = []
    for slot in slots:
        plain = _plain_id(slot)
        seen[plain] += 1
        found.append(plain if seen[plain] == 1 else f"{plain}-{seen[plain]}")
    return tuple(found)


def _plain_id(slot: Slot) -> str:
    first = f"{slot.panel}-{slot.period}"
    if replace(slot, metric=None, team=None, top=None) == slot:
        return first
    # A team's key holds whatever its source calls it.
    about = repr((slot.metric, slot.team, slot.top))
    return f"{first}-{blake2b(about.encode(), digest_size=4).hexdigest()}"
