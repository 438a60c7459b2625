"""What was looked up a moment ago: handed out again until anything is committed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar

from storage.watch import Watch

Made = TypeVar("Made")
# What also moves with the clock is looked up anew so often, commit or not (seconds).
_MOMENT = 5
# Cookies that nobody knows are things too.
_MOST = 2_000


class Lately:
    """Fifty screens that ask after one commit cost one look-up. One thread looks up, the others wait for it."""

    def __init__(self, watch: Watch, clock: Callable[[], datetime]) -> None:
        self._watch, self._clock = watch, clock
        self._looking = threading.RLock()
        self._moment: Hashable = None
        self._made: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of that key, made of the store as it is now. Raises what `make` raises, and keeps nothing then."""
        with self._looking:
            moment = self._watch.stirred(), int(self._clock().timestamp()) // _MOMENT
            if moment != self._moment or len(self._made) >= _MOST:
                self._moment, self._made = moment, {}
            kept = self._made
            if key not in kept:
                # `make` may ask for other things, and find a later moment: what it made belongs to this one.
                kept[key] = make()
            made: Made = kept[key]
            return made
