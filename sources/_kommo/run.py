"""What the lists of one sync share: the account, the memory, the cursor, and the changes not yet handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.facts import Census, Change
from sources import Ask, Site, TransientError
from sources._kommo.api import PAGE, Api, GoneError, Page, Query, Row
from sources._kommo.deals import deal_changes, links
from sources._kommo.memory import Memory
from sources._kommo.office import Office, load, refresh, want
from sources._kommo.rows import Desk, second
from sources._kommo.rules import Rules
from sources._kommo.state import State
from sources._kommo.walk import FilterIgnored, Walk

# Ids in one address: long addresses are refused.
_IDS = 50
_MOST_GONE = 0.2
_FEW = 5
_FLUSH_CHANGES = 500
_FLUSH_PAGES = 10


@dataclass(slots=True)
class Run:
    """One sync. A list's code adds to `changes` and moves its span on in `state`; both are handed over together."""

    api: Api
    memory: Memory
    state: State
    rules: Rules
    site: Site
    ask: Ask
    office: Office = field(default_factory=Office)
    changes: list[Change] = field(default_factory=list)
    census: list[Census] = field(default_factory=list)
    pages: int = 0
    refreshed: set[str] = field(default_factory=set)

    @property
    def now(self) -> int:
        """Unix seconds by our own clock: only ever used for differences."""
        return int(self.site.clock().timestamp())

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand over what was read."""
        return len(self.changes) >= _FLUSH_CHANGES or self.pages >= _FLUSH_PAGES

    def desk(self) -> Desk:
        """What rows are read with."""
        currency = self.office.currency or self.site.currency
        exact = "events" not in self.state.denied
        return Desk(self.api.keys.base(), currency, self.state.since, self.office, self.rules, self.memory, exact)

    def update(self, name: str) -> None:
        """Read one dictionary again."""
        refresh(self.api, self.memory, name, self.now)
        self.refreshed.add(name)
        self.office = load(self.memory)
        # A fee for being wrong about page sizes once: they are tried at full size again now and then.
        if name == "account":
            self.api.limits.clear()
            self.state.unfiltered = self.office.filters is False

    def look_up(self, name: str) -> None:
        """Somebody or something unknown turned up: read that dictionary again, if that was not just done."""
        if want(self.memory, name, self.now):
            self.update(name)

    def walk(
        self, name: str, path: str, rows: str, stamp: str, query: Query, most: int = PAGE, ordered: bool = True
    ) -> Iterator[list[Row]]:
        """Go on reading a list by the time `stamp`; each turn gives some rows, and the span has moved past them only
        after the next turn was asked for. Rows may come twice."""
        span = self.state.span(name)
        span.begin(self.state.since)

        def fetch(low: int, high: int | None, number: int) -> Page:
            border: list[tuple[str, object]] = [(f"filter[{stamp}][from]", low)]
            if high is not None:
                border.append((f"filter[{stamp}][to]", high))
            return self.api.page(path, rows, [*border, *query], number, most)

        walk = Walk(fetch, lambda row: second(row, stamp), span.margin, ordered)
        before = 0
        for step in walk.steps(span.low, span.high):
            yield step.rows
            span.saw((second(row, stamp) for row in step.rows), self.now)
            span.low, span.high, span.margin = step.low, step.high, walk.margin
            self._count(step.rows)
            span.pages, self.pages, before = span.pages + walk.pages - before, self.pages + 1, walk.pages
        span.finish(self.now)

    def by_ids(self, path: str, name: str, ids: Sequence[int], query: Query = ()) -> list[Row]:
        """These records, as far as they exist. Raises FilterIgnored."""
        found: list[Row] = []
        for start in range(0, len(ids), _IDS):
            some = ids[start : start + _IDS]
            page = self.api.page(path, name, [*query, *(("filter[id][]", each) for each in some)])
            if any(row["id"] not in some for row in page.rows):
                raise FilterIgnored
            found += page.rows
        return found

    def leads(self, ids: Sequence[int]) -> dict[int, Row]:
        """These leads, as far as they exist, one by one where the account does not filter."""
        if not self.state.unfiltered:
            try:
                return {int(row["id"]): row for row in self.by_ids("leads", "leads", ids, self.lead_query())}
            except FilterIgnored:
                self.state.unfiltered = True
        return {each: row for each in ids if (row := self._lead(each)) is not None}

    def add_deals(self, rows: list[Row]) -> None:
        """Take these leads in."""
        unknown = {(row.get("pipeline_id"), row.get("status_id")) for row in rows} - self.office.stages.keys()
        if unknown and self.office.stages:
            self.look_up("pipelines")
        if self.office.catalog is not None:
            fresh = self.memory.saw_links(links(rows, self.office.catalog))
            if not self.state.reading:
                self.state.linked = sorted({*self.state.linked, *fresh})
        if "leads" in self.state.census:
            # It exists: perhaps it came back from the bin behind the census.
            self.memory.saw_listed("leads", [int(row["id"]) for row in rows])
        self.changes += deal_changes(rows, self.desk())

    def lead_query(self) -> list[tuple[str, object]]:
        """What to have with each lead."""
        wanted = "loss_reason,catalog_elements" if self.office.catalog is not None else "loss_reason"
        return [("with", wanted)]

    def list_all(self, prefix: str, stream: str, since: int | None) -> None:
        """Every record of a family that exists was listed: the others are gone."""
        records = frozenset(f"{prefix}{each}" for each in self.memory.listed(stream))
        # A handful may always vanish: in a short list even one is more than a fifth.
        limit = max(_MOST_GONE, _FEW / (len(records) + _FEW))
        start = None if since is None else datetime.fromtimestamp(since, UTC)
        self.census.append(Census(prefix, records, start, limit))

    def take(self) -> tuple[list[Change], list[Census]]:
        """What has gathered, and start anew. The memory is on the disk before anybody gets the cursor."""
        self.memory.commit()
        gathered = self.changes, self.census
        self.changes, self.census, self.pages = [], [], 0
        return gathered

    def _lead(self, lead: int) -> Row | None:
        try:
            row = self.api.get(f"leads/{lead}", self.lead_query())
        except GoneError:
            return None
        if row is not None and "id" not in row:
            raise TransientError("Kommo answered with a lead that is none.")
        return row

    def _count(self, rows: Iterable[Row]) -> None:
        if self.state.reading:
            self.state.rows += sum(1 for _ in rows)
