"""What a list can do: tried out, and believed only where the rows of the answers prove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sources._rounds.crm import Listing, Look, Order, Page, RefusedQuery, Row, Way

_FUTURE = timedelta(days=3650)

Fetch = Callable[[Look], Page]
Stamp = Callable[[Row], datetime | None]


@dataclass(frozen=True, slots=True)
class Ability:
    """How a list can be kept up to date; `filter` names the filter that works. `first` is its first page."""

    way: Way
    first: Page
    filter: str = ""


def learn(listing: Listing, fetch: Fetch, stamp: Stamp, now: datetime) -> Ability:
    """Try to sort, then to filter. Raises SourceError where the list cannot be read at all."""
    first = fetch(Look())
    known = stamps(first.rows, stamp)
    if known is None or not known:
        return Ability(Way.WHOLE, first)
    if listing.sorts and _sorts(fetch, stamp, known):
        return Ability(Way.NEWEST, first)
    for name in listing.filters:
        if _filters(fetch, stamp, name, known, listing.days, now):
            return Ability(Way.SINCE, first, name)
    return Ability(Way.WHOLE, first)


def stamps(rows: Sequence[Row], stamp: Stamp) -> list[datetime] | None:
    """The time of change of every row; None where one does not say."""
    found = [at for row in rows if (at := stamp(row)) is not None]
    return found if len(found) == len(rows) else None


def is_newest_first(found: Sequence[datetime] | None) -> bool:
    """Whether every row says its time of change, none of them earlier than the next."""
    return found is not None and list(found) == sorted(found, reverse=True)


def floor(since: datetime, days: bool) -> datetime:
    """What a filter can be asked for: it may know days alone."""
    return since.replace(hour=0, minute=0, second=0, microsecond=0) if days else since


def _sorts(fetch: Fetch, stamp: Stamp, known: Sequence[datetime]) -> bool:
    """Both orders are asked for: an answer that is the same either way was not sorted."""
    try:
        newest = stamps(fetch(Look(Order.NEWEST)).rows, stamp)
        oldest = stamps(fetch(Look(Order.OLDEST)).rows, stamp)
    except RefusedQuery:
        return False
    if not newest or not oldest or not is_newest_first(newest) or not is_newest_first(oldest[::-1]):
        return False
    return newest[0] > oldest[0] and newest[0] >= max(known) and oldest[0] <= min(known)


def _filters(fetch: Fetch, stamp: Stamp, name: str, known: Sequence[datetime], days: bool, now: datetime) -> bool:
    """Asked from the newest row known on, it gives that row and no older one; asked from in ten years on, none."""
    since = floor(max(known), days)
    try:
        page = fetch(Look(filter=name, since=since))
        found = stamps(page.rows, stamp)
        if not found or min(found) < since or not (_has_more(page) or max(found) >= max(known)):
            return False
        return not fetch(Look(filter=name, since=now + _FUTURE)).rows
    except RefusedQuery:
        return False


def _has_more(page: Page) -> bool:
    return page.total is not None and page.total > len(page.rows)
