"""The lists of an Odoo: deals, activities, e-mails, invoices, offers; how each is read and taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.facts import Kind
from sources._odoo.activities import activity_change, message_change
from sources._odoo.api import ANY
from sources._odoo.deals import deal_change
from sources._odoo.fields import ACTIVITY, LEAD, MESSAGE, MOVE, ORDER
from sources._odoo.invoices import SALES, invoice_change
from sources._odoo.letters import letter_change, letters
from sources._odoo.offers import offer_change, read_sent
from sources._odoo.run import ACTIVITIES, DEALS, DONE, EMAILS, INVOICES, OFFERS, Run
from sources._odoo.values import Row, calendar_day, ref, text
from sources._odoo.walk import grown, listed, paged

Reader = Callable[[Run], Iterator[None]]
# Open deals' plans are looked at so often: planning something does not touch the deal.
PLANS_MS = 300_000


@dataclass(frozen=True, slots=True)
class List:
    """One list: what it is read from and which kinds of fact it gives."""

    name: str
    model: str
    read: Reader
    kinds: tuple[Kind, ...]


def read_deals(run: Run) -> Iterator[None]:
    """Deals and leads that changed; at first also those that are open, however long nobody touched them."""
    since = ["write_date", ">=", run.state.since]
    first = ["|", since, "&", ["active", "=", True], ["date_closed", "=", False]]
    for rows in paged(run, DEALS, LEAD, [ANY], first):
        take_deals(run, rows)
        yield


def read_activities(run: Run) -> Iterator[None]:
    """Activities that were done, undone or changed; the messages about them where Odoo throws them away."""
    if run.office.has(ACTIVITY, "date_done"):
        # The day of doing is that of UTC.
        day = run.desk().since.date() - timedelta(days=1)
        first = [["active", "=", False], ["date_done", ">=", day.isoformat()]]
        for rows in listed(run, ACTIVITIES, ACTIVITY, [ANY], first):
            desk = run.desk()
            run.changes += [activity_change(row, desk) for row in rows]
            yield
    if run.office.gone:
        for rows in grown(run, DONE, MESSAGE, done_messages(run)):
            _meet_strangers(run, rows)
            desk = run.desk()
            run.changes += [message_change(row, desk) for row in rows]
            yield


def read_emails(run: Run) -> Iterator[None]:
    """E-mails to customers."""
    for rows in grown(run, EMAILS, MESSAGE, [*letters(run.choice), ["date", ">=", run.state.since]]):
        _meet_strangers(run, rows)
        desk = run.desk()
        run.changes += [letter_change(row, desk) for row in rows]
        yield


def read_invoices(run: Run) -> Iterator[None]:
    """Invoices and credit notes that changed, with what was paid on them: every payment changes the invoice."""
    for rows in paged(run, INVOICES, MOVE, [SALES], [["write_date", ">=", run.state.since]]):
        receipts, desk = run.receipts(rows) if rows else None, run.desk()
        of = receipts.of if receipts else {}
        run.changes += [invoice_change(row, of.get(row["id"], ()), desk) for row in rows]
        yield


def read_offers(run: Run) -> Iterator[None]:
    """Quotations that changed."""
    for rows in paged(run, OFFERS, ORDER, [], [["write_date", ">=", run.state.since]]):
        sent, desk = read_sent(run.api, rows, run.office.sent), run.desk()
        run.changes += [offer_change(row, sent.get(row["id"]), desk) for row in rows]
        yield


def read_plans(run: Run) -> Iterator[None]:
    """Open deals whose next planned activity is another one now."""
    if run.office.fields.get(LEAD) is None or 0 <= run.now_ms - run.state.planned_at < PLANS_MS:
        return
    is_open = ["won_status", "=", "pending"] if run.office.has(LEAD, "won_status") else ["stage_id.is_won", "=", False]
    where = [["type", "=", "opportunity"], ["active", "=", True], is_open]
    for rows in run.api.pages(LEAD, where, ["activity_date_deadline"]):
        changed = run.memory.new_plans([_plan(row) for row in rows])
        if changed:
            take_deals(run, run.api.by_ids(LEAD, changed, run.office.fields[LEAD] or ()))
            yield
    run.state.planned_at = run.now_ms


def take_deals(run: Run, rows: Sequence[Row]) -> None:
    """Take these deals in, each with its past."""
    if not rows:
        return
    if {ref(row.get("stage_id")) for row in rows} - {None, *run.office.stages}:
        run.look_up("stages")
    pasts, desk = run.pasts([row["id"] for row in rows]), run.desk()
    run.changes += [deal_change(row, None if pasts is None else pasts[row["id"]], desk) for row in rows]
    run.memory.saw_plans([_plan(row) for row in rows])


def done_messages(run: Run) -> list[Any]:
    """The messages that tell of done activities which are not kept."""
    return [["mail_activity_type_id", "in", list(run.office.gone)], ["date", ">=", run.state.since]]


def _plan(row: Row) -> tuple[int, str]:
    day = calendar_day(row.get("activity_date_deadline"))
    return row["id"], text(day.isoformat() if day else "") or ""


def _meet_strangers(run: Run, rows: Sequence[Row]) -> None:
    if {ref(row.get("author_id")) for row in rows} - {None, *run.office.users}:
        run.look_up("users")


LISTS: tuple[List, ...] = (
    List(
        DEALS, LEAD, read_deals,
        (Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST, Kind.STAGE_ENTERED, Kind.LEAD_CREATED),
    ),
    List(ACTIVITIES, ACTIVITY, read_activities, (Kind.CALL, Kind.MEETING, Kind.TASK_DONE)),
    List(EMAILS, MESSAGE, read_emails, (Kind.EMAIL,)),
    List(INVOICES, MOVE, read_invoices, (Kind.INVOICE_ISSUED, Kind.INVOICE_PAID)),
    List(OFFERS, ORDER, read_offers, (Kind.OFFER_SENT,)),
)  # fmt: skip
BY_NAME: Mapping[str, List] = {each.name: each for each in LISTS}
