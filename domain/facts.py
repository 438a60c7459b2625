"""All that a CRM can tell us, in our words: facts, people, changes, and the batch that carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What can happen on a sales floor. The value is what the store and the API call it."""

    CALL = "call"
    EMAIL = "email"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_PAID = "invoice_paid"
    DEAL_CREATED = "deal_created"
    DEAL_WON = "deal_won"
    DEAL_LOST = "deal_lost"
    MEETING = "meeting"
    TASK_DONE = "task_done"
    LEAD_CREATED = "lead_created"
    OFFER_SENT = "offer_sent"
    STAGE_ENTERED = "stage_entered"


class Detail(StrEnum):
    """What facts of a kind may lack as a whole."""

    CALL_SECONDS = "call_seconds"


# What a source may be unable to give: facts of a kind, or something about all of them.
Lack = Kind | Detail


class Direction(StrEnum):
    """Who began: a call placed or an e-mail sent is OUT.

    A fact about an invoice is IN where it only changes the sum, and is no invoice issued, or paid up, of its own.
    """

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated thing that a record stands for.

    `at` is aware. `on` is set when the CRM tells a day and no time: that calendar day then counts in every zone.
    `rep` is the CRM's own id of the person at the event, None when nobody. `amount` is in `currency`, whole units
    with decimals. `owner_as_seen` says that the CRM told only who owns the record *now*: once such a fact is
    stored, the person who was stored first stays (the owner at the event, as far as anyone can know it).
    """

    kind: Kind
    at: datetime
    rep: str | None
    on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    seconds: int | None = None
    direction: Direction | None = None
    answered: bool | None = None
    title: str | None = None
    customer: str | None = None
    pipeline: str | None = None
    stage: str | None = None
    loss_reason: str | None = None
    owner_as_seen: bool = False


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """The present state of a deal that is neither won nor lost. `next_activity` None = forgotten."""

    owner: str | None
    created: datetime
    title: str | None = None
    stage: str | None = None
    pipeline: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    next_activity: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One CRM record and everything it now stands for; it replaces all that the record said before.

    `record` is unique within its source, family first: `deal:5111`, `call:7`. No facts and no open deal = deleted.
    `revision` grows with every version of the record (the CRM's modification time in milliseconds, say): a change
    older than the stored one is ignored, so order of arrival does not matter. 0 = the CRM has no such thing.
    `owner` is who owns the record now, for offices that credit the current owner. `changed_by` is the CRM's own id of
    who made this version, where it says so.
    """

    record: str
    facts: tuple[Fact, ...]
    revision: int = 0
    owner: str | None = None
    open_deal: OpenDeal | None = None
    url: str | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A CRM user. `rep` None = the source does not know whether this user sells (settings decide)."""

    id: str
    name: str
    team: str | None = None
    email: str | None = None
    photo: str | None = None
    zone: str | None = None
    active: bool = True
    rep: bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A team as the CRM knows it: department, group, office. `head` is a person's id."""

    id: str
    name: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `currency` was worth in `base` from `day` on, until the next rate."""

    currency: str
    base: str
    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """A target that came with the source (a spreadsheet's `targets`). Scope ids are the source's own.

    `until` None = standing: it holds for every such period from `since` on.
    """

    metric: str
    scope: str
    scope_id: str | None
    period: str
    value: Decimal
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person has to mend: `code` is stable, `where` names the place (file:row, user, currency),
    `text` is an English sentence that says what and how to mend it."""

    code: str
    where: str
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Census:
    """The complete list of a family's records: what the store holds beyond it was deleted in the CRM.

    `prefix` is the family (`deal:`). With `since`, only records all of whose facts lie on or after that instant are
    judged. More than `limit` of them vanishing at once is refused (a lost permission looks like a mass deletion);
    None trusts the list.
    """

    prefix: str
    records: frozenset[str]
    since: datetime | None = None
    limit: float | None = 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of a sync brought, and the cursor to go on from: both are stored in one transaction.

    `as_of` is the instant up to which everything is now complete, None while a first read is under way.
    `people`, `groups`, `rates`, `targets`, `problems`, `missing`: None = not read in this step; else the whole list.
    `missing` names what this source cannot give, and why ("the webhook lacks `telephony`").
    `done` of `total` records of a first read, where the source knows.
    """

    changes: Sequence[Change]
    cursor: str
    as_of: datetime | None
    people: Sequence[Person] | None = None
    groups: Sequence[Group] | None = None
    rates: Sequence[Rate] | None = None
    targets: Sequence[PlannedTarget] | None = None
    problems: Sequence[Problem] | None = None
    missing: Mapping[Lack, str] | None = None
    census: Sequence[Census] = ()
    done: int | None = None
    total: int | None = None
