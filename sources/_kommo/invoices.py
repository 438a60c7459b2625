"""Invoices: elements of the account's invoice list."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from domain.facts import Change, Fact, Kind
from sources._kommo.api import Row
from sources._kommo.deals import FAMILY
from sources._kommo.rows import Desk, amount, fields, moment, person, second, whole

# Where the list carries no codes, its words tell: "paid" in the languages that Kommo writes its own lists in.
_PAID_WORDS = frozenset(("paid", "оплачен", "оплачено", "сплачено", "сплачений", "pagado", "pagada", "pago", "paga"))


def invoice_changes(rows: list[Row], desk: Desk) -> list[Change]:
    """What these invoices stand for now: issued when made, paid on the day of payment."""
    return [_change(row, desk) for row in rows if second(row, "updated_at") >= desk.since]


def _change(row: Row, desk: Desk) -> Change:
    element, values = int(row["id"]), fields(row)
    record, revision = f"invoice:{element}", second(row, "updated_at") * 1000
    if row.get("is_deleted") is True:
        return Change(record, (), revision)
    price = amount(values.get("BILL_PRICE", {}).get("value"))
    currency = _currency(row, desk)
    facts = [_fact(Kind.INVOICE_ISSUED, row, second(row, "created_at"), price, currency, desk)]
    if _is_paid(values, desk.rules.paid_codes):
        first_seen = desk.memory.paid_since(element, second(row, "updated_at"))
        facts.append(_fact(Kind.INVOICE_PAID, row, _paid_at(values) or first_seen, price, currency, desk))
    else:
        desk.memory.not_paid(element)
    kept = [fact for fact in facts if fact.kind not in _by_stages(desk)]
    return Change(record, desk.wanted(kept), revision, _owner_now(row, desk))


def _fact(kind: Kind, row: Row, at: int, price: Decimal | None, currency: str, desk: Desk) -> Fact:
    rep, exact = _owner(row, at, desk)
    return Fact(
        kind=kind,
        at=moment(at),
        rep=rep,
        amount=price,
        currency=currency,
        title=str(row.get("name") or "").strip() or None,
        owner_as_seen=not exact,
    )


def _by_stages(desk: Desk) -> frozenset[Kind]:
    """Kinds that the office reads from the stages of its deals instead."""
    return frozenset(kind for kind, names in desk.rules.stages.items() if names)


def _owner(row: Row, at: int, desk: Desk) -> tuple[str | None, bool]:
    """The owner of the linked deal at that second; without a deal, who made the invoice."""
    lead = desk.memory.lead_of(int(row["id"]))
    now = None if lead is None else desk.memory.owner_now(FAMILY, lead)
    if lead is None or now is None:
        return person(row.get("created_by")), False
    return person(desk.memory.owner_at(FAMILY, lead, at, now)), desk.exact


def _owner_now(row: Row, desk: Desk) -> str | None:
    lead = desk.memory.lead_of(int(row["id"]))
    now = None if lead is None else desk.memory.owner_now(FAMILY, lead)
    return person(row.get("created_by")) if now is None else person(now)


def _is_paid(values: dict[str, Row], codes: frozenset[str]) -> bool:
    status = values.get("BILL_STATUS", {})
    code = str(status.get("enum_code") or "").casefold()
    if code:
        return code in codes
    return str(status.get("value") or "").strip().casefold() in _PAID_WORDS


def _paid_at(values: dict[str, Row]) -> int | None:
    """The day of payment: unix seconds, or a date in words with its own offset."""
    value = values.get("BILL_PAYMENT_DATE", {}).get("value")
    found = whole(value)
    if found is not None:
        return found or None
    try:
        then = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return int(then.timestamp()) if then.tzinfo else None


def _currency(row: Row, desk: Desk) -> str:
    named = row.get("currency_id") or row.get("currency")
    return named if isinstance(named, str) and len(named) == 3 else desk.currency
