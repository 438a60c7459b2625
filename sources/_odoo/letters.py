"""E-mails to customers: messages that somebody inside wrote and that were mailed to somebody outside."""

from __future__ import annotations

from typing import Any

from domain.facts import Change, Direction, Fact, Kind
from sources._odoo.desk import Desk
from sources._odoo.options import Choice
from sources._odoo.values import ROBOT, Row, instant, person, ref

FAMILY = "email:"
_ABOUT = ["crm.lead", "sale.order", "account.move", "res.partner"]
# An ordinary e-mail is a comment: what Odoo calls an outgoing e-mail is mass mailing, and what programs send.
_WRITTEN, _MASS = "comment", "email_outgoing"


def letters(choice: Choice) -> list[Any]:
    """The domain of them all. Internal notes are comments too; their kind of message says so."""
    return [
        ["message_type", "in", [_WRITTEN] if choice.written_only else [_WRITTEN, _MASS]],
        ["subtype_id.internal", "=", False],
        ["model", "in", _ABOUT],
        ["notification_ids.notification_type", "=", "email"],
        ["notification_ids.res_partner_id.partner_share", "=", True],
        ["author_id.partner_share", "=", False],
    ]


def letter_change(row: Row, desk: Desk) -> Change:
    """One letter, by who wrote it. What the system sends by itself is nobody's work."""
    record, at = f"{FAMILY}{row['id']}", instant(row.get("date"))
    user = desk.office.users.get(ref(row.get("author_id")) or 0)
    if at is None or user == ROBOT:
        return Change(record, ())
    fact = Fact(Kind.EMAIL, at, person(user), direction=Direction.OUT)
    return Change(record, desk.wanted([fact]), owner=person(user))
