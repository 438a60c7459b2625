"""The pulse: one thread that looks at the store while lines to screens are open, and wakes them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from deps import Deps
from domain.settings import PeriodKind

_LOG = logging.getLogger("tablo.pulse")
# So many lines may be open at once: each keeps a thread.
MOST_LINES = 200
# The store is looked at so often, and lines to which there is nothing else to say are told that we live; one that has
# heard nothing for so long ends, since whoever should look hangs (seconds).
_LOOK_EVERY, _BEAT_EVERY, _PATIENCE = 0.2, 6.0, 30.0


@dataclass(frozen=True, slots=True)
class News:
    """What lines are woken with: every waking has another `number`, one that is no mere beat another `changed` too, and
    one that ends the lines another `over`. The numbers of the wall reach up to `as_of`."""

    number: int = 0
    changed: int = 0
    over: int = 0
    as_of: datetime | None = None


class Pulse:
    """Fails towards silence: lines end when it cannot look; nothing beats when it hangs, and after a while they end,
    too. Screens then ask."""

    def __init__(
        self,
        deps: Deps,
        look_every: float = _LOOK_EVERY,
        beat_every: float = _BEAT_EVERY,
        patience: float = _PATIENCE,
    ) -> None:
        self._deps, self._look_every, self._beat_every, self._patience = deps, look_every, beat_every, patience
        self._woken = threading.Condition()
        self._news = News()
        self._woke_at = time.monotonic()
        self._lines = 0
        self._looking = False

    @property
    def lines(self) -> int:
        """How many lines are open."""
        return self._lines

    @property
    def news(self) -> News:
        """The last news."""
        return self._news

    def join(self) -> bool:
        """Open a line; False when there are as many as there may be, or nobody can be started to look."""
        with self._woken:
            if self._lines >= MOST_LINES or not (self._looking or self._begins()):
                return False
            self._lines += 1
            return True

    def leave(self) -> None:
        """Close a line."""
        with self._woken:
            self._lines -= 1

    def wait(self, last: News) -> News:
        """The news after those, as soon as there are any; those same when there have been none for too long."""
        with self._woken:
            self._woken.wait_for(lambda: self._news.number != last.number, self._patience)
            return self._news

    def end(self) -> None:
        """End all lines that are open."""
        self._wake(replace(self._news, over=self._news.over + 1))

    def _begins(self) -> bool:
        """Begin to look; False on a machine that has no thread left."""
        try:
            # It waits until whoever opens the line lets go.
            threading.Thread(target=self._look_out, name="pulse", daemon=True).start()
        except RuntimeError as error:
            _LOG.warning("Nothing can be pushed to the screens, which ask by themselves until it can: %s", error)
            return False
        self._looking = True
        return True

    def _look_out(self) -> None:
        """Until no line is open any more, or something fails: screens ask for lines again, and so for another look."""
        outlook = Outlook(self._deps)
        try:
            while self._goes_on():
                self._tell(outlook.changed(), outlook.as_of)
                time.sleep(self._look_every)
        except BaseException as error:
            self._give_up()
            if not isinstance(error, SQLAlchemyError):
                raise
            _LOG.warning("Nothing can be pushed to the screens, which ask by themselves until it can: %s", error)
        finally:
            outlook.close()

    def _give_up(self) -> None:
        with self._woken:
            self._looking = False
        self.end()

    def _goes_on(self) -> bool:
        with self._woken:
            self._looking = self._lines > 0
            return self._looking

    def _tell(self, changed: bool, as_of: datetime | None) -> None:
        if changed:
            self._wake(replace(self._news, changed=self._news.changed + 1, as_of=as_of))
        elif time.monotonic() - self._woke_at >= self._beat_every:
            self._wake(replace(self._news, as_of=as_of))

    def _wake(self, news: News) -> None:
        with self._woken:
            self._news, self._woke_at = replace(news, number=news.number + 1), time.monotonic()
            self._woken.notify_all()


class Outlook:
    """What there is to see from one thread: whether any screen may have to show or do something else."""

    def __init__(self, deps: Deps) -> None:
        self._deps, self._watch = deps, deps.boards.watch()
        self._stirred: Hashable = None
        self._seen: Hashable = None
        self.as_of: datetime | None = None

    def changed(self) -> bool:
        """Whether there is something new since the last look. The pace on the wall moves with every minute."""
        stirred = (self._watch.stirred(), int(self._deps.clock().timestamp()) // 60)
        if stirred == self._stirred:
            return False
        snapshot = self._deps.boards.get(PeriodKind.DAY)
        health = tuple((source.name, source.health) for source in snapshot.board.sources)
        seen = (snapshot.version, health, self._watch.orders())
        news = seen != self._seen
        self._stirred, self._seen, self.as_of = stirred, seen, snapshot.board.as_of
        return news

    def close(self) -> None:
        """Give back what was taken for looking."""
        self._watch.close()
