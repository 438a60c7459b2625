"""From pages to changes: in a first read by way of the spill, in a poll by asking for what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.facts import Change
from sources._bitrix24.changes import Maker
from sources._bitrix24.details import Details
from sources._bitrix24.pages import Pages
from sources._bitrix24.plan import ready
from sources._bitrix24.spill import Spill
from sources._bitrix24.state import Run, State
from sources._bitrix24.streams import (
    ACTIVITIES,
    CALLS,
    DEAL,
    DEALS,
    HISTORY,
    INVOICE_HISTORY,
    INVOICES,
    LEADS,
    OLD_DEALS,
    OLD_PLANS,
    QUOTES,
    Stream,
)
from sources._bitrix24.values import Row, digest, millis, number

_HISTORIES = (HISTORY, INVOICE_HISTORY)
_PLANS = (ACTIVITIES, OLD_PLANS)
_MOST_SEEN = 1000


@dataclass(slots=True)
class Intake:
    """Takes pages in. `overlap_from` is the time (the portal's, in milliseconds) from which the next poll re-reads."""

    state: State
    run: Run
    known: Mapping[str, Stream]
    maker: Maker
    calls_in_activities: bool
    overlap_from: int
    seen: dict[str, dict[str, str]] = field(default_factory=dict)

    def first(self, pages: Mapping[str, Pages], spill: Spill) -> list[Change]:
        """The changes of a first read's step. Rows that came before what they need are left for the next step."""
        changes: list[Change] = []
        for name in sorted(self._streams(pages), key=lambda name: name in (DEALS, OLD_DEALS, INVOICES)):
            page = pages[name]
            if not ready(name, self.run, self.state, self.known):
                self.run.total.setdefault(name, page.total or 0)
                continue
            changes += self._first_of(name, page, spill)
            self._advance(name, page)
        return changes

    def poll(self, pages: Mapping[str, Pages], details: Callable[[], Details]) -> tuple[list[Change], Maker]:
        """The changes of a poll's step, and the maker with what it learnt."""
        changes: list[Change] = []
        owners: set[int] = set()
        fresh = {name: self._fresh(name, pages[name]) for name in self._streams(pages)}
        for name, rows in fresh.items():
            if name == HISTORY:
                owners |= {number(row.get("OWNER_ID")) for row in rows}
            if name == ACTIVITIES:
                owners |= {number(row.get("OWNER_ID")) for row in rows if number(row.get("OWNER_TYPE_ID")) == DEAL}
            changes += self._simple(name, rows)
        invoices = [] if self._old_invoices() else fresh.get(INVOICES, [])
        deals = fresh.get(DEALS, [])
        if DEALS in self.state.off:
            owners = set()
        if deals or owners - {0} or invoices:
            asking = details()
            changes += asking.changes(deals, sorted(owners - {0}), invoices, bool(self.maker.book.deals))
            self.maker = asking.maker
        for name in fresh:
            self._advance(name, pages[name])
        return changes, self.maker

    def _streams(self, pages: Mapping[str, Pages]) -> list[str]:
        return [name for name, page in pages.items() if name in self.known and name not in self.state.off]

    def _advance(self, name: str, page: Pages) -> None:
        run = self.run
        before = run.counts.get(name, 0)
        run.last[name], run.counts[name] = page.last, before + len(page.rows)
        if page.total is not None:
            run.total[name] = before + page.total
        if page.ended:
            run.done.append(name)

    def _first_of(self, name: str, page: Pages, spill: Spill) -> list[Change]:
        rows, run = page.rows, self.run
        if name in _HISTORIES:
            steps = [(number(row.get("OWNER_ID")), self.maker.step(row, name == INVOICE_HISTORY)) for row in rows]
            spill.keep_steps(name, run.local, page.last, [(owner, step) for owner, step in steps if step])
            return []
        if name in _PLANS:
            plans = [(number(row.get("ID")), self.maker.planned(row)) for row in rows]
            spill.keep_plans(name, run.local, page.last, [(plan[0], id, plan[1]) for id, plan in plans if plan])
            return self._simple(name, rows)
        if name in (DEALS, OLD_DEALS):
            ids = [number(row.get("id")) for row in rows]
            history, due = spill.steps(HISTORY, ids), spill.plans(ids)
            return [
                self.maker.deal(row, history.get(id, ()), due.get(id), None) for id, row in zip(ids, rows, strict=True)
            ]
        if name == INVOICES and not self._old_invoices():
            sent = spill.steps(INVOICE_HISTORY, [number(row.get("id")) for row in rows])
            return [self.maker.invoice(row, sent.get(number(row.get("id")), ())) for row in rows]
        return self._simple(name, rows)

    def _simple(self, name: str, rows: Sequence[Row]) -> list[Change]:
        """Changes of rows that say all by themselves; none for the other streams."""
        maker = self.maker
        if name == CALLS:
            return [change for change in map(maker.call, rows) if change]
        if name == ACTIVITIES:
            made = (maker.activity(row, self.calls_in_activities) for row in rows)
            return [change for change in made if change]
        if name == LEADS:
            return [maker.lead(row) for row in rows]
        if name == QUOTES:
            return [maker.quote(row) for row in rows]
        if name == INVOICES and self._old_invoices():
            return [maker.old_invoice(row) for row in rows]
        return []

    def _fresh(self, name: str, page: Pages) -> list[Row]:
        """The rows that were not taken in by the last poll already, in this very form."""
        stream, before, now = self.known[name], self.state.seen.get(name, {}), self.seen.setdefault(name, {})
        fresh = []
        for row in page.rows:
            key, print_ = str(stream.id_of(row)), digest(row)
            if before.get(key) != print_:
                fresh.append(row)
            changed = self.maker.moment(stream.changed_of(row)) if stream.changed else None
            if len(now) < _MOST_SEEN and (changed is None or millis(changed) >= self.overlap_from):
                now[key] = print_
        return fresh

    def _old_invoices(self) -> bool:
        return INVOICES in self.known and self.known[INVOICES].method == "crm.invoice.list"
