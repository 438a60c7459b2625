"""A sales floor in a Bitrix24 portal: its rows, what can happen to them, and the ledger of what truly happened.

The ledger is written by the events themselves, never from what the portal answers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.emulators.bitrix24_query import Table

_TIMES = {"createdTime": "time", "updatedTime": "time", "movedTime": "time"}
_ITEM = {
    "id": "int", "title": "text", "assignedById": "int", "createdBy": "int", "updatedBy": "int", **_TIMES,
    "opportunity": "money", "currencyId": "text", "stageId": "text", "categoryId": "int", "begindate": "date",
    "closedate": "date", "companyId": "int",
}  # fmt: skip
_DEAL = {**_ITEM, "stageSemanticId": "text", "closed": "flag", "isRecurring": "flag", "UF_CRM_REASON": "int"}
_HISTORY = {
    "ID": "int", "TYPE_ID": "int", "OWNER_ID": "int", "CREATED_TIME": "time", "CATEGORY_ID": "int",
    "STAGE_ID": "text", "STAGE_SEMANTIC_ID": "text",
}  # fmt: skip
_ACTIVITY = {
    "ID": "int", "OWNER_ID": "int", "OWNER_TYPE_ID": "int", "TYPE_ID": "int", "PROVIDER_ID": "text",
    "DIRECTION": "int", "COMPLETED": "flag", "STATUS": "int", "RESPONSIBLE_ID": "int", "AUTHOR_ID": "int",
    "CREATED": "time", "LAST_UPDATED": "time", "START_TIME": "time", "END_TIME": "time", "DEADLINE": "time",
}  # fmt: skip
_CALL = {
    "ID": "int", "PORTAL_USER_ID": "int", "PHONE_NUMBER": "text", "CALL_ID": "text", "CALL_DURATION": "int",
    "CALL_START_DATE": "time", "CALL_FAILED_CODE": "text", "CALL_TYPE": "int",
}  # fmt: skip
# Stages of the two pipelines: id -> (name, semantic, sort).
STAGES = {
    0: {
        "NEW": ("New", "P"),
        "TALK": ("Talks", "P"),
        "WON": ("Won", "S"),
        "LOSE": ("Lost", "F"),
        "PRICE": ("Price", "F"),
    },
    1: {"C1:NEW": ("New", "P"), "C1:DO": ("At work", "P"), "C1:WON": ("Done", "S"), "C1:LOSE": ("Off", "F")},
}
INVOICE_STAGES = {
    "DT31_2:N": ("Draft", "P"), "DT31_2:S": ("Sent", "P"), "DT31_2:P": ("Paid", "S"), "DT31_2:D": ("Unpaid", "F"),
}  # fmt: skip
REASONS = {41: "Too dear", 43: "No answer"}
# A fact of the ledger: kind, rep, when, and what else counts (amount, seconds, direction, answered).
Truth = dict[str, list[dict[str, Any]]]


@dataclass
class World:
    """Everything in the portal. `clock` is its own; `dirty` = records changed since the last poll that was whole."""

    clock: Callable[[], datetime]
    rng: random.Random
    reps: list[int]
    deals: Table = field(default_factory=lambda: Table(_DEAL))
    invoices: Table = field(default_factory=lambda: Table(_ITEM))
    leads: Table = field(default_factory=lambda: Table(_ITEM))
    quotes: Table = field(default_factory=lambda: Table(_ITEM))
    companies: Table = field(default_factory=lambda: Table({"id": "int", "title": "text"}))
    history: Table = field(default_factory=lambda: Table(_HISTORY, "ID"))
    activities: Table = field(default_factory=lambda: Table(_ACTIVITY, "ID", strict=False))
    calls: Table = field(default_factory=lambda: Table(_CALL, "ID", strict=False))
    truth: Truth = field(default_factory=dict)
    plans: dict[int, dict[int, datetime]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        """The portal's clock, in whole seconds as it keeps them."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    # --- deals -----------------------------------------------------------------------------------------------

    def new_deal(self, owner: int, at: datetime | None = None, amount: Decimal | None = None) -> int:
        """A deal is made."""
        at, number = at or self.now(), _next(self.deals)
        self.deals.add({
            "id": number, "title": f"Deal {number}", "assignedById": owner, "createdBy": owner, "updatedBy": owner,
            "createdTime": at, "updatedTime": at, "movedTime": at,
            "opportunity": amount or Decimal(self.rng.randrange(100, 90_000)) / 2, "currencyId": "UAH",
            "stageId": "NEW", "categoryId": 0, "begindate": at.date(),
            "closedate": at.date() + timedelta(days=7), "companyId": 0, "stageSemanticId": "P", "closed": False,
            "isRecurring": False, "UF_CRM_REASON": None,
        })  # fmt: skip
        self._step(number, 1, at)
        self._record(f"deal:{number}", [{"kind": "deal_created", "rep": owner, "at": at}])
        return number

    def move(self, number: int, stage: str, at: datetime | None = None, reason: int | None = None) -> None:
        """A deal goes to another stage, of its own pipeline or of another."""
        at, row = at or self.now(), self.deals.rows[number]
        if row["stageId"] == stage:
            return
        pipeline = 1 if stage.startswith("C1:") else 0
        semantic, was = STAGES[pipeline][stage][1], row["stageSemanticId"]
        type_id = 5 if pipeline != row["categoryId"] else (2 if semantic == "P" else 3)
        left = STAGES[row["categoryId"]][row["stageId"]][0]
        row |= {"stageId": stage, "categoryId": pipeline, "stageSemanticId": semantic, "closed": semantic != "P"}
        row |= {"movedTime": at, "UF_CRM_REASON": reason}
        self._touch(row, at)
        self._step(number, type_id, at)
        facts = self.truth[f"deal:{number}"]
        if semantic != was:
            facts[:] = [fact for fact in facts if fact["kind"] == "deal_created"]
        if semantic != was and semantic != "P":
            kind = "deal_won" if semantic == "S" else "deal_lost"
            facts.append({"kind": kind, "rep": row["assignedById"], "at": at, "left": left, "reason": reason})
        self.dirty.add(f"deal:{number}")

    def reassign(self, number: int, owner: int) -> None:
        """A deal changes hands; what happened stays with whom it happened to."""
        row = self.deals.rows[number]
        row["assignedById"] = owner
        self._touch(row, self.now())
        self.dirty.add(f"deal:{number}")

    def price(self, number: int, amount: Decimal) -> None:
        """The amount changes, also after winning."""
        row = self.deals.rows[number]
        row["opportunity"] = amount
        self._touch(row, self.now())

    def backdate(self, number: int, day: date) -> None:
        """Somebody edits the day of closing: it is no day of winning."""
        row = self.deals.rows[number]
        row["closedate"] = day
        self._touch(row, self.now())

    def delete_deal(self, number: int) -> None:
        """A deal goes for good, its history and its plans with it."""
        self.deals.remove(number)
        for step in [row["ID"] for row in self.history.rows.values() if row["OWNER_ID"] == number]:
            self.history.remove(step)
        self.truth.pop(f"deal:{number}", None)
        self.plans.pop(number, None)

    # --- invoices, leads, offers -----------------------------------------------------------------------------

    def new_invoice(self, owner: int, at: datetime | None = None) -> int:
        """An invoice is made."""
        at, number = at or self.now(), _next(self.invoices)
        amount = Decimal(self.rng.randrange(100, 90_000)) / 2
        self.invoices.add(self._item(number, owner, at, amount) | {"stageId": "DT31_2:N", "categoryId": 2})
        self._record(f"invoice:{number}", [{"kind": "invoice_issued", "rep": owner, "at": at}])
        return number

    def move_invoice(self, number: int, stage: str, at: datetime | None = None) -> None:
        """Sent, paid, unpaid again."""
        at, row = at or self.now(), self.invoices.rows[number]
        if row["stageId"] == stage:
            return
        was, now = INVOICE_STAGES[row["stageId"]][1], INVOICE_STAGES[stage][1]
        row |= {"stageId": stage, "movedTime": at}
        self._touch(row, at)
        facts = self.truth[f"invoice:{number}"]
        if was != now:
            facts[:] = [fact for fact in facts if fact["kind"] == "invoice_issued"]
        if was != now and now == "S":
            facts.append({"kind": "invoice_paid", "rep": row["assignedById"], "at": at})
        self.dirty.add(f"invoice:{number}")

    def delete_invoice(self, number: int) -> None:
        """An invoice goes for good."""
        self.invoices.remove(number)
        self.truth.pop(f"invoice:{number}", None)

    def new_lead(self, owner: int, at: datetime | None = None) -> int:
        """A lead comes in."""
        return self._simple(self.leads, "lead", "lead_created", owner, at)

    def new_quote(self, owner: int, at: datetime | None = None) -> int:
        """An offer is made."""
        return self._simple(self.quotes, "quote", "offer_sent", owner, at)

    # --- calls and activities --------------------------------------------------------------------------------

    def call(self, user: int | None, kind: int, seconds: int, code: str, at: datetime | None = None) -> int:
        """A call ended; its row appears now. `kind`: 1 placed, 2 received, 3 redirected, 4 callback, 5 an info call."""
        number, start = _next(self.calls), at or self.now() - timedelta(seconds=seconds)
        self.calls.add({
            "ID": number, "PORTAL_USER_ID": user or 0, "PHONE_NUMBER": "+380000000000", "CALL_ID": f"c{number}",
            "CALL_DURATION": seconds, "CALL_START_DATE": start, "CALL_FAILED_CODE": code, "CALL_TYPE": kind,
        })  # fmt: skip
        if kind != 5:
            incoming = kind in (2, 3)
            more = {"seconds": seconds, "incoming": incoming, "missed": incoming and code != "200"}
            self._record(f"call:{number}", [{"kind": "call", "rep": user, "at": start, **more}])
        return number

    def activity(
        self, provider: str, type_id: int, user: int, *, direction: int = 0, done: bool = True, deal: int = 0,
        due: datetime | None = None, at: datetime | None = None,
    ) -> int:  # fmt: skip
        """An e-mail, meeting, task or a plan."""
        at, number = at or self.now(), _next(self.activities)
        self.activities.add({
            "ID": number, "OWNER_ID": deal, "OWNER_TYPE_ID": 2 if deal else 3, "TYPE_ID": type_id,
            "PROVIDER_ID": provider, "DIRECTION": direction, "COMPLETED": done, "STATUS": 2 if done else 1,
            "RESPONSIBLE_ID": user, "AUTHOR_ID": user, "CREATED": at, "LAST_UPDATED": at, "START_TIME": at,
            "END_TIME": at, "DEADLINE": due or datetime(9999, 12, 30, tzinfo=UTC),
        })  # fmt: skip
        self._tell_activity(number)
        if deal and not done and due:
            self.plans.setdefault(deal, {})[number] = due
        return number

    def finish(self, number: int) -> None:
        """An activity is done."""
        row = self.activities.rows[number]
        now = self.now()
        row |= {"COMPLETED": True, "STATUS": 2, "LAST_UPDATED": now, "END_TIME": now}
        self.plans.get(row["OWNER_ID"], {}).pop(number, None)
        self._tell_activity(number)

    def delete_activity(self, number: int) -> None:
        """An activity goes for good."""
        row = self.activities.rows[number]
        self.activities.remove(number)
        self.plans.get(row["OWNER_ID"], {}).pop(number, None)
        for family in ("email", "activity"):
            self.truth.pop(f"{family}:{number}", None)

    # --- the truth -------------------------------------------------------------------------------------------

    def expected(self, zone: ZoneInfo) -> Counter[tuple[str, str, date]]:
        """Every metric by rep and local day: counts, and money in hundredths."""
        found: Counter[tuple[str, str, date]] = Counter()
        for record, facts in self.truth.items():
            for fact in facts:
                rep, day = str(fact["rep"] or ""), fact["at"].astimezone(zone).date()
                for metric, value in self._metrics(record, fact):
                    found[metric, rep, day] += value
        return Counter({key: value for key, value in found.items() if value})

    def _metrics(self, record: str, fact: dict[str, Any]) -> Iterator[tuple[str, int]]:
        kind = fact["kind"]
        if kind == "call":
            yield ("missed_calls" if fact["missed"] else "calls"), 1
            if not fact["missed"]:
                yield "call_seconds", fact["seconds"]
                yield "productive_calls", int(fact["seconds"] >= 30)
            return
        counted = {
            "email": "emails", "deal_created": "deals_created", "deal_won": "deals_won", "deal_lost": "deals_lost",
            "invoice_issued": "invoices_issued", "invoice_paid": "invoices_paid", "meeting": "meetings",
            "task_done": "tasks_done", "lead_created": "leads_created", "offer_sent": "offers_sent",
        }  # fmt: skip
        yield counted[kind], 1
        if kind in ("deal_won", "invoice_issued", "invoice_paid"):
            number = int(record.partition(":")[2])
            row = (self.deals if kind == "deal_won" else self.invoices).rows[number]
            yield f"{counted[kind]}_amount", int(row["opportunity"] * 100)

    def open_plans(self) -> dict[str, datetime | None]:
        """Every open deal, with the time of its next plan."""
        found: dict[str, datetime | None] = {}
        for number, row in self.deals.rows.items():
            if row["stageSemanticId"] == "P":
                found[f"deal:{number}"] = min(self.plans.get(number, {}).values(), default=None)
        return found

    # --- inside ----------------------------------------------------------------------------------------------

    def _tell_activity(self, number: int) -> None:
        row = self.activities.rows[number]
        fact = {"rep": row["RESPONSIBLE_ID"], "at": row["CREATED"]}
        provider, done = row["PROVIDER_ID"], row["COMPLETED"]
        if provider == "CRM_EMAIL" and row["DIRECTION"] == 2 and done:
            self._record(f"email:{number}", [{"kind": "email", **fact}])
        elif provider == "CRM_MEETING" and done:
            self._record(f"activity:{number}", [{"kind": "meeting", **fact}])
        elif provider == "CRM_TASKS_TASK" and done:
            self._record(f"activity:{number}", [{"kind": "task_done", **fact, "at": row["LAST_UPDATED"]}])

    def _item(self, number: int, owner: int, at: datetime, amount: Decimal) -> dict[str, Any]:
        return {
            "id": number, "title": f"No. {number}", "assignedById": owner, "createdBy": owner, "updatedBy": owner,
            "createdTime": at, "updatedTime": at, "movedTime": at, "opportunity": amount, "currencyId": "UAH",
            "stageId": "NEW", "categoryId": 0, "begindate": at.date(), "companyId": 0,
            "closedate": at.date() + timedelta(days=5),
        }  # fmt: skip

    def _simple(self, table: Table, family: str, kind: str, owner: int, at: datetime | None) -> int:
        at, number = at or self.now(), _next(table)
        table.add(self._item(number, owner, at, Decimal(100)))
        self._record(f"{family}:{number}", [{"kind": kind, "rep": owner, "at": at}])
        return number

    def _step(self, owner: int, type_id: int, at: datetime) -> None:
        row = self.deals.rows[owner]
        self.history.add({
            "ID": _next(self.history), "TYPE_ID": type_id, "OWNER_ID": owner, "CREATED_TIME": at,
            "CATEGORY_ID": row["categoryId"], "STAGE_ID": row["stageId"], "STAGE_SEMANTIC_ID": row["stageSemanticId"],
        })  # fmt: skip

    def _touch(self, row: dict[str, Any], at: datetime) -> None:
        row["updatedTime"] = max(at, row["updatedTime"])

    def _record(self, record: str, facts: list[dict[str, Any]]) -> None:
        self.truth[record] = facts
        self.dirty.add(record)


def _next(table: Table) -> int:
    return table.top + 1
