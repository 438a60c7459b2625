"""A lead of Kommo, which is a deal of ours: created, moved, won, lost, and what its stages stand for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from domain.facts import Change, Fact, Kind, OpenDeal
from sources._kommo.api import Row
from sources._kommo.memory import Move
from sources._kommo.office import CLOSED, LOST, WON
from sources._kommo.rows import Desk, amount, fields, inner, moment, owners, person, second, whole
from sources._kommo.rules import STAGE_OPTIONS

FAMILY = "lead"


def deal_changes(rows: list[Row], desk: Desk) -> list[Change]:
    """What these leads stand for now. The memory must have seen the event feed, and learns their owners."""
    desk.memory.saw_owners(FAMILY, owners(rows))
    return [_change(row, desk) for row in rows]


def gone(lead: int, at: int) -> Change:
    """The lead was deleted at that second."""
    return Change(f"deal:{lead}", (), revision=at * 1000)


def links(rows: list[Row], catalog: int) -> Iterator[tuple[int, int]]:
    """(invoice, lead) for every invoice that these leads are linked to."""
    for row in rows:
        elements = inner(row, "_embedded").get("catalog_elements")
        for element in elements if isinstance(elements, list) else ():
            if whole(inner(element, "metadata").get("catalog_id")) == catalog:
                yield int(element["id"]), int(row["id"])


def _change(row: Row, desk: Desk) -> Change:
    lead, updated = int(row["id"]), second(row, "updated_at")
    fate = desk.memory.last_fate(FAMILY, lead)
    # A lead that came back from the bin may keep its old time of change: it must still beat its own deletion.
    revision = max(updated, fate.at if fate else 0) * 1000
    pipeline = whole(row.get("pipeline_id")) or 0
    if row.get("is_deleted") is True or not desk.rules.counts(pipeline, desk.office):
        return Change(f"deal:{lead}", (), revision=revision)
    story = _Story(row, desk)
    return Change(
        record=f"deal:{lead}",
        facts=desk.wanted(story.facts()),
        revision=revision,
        owner=person(row.get("responsible_user_id")),
        open_deal=story.open_deal(),
        url=f"{desk.base}/leads/detail/{lead}",
        changed_by=person(row.get("updated_by")),
    )


class _Story:
    """One lead with its moves."""

    def __init__(self, row: Row, desk: Desk) -> None:
        self._row = row
        self._desk = desk
        self._lead = int(row["id"])
        self._owner = whole(row.get("responsible_user_id")) or 0
        self._pipeline = whole(row.get("pipeline_id")) or 0
        self._status = whole(row.get("status_id")) or 0
        self._created = second(row, "created_at")
        self._moves = desk.memory.moves(self._lead)

    def facts(self) -> list[Fact]:
        """Everything dated that the lead stands for."""
        found = [self._fact(Kind.DEAL_CREATED, self._created, self._created, None, *self._first_place())]
        found += [self._fact(Kind.STAGE_ENTERED, m.at, m.at, m.event, m.pipeline, m.status) for m in self._moves]
        if self._status in CLOSED:
            found.append(self._closing())
        return found + list(self._by_stages())

    def open_deal(self) -> OpenDeal | None:
        """The lead's present state while it is open."""
        if self._status in CLOSED:
            return None
        office, next_task = self._desk.office, second(self._row, "closest_task_at")
        return OpenDeal(
            owner=person(self._owner),
            created=moment(self._created),
            title=self._title(),
            stage=office.stage_name(self._pipeline, self._status),
            pipeline=office.pipeline_name(self._pipeline),
            amount=self._amount(),
            currency=self._desk.currency,
            next_activity=moment(next_task) if next_task else None,
        )

    def _closing(self) -> Fact:
        """Won or lost: on the day that Kommo calls the closing day, by whoever had it when it was moved there."""
        entries = [m for m in self._moves if m.status == self._status and m.from_status != self._status]
        entry = entries[-1] if entries else None
        at = second(self._row, "closed_at") or (entry.at if entry else second(self._row, "updated_at"))
        owned, event = (entry.at, entry.event) if entry else (at, None)
        if self._status == WON:
            return self._fact(Kind.DEAL_WON, at, owned, event, self._pipeline, WON)
        left = (entry.from_pipeline, entry.from_status) if entry else (self._pipeline, LOST)
        return self._fact(Kind.DEAL_LOST, at, owned, event, *left, reason=self._reason())

    def _by_stages(self) -> Iterator[Fact]:
        """What the office reads from stages: an invoice is issued when the deal first enters such a stage.

        A deal that was moved back before that stage has not got there any more.
        """
        entered = [Move(self._lead, self._created, "", *self._first_place(), 0, 0), *self._moves]
        for kind in STAGE_OPTIONS:
            places = self._desk.rules.places(kind, self._desk.office)
            first = next((m for m in entered if (m.pipeline, m.status) in places), None)
            if first is not None and self._reached(first):
                yield self._fact(kind, first.at, first.at, first.event or None, first.pipeline, first.status)

    def _reached(self, entry: Move) -> bool:
        stages = self._desk.office.stages
        then, now = stages.get((entry.pipeline, entry.status)), stages.get((self._pipeline, self._status))
        if self._status in CLOSED or entry.pipeline != self._pipeline or then is None or now is None:
            return True
        return now.sort >= then.sort

    def _first_place(self) -> tuple[int, int]:
        if self._moves:
            return self._moves[0].from_pipeline, self._moves[0].from_status
        return self._pipeline, self._status

    def _fact(
        self, kind: Kind, at: int, owned: int, event: str | None, pipeline: int, status: int, reason: str | None = None
    ) -> Fact:
        """`owned` and `event` say at which instant the lead's owner counts."""
        office = self._desk.office
        return Fact(
            kind=kind,
            at=moment(at),
            rep=person(self._desk.memory.owner_at(FAMILY, self._lead, owned, self._owner, event)),
            amount=self._amount(),
            currency=self._desk.currency,
            title=self._title(),
            pipeline=office.pipeline_name(pipeline),
            stage=office.stage_name(pipeline, status),
            loss_reason=reason,
            owner_as_seen=not self._desk.exact,
        )

    def _title(self) -> str | None:
        return str(self._row.get("name") or "").strip() or None

    def _amount(self) -> Decimal | None:
        exact = amount(self._row.get("price_with_minor_units"))
        return amount(self._row.get("price")) if exact is None else exact

    def _reason(self) -> str | None:
        field = self._desk.rules.reason_field
        if field is not None:
            value = fields(self._row).get(str(field), {}).get("value")
            return None if value in (None, "") else str(value)
        told = inner(self._row, "_embedded").get("loss_reason")
        told = told[0] if isinstance(told, list) and told else told
        if isinstance(told, dict) and told.get("name"):
            return str(told["name"])
        return self._desk.office.reasons.get(whole(self._row.get("loss_reason_id")) or 0)
