"""The nightly comparison of ids: what the portal no longer lists was deleted there, as polling never tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Batch, Census
from sources import Ask, Site, TransientError
from sources._bitrix24.errors import DISABLING
from sources._bitrix24.options import Choice, Invoices
from sources._bitrix24.pages import Want, ask
from sources._bitrix24.portal import MOST_COMMANDS, Portal
from sources._bitrix24.spill import Spill
from sources._bitrix24.state import State
from sources._bitrix24.streams import ACTIVITIES, DEALS, INVOICES, LEADS, PAGE, QUOTES, Stream
from sources._bitrix24.values import millis
from sources._bitrix24.walk import LEAST_SECONDS, Walk

_PREFIXES = {
    DEALS: ("deal:",),
    INVOICES: ("invoice:",),
    LEADS: ("lead:",),
    QUOTES: ("quote:",),
    ACTIVITIES: ("email:", "activity:"),
}
# Letters and tasks older than this are not looked for any more; deals and invoices always are.
_ACTIVITIES_BACK = timedelta(days=62)
# A sync spends no more than this on it: the numbers on the wall come first.
_SECONDS = 45.0


def families(choice: Choice, state: State) -> list[str]:
    """What to go through tonight. Calls are never deleted."""
    wanted = [name for name in _PREFIXES if name not in state.off]
    return [name for name in wanted if name != INVOICES or choice.invoices is not Invoices.NONE]


class Counting:
    """Goes on with the families that the state names; the ids so far are in the spill."""

    def __init__(
        self,
        portal: Portal,
        state: State,
        choice: Choice,
        site: Site,
        spill: Spill,
        asked: Ask,
        walk: Walk,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._portal, self._state, self._choice, self._site = portal, state, choice, site
        self._spill, self._asked, self._walk, self._clock = spill, asked, walk, clock

    def batches(self) -> Iterator[Batch]:
        """Batches with a census each, as far as the time reaches. Raises SourceError."""
        until = min(self._asked.deadline, self._clock() + _SECONDS)
        while self._state.census and self._clock() + LEAST_SECONDS < until:
            yield self._step(self._state.census[0], until)

    def _step(self, family: str, until: float) -> Batch:
        state, run = self._state, self._state.census_run
        if not self._spill.reaches(family, run, state.census_last):
            state.census_last = 0
        if state.census_last == 0:
            self._spill.clear(family)
            run = state.census_run = millis(self._site.clock())
            state.census_read = state.census_total = 0
        stream = self._listing(family)
        counting = state.census_last == 0
        # As many pages as there are rows: a page after the last one would be asked for in vain.
        pages = 1 if counting else max(0, state.census_total - state.census_read) // PAGE + 1
        pages = min(pages, MOST_COMMANDS, self._portal.meter.room(stream.method, millis(self._site.clock())))
        if pages == 0:
            return self._over(family, ())
        want = Want(stream, state.census_last, pages, self._where(family, stream), counting)
        _, found = ask(self._portal, {family: want}, until)
        page = found[family]
        if page.failure is not None:
            if page.failure.trouble in DISABLING:
                return self._over(family, ())
            raise TransientError(f"The list of {family} for the nightly comparison broke off.")
        self._spill.keep_ids(family, run, page.last, [stream.id_of(row) for row in page.rows])
        state.census_last, state.census_read = page.last, state.census_read + len(page.rows)
        state.census_total = page.total or state.census_total
        if not page.ended:
            return self._walk.batch(())
        ids = self._spill.ids(family)
        return self._over(family, tuple(self._census(family, prefix, ids) for prefix in _PREFIXES[family]))

    def _over(self, family: str, census: tuple[Census, ...]) -> Batch:
        state = self._state
        self._spill.clear(family)
        state.census, state.census_last = state.census[1:], 0
        if not state.census:
            self._spill.drop()
        return replace(self._walk.batch(()), census=census)

    def _census(self, family: str, prefix: str, ids: list[int]) -> Census:
        since = self._since(family)
        return Census(prefix, frozenset(f"{prefix}{number}" for number in ids), since)

    def _listing(self, family: str) -> Stream:
        stream = self._walk.known()[family]
        fixed = {name: value for name, value in (stream.fixed or {}).items() if name == "entityTypeId"}
        return replace(stream, fixed={**fixed, "select": (stream.id,)})

    def _where(self, family: str, stream: Stream) -> Mapping[str, Any]:
        since = self._since(family)
        if since is None:
            return {}
        field = stream.changed if family == ACTIVITIES else ("DATE_CREATE" if stream.old else "createdTime")
        return {f">={field}": self._walk.filter_text(since)}

    def _since(self, family: str) -> datetime | None:
        """What is judged: no fact of a letter or a task is younger than its last change, a lead's is its creation."""
        first = date.fromisoformat(self._state.first_day)
        if family in (DEALS, INVOICES):
            return None
        day = max(first, (self._asked.now - _ACTIVITIES_BACK).date()) if family == ACTIVITIES else first
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self._site.timezone))
