"""The execution time that a portal allows each method: learnt from its answers, never overrun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The vendor blocks a method after about 480 s of its own time in 10 minutes, a portal on premise after 420 s.
LIMIT_S = 420.0
_STOP = 0.85
_WINDOW_MS = 600_000
_MOST = 50
# The limiter may be off, and a probe after a pause must stay small.
_PROBE = 2


class Meter:
    """Per method: what it has used, what a call costs at most, and until when it rests. Times are local milliseconds.

    Kept in the cursor, so that the next process knows what this one used.
    """

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self._used: dict[str, list[float]] = {
            name: [float(value) for value in entry] for name, entry in (kept or {}).items() if len(entry) == 4
        }

    def note(self, method: str, operating: float, calls: int, reset_in: float | None, now_ms: int) -> None:
        """What an answer said: `operating` is what the method has used in its window, after `calls` more of ours."""
        used, cost, _, seen = self._used.get(method, [0.0, 0.0, 0.0, 0.0])
        growth = operating - used if now_ms - seen < _WINDOW_MS else operating
        cost = max(cost * 0.8, growth / max(calls, 1), 0.0)
        end = now_ms + 1000 * (reset_in if reset_in and 0 < reset_in <= 3600 else 600.0)
        self._used[method] = [operating, cost, end, float(now_ms)]

    def block(self, method: str, reset_in: float | None, now_ms: int) -> None:
        """The portal refused the method: it rests until the end that the last good answer told, or for a while."""
        _, cost, end, seen = self._used.get(method, [0.0, 0.0, 0.0, 0.0])
        end = max(end, now_ms + 60_000.0) if reset_in is None else now_ms + 1000 * reset_in
        self._used[method] = [LIMIT_S, cost, end, seen]

    def room(self, method: str, now_ms: int) -> int:
        """How many calls of the method may be made now, 0 = it rests."""
        used, cost, end, _ = self._used.get(method, [0.0, 0.0, 0.0, 0.0])
        left = _STOP * LIMIT_S - used
        if left <= 0:
            return 0 if now_ms < end else _PROBE
        if now_ms >= end or cost <= 0:
            return _MOST
        return max(0, min(_MOST, int(left / cost)))

    def rests_until(self, method: str) -> int:
        """Local milliseconds at which the method may be asked again."""
        return int(self._used.get(method, [0.0, 0.0, 0.0, 0.0])[2])

    def kept(self, now_ms: int) -> dict[str, list[float]]:
        """What the next process has to know."""
        return {
            name: [round(value, 3) for value in entry]
            for name, entry in self._used.items()
            if entry[0] > 0 and now_ms - entry[3] < 2 * _WINDOW_MS
        }
