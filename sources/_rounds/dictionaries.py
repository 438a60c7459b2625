"""An account's dictionaries, read about once an hour; one that may not be read is done without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sources import PermissionDeniedError
from sources._rounds.crm import GoneError, RefusedQuery
from sources._rounds.memory import Memory
from sources._rounds.values import ms

_HOUR_MS = 3_600_000


def refresh(memory: Memory, names: Iterable[str], now: datetime, read: Callable[[str], None]) -> bool:
    """Read those that are old, one after the other: where time runs out, the next sync goes on. True = some were."""
    at, any_read = ms(now), False
    for name in names:
        if 0 <= at - int(memory.recall(f"read at:{name}") or 0) < _HOUR_MS:
            continue
        denied = lacking(memory)
        denied.pop(name, None)
        try:
            read(name)
        except (PermissionDeniedError, GoneError, RefusedQuery) as error:
            denied[name] = str(error)
        memory.keep("lacking", denied)
        memory.keep(f"read at:{name}", at)
        any_read = True
    return any_read


def lacking(memory: Memory) -> dict[str, str]:
    """The dictionaries that cannot be read, and why."""
    return dict(memory.recall("lacking") or {})
