"""Wrong guesses at a secret: each makes the next one wait longer, and nobody is ever locked out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from storage.db import to_ms
from storage.tables import attempts

# How long a wrong guess counts; under a limit of its own, for a day.
WINDOW = timedelta(minutes=30)
DAY = timedelta(days=1)
_OF_A_DAY = "day-"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many guesses are free; after them the delay doubles with each, from the first to the longest (seconds).

    `window` is how long a guess counts, WINDOW or DAY.
    """

    free: int
    longest_s: int
    first_s: int = 1
    window: timedelta = WINDOW


def wrong(conn: Connection, limits: Mapping[str, Limit], at: datetime) -> None:
    """Remember a wrong guess under each of its keys."""
    kept = attempts.c.key.startswith(_OF_A_DAY) & (attempts.c.at > to_ms(at - DAY))
    conn.execute(delete(attempts).where(attempts.c.at <= to_ms(at - WINDOW), ~kept))
    rows = [{"key": _stored(key, limit.window), "at": to_ms(at)} for key, limit in limits.items()]
    conn.execute(insert(attempts), rows)


def right(conn: Connection, key: str, window: timedelta = WINDOW) -> None:
    """A guess was right, or is forgiven: under this key there is no more to wait for."""
    conn.execute(delete(attempts).where(attempts.c.key == _stored(key, window)))


def reached(conn: Connection, keys: Collection[str], limit: Limit, now: datetime) -> set[str]:
    """Those of the keys under which no guess is free any more."""
    recent = attempts.c.at > to_ms(now - limit.window)
    many = select(attempts.c.key).where(recent).group_by(attempts.c.key).having(func.count() >= limit.free)
    found = set(conn.execute(many).scalars())
    return {key for key in keys if _stored(key, limit.window) in found}


def seconds_to_wait(conn: Connection, limits: Mapping[str, Limit], now: datetime) -> int:
    """How long the next guess has to wait, by the strictest of the keys; 0 = go on."""
    return max(_wait(conn, key, limit, now) for key, limit in limits.items())


def _wait(conn: Connection, key: str, limit: Limit, now: datetime) -> int:
    count, last = _recent(conn, key, limit, now)
    over = count - limit.free
    if over < 0:
        return 0
    delay_ms = 1000 * min(limit.first_s << min(over, 20), limit.longest_s)
    left_ms: int = last + delay_ms - to_ms(now)
    return max(0, math.ceil(left_ms / 1000))


def _recent(conn: Connection, key: str, limit: Limit, now: datetime) -> tuple[int, int]:
    """How many guesses count under this key, and the instant of the last one (ms; 0 = there is none)."""
    recent = (attempts.c.key == _stored(key, limit.window)) & (attempts.c.at > to_ms(now - limit.window))
    count, last = conn.execute(select(func.count(), func.max(attempts.c.at)).where(recent)).one()
    return count, last or 0


def _stored(key: str, window: timedelta) -> str:
    # Hashed: a person may type a password into the login's field.
    return (_OF_A_DAY if window == DAY else "") + hashlib.sha256(key.encode()).hexdigest()
