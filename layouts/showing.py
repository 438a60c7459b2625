"""What a playlist comes to on a screen: which of its slots can be shown, and the ids by which a screen knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Protocol, TypeVar

from domain.address import for_phones
from domain.board import Board
from domain.rotation import on_now
from domain.settings import Settings, Slot
from layouts.panels import PANELS, phone

# What is left when nothing of a playlist can be shown: a wall is never empty.
ALWAYS = Slot("overview", 15)
# What is not shown where the office hides the ranking.
_RANKINGS = ("leaderboard",)


class Holder(Protocol):
    """Something with a board in it."""

    @property
    def board(self) -> Board:
        """The board."""
        ...


Held = TypeVar("Held", bound=Holder)


def scenes(
    playlist: Iterable[Slot], settings: Settings, now: datetime, find: Callable[[Slot], Held]
) -> list[tuple[Slot, Held]]:
    """The slots that are on and have something to show, each with what `find` gives for it; never none.

    `find` raises KeyError for a slot whose team or metric is not there any more, and is asked once for each board.
    """
    allowed = [slot for slot in known(playlist) if not is_hidden(slot, settings)]
    on = on_now(allowed, settings.timezone, now)
    boards = {_board_of(slot): _found(slot, find) for slot in {_board_of(slot): slot for slot in on}.values()}
    pairs = ((slot, boards[_board_of(slot)]) for slot in on)
    shown = [(slot, held) for slot, held in pairs if held is not None and not is_empty(slot, held.board)]
    return shown or [(ALWAYS, find(ALWAYS))]


def without_phone(slots: Iterable[Slot], public: str, read_at: str) -> tuple[Slot, ...]:
    """The slots of a wall that is read at this address: no code for phones where no phone can reach it."""
    reached = for_phones(public, read_at) is not None
    return tuple(slot for slot in slots if reached or slot.panel != phone.KEY)


def known(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """The slots whose panel there is."""
    return tuple(slot for slot in slots if slot.panel in PANELS and slot.seconds > 0)


def is_hidden(slot: Slot, settings: Settings) -> bool:
    """Whether the office keeps the slot to itself: the ranking, or a metric that nobody is to look at."""
    return hides_ranking(slot, settings) or bool({slot.panel, slot.metric} & settings.metrics_hidden)


def hides_ranking(slot: Slot, settings: Settings) -> bool:
    """Whether the slot is a ranking and the office shows none."""
    return settings.hide_ranking and slot.panel in _RANKINGS


def is_empty(slot: Slot, board: Board) -> bool:
    """Whether the slot has nothing to show: no source tells it, its team has no managers, nobody is ranked.

    Until the first data have come every slot says that they are being read.
    """
    if board.as_of is None:
        return False
    nobody = slot.team is not None and not board.everybody
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


def _board_of(slot: Slot) -> tuple[object, ...]:
    return slot.period, slot.team, slot.metric


def _found(slot: Slot, find: Callable[[Slot], Held]) -> Held | None:
    try:
        return find(slot)
    except KeyError:
        return None


def _plain_id(slot: Slot) -> str:
    first = f"{slot.panel}-{slot.period}"
    if replace(slot, metric=None, team=None, top=None) == slot:
        return first
    # A team's key holds whatever its source calls it.
    about = repr((slot.metric, slot.team, slot.top))
    return f"{first}-{blake2b(about.encode(), digest_size=4).hexdigest()}"
