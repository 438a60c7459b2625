"""The connection test of a CRM that is not wholly documented: what was tried out, in plain sentences."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sources import Finding, PermissionDeniedError, SchemaError
from sources._rounds.crm import PAGE, Crm, Listing, Look, OutOfTime, Page, Way
from sources._rounds.memory import Memory
from sources._rounds.probe import learn
from sources._rounds.state import State
from sources._rounds.sync import missing

_WAYS = {
    Way.NEWEST: "can be sorted by their last change, so only what is new is read",
    Way.SINCE: "can be asked for by their last change, so only what is new is read",
    Way.WHOLE: "can neither be sorted nor asked for by their last change, so all pages are read {pause}",
}
_SHORT = 30


def examine(crm: Crm, now: datetime) -> list[Finding]:
    """One finding for each thing that was looked at. Raises SourceError where the account cannot be read at all."""
    memory, state = Memory(Path(":memory:")), State("", "", 0)
    try:
        crm.prepare(memory, now)
        lists = [_tried(crm, memory, state, listing, now) for listing in crm.lists()]
        found = [Finding("Beta", "This connection was built from documents. Compare its numbers with the CRM's own.")]
        found += crm.findings(memory) + lists
        found += [
            # What an account does not have is no fault of the connection.
            Finding("Not available", f"{kind.value.replace('_', ' ')}: {why}")
            for kind, why in missing(crm, memory, state).items()
        ]
        return found + [Finding(each.where, each.text, False) for each in crm.problems(memory)]
    finally:
        memory.close()


def _tried(crm: Crm, memory: Memory, state: State, listing: Listing, now: datetime) -> Finding:
    def fetch(look: Look) -> Page:
        return crm.page(memory, listing.name, 1, look)

    try:
        crm.shape(memory, listing.name)
        ability = learn(listing, fetch, crm.stamp, now)
    except OutOfTime:
        return Finding(listing.label, "there was no time left to try this list out; test again", False)
    except (PermissionDeniedError, SchemaError) as error:
        state.reading(listing.name).denied = str(error)
        return Finding(listing.label, str(error), False)
    if not ability.first.rows:
        return Finding(listing.label, "none yet; what the list can do shows with the first ones")
    return Finding(listing.label, f"{_count(ability.first)}; {_WAYS[ability.way].format(pause=_pause(ability.first))}")


def _count(page: Page) -> str:
    if page.total is not None:
        return str(page.total)
    return f"{len(page.rows)} or more" if len(page.rows) >= PAGE else str(len(page.rows))


def _pause(page: Page) -> str:
    rows = page.total if page.total is not None else len(page.rows)
    if rows <= PAGE:
        return "each time"
    pages = -(-rows // PAGE)
    return f"every {pages * 20} seconds" if pages < _SHORT else "every 10 minutes or so"
