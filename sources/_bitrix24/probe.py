"""Whether a portal understands dates in filters as we write them: asked once, before anything is believed."""

from __future__ import annotations

from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import Stream

_ISO, _NAIVE = "probe_iso", "probe_naive"
# Nothing was changed by then: a portal that shows rows has not understood the date.
_FUTURE = "2037-01-01T00:00:00+00:00"


def commands(deals: Stream) -> dict[str, Command]:
    """Deals changed in the far future, written in both ways."""
    return {
        _ISO: deals.command(0, {f">={deals.changed}": _FUTURE}),
        _NAIVE: deals.command(0, {f">={deals.changed}": _FUTURE[:19].replace("T", " ")}),
    }


def verdict(reply: Reply, deals: Stream) -> bool | None:
    """True = dates have to be written without an offset; None = it was not asked."""
    if _ISO not in reply.results or _NAIVE not in reply.results:
        return None
    return bool(deals.rows(reply.results[_ISO])) and not deals.rows(reply.results[_NAIVE])
