"""Offers: quotations of the Sales application, on the day on which they were sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.facts import Change, Fact, Kind
from sources._odoo.api import PAGE, Api
from sources._odoo.desk import Desk
from sources._odoo.fields import MESSAGE, ORDER
from sources._odoo.office import counts_company
from sources._odoo.values import Row, instant, number, person, ref_name, text

FAMILY = "offer:"
_OUT = frozenset(("sent", "sale", "done"))


def read_sent(api: Api, orders: Sequence[Row], kinds: Sequence[int]) -> dict[int, datetime]:
    """When each of these quotations was first sent, by the message that tells of it. Raises SourceError."""
    ids = [row["id"] for row in orders if row.get("state") in _OUT]
    found: dict[int, datetime] = {}
    for start in range(0, len(ids) if kinds else 0, PAGE):
        some = ids[start : start + PAGE]
        where = [["model", "=", ORDER], ["res_id", "in", some], ["subtype_id", "in", list(kinds)]]
        for row in api.rows(MESSAGE, where, ["date", "res_id"]):
            order, at = number(row.get("res_id")), instant(row.get("date"))
            if order is not None and at is not None:
                found[order] = min(at, found.get(order, at))
    return found


def offer_change(row: Row, sent: datetime | None, desk: Desk) -> Change:
    """A quotation that was sent, also when it has become an order since; a cancelled one is none any more."""
    record, owner = f"{FAMILY}{row['id']}", person(row.get("user_id"))
    if row.get("state") not in _OUT or sent is None or not counts_company(desk.choice, row.get("company_id")):
        return Change(record, (), owner=owner)
    currency = ref_name(row.get("currency_id"))
    fact = Fact(
        kind=Kind.OFFER_SENT,
        at=sent,
        rep=owner,
        amount=desk.office.money(row.get("amount_total"), currency),
        currency=currency,
        title=text(row.get("name")),
        customer=ref_name(row.get("partner_id")),
        owner_as_seen=True,
    )
    return Change(record, desk.wanted([fact]), owner=owner, url=desk.link(ORDER, row["id"]))
