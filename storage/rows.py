"""Facts as rows: the shape in which they are compared, stored and read back."""

from __future__ import annotations

import json
import marshal
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.facts import Change, Direction, Fact, Kind, Problem
from domain.settings import Credit
from domain.totals import from_minor, to_minor
from storage.db import from_ms

IMPOSSIBLE_AMOUNT = "impossible_amount"
# A sum of a thousand such amounts still fits a 64-bit integer.
_LARGEST_AMOUNT = 10**15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_QUARTER_MS = 900_000
_KEPT_QUARTERS = 200_000
_DETAILS = ("title", "customer", "pipeline", "stage", "loss_reason")
_OWNED = ("deal_", "invoice_")
_from_bytes = int.from_bytes

# A row of `facts` as the database gives it back, source and record aside: see FACT_COLUMNS.
FactRow = tuple[Any, ...]
FACT_COLUMNS = "n, kind, at, day, rep, amount, currency, seconds, direction, answered, detail, hour"
N, KIND, AT, DAY, REP, AMOUNT, CURRENCY, SECONDS, DIRECTION, ANSWERED, DETAIL, HOUR = range(12)


# What a fact says, before anything is decided about its day: kind, at (ms UTC), on (ordinal or None), rep, amount
# (minor units), currency, seconds, direction, answered, detail, as_seen. A bare tuple: there are millions of them.
Content = tuple[Any, ...]
_REP, _AS_SEEN = 3, 10


class Draft(NamedTuple):
    """A change, read: its contents, and a digest that differs when they do. `digest` None = deleted."""

    change: Change
    contents: list[Content]
    digest: int | None
    deal: tuple[Any, ...] | None


class Calendar:
    """Which local day and hour an instant falls on, for the people of one source."""

    def __init__(self, office: str, zones: dict[str, str], credit: Credit) -> None:
        self._office = ZoneInfo(office)
        self._zones = {rep: ZoneInfo(name) for rep, name in zones.items()}
        self.by_owner = credit is Credit.CURRENT_OWNER
        self._quarters: dict[tuple[ZoneInfo, int], tuple[int, int]] = {}

    def credited(self, kind: str, rep: str, owner: str | None) -> str:
        """Whose the fact is, '' = nobody's."""
        return owner if self.by_owner and owner and kind.startswith(_OWNED) else rep

    def local(self, at: int, rep: str) -> tuple[int, int]:
        """Day (ordinal) and hour of an instant where `rep` works.

        Looked up by the quarter of an hour: every zone's offset is a multiple of that since 1972.
        """
        zone = self._zones.get(rep, self._office)
        key = (zone, at // _QUARTER_MS)
        found = self._quarters.get(key)
        if found is None:
            moment = from_ms(at).astimezone(zone)
            if len(self._quarters) >= _KEPT_QUARTERS:
                self._quarters.clear()
            found = self._quarters[key] = (moment.toordinal(), moment.hour)
        return found

    def row(self, n: int, content: Content, owner: str | None) -> FactRow:
        """The row of a fact, on its day."""
        kind, at, on, rep, amount, currency, seconds, direction, answered, detail, _ = content
        hour: int | None = None
        if on is None:
            day, hour = self.local(at, self.credited(kind, rep, owner) if self.by_owner else rep)
        else:
            day = on
        return (n, kind, at, day, rep, amount, currency, seconds, direction, answered, detail, hour)


def draft(change: Change, currency: str, refused: list[Problem]) -> Draft:
    """Read a change. `currency` is the office's; an amount that no store can hold goes to `refused`, the rest stays."""
    contents = [_content(change, fact, currency, refused) for fact in change.facts]
    if not contents and change.open_deal is None:
        return Draft(change, contents, None, None)
    deal = _deal(change, currency, refused)
    compared = contents
    if any(content[_AS_SEEN] for content in contents):
        # Whom the CRM names as the owner *now* says nothing new about an event; that it names somebody does.
        compared = [_with_rep(c, "?" if c[_REP] else "") if c[_AS_SEEN] else c for c in contents]
    # Version 2 of the format: the same bytes for equal values, whoever else refers to them.
    said = marshal.dumps((compared, change.owner, change.url, deal), 2)
    return Draft(change, contents, _from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True), deal)


