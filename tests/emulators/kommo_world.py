"""The truth of a made-up Kommo account: what happens there, and a ledger of it that no answer is made from."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
WON, LOST = 142, 143
PIPELINES = {10: ("Sales", (11, 12, 13, 14)), 20: ("Service", (21, 22, 23))}
REASONS = {1: "Too dear", 2: "No answer", 3: "Went elsewhere"}
CATALOG = 4517


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, start: datetime) -> None:
        self.seconds = start.timestamp()

    def now(self) -> datetime:
        """The instant, aware."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        """The same as seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Table:
    """Rows by id, and in the order of their last change."""

    stamp: str = "updated_at"
    rows: dict[int, Row] = field(default_factory=dict)
    order: list[tuple[int, int]] = field(default_factory=list)

    def put(self, row: Row) -> None:
        """Add a row, or move it to where its time of change belongs."""
        old = self.rows.get(row["id"])
        if old is not None:
            self.drop(row["id"])
        self.rows[row["id"]] = row
        insort(self.order, (row[self.stamp], row["id"]))

    def touch(self, key: int, at: int, **changes: object) -> Row:
        """Change a row."""
        row = {**self.rows[key], **changes, self.stamp: at}
        self.put(row)
        return row

    def drop(self, key: int) -> Row:
        """Take a row out."""
        row = self.rows.pop(key)
        del self.order[bisect_left(self.order, (row[self.stamp], key))]
        return row

    def between(self, low: int | None, high: int | None) -> list[Row]:
        """Rows changed in these seconds, both included, the oldest change first."""
        start = 0 if low is None else bisect_left(self.order, (low, -1))
        end = len(self.order) if high is None else bisect_left(self.order, (high + 1, -1))
        return [self.rows[key] for _, key in self.order[start:end]]


