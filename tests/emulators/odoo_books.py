"""The accounting of a made-up Odoo: invoices, credit notes, payments, and the pairings between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.emulators.odoo_ledger import Entry
from tests.emulators.odoo_query import Row
from tests.emulators.odoo_world import CURRENCIES, CUSTOMER, LINE, MOVE, PARTIAL, USD, World


@dataclass
class Books:
    """Bills by their number with their one line on the customer's account; payments by their pairing."""

    world: World
    lines: dict[int, int] = field(default_factory=dict)
    paid: dict[int, dict[int, tuple[date, Decimal]]] = field(default_factory=dict)

    def invoice(
        self,
        owner: int | None,
        amount: Decimal,
        day: date,
        currency: int = USD,
        refund: bool = False,
        at: int | None = None,
    ) -> int:
        """Draw up an invoice or a credit note, as a draft."""
        row: Row = {
            "name": "/",
            "move_type": "out_refund" if refund else "out_invoice",
            "state": "draft",
            "company_id": 1,
        }
        row |= {"payment_state": "not_paid", "invoice_date": day.isoformat(), "invoice_user_id": owner}
        row |= {"partner_id": CUSTOMER, "currency_id": currency, "amount_total": float(amount)}
        move = self.world.put(MOVE, {**row, "amount_residual": float(amount)}, at)
        self.lines[move] = self._line(move, str(row["move_type"]), day)
        self.paid[move] = {}
        return move

    def post(self, move: int, at: int | None = None) -> None:
        """Confirm it."""
        self.world.change(MOVE, move, at, state="posted", name=f"INV/2026/{move:05d}")
        row = self.world.tables[MOVE][move]
        amount, sign = Decimal(str(row["amount_total"])), self._sign(move)
        day, currency = date.fromisoformat(row["invoice_date"]), CURRENCIES[row["currency_id"]]
        entry = Entry(day, row["invoice_user_id"], sign * amount, currency, sign > 0)
        self.world.ledger.note("issued", f"invoice:{move}", entry)
        self._told(move)

    def withdraw(self, move: int, state: str = "draft") -> None:
        """Back to draft, or cancelled: it keeps its number."""
        self.world.change(MOVE, move, state=state)
        self.world.ledger.forget("issued", f"invoice:{move}")
        self._told(move)

    def amend(self, move: int, amount: Decimal) -> None:
        """Another amount, while nothing is paid."""
        self.world.change(MOVE, move, amount_total=float(amount), amount_residual=float(amount))
        if self.world.tables[MOVE][move]["state"] == "posted":
            self.post(move)

    def pay(self, move: int, amount: Decimal, day: date, exchange: bool = False, at: int | None = None) -> int:
        """Money for an invoice, or back for a credit note; with `exchange` a difference of rates is booked besides."""
        entry = self._entry(day)
        theirs = self._line(entry, "entry", day)
        difference = self._entry(day) if exchange else None
        pair = self._pair(move, theirs, amount, max(day, self._day(move)), difference)
        if difference is not None:
            # It bears the day on which it was booked, and no amount in the invoice's currency.
            self._pair(move, self._line(difference, "entry", date(2026, 11, 21)), Decimal(0), date(2026, 11, 21), None)
        self.paid[move][pair] = (day, amount)
        self._settle(move, at)
        return pair

    def unpay(self, move: int, pair: int) -> None:
        """The payment is taken off again."""
        self.world.tables[PARTIAL].pop(pair)
        self.paid[move].pop(pair)
        self._settle(move)

    def reverse(self, move: int, day: date, at: int | None = None) -> int:
        """Take an unpaid invoice back whole, by a credit note that is set against it: no money moves."""
        row = self.world.tables[MOVE][move]
        total = Decimal(str(row["amount_total"]))
        note = self.invoice(row["invoice_user_id"], total, day, row["currency_id"], refund=True, at=at)
        self.post(note, at)
        self._pair(move, self.lines[note], total, day, None)
        self.world.change(MOVE, move, at, payment_state="reversed", amount_residual=0.0)
        self.world.change(MOVE, note, at, payment_state="paid", amount_residual=0.0)
        return note

    def left(self, move: int) -> Decimal:
        """What is still to be paid."""
        total = Decimal(str(self.world.tables[MOVE][move]["amount_total"]))
        return total - sum((amount for _, amount in self.paid[move].values()), Decimal(0))

    def _settle(self, move: int, at: int | None = None) -> None:
        left = self.left(move)
        state = "paid" if not left else "partial" if self.paid[move] else "not_paid"
        self.world.change(MOVE, move, at, payment_state=state, amount_residual=float(left))
        self._told(move)

    def _told(self, move: int) -> None:
        """The ledger's lines for what was paid: the last payment makes it a paid invoice."""
        ledger, row = self.world.ledger, self.world.tables[MOVE][move]
        for kind, record in [key for key in ledger.entries if key[1].startswith(f"invoice:{move}/")]:
            ledger.forget(kind, record)
        if row["state"] != "posted":
            return
        ordered = sorted(self.paid[move].items(), key=lambda item: (item[1][0], item[0]))
        sign, currency = self._sign(move), CURRENCIES[row["currency_id"]]
        for place, (pair, (day, amount)) in enumerate(ordered, 1):
            counts = place == len(ordered) and row["payment_state"] == "paid" and sign > 0
            entry = Entry(day, row["invoice_user_id"], sign * amount, currency, counts)
            ledger.note("paid", f"invoice:{move}/{pair}", entry)

    def _pair(self, move: int, theirs: int, amount: Decimal, day: date, difference: int | None) -> int:
        mine = self.lines[move]
        debit, credit = (mine, theirs) if self._sign(move) > 0 else (theirs, mine)
        row = {"debit_move_id": debit, "credit_move_id": credit, "max_date": day.isoformat()}
        row |= {"debit_amount_currency": float(amount), "credit_amount_currency": float(amount)}
        return self.world.put(PARTIAL, {**row, "exchange_move_id": difference})

    def _entry(self, day: date) -> int:
        row: Row = {"name": "PBNK1/2026/00001", "move_type": "entry", "state": "posted", "payment_state": "not_paid"}
        row |= {"invoice_date": day.isoformat(), "invoice_user_id": None, "partner_id": CUSTOMER}
        return self.world.put(MOVE, {**row, "company_id": 1, "currency_id": USD, "amount_total": 0.0})

    def _line(self, move: int, kind: str, day: date) -> int:
        row = {"name": f"line of {move}", "move_id": move, "move_type": kind, "date": day.isoformat()}
        return self.world.put(LINE, row)

    def _day(self, move: int) -> date:
        return date.fromisoformat(self.world.tables[MOVE][move]["invoice_date"])

    def _sign(self, move: int) -> Decimal:
        return Decimal(-1 if self.world.tables[MOVE][move]["move_type"] == "out_refund" else 1)
