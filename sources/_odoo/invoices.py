"""Customer invoices and credit notes: issued on their own day, paid on the days on which money came."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.facts import Change, Direction, Fact, Kind
from sources._odoo.desk import Desk
from sources._odoo.fields import MOVE
from sources._odoo.office import counts_company
from sources._odoo.payments import Receipt
from sources._odoo.values import Row, calendar_day, person, ref_name, text

FAMILY = "invoice:"
SALES = ["move_type", "in", ["out_invoice", "out_refund"]]
_SETTLED = frozenset(("paid", "in_payment"))


def invoice_change(row: Row, receipts: Sequence[Receipt], desk: Desk) -> Change:
    """What it stands for now; a draft and a cancelled one, which keeps its number, stand for nothing.

    Whose it is Odoo tells only for now. A credit note takes its amount away and is no invoice more.
    """
    record, owner = f"{FAMILY}{row['id']}", person(row.get("invoice_user_id"))
    if row.get("state") != "posted" or not counts_company(desk.choice, row.get("company_id")):
        return Change(record, (), owner=owner)
    facts = desk.wanted([*_issued(row, desk, owner), *_paid(row, receipts, desk, owner)])
    url, changed_by = desk.link(MOVE, row["id"]), person(row.get("write_uid"))
    return Change(record, facts, owner=owner, url=url, changed_by=changed_by)


def _issued(row: Row, desk: Desk, owner: str | None) -> list[Fact]:
    day, sign = calendar_day(row.get("invoice_date")), _sign(row)
    if day is None:
        return []
    receipt = Receipt(day, float(row.get("amount_total") or 0))
    return [_fact(Kind.INVOICE_ISSUED, row, receipt, desk, owner, counts=sign > 0)]


def _paid(row: Row, receipts: Sequence[Receipt], desk: Desk, owner: str | None) -> list[Fact]:
    """Each payment on its own day; the one that makes the invoice a paid one counts as such."""
    ordered = sorted(receipts, key=lambda each: each.day)
    whole = row.get("payment_state") in _SETTLED and _sign(row) > 0
    return [_fact(Kind.INVOICE_PAID, row, each, desk, owner, counts=whole and each is ordered[-1]) for each in ordered]


def _fact(kind: Kind, row: Row, receipt: Receipt, desk: Desk, owner: str | None, *, counts: bool) -> Fact:
    currency = ref_name(row.get("currency_id"))
    amount = desk.office.money(receipt.amount, currency)
    return Fact(
        kind=kind,
        at=desk.start_of(receipt.day),
        rep=owner,
        on=receipt.day,
        amount=None if amount is None else amount * _sign(row),
        currency=currency,
        direction=Direction.OUT if counts else Direction.IN,
        title=text(row.get("name")),
        customer=ref_name(row.get("partner_id")),
        owner_as_seen=True,
    )


def _sign(row: Row) -> Decimal:
    return Decimal(-1 if row.get("move_type") == "out_refund" else 1)
