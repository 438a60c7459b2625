"""What to ask next: fifty commands shared out so that a first read takes as few requests as there are full ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sources._bitrix24.meter import Meter
from sources._bitrix24.pages import Want
from sources._bitrix24.portal import MOST_COMMANDS
from sources._bitrix24.state import Run, State
from sources._bitrix24.streams import (
    ACTIVITIES,
    DEALS,
    HISTORY,
    INVOICE_HISTORY,
    INVOICES,
    OLD_DEALS,
    OLD_PLANS,
    PAGE,
    Stream,
)

# What has to be complete before these rows can be made into changes, in a first read.
NEEDS = {
    DEALS: (HISTORY, ACTIVITIES, OLD_PLANS),
    OLD_DEALS: (HISTORY, ACTIVITIES, OLD_PLANS),
    INVOICES: (INVOICE_HISTORY,),
}
# Where the count was wrong.
_UNKNOWN = 5


def wants(
    state: State,
    run: Run,
    known: Mapping[str, Stream],
    meter: Meter,
    now_ms: int,
    *,
    where: Callable[[Stream], Mapping[str, Any]],
    room: int,
    retry_off: bool,
) -> dict[str, Want]:
    """The next pages of every stream that is not done and not resting."""
    found: dict[str, Want] = {}
    left = min(room, state.width if run.first else MOST_COMMANDS)
    open_streams = [stream for stream in _in_order(known) if stream.name not in run.done]
    for stream in open_streams:
        if stream.name in state.off and not retry_off:
            continue
        read = run.counts.get(stream.name, 0)
        # A poll counts only where its first page was full.
        counting = stream.name not in run.total and (run.first or read > 0)
        pages = 1 if stream.name not in run.total else _pages(run.total[stream.name], read)
        pages = min(pages, left, meter.room(stream.method, now_ms) - _asked(found, stream.method))
        if pages <= 0 or not _ready(stream.name, run, state, known, found):
            continue
        found[stream.name] = Want(stream, run.last.get(stream.name, 0), pages, where(stream), counting)
        left -= pages
    return found


def ready(name: str, run: Run, state: State, known: Mapping[str, Stream]) -> bool:
    """Whether everything that these rows need was read."""
    needs = NEEDS.get(name, ()) if run.first else ()
    return all(need not in known or need in run.done or need in state.off for need in needs)


def _in_order(known: Mapping[str, Stream]) -> list[Stream]:
    # Those that need others come last, so that one request may end both.
    return sorted(known.values(), key=lambda stream: stream.name in NEEDS)


def _pages(total: int, read: int) -> int:
    """As many pages as there are rows: one after the last would be asked for in vain. Only a short page ends a list."""
    return (total - read) // PAGE + 1 if total >= read else _UNKNOWN


def _asked(found: Mapping[str, Want], method: str) -> int:
    return sum(want.pages for want in found.values() if want.stream.method == method)


def _ready(name: str, run: Run, state: State, known: Mapping[str, Stream], found: Mapping[str, Want]) -> bool:
    """Ready already, or by the time that this very request comes to it."""
    if ready(name, run, state, known):
        return True
    # While they are counted, one page of each is asked anyway.
    for need in NEEDS[name] if run.total or not run.first else ():
        want = found.get(need)
        if need in known and need not in run.done and need not in state.off and (want is None or not _ends(run, want)):
            return False
    return True


def _ends(run: Run, want: Want) -> bool:
    name = want.stream.name
    return name in run.total and want.pages * PAGE > run.total[name] - run.counts.get(name, 0)
