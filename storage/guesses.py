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

# How long a wrong guess counts.
WINDOW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many guesses are free; after them the delay doubles with each, up to the longest (seconds)."""

    free: int
    longest_s: int


def wrong(conn: Connection, keys: Collection[str], at: datetime) -> None:
    """Remember a wrong guess under each of its keys."""
    conn.execute(delete(attempts).where(attempts.c.at <= to_ms(at - WINDOW)))
    conn.execute(insert(attempts), [{"key": _digest(key), "at": to_ms(at)} for key in keys])


def right(conn: Connection, key: str) -> None:
    """A guess was right: under this key there is no more to wait for."""
    conn.execute(delete(attempts).where(attempts.c.key == _digest(key)))


def seconds_to_wait(conn: Connection, limits: Mapping[str, Limit], now: datetime) -> int:
    """How long the next guess has to wait, by the strictest of the keys; 0 = go on."""
    return max(_wait(conn, key, limit, now) for key, limit in limits.items())


def _wait(conn: Connection, key: str, limit: Limit, now: datetime) -> int:
    recent = (attempts.c.key == _digest(key)) & (attempts.c.at > to_ms(now - WINDOW))
    count, last = conn.execute(select(func.count(), func.max(attempts.c.at)).where(recent)).one()
    over = count - limit.free
    if over < 0:
        return 0
    delay_ms = 1000 * min(1 << min(over, 20), limit.longest_s)
    left_ms: int = last + delay_ms - to_ms(now)
    return max(0, math.ceil(left_ms / 1000))


def _digest(key: str) -> str:
    # Hashed: a person may type a password into the login's field.
    return hashlib.sha256(key.encode()).hexdigest()
