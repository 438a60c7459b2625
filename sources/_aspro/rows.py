"""What Aspro.Cloud's records stand for: deals, invoices, payments, tasks; with the field names of both versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Change, Fact, Kind, OpenDeal
from sources._aspro.api import Entity
from sources._rounds.crm import Row
from sources._rounds.memory import Memory
from sources._rounds.sights import closed, done
from sources._rounds.values import When, amount, first, key, ms, text, when, whole

PREFIX = {
    Entity.DEALS: "deal:",
    Entity.INVOICES: "invoice:",
    Entity.PAYMENTS: "payment:",
    Entity.TASKS: "task:",
}
# The first that says something counts: today's name, then those of earlier versions.
_OWNER = ("assignee_id", "manager_id", "responsible_id")
_AMOUNT = ("budget", "total", "amount", "sum")
_CLOSED = ("closing_date", "closed_date")
_PAID_ON = ("payment_date", "paid_date", "date", "created_date")
_OUTCOMES = {2: Kind.DEAL_LOST, 3: Kind.DEAL_WON}
_TASK_CLOSED = 5
UPDATED = "updated_date"


@dataclass(frozen=True, slots=True)
class Desk:
    """All that reading a row needs besides the row; names and currencies by Aspro.Cloud's own numbers."""

    memory: Memory
    zone: ZoneInfo
    currency: str
    currencies: Mapping[str, str]
    pipelines: Mapping[str, str]
    stages: Mapping[str, str]
    reasons: Mapping[str, str]
    counted: tuple[str, ...]
    paid: frozenset[str]
    since: datetime
    now: datetime


def change(entity: Entity, row: Row, desk: Desk) -> Change:
    """What a record of that list stands for now."""
    found = Record(row, desk)
    facts, deal = found.deal() if entity is Entity.DEALS else (found.others(entity), None)
    return Change(
        record=f"{PREFIX[entity]}{row['id']}",
        facts=tuple(fact for fact in facts if fact.at >= desk.since),
        revision=0 if found.updated is None else ms(found.updated),
        owner=found.owner,
        open_deal=deal,
    )


def currency_of(row: Row, currencies: Mapping[str, str], usual: str) -> str | None:
    """The code of a row's currency; None where only a number is told that nobody knows."""
    told = text(row.get("currency_code"))
    if told and len(told) == 3:
        return told.upper()
    number = key(row.get("currency_id"))
    return usual if number is None else currencies.get(number)


class Record:
    """One record with its fields."""

    def __init__(self, row: Row, desk: Desk) -> None:
        self._row = row
        self._desk = desk
        self.owner = next((found for name in _OWNER if (found := key(row.get(name)))), None)
        updated = self._when(UPDATED)
        self.updated = updated.at if updated else None

    def deal(self) -> tuple[list[Fact], OpenDeal | None]:
        """Created, won or lost; its present state while it is open."""
        created = self._when("created_date") or self._when("start_date")
        if created is None or not self._counts():
            return [], None
        facts, kind = [self._fact(Kind.DEAL_CREATED, created)], _OUTCOMES.get(whole(self._row.get("active")) or 1)
        if kind is not None:
            return [*facts, self._fact(kind, self._closed())], None
        self._desk.memory.unsee(self._mark)
        deadline = self._when("deadline")
        return facts, OpenDeal(
            owner=self.owner,
            created=created.at,
            title=text(self._row.get("name")),
            stage=self._named("pipeline_stage_id", self._desk.stages),
            pipeline=self._named("pipeline_id", self._desk.pipelines),
            # What is planned next stands in no list that Tablo knows: no deal may be called forgotten for that.
            next_activity=(deadline or created).at,
            **self._money(),
        )

    def others(self, entity: Entity) -> list[Fact]:
        """The facts of a record that is no deal."""
        if entity is Entity.TASKS:
            return self._task()
        return self._invoice() if entity is Entity.INVOICES else self._payment()

    @property
    def _mark(self) -> str:
        return f"deal:{self._row['id']}"

    def _counts(self) -> bool:
        counted, number = set(self._desk.counted), key(self._row.get("pipeline_id")) or ""
        return not counted or bool({number, self._desk.pipelines.get(number, "").casefold()} & counted)

    def _closed(self) -> When:
        day = next((found for name in _CLOSED if (found := self._when(name))), None)
        return closed(self._desk.memory, self._mark, day, self.updated or self._desk.now, self._desk.zone)

    def _invoice(self) -> list[Fact]:
        at = self._when("invoice_date") or self._when("created_date")
        return [self._fact(Kind.INVOICE_ISSUED, at)] if at else []

    def _payment(self) -> list[Fact]:
        status = key(self._row.get("status"))
        if status is not None and status.casefold() not in self._desk.paid:
            return []
        at = next((found for name in _PAID_ON if (found := self._when(name))), None)
        return [self._fact(Kind.INVOICE_PAID, at)] if at else []

    def _task(self) -> list[Fact]:
        told = self._row.get("closed_date")
        if when(told, self._desk.zone) is None:
            told = whole(self._row.get("status")) == _TASK_CLOSED
        mark = f"task:{self._row['id']}"
        at = done(self._desk.memory, mark, told, self.updated or self._desk.now, self._desk.zone)
        return [self._fact(Kind.TASK_DONE, at)] if at else []

    def _fact(self, kind: Kind, at: When) -> Fact:
        deal, desk = kind in (Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST), self._desk
        money = {} if kind is Kind.TASK_DONE else self._money()
        return Fact(
            kind=kind,
            at=at.at,
            rep=self.owner or (key(self._row.get("created_by")) if kind is Kind.INVOICE_PAID else None),
            on=at.on,
            title=text(self._row.get("name")),
            customer=text(self._row.get("customer_name")),
            pipeline=self._named("pipeline_id", desk.pipelines) if deal else None,
            stage=self._named("pipeline_stage_id", desk.stages) if kind in _OUTCOMES.values() else None,
            loss_reason=self._named("closing_status_id", desk.reasons) if kind is Kind.DEAL_LOST else None,
            owner_as_seen=True,
            **money,
        )

    def _money(self) -> dict[str, Any]:
        """An amount whose currency is not known is left out: it is told as a problem, never guessed."""
        code = currency_of(self._row, self._desk.currencies, self._desk.currency)
        return {"amount": amount(first(self._row, _AMOUNT)) if code else None, "currency": code}

    def _named(self, name: str, names: Mapping[str, str]) -> str | None:
        return names.get(key(self._row.get(name)) or "")

    def _when(self, name: str) -> When | None:
        return when(self._row.get(name), self._desk.zone)
