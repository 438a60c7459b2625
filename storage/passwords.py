"""Passwords that anybody tries first: those of others that leaked most often, and those made of the login."""

from __future__ import annotations

from functools import cache

MIN_PASSWORD = 10
_FEWEST_SIGNS = 3


def is_common(password: str, login: str) -> bool:
    """Whether a password of a fair length is among the first to be tried for this login (as it is kept)."""
    plain = password.strip().casefold()
    rest = plain.replace(login, "") if login else plain
    return plain in _leaked() or len(set(plain)) < _FEWEST_SIGNS or len(rest) < _FEWEST_SIGNS


@cache
def _leaked() -> frozenset[str]:
    # Read when it is needed: all of its lists take a moment.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(each for each in FREQUENCY_LISTS["passwords"] if len(each) >= MIN_PASSWORD)