def keep_reps(contents: list[Content], before: list[FactRow]) -> list[Content]:
    """Give facts whose owner was only seen (not known for the event) the person who was stored for them first."""
    if not before or not any(content[_AS_SEEN] for content in contents):
        return contents
    known: dict[tuple[str, int | None], list[str]] = {}
    for row in before:
        if row[REP]:
            known.setdefault(_event(row[KIND], row[AT]), []).append(row[REP])
    kept = []
    for content in contents:
        reps = known.get(_event(content[0], content[1])) if content[_AS_SEEN] else None
        kept.append(_with_rep(content, reps.pop(0)) if reps else content)
    return kept


def fact_of(row: FactRow) -> Fact:
    """A stored row as the domain's Fact, with whole units."""
    detail = json.loads(row[DETAIL]) if row[DETAIL] else {}
    at = from_ms(row[AT])
    return Fact(
        kind=Kind(row[KIND]),
        at=at,
        rep=row[REP] or None,
        on=None if row[HOUR] is not None else datetime.fromordinal(row[DAY]).date(),
        amount=None if row[AMOUNT] is None else from_minor(row[AMOUNT], row[CURRENCY]),
        currency=row[CURRENCY],
        seconds=row[SECONDS],
        direction=None if row[DIRECTION] is None else Direction(row[DIRECTION]),
        answered=None if row[ANSWERED] is None else bool(row[ANSWERED]),
        **detail,
    )


def _with_rep(content: Content, rep: str) -> Content:
    return (*content[:_REP], rep, *content[_REP + 1 :])


def _event(kind: str, at: int) -> tuple[str, int | None]:
    # A deal is created once: its owner at creation stays even if the CRM corrects the time.
    return kind, None if kind == Kind.DEAL_CREATED else at


def _content(change: Change, fact: Fact, office: str, refused: list[Problem]) -> Content:
    amount, currency = None, None
    if fact.amount is not None:
        currency = fact.currency or office
        amount = _minor(change, fact.amount, currency, refused)
    return (
        # `_value_` is the plain string: an enum member would be adapted for the driver row by row.
        fact.kind._value_,
        (fact.at - _EPOCH) // _MS,
        None if fact.on is None else fact.on.toordinal(),
        fact.rep or "",
        amount,
        currency if amount is not None else None,
        fact.seconds,
        None if fact.direction is None else fact.direction._value_,
        fact.answered,
        _detail(fact),
        fact.owner_as_seen,
    )


def _detail(fact: Fact) -> str | None:
    if fact.title is fact.customer is fact.pipeline is fact.stage is fact.loss_reason is None:
        return None
    values = zip(_DETAILS, (fact.title, fact.customer, fact.pipeline, fact.stage, fact.loss_reason), strict=True)
    said = ", ".join([f'"{name}": {encode_basestring(value)}' for name, value in values if value is not None])
    # "replace": half of a surrogate pair, cut off by a CRM, is no text for any database.
    return f"{{{said}}}".encode(errors="replace").decode()


def _deal(change: Change, office: str, refused: list[Problem]) -> tuple[Any, ...] | None:
    deal = change.open_deal
    if deal is None:
        return None
    currency = deal.currency or office
    amount = None if deal.amount is None else _minor(change, deal.amount, currency, refused)
    planned = None if deal.next_activity is None else (deal.next_activity - _EPOCH) // _MS
    created = (deal.created - _EPOCH) // _MS
    return (deal.owner or "", created, deal.title, deal.stage, deal.pipeline, amount, currency, planned)


def _minor(change: Change, amount: Decimal, currency: str, refused: list[Problem]) -> int | None:
    if amount.is_finite() and abs(amount) < _LARGEST_AMOUNT:
        return to_minor(amount, currency)
    text = f"The amount {amount} {currency} of {change.record} cannot be right. Correct it in the CRM."
    refused.append(Problem(IMPOSSIBLE_AMOUNT, change.record, text))
    return None
