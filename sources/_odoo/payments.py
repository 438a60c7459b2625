"""What was paid on which invoice, and when: the day of the paying entry, for an invoice itself does not know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sources import PermissionDeniedError
from sources._odoo.api import Api
from sources._odoo.errors import BadFieldError, NoModelError
from sources._odoo.fields import LINE, PARTIAL, PAYMENT
from sources._odoo.values import Row, calendar_day, ref

_SALE = frozenset(("out_invoice", "out_refund"))
_MONEY_IN = frozenset(("paid", "in_payment", "partial"))
# Reversed = settled by a credit note: no money came.
_UNPAID = frozenset(("not_paid", "reversed"))
_LIVE = ["in_process", "paid", "posted"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money for one invoice (or back, for a credit note), in the invoice's currency, as Odoo's float."""

    day: date
    amount: float


@dataclass(slots=True)
class Receipts:
    """By invoice. `hidden` = entries exist that this user may not see, so that days may be those of the pairing."""

    of: dict[int, list[Receipt]]
    hidden: bool = False


def read_receipts(api: Api, moves: Sequence[Row]) -> Receipts:
    """The money that came for these invoices and went back for these credit notes. Raises SourceError."""
    touched = [row for row in moves if row.get("state") == "posted" and row.get("payment_state") not in _UNPAID]
    notes = [row["id"] for row in touched if row.get("move_type") == "out_refund"]
    bills = [row["id"] for row in touched if row.get("move_type") != "out_refund"]
    if not touched:
        return Receipts({})
    where = ["|", ["debit_move_id.move_id", "in", bills], ["credit_move_id.move_id", "in", notes]]
    wanted = ["debit_move_id", "credit_move_id", "debit_amount_currency", "credit_amount_currency", "max_date",
              "exchange_move_id"]  # fmt: skip
    pairs = [row for page in api.pages(PARTIAL, where, wanted) for row in page]
    lines = _lines(api, pairs)
    found = _paired(pairs, lines, set(bills), set(notes))
    _unbooked(api, [row for row in touched if row["id"] not in found.of], found)
    return found


def _lines(api: Api, pairs: Sequence[Row]) -> dict[int, Row]:
    ids = sorted(
        {line for row in pairs for side in ("debit_move_id", "credit_move_id") if (line := ref(row.get(side)))}
    )
    return {row["id"]: row for row in api.by_ids(LINE, ids, ["move_id", "move_type", "date"])}


def _paired(pairs: Sequence[Row], lines: Mapping[int, Row], bills: set[int], notes: set[int]) -> Receipts:
    """The pairings that are money: not those with a credit note, and not the differences of exchange rates."""
    found = Receipts({})
    exchanges = {move for row in pairs if (move := ref(row.get("exchange_move_id")))}
    for row in pairs:
        for mine, other, amount, wanted in (
            ("debit_move_id", "credit_move_id", "debit_amount_currency", bills),
            ("credit_move_id", "debit_move_id", "credit_amount_currency", notes),
        ):
            own, paying = lines.get(ref(row.get(mine)) or 0), lines.get(ref(row.get(other)) or 0)
            move = ref(own.get("move_id")) if own else None
            found.hidden |= own is None or paying is None
            if move is None or move not in wanted or not row.get(amount):
                continue
            if paying and (paying.get("move_type") in _SALE or ref(paying.get("move_id")) in exchanges):
                continue
            day = calendar_day((paying or {}).get("date")) or calendar_day(row.get("max_date"))
            if day is not None:
                found.of.setdefault(move, []).append(Receipt(day, float(row[amount])))
    return found


def _unbooked(api: Api, moves: Sequence[Row], found: Receipts) -> None:
    """Invoices that are paid and have no entry that pays them: a journal may do without; the payment has the day."""
    left = {row["id"]: row for row in moves if row.get("payment_state") in _MONEY_IN and row.get("amount_total")}
    if not left:
        return
    where: list[Any] = [["invoice_ids", "in", sorted(left)], ["state", "in", _LIVE]]
    try:
        payments = api.rows(PAYMENT, where, ["date", "amount", "invoice_ids"])
    except BadFieldError:
        # Up to version 17 there is no payment without an entry.
        return
    except (NoModelError, PermissionDeniedError):
        found.hidden = True
        return
    for payment in payments:
        mine = [each for each in payment.get("invoice_ids") or () if each in left]
        day = calendar_day(payment.get("date"))
        if day is None:
            continue
        for move in mine:
            total = float(left[move]["amount_total"])
            # One payment of several invoices does not say how much of it was for which.
            amount = total if len(payment["invoice_ids"]) > 1 else min(total, float(payment.get("amount") or 0))
            found.of.setdefault(move, []).append(Receipt(day, amount))
