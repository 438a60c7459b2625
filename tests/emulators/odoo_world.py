"""A made-up Odoo: its tables, and what people do there; every deed is written into a ledger besides."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.emulators.kommo_world import Clock
from tests.emulators.odoo_ledger import Entry, Ledger
from tests.emulators.odoo_query import SCHEMA, Row, Tables

LEAD, MOVE, LINE = "crm.lead", "account.move", "account.move.line"
ACTIVITY, MESSAGE, PARTIAL, ORDER = "mail.activity", "mail.message", "account.partial.reconcile", "sale.order"
STAGES = (1, 2, 3)
WON, PAID_AHEAD = 4, 5
USD, UAH, EUR = 1, 22, 125
CURRENCIES = {USD: "USD", UAH: "UAH", EUR: "EUR"}
CALL, MEETING, TO_DO = 2, 3, 4
# Kinds of message; their numbers differ from one database to the next.
DISCUSSION, NOTE, DONE, STAGE_CHANGED, SENT = 1, 2, 3, 9, 14
TRACKED = {6835: "user_id", 6845: "stage_id", 6890: "active"}
BOT_PARTNER, CUSTOMER = 2, 50
_FIELD = {name: number for number, name in TRACKED.items()}


class World:
    """One database. `at` is the unix second of a deed, default now."""

    def __init__(self, clock: Clock, reps: int = 8) -> None:
        self.clock = clock
        self.tables: Tables = {model: {} for model in SCHEMA}
        self.ledger = Ledger()
        self.reps = [7 + number for number in range(reps)]
        self.keeps_done = True
        self.tracks = True
        self._serial = 0
        self._numbers = dict.fromkeys(SCHEMA, 100)
        _furnish(self)

    def lead(self, owner: int | None, amount: Decimal, at: int | None = None, kind: str = "opportunity") -> int:
        """Make a deal, or a lead."""
        at = self._at(at)
        row = {"name": f"<b>Угода</b> {self._serial}", "type": kind, "active": True, "user_id": owner, "team_id": 1}
        row |= {"stage_id": STAGES[0], "won_status": "pending", "probability": 10.0, "expected_revenue": float(amount)}
        row |= {"company_currency": USD, "company_id": 1, "partner_id": CUSTOMER, "create_date": float(at)}
        lead = self._put(LEAD, {**row, "date_last_stage_update": float(at)}, at)
        made = "deals_created" if kind == "opportunity" else "leads_created"
        self.ledger.note(made, f"lead:{lead}", Entry(at, owner, amount, "USD"))
        return lead

    def convert(self, lead: int, at: int | None = None) -> None:
        """A lead becomes a deal."""
        at, row = self._at(at), self.tables[LEAD][lead]
        self._touch(LEAD, lead, at, type="opportunity", date_conversion=float(at))
        amount = Decimal(str(row["expected_revenue"]))
        self.ledger.note("deals_created", f"lead:{lead}", Entry(at, row["user_id"], amount, "USD"))

    def move(self, lead: int, stage: int, at: int | None = None) -> None:
        """Move a deal to a stage: into a won one it is won, out of them open again."""
        at, row = self._at(at), self.tables[LEAD][lead]
        before, was = row["stage_id"], row["won_status"]
        if stage == before:
            return
        won = stage in (WON, PAID_AHEAD)
        changed: Row = {"stage_id": stage, "date_last_stage_update": float(at)}
        if won and was != "won":
            changed |= {"won_status": "won", "probability": 100.0, "date_closed": float(at)}
        elif not won:
            changed |= {"won_status": "pending", "probability": 20.0, "date_closed": None}
        self._touch(LEAD, lead, at, **changed)
        self._track(LEAD, lead, "stage_id", before, stage, at)
        self._close(lead, at, "deals_won" if won else None, keep=won and was == "won")

    def lose(self, lead: int, reason: int | None = 2, at: int | None = None) -> None:
        """Mark a deal as lost: that archives it."""
        at = self._at(at)
        self._touch(LEAD, lead, at, active=False, won_status="lost", probability=0.0, date_closed=float(at),
                    lost_reason_id=reason)  # fmt: skip
        self._track(LEAD, lead, "active", 1, 0, at)
        self._close(lead, at, "deals_lost")

    def restore(self, lead: int, at: int | None = None) -> None:
        """Take a lost or archived deal back."""
        at, row = self._at(at), self.tables[LEAD][lead]
        self._track(LEAD, lead, "active", 0, 1, at)
        if row["won_status"] == "won":
            self._touch(LEAD, lead, at, active=True)
            return
        self._touch(LEAD, lead, at, active=True, won_status="pending", probability=20.0, date_closed=None,
                    lost_reason_id=None)  # fmt: skip
        self._close(lead, at, None)

    def archive(self, lead: int, at: int | None = None) -> None:
        """Put a deal away, which is not losing it: an open one bears a closing day all the same."""
        at, row = self._at(at), self.tables[LEAD][lead]
        closed = row.get("date_closed") or float(at)
        self._touch(LEAD, lead, at, active=False, date_closed=closed)
        self._track(LEAD, lead, "active", 1, 0, at)

    def hand_over(self, lead: int, owner: int | None, at: int | None = None) -> None:
        """Give a deal to somebody else; what was done before stays with who did it."""
        at, before = self._at(at), self.tables[LEAD][lead]["user_id"]
        if before != owner:
            self._touch(LEAD, lead, at, user_id=owner)
            self._track(LEAD, lead, "user_id", before or 0, owner or 0, at)

    def reprice(self, lead: int, amount: Decimal, at: int | None = None) -> None:
        """Change what a deal is worth."""
        self._touch(LEAD, lead, self._at(at), expected_revenue=float(amount))
        self.ledger.reprice(f"lead:{lead}", amount)

    def backdate(self, lead: int, closed: int, at: int | None = None) -> None:
        """Write another closing day into a closed deal."""
        self._touch(LEAD, lead, self._at(at), date_closed=float(closed))
        for kind in ("deals_won", "deals_lost"):
            entry = self.ledger.entries.get((kind, f"lead:{lead}"))
            if entry is not None:
                self.ledger.note(kind, f"lead:{lead}", Entry(closed, entry.rep, entry.amount, entry.currency))

    def delete(self, lead: int) -> None:
        """Delete a deal: its activities and messages go with it."""
        gone = [f"lead:{lead}"]
        del self.tables[LEAD][lead]
        for model, prefix in ((ACTIVITY, "activity"), (MESSAGE, "message")):
            field = "res_model" if model == ACTIVITY else "model"
            mine = [key for key, row in self.tables[model].items() if row[field] == LEAD and row["res_id"] == lead]
            for key in mine:
                del self.tables[model][key]
            gone += [f"{prefix}:{key}" for key in mine]
        for name in ("mail.tracking.value", "mail.notification"):
            table, messages = self.tables[name], self.tables[MESSAGE]
            self.tables[name] = {key: row for key, row in table.items() if row["mail_message_id"] in messages}
        self.ledger.drop(*gone)

    def touch(self, lead: int, at: int | None = None) -> None:
        """Something about a deal changes that nobody counts."""
        self._touch(LEAD, lead, self._at(at))

    def plan(self, owner: int, kind: int = CALL, lead: int | None = None, day: str = "2026-11-25") -> int:
        """Plan an activity. The deal itself does not change by that."""
        row = {"activity_type_id": kind, "user_id": owner, "active": True, "date_deadline": day, "date_done": None}
        row["activity_category"] = self.tables["mail.activity.type"][kind]["category"]
        found = self._put(ACTIVITY, {**row, "res_model": LEAD if lead else "res.partner", "res_id": lead or CUSTOMER})
        self._plan_of(lead)
        return found

    def finish(self, activity: int, by: int | None = None, at: int | None = None) -> None:
        """An activity is done; somebody else may tick it off."""
        at, row = self._at(at), self.tables[ACTIVITY][activity]
        day = datetime.fromtimestamp(at, UTC).date().isoformat()
        author = self.partner_of(by or row["user_id"])
        about = (row["res_model"], row["res_id"])
        message = self._message(at, author, *about, DONE, "notification", mail_activity_type_id=row["activity_type_id"])
        kind = {"phonecall": "calls", "meeting": "meetings"}.get(row["activity_category"], "tasks_done")
        if self.keeps_done:
            self._touch(ACTIVITY, activity, at, active=False, date_done=day)
            self.ledger.note(kind, f"activity:{activity}", Entry(at, row["user_id"]))
        else:
            del self.tables[ACTIVITY][activity]
            self.ledger.note(kind, f"message:{message}", Entry(at, by or row["user_id"]))
        self._plan_of(row["res_id"] if row["res_model"] == LEAD else None)

    def undo(self, activity: int) -> None:
        """A done activity is open again."""
        self._touch(ACTIVITY, activity, self._at(None), active=True, date_done=None)
        self.ledger.drop(f"activity:{activity}")

    def edit(self, activity: int, at: int | None = None) -> None:
        """Somebody corrects the note of an activity, which moves its time of change."""
        self._touch(ACTIVITY, activity, self._at(at))

    def cancel_activity(self, activity: int) -> None:
        """An activity is taken back, done or not: it is gone."""
        row = self.tables[ACTIVITY].pop(activity)
        self.ledger.drop(f"activity:{activity}")
        self._plan_of(row["res_id"] if row["res_model"] == LEAD else None)

    def letter(self, author: int, lead: int | None = None, at: int | None = None, kind: str = "comment") -> int:
        """An e-mail to the customer, who is notified by mail; also a colleague by the inbox."""
        at = self._at(at)
        about = (LEAD, lead) if lead else ("res.partner", CUSTOMER)
        message = self._message(at, self.partner_of(author), *about, DISCUSSION, kind)
        self._notify(message, CUSTOMER, "email")
        self._notify(message, self.partner_of(self.reps[0]), "inbox")
        self.ledger.note("emails", f"message:{message}", Entry(at, author))
        return message

    def noise(self, author: int, at: int | None = None) -> None:
        """Messages that are no e-mails to customers: a note, one to a colleague, one by the robot, one that came in."""
        at, me = self._at(at), self.partner_of(author)
        self._notify(self._message(at, me, LEAD, 1, NOTE, "comment"), CUSTOMER, "email")
        self._notify(self._message(at, me, LEAD, 1, DISCUSSION, "comment"), self.partner_of(self.reps[1]), "email")
        self._notify(self._message(at, BOT_PARTNER, LEAD, 1, DISCUSSION, "comment"), CUSTOMER, "email")
        self._notify(self._message(at, CUSTOMER, LEAD, 1, DISCUSSION, "email"), me, "email")

    def order(self, owner: int, amount: Decimal, at: int | None = None) -> int:
        """Write a quotation."""
        at = self._at(at)
        row = {"name": "S00001", "state": "draft", "user_id": owner, "partner_id": CUSTOMER, "currency_id": UAH}
        return self._put(ORDER, {**row, "company_id": 1, "amount_total": float(amount), "create_date": float(at)}, at)

    def send(self, order: int, at: int | None = None) -> None:
        """Send a quotation to the customer."""
        at, row = self._at(at), self.tables[ORDER][order]
        self._touch(ORDER, order, at, state="sent")
        self._message(at, self.partner_of(row["user_id"]), ORDER, order, SENT, "notification")
        self.ledger.note("offers_sent", f"order:{order}", Entry(at, row["user_id"]))

    def settle(self, order: int, state: str) -> None:
        """A quotation is ordered, or cancelled."""
        self._touch(ORDER, order, self._at(None), state=state)
        if state == "cancel":
            self.ledger.drop(f"order:{order}")

    def partner_of(self, user: int) -> int:
        """The address-book entry of a user."""
        return int(self.tables["res.users"][user]["partner_id"])

    def put(self, model: str, row: Row, at: int | None = None) -> int:
        """Write a row as it is."""
        return self._put(model, row, self._at(at))

    def change(self, model: str, number: int, at: int | None = None, **values: object) -> None:
        """Change a row as it is."""
        self._touch(model, number, self._at(at), **values)

    def _plan_of(self, lead: int | None) -> None:
        if lead is not None and lead in self.tables[LEAD]:
            mine = [row for row in self.tables[ACTIVITY].values() if row["active"] and row["res_id"] == lead]
            days = [str(row["date_deadline"]) for row in mine if row["res_model"] == LEAD]
            self.tables[LEAD][lead]["activity_date_deadline"] = min(days, default=None)

    def _close(self, lead: int, at: int, kind: str | None, keep: bool = False) -> None:
        """The deal's outcome, by who has it now."""
        row, record = self.tables[LEAD][lead], f"lead:{lead}"
        if keep:
            return
        self.ledger.forget("deals_won", record)
        self.ledger.forget("deals_lost", record)
        if kind is not None:
            self.ledger.note(kind, record, Entry(at, row["user_id"], Decimal(str(row["expected_revenue"])), "USD"))

    def _track(self, model: str, number: int, field: str, old: int, new: int, at: int) -> None:
        if not self.tracks:
            return
        message = self._message(at, self.partner_of(self.reps[0]), model, number, STAGE_CHANGED, "notification")
        row = {"mail_message_id": message, "field_id": _FIELD[field], "create_date": float(at)}
        name = self.tables["crm.stage"][new]["name"] if field == "stage_id" else None
        self._put("mail.tracking.value", {**row, "old_value_integer": old, "new_value_integer": new,
                                          "new_value_char": name}, at)  # fmt: skip

    def _message(self, at: int, author: int, model: str, number: int, subtype: int, kind: str, **more: Any) -> int:
        row = {"date": float(at), "author_id": author, "model": model, "res_id": number, "subtype_id": subtype}
        return self._put(MESSAGE, {**row, "message_type": kind, "mail_activity_type_id": None, **more}, at)

    def _notify(self, message: int, partner: int, kind: str) -> None:
        row = {"mail_message_id": message, "res_partner_id": partner, "notification_type": kind}
        self._put("mail.notification", row)

    def _put(self, model: str, row: Row, at: int | None = None) -> int:
        self._numbers[model] += 1
        number = self._numbers[model]
        self.tables[model][number] = {**row, "id": number, "write_date": self._stamp(self._at(at))}
        return number

    def _touch(self, model: str, number: int, at: int, **values: object) -> None:
        self.tables[model][number] |= {**values, "write_date": self._stamp(at)}

    def _stamp(self, at: int) -> float:
        """Behind the second there are microseconds, which no answer shows."""
        self._serial += 1
        return at + (self._serial % 900_000) / 1e6

    def _at(self, at: int | None) -> int:
        return int(self.clock.seconds) if at is None else at


