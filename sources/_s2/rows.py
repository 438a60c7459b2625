"""What S2's records stand for: deals, invoices, entries and tasks of the diary, telephony calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Change, Direction, Fact, Kind, OpenDeal
from sources._rounds.crm import Row
from sources._rounds.memory import Memory
from sources._rounds.sights import closed, done
from sources._rounds.values import When, amount, first, flag, ms, text, when, whole
from sources._s2.rules import Rules

DEALS, INVOICES, EVENTS, TASKS, CALLS = "deals", "invoices", "diary-events", "diary-tasks", "telephony-calls"
PREFIX = {DEALS: "deal:", INVOICES: "invoice:", EVENTS: "event:", TASKS: "task:", CALLS: "call:"}


@dataclass(frozen=True, slots=True)
class Link:
    """Another record that a row points at. `name` None = nobody told; `user` is whose it is, where that was told."""

    id: str
    name: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """All that reading a row needs besides the row. Facts before `since` or after `now` are not wanted."""

    rules: Rules
    memory: Memory
    zone: ZoneInfo
    currency: str
    since: datetime
    now: datetime


def change(name: str, row: Row, desk: Desk) -> Change:
    """What a record of that list stands for now."""
    found = Record(row, desk)
    facts, deal = found.deal() if name == DEALS else (found.others(name), None)
    return Change(
        record=f"{PREFIX[name]}{row['id']}",
        facts=tuple(fact for fact in facts if fact.at >= desk.since),
        revision=0 if found.updated is None else ms(found.updated),
        owner=found.owner,
        open_deal=deal,
    )


class Record:
    """One record with its fields. `customs` stays closed unless an option names one of its keys."""

    def __init__(self, row: Row, desk: Desk) -> None:
        customs = row["attributes"].get("customs")
        self._told: Mapping[str, Any] = {**(customs if isinstance(customs, dict) else {}), **row["attributes"]}
        self._links: Mapping[str, Link] = row["links"]
        self._id = str(row["id"])
        self._desk = desk
        owner = self._links.get("responsible") or self._links.get("user")
        self.owner = owner.id if owner else None
        updated = when(self._told.get("updated-at"), desk.zone)
        self.updated = updated.at if updated else None

    def deal(self) -> tuple[list[Fact], OpenDeal | None]:
        """Created, won or lost; its present state while it is open and not put into the archive."""
        if not self._counts():
            return [], None
        created, money = self._when("created-at"), self._money("amount")
        facts = [self._fact(Kind.DEAL_CREATED, created, money)] if created else []
        kind = self._outcome()
        if kind is None:
            self._desk.memory.unsee(f"deal:{self._id}")
            if self._told.get("archived-at") or created is None:
                return facts, None
            return facts, OpenDeal(
                owner=self.owner,
                created=created.at,
                title=text(self._told.get("name")),
                stage=self._name("stage"),
                pipeline=self._name("stage-category"),
                amount=money.get("amount"),
                currency=self._currency(),
                # S2 does not say what is planned next: no deal may be called forgotten for that.
                next_activity=(self._when("planned-at") or created).at,
            )
        return [*facts, self._fact(kind, self._closed(), money)], None

    def others(self, name: str) -> list[Fact]:
        """The facts of a record that is no deal."""
        if name == INVOICES:
            return self._invoice()
        if name == CALLS:
            return self._call()
        return self._event() if name == EVENTS else self._task()

    def _counts(self) -> bool:
        wanted = self._desk.rules.pipelines
        return not wanted or bool(self._words("stage-category") & set(wanted))

    def _outcome(self) -> Kind | None:
        """By the stages that the office named, else by the closing day and the loss reason."""
        rules, stage = self._desk.rules, self._words("stage") | self._words("status")
        if stage & set(rules.won):
            return Kind.DEAL_WON
        if stage & set(rules.lost):
            return Kind.DEAL_LOST
        if self._when("finished-at") is None:
            return None
        if self._links.get("loss-reason") or text(self._told.get("loss-reason")):
            return None if rules.lost else Kind.DEAL_LOST
        return None if rules.won else Kind.DEAL_WON

    def _closed(self) -> When:
        desk = self._desk
        return closed(desk.memory, f"deal:{self._id}", self._when("finished-at"), self.updated or desk.now, desk.zone)

    def _invoice(self) -> list[Fact]:
        created = self._field("invoice_date") or self._when("created-at")
        money = {"amount": amount(self._raw("invoice_amount")), "currency": self._currency()}
        if created is None or self._told.get("archived-at"):
            return []
        facts = [self._fact(Kind.INVOICE_ISSUED, created, money)]
        paid = self._done("invoice_paid")
        return [*facts, self._fact(Kind.INVOICE_PAID, paid, money)] if paid else facts

    def _event(self) -> list[Fact]:
        kinds = [kind for kind, names in self._desk.rules.types.items() if self._words("activity-type") & set(names)]
        at = self._field("event_at") or self._when("created-at")
        if not kinds or at is None or at.at > self._desk.now or flag(self._raw("event_done")) is False:
            return []
        end = self._field("event_end")
        seconds = int((end.at - at.at).total_seconds()) if end and not at.on and end.at >= at.at else None
        return [
            self._fact(kind, at, {"seconds": seconds if kind is Kind.CALL else None, "direction": Direction.OUT})
            for kind in kinds
        ]

    def _task(self) -> list[Fact]:
        done = self._done("task_done")
        return [self._fact(Kind.TASK_DONE, done, {})] if done else []

    def _call(self) -> list[Fact]:
        at, seconds = self._field("call_at"), whole(self._raw("call_seconds"))
        if at is None:
            return []
        told = str(self._told.get("direction") or "").casefold()
        direction = Direction.IN if told.startswith("in") else Direction.OUT if told.startswith("out") else None
        phone = self._links.get("dst-phone" if direction is Direction.IN else "src-phone")
        rep = self.owner or (phone.user if phone else None)
        return [
            Fact(Kind.CALL, at.at, rep, at.on, seconds=seconds, direction=direction, answered=self._answered(seconds))
        ]

    def _answered(self, seconds: int | None) -> bool | None:
        if self._desk.rules.answered:
            return bool(self._words("status") & set(self._desk.rules.answered))
        told = flag(self._raw("call_answered"))
        return told if told is not None else None if seconds is None else seconds > 0

    def _done(self, meaning: str) -> When | None:
        desk, mark = self._desk, f"{meaning}:{self._id}"
        return done(desk.memory, mark, self._raw(meaning), self.updated or desk.now, desk.zone)

    def _fact(self, kind: Kind, at: When, more: Mapping[str, Any]) -> Fact:
        deal = kind in (Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST)
        return Fact(
            kind=kind,
            at=at.at,
            rep=self.owner,
            on=at.on,
            title=text(self._told.get("name")),
            customer=self._name("company"),
            pipeline=self._name("stage-category") if deal else None,
            stage=self._name("stage") if deal and kind is not Kind.DEAL_CREATED else None,
            loss_reason=self._name("loss-reason") if kind is Kind.DEAL_LOST else None,
            owner_as_seen=True,
            **more,
        )

    def _money(self, name: str) -> dict[str, Any]:
        return {"amount": amount(self._told.get(name)), "currency": self._currency()}

    def _currency(self) -> str:
        told = text(self._told.get("currency"))
        return told.upper() if told and len(told) == 3 else self._desk.currency

    def _when(self, name: str) -> When | None:
        return when(self._told.get(name), self._desk.zone)

    def _raw(self, meaning: str) -> object:
        return first(self._told, self._desk.rules.fields[meaning])

    def _field(self, meaning: str) -> When | None:
        return when(self._raw(meaning), self._desk.zone)

    def _name(self, link: str) -> str | None:
        found = self._links.get(link)
        return found.name if found else None

    def _words(self, link: str) -> set[str]:
        """The ways to name what a link points at: its id and its name."""
        found = self._links.get(link)
        return {word.casefold() for word in (found.id, found.name) if word} if found else set()
