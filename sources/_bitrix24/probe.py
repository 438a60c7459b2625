"""Whether a portal understands dates in filters as we write them: asked once, before anything is believed."""

from __future__ import annotations

from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import Stream

_ISO, _NAIVE, _NEWEST, _KNOWN = "probe_iso", "probe_naive", "probe_newest", "probe_known"
# Nothing was changed by then; a portal that shows rows has not understood the date.
_FUTURE = "2037-01-01T00:00:00+00:00"


def commands(deals: Stream) -> dict[str, Command]:
    """Deals changed in the far future, written in both ways; and the newest deal, asked for by its own time."""
    changed = str(deals.changed)
    path = f"[{deals.inside}]" if deals.inside else ""
    newest = {**(deals.fixed or {}), "order": {changed: "DESC"}, "start": -1}
    return {
        _ISO: deals.command(0, {f">={changed}": _FUTURE}),
        _NAIVE: deals.command(0, {f">={changed}": _FUTURE[:19].replace("T", " ")}),
        _NEWEST: Command(deals.method, newest),
        _KNOWN: deals.command(0, {f">={changed}": f"$result[{_NEWEST}]{path}[0][{changed}]"}),
    }


def verdict(reply: Reply, deals: Stream) -> bool | None:
    """True = dates have to be written without an offset; None = it was not asked, or there is nothing to tell by."""
    if _ISO not in reply.results or _NAIVE not in reply.results:
        return None
    rows = {key: deals.rows(reply.results.get(key)) for key in (_ISO, _NAIVE, _NEWEST, _KNOWN)}
    ignored = bool(rows[_ISO])
    dropped = bool(rows[_NEWEST]) and _KNOWN in reply.results and not rows[_KNOWN]
    return (ignored or dropped) and not rows[_NAIVE]