def _furnish(world: World) -> None:
    tables = world.tables

    def put(model: str, number: int, /, **row: object) -> None:
        tables[model][number] = {"id": number, **row}

    for number, name in CURRENCIES.items():
        put("res.currency", number, name=name, decimal_places=2, active=True)
    rates = (("2010-01-01", USD, 1.0), ("2026-09-01", UAH, 41.0), ("2026-11-01", UAH, 42.0), ("2026-11-01", EUR, 0.92))
    for number, (day, currency, rate) in enumerate(rates, 1):
        put("res.currency.rate", number, name=day, currency_id=currency, company_id=1, rate=rate, company_rate=rate,
            inverse_company_rate=1 / rate)  # fmt: skip
    put("res.company", 1, name="YourCompany", currency_id=USD)
    put("res.partner", BOT_PARTNER, name="OdooBot", partner_share=False)
    put("res.partner", CUSTOMER, name="ТОВ «Ромашка & Co» <b>", partner_share=True)
    put("res.users", 1, name="OdooBot", login="__system__", active=False, share=False, partner_id=BOT_PARTNER)
    for rep in world.reps:
        put("res.partner", 200 + rep, name=f"Rep {rep}", partner_share=False)
        put("res.users", rep, name=f"Rep {rep}", login=f"u{rep}@example.com", active=rep != world.reps[-1], share=False,
            partner_id=200 + rep)  # fmt: skip
    put("crm.team", 1, name="Sales", active=True, user_id=world.reps[0], member_ids=world.reps[:4])
    put("crm.team", 4, name="Pre-Sales", active=True, user_id=None, member_ids=world.reps[4:6])
    for stage, name in ((1, "New"), (2, "Qualified"), (3, "Proposition"), (WON, "Won"), (PAID_AHEAD, "Won, prepaid")):
        put("crm.stage", stage, name=name, is_won=stage in (WON, PAID_AHEAD))
    for reason, name in ((1, "Too expensive"), (2, "We don't have people/skills")):
        put("crm.lost.reason", reason, name=name)
    kinds = ((1, "Email", "default"), (CALL, "Call", "phonecall"), (MEETING, "Meeting", "meeting"),
             (TO_DO, "To-Do", "default"))  # fmt: skip
    for kind, name, category in kinds:
        put("mail.activity.type", kind, name=name, category=category, active=True, keep_done=False)
    for subtype, name, model, internal in ((DISCUSSION, "Discussions", None, False), (NOTE, "Note", None, True),
                                           (DONE, "Activities", None, True), (SENT, "Quotation sent", ORDER, False),
                                           (STAGE_CHANGED, "Stage Changed", LEAD, False)):  # fmt: skip
        put("mail.message.subtype", subtype, name=name, res_model=model, internal=internal)
    for number, name in TRACKED.items():
        put("ir.model.fields", number, model=LEAD, name=name)


def today(world: World) -> date:
    """The UTC day."""
    return datetime.fromtimestamp(world.clock.seconds, UTC).date()