@dataclass
class Ledger:
    """What every person did: (kind, record) → (instant, rep, amount, seconds, direction, answered)."""

    entries: dict[tuple[str, str], tuple[int, int, Decimal | None, int, str, bool]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    amounts: dict[int, Decimal] = field(default_factory=dict)

    def note(
        self, kind: str, record: str, at: int, rep: int, seconds: int = 0, direction: str = "", answered: bool = True
    ) -> None:
        """It happened."""
        self.entries[kind, record] = (at, rep, None, seconds, direction, answered)

    def money(self, kind: str, record: str, at: int, rep: int, amount: Decimal) -> None:
        """It happened, with money."""
        self.entries[kind, record] = (at, rep, amount, 0, "", True)

    def forget(self, kind: str, record: str) -> None:
        """It did not happen after all."""
        self.entries.pop((kind, record), None)

    def metrics(self, zone: str, productive: int) -> dict[tuple[str, date, str], Decimal]:
        """(rep, day, metric) → value, for every sum that the contract names."""
        found: dict[tuple[str, date, str], Decimal] = {}
        where = ZoneInfo(zone)
        for (kind, record), (at, rep, money, seconds, direction, answered) in self.entries.items():
            lead = int(record.removeprefix("lead:")) if record.startswith("lead:") else None
            if lead in self.hidden:
                continue
            day = datetime.fromtimestamp(at, where).date()
            amount = self.amounts.get(lead, Decimal(0)) if lead is not None else money or Decimal(0)
            for metric, value in _count(kind, amount, seconds, direction, answered, productive):
                key = (str(rep) if rep else "", day, metric)
                found[key] = found.get(key, Decimal(0)) + value
        return {key: value for key, value in found.items() if value}


def _count(
    kind: str, amount: Decimal, seconds: int, direction: str, answered: bool, productive: int
) -> Iterator[tuple[str, Decimal]]:
    one = Decimal(1)
    if kind == "call" and direction == "in" and not answered:
        yield "missed_calls", one
    elif kind == "call":
        yield "calls", one
        yield "call_seconds", Decimal(seconds)
        if seconds >= productive:
            yield "productive_calls", one
    elif kind in ("deals_won", "invoices_issued", "invoices_paid"):
        yield kind, one
        yield f"{kind}_amount", amount
    else:
        yield kind, one


class World:
    """One account. Every method is something that a person does there; `at` is the unix second, default now."""

    def __init__(self, clock: Clock, users: int = 12, shared_mail: bool = True) -> None:
        self.clock = clock
        self.users = [101 + number for number in range(users)]
        self.leads, self.tasks, self.elements = Table(), Table(), Table()
        self.notes = {"leads": Table(), "contacts": Table(), "companies": Table()}
        self.events = Table("created_at")
        self.bin: dict[int, Row] = {}
        self.ledger = Ledger()
        self.mail_as_events = shared_mail
        self._last = 1000
        self._sequence = 0

    def lead(self, owner: int, amount: Decimal, pipeline: int = 10, at: int | None = None) -> int:
        """Make a lead in the first stage of a pipeline."""
        at, lead = self._at(at), self._id()
        stage = PIPELINES[pipeline][1][0]
        self.leads.put(
            {
                "id": lead,
                "name": f"Lead {lead}",
                "responsible_user_id": owner,
                "updated_by": owner,
                "status_id": stage,
                "pipeline_id": pipeline,
                "loss_reason_id": None,
                "created_at": at,
                "updated_at": at,
                "closed_at": None,
                "closest_task_at": None,
                "is_deleted": False,
                "custom_fields_values": None,
                "elements": [],
                **_price(amount),
            }
        )
        self.ledger.note("deals_created", f"lead:{lead}", at, owner)
        self.ledger.amounts[lead] = amount
        self._event("lead_added", "lead", lead, at, owner, [{"note": {"id": self._id()}}])
        return lead

    def move(self, lead: int, status: int, pipeline: int | None = None, at: int | None = None, reason: int = 1) -> None:
        """Move a lead to a stage; into 142 it is won, into 143 lost, out of them open again."""
        at, row = self._at(at), self.leads.rows[lead]
        there = pipeline or row["pipeline_id"]
        before = [{"lead_status": {"id": row["status_id"], "pipeline_id": row["pipeline_id"]}}]
        closing = status in (WON, LOST)
        keeps = closing and row["status_id"] == status
        self.leads.touch(
            lead,
            at,
            status_id=status,
            pipeline_id=there,
            closed_at=row["closed_at"] if keeps else at if closing else None,
            loss_reason_id=reason if status == LOST else None,
        )
        after = [{"lead_status": {"id": status, "pipeline_id": there}}]
        owner = row["responsible_user_id"]
        self._event("lead_status_changed", "lead", lead, at, owner, after, before)
        if keeps:
            return
        self.ledger.forget("deals_won", f"lead:{lead}")
        self.ledger.forget("deals_lost", f"lead:{lead}")
        if closing:
            self.ledger.note("deals_won" if status == WON else "deals_lost", f"lead:{lead}", at, owner)

    def backdate(self, lead: int, closed: int, at: int | None = None) -> None:
        """Write another closing day into a closed lead."""
        self.leads.touch(lead, self._at(at), closed_at=closed)
        for kind in ("deals_won", "deals_lost"):
            entry = self.ledger.entries.get((kind, f"lead:{lead}"))
            if entry is not None:
                self.ledger.note(kind, f"lead:{lead}", closed, entry[1])

    def hand_over(self, lead: int, owner: int, at: int | None = None) -> None:
        """Give a lead to somebody else; what was done before stays with who did it."""
        at, row = self._at(at), self.leads.rows[lead]
        before = row["responsible_user_id"]
        if before == owner:
            return
        self.leads.touch(lead, at, responsible_user_id=owner)
        after = [{"responsible_user": {"id": owner}}]
        self._event(
            "entity_responsible_changed", "lead", lead, at, before, after, [{"responsible_user": {"id": before}}]
        )

    def reprice(self, lead: int, amount: Decimal, at: int | None = None, by: int = 0) -> None:
        """Change a lead's amount; a robot does it, or somebody."""
        self.leads.touch(lead, self._at(at), updated_by=by, **_price(amount))
        self.ledger.amounts[lead] = amount

    def delete(self, lead: int, at: int | None = None) -> None:
        """Put a lead into the bin."""
        at = self._at(at)
        self.bin[lead] = self.leads.drop(lead)
        self.ledger.hidden.add(lead)
        self._event("lead_deleted", "lead", lead, at, self.users[0])

    def restore(self, lead: int, at: int | None = None) -> None:
        """Take a lead out of the bin: its own time of change stays what it was."""
        at = self._at(at)
        self.leads.put(self.bin.pop(lead))
        self.ledger.hidden.discard(lead)
        self._event("lead_restored", "lead", lead, at, self.users[0])

    def merge(self, winner: int, loser: int, at: int | None = None) -> None:
        """Two leads become one; the event names the one that stays."""
        at = self._at(at)
        self.leads.drop(loser)
        self.leads.touch(winner, at)
        self.ledger.hidden.add(loser)
        self._event("entity_merged", "lead", winner, at, self.users[0])

    def call(
        self,
        entity: str,
        rep: int,
        outgoing: bool,
        seconds: int,
        status: int | None = None,
        uniq: str = "",
        at: int | None = None,
        **quirks: object,
    ) -> int:
        """A call note; `quirks` replace fields of the row."""
        at, note = self._at(at), self._id()
        params: Row = {"uniq": uniq, "duration": seconds, "source": "line", "phone": "+380441234567", "link": None}
        if status is not None:
            params["call_status"] = status
        kind = "call_out" if outgoing else "call_in"
        self.notes[entity].put(self._note(note, rep, at, kind, params) | quirks)
        answered = seconds > 0 if status is None else status == 4
        key = f"uniq:{uniq}" if uniq else f"note:{note}"
        self.ledger.note("call", key, at, rep, seconds, "out" if outgoing else "in", answered)
        return note

    def letter(self, rep: int, at: int | None = None) -> None:
        """A letter to a customer."""
        at, note = self._at(at), self._id()
        if self.mail_as_events:
            self._event("outgoing_mail", "contact", 7, at, rep)
        params = {"message_id": str(note), "income": False, "subject": "Offer", "to": {"email": "someone@example.com"}}
        self.notes["contacts"].put(self._note(note, rep, at, "amomail_message", params))
        self.ledger.note("emails", f"letter:{note}", at, rep)

    def task(self, rep: int, kind: int = 1, at: int | None = None) -> int:
        """Plan a task."""
        at, task = self._at(at), self._id()
        row: Row = {"id": task, "created_by": rep, "responsible_user_id": rep, "created_at": at, "updated_at": at}
        row |= {"is_completed": False, "task_type_id": kind, "text": "Call back", "result": []}
        self.tasks.put(row | {"complete_till": at + 86400, "entity_id": None, "entity_type": None})
        self._event("task_added", "task", task, at, rep)
        return task

    def finish(self, task: int, at: int | None = None) -> None:
        """Complete a task."""
        at, row = self._at(at), self.tasks.rows[task]
        rep = row["responsible_user_id"]
        self.tasks.touch(task, at, is_completed=True, result={"text": "done"})
        self._event("task_completed", "task", task, at, rep)
        self.ledger.note("tasks_done", f"task:{task}", at, rep)
        if row["task_type_id"] == 2:
            self.ledger.note("meetings", f"task:{task}", at, rep)

    def reopen_task(self, task: int, at: int | None = None) -> None:
        """A completed task is open again."""
        self.tasks.touch(task, self._at(at), is_completed=False)
        self._no_task(task)

    def retitle_task(self, task: int, at: int | None = None) -> None:
        """Change a task's text; when it was done does not change by that."""
        self.tasks.touch(task, self._at(at), text="Call back soon")

    def delete_task(self, task: int, at: int | None = None) -> None:
        """Remove a task."""
        at = self._at(at)
        self.tasks.drop(task)
        self._no_task(task)
        self._event("task_deleted", "task", task, at, self.users[0])

    def invoice(self, lead: int | None, author: int, amount: Decimal, at: int | None = None) -> int:
        """Make an invoice, for a lead or for none."""
        at, element = self._at(at), self._id()
        row = {"id": element, "name": f"Invoice {element}", "created_by": author, "created_at": at, "updated_at": at}
        self.elements.put(row | {"is_deleted": False, "custom_fields_values": _bill(amount, "created", None)})
        owner = author
        if lead is not None:
            owner = self.leads.rows[lead]["responsible_user_id"]
            self.leads.touch(lead, at, elements=[*self.leads.rows[lead]["elements"], element])
        self.ledger.money("invoices_issued", f"invoice:{element}", at, owner, amount)
        return element

    def pay(self, element: int, at: int | None = None, told: bool = True) -> None:
        """An invoice is paid; `told` = with the day of payment."""
        at, row = self._at(at), self.elements.rows[element]
        amount = self.ledger.entries["invoices_issued", f"invoice:{element}"][2] or Decimal(0)
        self.elements.touch(element, at, custom_fields_values=_bill(amount, "paid", at if told else None))
        leads = [lead for lead in self.leads.rows.values() if element in lead["elements"]]
        owner = leads[0]["responsible_user_id"] if leads else row["created_by"]
        self.ledger.money("invoices_paid", f"invoice:{element}", at, owner, amount)

    def unpay(self, element: int, at: int | None = None) -> None:
        """The payment was a mistake."""
        amount = self.ledger.entries["invoices_issued", f"invoice:{element}"][2] or Decimal(0)
        self.elements.touch(element, self._at(at), custom_fields_values=_bill(amount, "created", None))
        self.ledger.forget("invoices_paid", f"invoice:{element}")

    def cancel(self, element: int, at: int | None = None) -> None:
        """Delete an invoice: it stays in the list, marked."""
        self.elements.touch(element, self._at(at), is_deleted=True)
        for kind in ("invoices_issued", "invoices_paid"):
            self.ledger.forget(kind, f"invoice:{element}")

    def bump(self, lead: int, at: int | None = None) -> None:
        """Something about a lead changes that nobody counts: it only moves in the lists."""
        self.leads.touch(lead, self._at(at))

    def _no_task(self, task: int) -> None:
        self.ledger.forget("tasks_done", f"task:{task}")
        self.ledger.forget("meetings", f"task:{task}")

    def _note(self, note: int, rep: int, at: int, kind: str, params: Row) -> Row:
        row = {"id": note, "entity_id": 1, "created_by": rep, "updated_by": rep, "created_at": at, "updated_at": at}
        return row | {"responsible_user_id": rep, "group_id": 0, "note_type": kind, "params": params}

    def _event(
        self,
        kind: str,
        family: str,
        record: int,
        at: int,
        author: int,
        after: list[Row] | None = None,
        before: list[Row] | None = None,
    ) -> None:
        self._sequence += 1
        row = {"id": self._sequence, "type": kind, "entity_id": record, "entity_type": family, "created_by": author}
        self.events.put(row | {"created_at": at, "value_after": after or [], "value_before": before or []})

    def _id(self) -> int:
        self._last += 1
        return self._last

    def _at(self, at: int | None) -> int:
        return int(self.clock.seconds) if at is None else at


def _price(amount: Decimal) -> Row:
    """Kommo rounds `price` to whole units and gives the exact one beside it."""
    return {"price": int(amount), "price_with_minor_units": float(amount)}


def _bill(amount: Decimal, status: str, paid: int | None) -> list[Row]:
    words = {"created": "Создан", "paid": "Оплачен"}
    fields = [
        ("BILL_STATUS", 271301, "select", {"value": words[status], "enum_id": 10771, "enum_code": status}),
        ("BILL_PRICE", 271309, "numeric", {"value": str(amount)}),
    ]
    if paid is not None:
        fields.append(("BILL_PAYMENT_DATE", 271307, "date_time", {"value": paid}))
    return [
        {"field_id": number, "field_name": code, "field_code": code, "field_type": kind, "values": [value]}
        for code, number, kind, value in fields
    ]
