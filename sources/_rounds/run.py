"""Reading one list: following what changes, and walking through all of it to find what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.facts import Census, Change
from sources import Ask, PermissionDeniedError, SchemaError, Site
from sources._rounds.crm import PAGE, Crm, Listing, Look, Order, Page, RefusedQuery, Row, Way
from sources._rounds.memory import Memory
from sources._rounds.probe import Fetch, floor, is_newest_first, learn, stamps
from sources._rounds.state import Live, Reading, Round, State
from sources._rounds.values import instant, ms

# A CRM may show a row some minutes late, with an old time on it.
OVERLAP_MS = 600_000
_DAY_MS = 86_400_000
# Walking through a whole list costs a request a page: one in 20 s at most on average, and a long list every 10 minutes.
_MS_A_PAGE = 20_000
_LONGEST_PAUSE_MS = 600_000
_UNHURRIED_MS = 45_000
# So many rows that following should have met, and it is no longer believed.
_TRUST = 2
# What a round did not meet is asked for one by one, so many in one round.
_MOST_CHECKED = 300
_MOST_GONE = 0.2
_FEW = 5
_FLUSH_CHANGES = 500
_FLUSH_PAGES = 10
# The stamp of a row that says nothing of its last change: it may always be new.
_NEVER = 2**53


class Distrust(Exception):
    """The rows of an answer show that the list cannot do what it could."""


@dataclass(slots=True)
class Run:
    """One sync. `changes` and `census` gather until they are handed over together with the state."""

    crm: Crm
    memory: Memory
    state: State
    site: Site
    ask: Ask
    changes: list[Change] = field(default_factory=list)
    census: list[Census] = field(default_factory=list)
    pages: int = 0

    @property
    def now(self) -> int:
        """Milliseconds by our own clock."""
        return ms(self.site.clock())

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand over what was read."""
        return len(self.changes) >= _FLUSH_CHANGES or self.pages >= _FLUSH_PAGES

    def take(self) -> tuple[list[Change], list[Census]]:
        """What has gathered, and start anew. The memory is on the disk before anybody gets the cursor."""
        self.memory.commit()
        gathered = self.changes, self.census
        self.changes, self.census, self.pages = [], [], 0
        return gathered

    def learn(self, listing: Listing, reading: Reading) -> None:
        """Find out what the list can do, once a day."""
        if reading.way and 0 <= self.now - reading.learned < _DAY_MS:
            return
        self.crm.shape(self.memory, listing.name)
        found = learn(listing, self._fetch(listing), self.crm.stamp, self.site.clock())
        if found.way is Way.WHOLE or not reading.doubt:
            reading.way, reading.filter = found.way.value, found.filter
        # What once deceived us has to be good for two days before it is believed again.
        reading.doubt, reading.learned = False, self.now

    def is_live_due(self, listing: Listing, reading: Reading) -> bool:
        """Whether to look for what has changed now: only after a first walk through all of it."""
        if reading.way == Way.WHOLE or not reading.round.read_at:
            return False
        waited = self.now - reading.live.read_at
        return bool(reading.live.page) or listing.urgent or self.ask.wished or not 0 <= waited < _UNHURRIED_MS

    def is_round_due(self, reading: Reading) -> bool:
        """Whether to walk through all of it now (or go on with that)."""
        walk = reading.round
        if walk.page or walk.due or not walk.read_at:
            return True
        if reading.way != Way.WHOLE:
            return False
        pause = max(min(walk.pages * _MS_A_PAGE, _LONGEST_PAUSE_MS), 2 * walk.took)
        return self.ask.wished or not 0 <= self.now - walk.read_at < pause

    def follow(self, listing: Listing, reading: Reading) -> Iterator[None]:
        """Read what has changed since the last time. What a page shows to be wrong turns into a walk through all."""
        live = reading.live
        if not live.page:
            live.low, live.newest = live.top - OVERLAP_MS, live.top
            live.page, live.size, live.total, live.began = 1, 0, None, self.now
        try:
            while live.page:
                page = self._fetch(listing, live.page)(self._look(listing, reading))
                self._follow(listing, reading, page)
                yield
        except (Distrust, RefusedQuery):
            reading.way, reading.doubt = Way.WHOLE.value, True
            live.page, reading.round.due = 0, True

    def walk(self, listing: Listing, reading: Reading) -> Iterator[None]:
        """Read all of it; then ask for what was not met, and hand over which records there are."""
        walk = reading.round
        if not walk.page:
            walk.number, walk.page, walk.size, walk.total = walk.number + 1, 1, 0, None
            walk.began, walk.newest, walk.rows, walk.late, walk.due = self.now, 0, 0, 0, False
        while not walk.checking:
            page = self._fetch(listing, walk.page)(Look())
            self._list(listing, reading, page)
            yield
        yield from self._check(listing, walk)
        self._finish(listing, reading)
        yield

    def _fetch(self, listing: Listing, number: int = 1) -> Fetch:
        def fetch(look: Look) -> Page:
            return self.crm.page(self.memory, listing.name, number, look)

        return fetch

    def _look(self, listing: Listing, reading: Reading) -> Look:
        if reading.way == Way.NEWEST:
            return Look(Order.NEWEST)
        return Look(filter=reading.filter, since=floor(self._local(reading.live.low), listing.days))

    def _local(self, at: int) -> datetime:
        return instant(at).astimezone(self.crm.zone)

    def _follow(self, listing: Listing, reading: Reading, page: Page) -> None:
        live, found = reading.live, stamps(page.rows, self.crm.stamp)
        if found is None or (reading.way == Way.NEWEST and not is_newest_first(found)):
            raise Distrust
        bottom = ms(floor(self._local(live.low), listing.days)) if reading.way == Way.SINCE else live.low
        if reading.way == Way.SINCE and any(ms(at) < bottom for at in found):
            raise Distrust
        fresh = [row for row, at in zip(page.rows, found, strict=True) if ms(at) >= bottom]
        self._add(listing, fresh)
        self.memory.listed(listing.name, reading.round.number, self._marks(fresh))
        live.newest = max([live.newest, *map(ms, found)])
        more = _turn(live, page)
        if not more or len(fresh) < len(page.rows):
            # A CRM whose clock runs before ours must not make us skip what it has still to write.
            live.top = max(live.top, min(live.newest, live.began))
            live.page, live.read_at = 0, live.began

    def _list(self, listing: Listing, reading: Reading, page: Page) -> None:
        walk = reading.round
        marks = self._marks(page.rows)
        walk.late += sum(self._is_late(listing.name, reading, *mark) for mark in marks)
        self._add(listing, [row for row, (_, at) in zip(page.rows, marks, strict=True) if at >= self.state.since])
        self.memory.listed(listing.name, walk.number, marks)
        walk.newest = max([walk.newest, *(at for _, at in marks if at < _NEVER)])
        walk.rows += len(page.rows)
        walk.pages = walk.page
        walk.checking = not _turn(walk, page)

    def _is_late(self, name: str, reading: Reading, key: str, at: int) -> bool:
        """Whether following has gone past this version of the row without meeting it."""
        if reading.way == Way.WHOLE or not reading.live.read_at or at >= reading.live.top - OVERLAP_MS:
            return False
        known = self.memory.stamp(name, key)
        return known is None or known < at

    def _check(self, listing: Listing, walk: Round) -> Iterator[None]:
        """Page numbers lose rows that move while they are read: only what does not answer by itself is gone."""
        missing = self.memory.unlisted(listing.name, walk.number)
        if self._is_mass(listing, len(missing)):
            return
        for key, met in missing[:_MOST_CHECKED]:
            try:
                row = self.crm.one(self.memory, listing.name, key)
            except (PermissionDeniedError, SchemaError):
                # No record can be asked for by itself: then two walks that did not meet it have to do.
                if met < walk.number - 1:
                    self._gone(listing, key)
                continue
            if row is None:
                self._gone(listing, key)
                continue
            self.memory.hide(listing.name, key)
            if self._marks([row])[0][1] >= self.state.since:
                self._add(listing, [row])
            yield

    def _is_mass(self, listing: Listing, count: int) -> bool:
        """Whether so many records are missing that it looks like a lost permission."""
        return count > max(_MOST_GONE * len(self.memory.ids(listing.name)), _FEW)

    def _gone(self, listing: Listing, key: str) -> None:
        """A record that does not exist any more; should it come back, it may come back with its old stamp."""
        stamp = self.memory.stamp(listing.name, key) or 0
        self.changes.append(Change(f"{listing.prefix}{key}", (), 0 if stamp == _NEVER else stamp))
        self.memory.forget(listing.name, key)

    def _finish(self, listing: Listing, reading: Reading) -> None:
        walk = reading.round
        gone = {key for key, _ in self.memory.unlisted(listing.name, walk.number)}
        if not self._is_mass(listing, len(gone)):
            gone = set()
        records = frozenset(f"{listing.prefix}{key}" for key in self.memory.ids(listing.name) if key not in gone)
        # A handful may always vanish: in a short list even one is more than a fifth.
        limit = max(_MOST_GONE, _FEW / (len(records) + _FEW))
        self.census.append(Census(listing.prefix, records, limit=limit))
        walk.took, walk.read_at = self.now - walk.began, walk.began
        walk.page, walk.checking = 0, False
        live = reading.live
        if reading.way != Way.WHOLE and walk.late > _TRUST:
            reading.way, reading.doubt = Way.WHOLE.value, True
        # From here on following goes on: from before this walk began, by whichever clock is behind.
        if not live.page:
            live.top = max(live.top, min(walk.newest, walk.began))
            live.read_at = max(live.read_at, walk.began)

    def _add(self, listing: Listing, rows: list[Row]) -> None:
        self.changes += self.crm.changes(self.memory, listing.name, rows, instant(self.state.since))
        self.pages += 1

    def _marks(self, rows: list[Row]) -> list[tuple[str, int]]:
        return [(str(row["id"]), _NEVER if (at := self.crm.stamp(row)) is None else ms(at)) for row in rows]


def _turn(walk: Live | Round, page: Page) -> bool:
    """Go on to the next page; False = this was the last one. A CRM may give smaller pages than were asked for."""
    rows = len(page.rows)
    if walk.page == 1:
        told_more = page.total is not None and page.total > rows
        walk.size = rows if told_more or (page.total is None and rows % 10 == 0) else PAGE
    fewer = page.total is not None and walk.total is not None and page.total < walk.total
    number, walk.total = walk.page, page.total
    if fewer and number > 1:
        # Rows were deleted meanwhile and the others moved up: some now stand on the page before.
        walk.page -= 1
        return True
    walk.page += 1
    return rows > 0 and rows >= walk.size and page.total != number * walk.size
