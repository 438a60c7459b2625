"""PINs of the phone page: what one looks like, and which ones anybody would try first."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

SHORTEST, LONGEST = 4, 8
# Down the middle and the sides of a phone's keys.
_DOWN_THE_KEYS = frozenset(("2580", "0852", "1470", "0741", "3690", "0963", "1379", "159357", "357159", "147258369"))
_YEARS = range(1930, 2050)


class Fault(StrEnum):
    """Why a PIN cannot be taken."""

    SHAPE = "shape"
    SIMPLE = "simple"


def fault(pin: str) -> Fault | None:
    """What is wrong with a PIN that somebody wants to have, None = it can be taken."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        return Fault.SHAPE
    return Fault.SIMPLE if _is_simple(pin) else None


def _is_simple(pin: str) -> bool:
    """Two different digits at most, equal steps (1234, 9753), a part that repeats (123123), a year, a line of keys."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    half = len(pin) // 2
    repeats = len(pin) % 2 == 0 and pin[:half] == pin[half:]
    year = len(pin) == SHORTEST and int(pin) in _YEARS
    return len(set(pin)) <= 2 or len(steps) == 1 or repeats or year or pin in _DOWN_THE_KEYS
