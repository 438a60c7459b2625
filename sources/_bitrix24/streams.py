"""What is read from a portal, list by list, and how each list pages: always by `id > last`, never by offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from domain.facts import Kind
from sources._bitrix24.options import Choice, Invoices, Issued
from sources._bitrix24.portal import Command
from sources._bitrix24.values import Row, number, renamed, rows

PAGE = 50
LEAD, DEAL, COMPANY, QUOTE, INVOICE = 1, 2, 4, 7, 31
HISTORY, INVOICE_HISTORY, ACTIVITIES, CALLS = "history", "invoice_history", "activities", "calls"
LEADS, QUOTES, DEALS, INVOICES, USERS = "leads", "quotes", "deals", "invoices", "users"
# Only in a first read: what was not touched since its first day and is still open.
OLD_PLANS, OLD_DEALS = "old_plans", "old_deals"

_ITEM = ("id", "title", "assignedById", "createdTime", "updatedTime", "opportunity", "currencyId", "stageId")
_SOLD = (*_ITEM, "updatedBy", "movedTime", "categoryId", "companyId")
_DEAL = (*_SOLD, "createdBy", "stageSemanticId", "closedate", "isRecurring")
_INVOICE = (*_SOLD, "begindate")
_LEAD = ("id", "title", "assignedById", "createdTime", "updatedTime")
_HISTORY = ("ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID")
_ACTIVITY = (
    "ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "PROVIDER_ID", "DIRECTION", "COMPLETED", "STATUS", "RESPONSIBLE_ID",
    "AUTHOR_ID", "CREATED", "LAST_UPDATED", "START_TIME", "END_TIME", "DEADLINE",
)  # fmt: skip
_OLD_INVOICE = (
    "ID", "ACCOUNT_NUMBER", "ORDER_TOPIC", "DATE_INSERT", "DATE_BILL", "DATE_PAYED", "PAYED", "STATUS_ID", "PRICE",
    "CURRENCY", "RESPONSIBLE_ID", "DATE_UPDATE",
)  # fmt: skip
_USER = ("ID", "ACTIVE", "NAME", "LAST_NAME", "PERSONAL_PHOTO", "UF_DEPARTMENT", "USER_TYPE")
# The new names of the entities' fields, as the methods before crm.item.* call them.
_OLD_FIELDS = {
    "createdTime": "DATE_CREATE",
    "updatedTime": "DATE_MODIFY",
    "createdBy": "CREATED_BY_ID",
    "updatedBy": "MODIFY_BY_ID",
    "assignedById": "ASSIGNED_BY_ID",
    "stageSemanticId": "STAGE_SEMANTIC_ID",
}
_TELEPHONY_CALLS = "VOXIMPLANT_CALL"


@dataclass(frozen=True, slots=True)
class Stream:
    """One list. `changed` is its time of change (None = rows never change: read by id alone), `born` limits a first
    read by day. `inside` is the key that the rows lie under. `kinds` are missing where it fails for want of `scope`.
    `flat` names the parameters of lists that take no map for their order. `old` rows come under the old methods' names.
    """

    name: str
    method: str
    kinds: tuple[Kind, ...] = ()
    scope: str = "crm"
    id: str = "id"
    inside: str | None = "items"
    changed: str | None = None
    born: str | None = None
    fixed: Mapping[str, Any] | None = None
    where: Mapping[str, Any] | None = None
    flat: tuple[str, str, str] | None = None
    old: bool = False

    def rows(self, result: Any) -> list[Row]:
        """The rows of one page."""
        found = rows(result, self.inside)
        return [renamed(row) for row in found] if self.old else found

    def id_of(self, row: Row) -> int:
        """The id of a row."""
        return number(row.get("id" if self.old else self.id))

    def changed_of(self, row: Row) -> Any:
        """When a row was changed, as the portal writes it."""
        return row.get("updatedTime" if self.old else str(self.changed))

    def command(self, last: int | str, where: Mapping[str, Any] | None = None, start: int = -1) -> Command:
        """A page after `last`, an id or a reference to one; a `start` of 0 makes the portal count the rows too."""
        condition = {**(self.where or {}), **(where or {}), f">{self.id}": last}
        if self.flat:
            asked: dict[str, Any] = dict(zip(self.flat, (condition, self.id, "ASC"), strict=True))
        else:
            asked = {"filter": condition, "order": {self.id: "ASC"}}
        return Command(self.method, {**(self.fixed or {}), **asked, "start": start})

    def reference(self, key: str) -> str:
        """The id of the last row of the full page that the command `key` brings in the same batch."""
        path = f"[{self.inside}]" if self.inside else ""
        return f"$result[{key}]{path}[{PAGE - 1}][{self.id}]"


def streams(choice: Choice, old_methods: bool, telephony: bool) -> tuple[Stream, ...]:
    """Every stream, in the order of reading: what others are made whole with comes first."""
    found = [_history(HISTORY, DEAL)]
    if choice.invoices is Invoices.SMART and choice.issued is Issued.SENT:
        found.append(_history(INVOICE_HISTORY, INVOICE))
    found.append(_activities(telephony))
    if telephony:
        found.append(_calls())
    found.append(_items(LEADS, LEAD, _LEAD, (Kind.LEAD_CREATED,), old_methods))
    found.append(_items(QUOTES, QUOTE, _ITEM, (Kind.OFFER_SENT,), old_methods))
    deal = _DEAL if choice.loss_reason_field is None else (*_DEAL, choice.loss_reason_field)
    kinds = (Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST)
    found.append(_items(DEALS, DEAL, deal, kinds, old_methods))
    if choice.invoices is not Invoices.NONE:
        found.append(_invoices() if choice.invoices is Invoices.SMART else _old_invoices())
    return tuple(found)


def companies() -> Stream:
    """Names of customers."""
    return Stream("companies", "crm.item.list", fixed={"entityTypeId": COMPANY, "select": ("id", "title")})


def users() -> Stream:
    """All users, dismissed ones too: their names stay on what they did."""
    fixed = {"select": _USER, "IMAGE_RESIZE": "small"}
    where, flat = {"USER_TYPE": "employee"}, ("FILTER", "sort", "order")
    return Stream(USERS, "user.get", (), "user_brief", id="ID", inside=None, fixed=fixed, where=where, flat=flat)


def leftovers(known: tuple[Stream, ...], since: str) -> tuple[Stream, ...]:
    """What a first read needs besides: work that is open still, but was last touched before its first day."""
    by_name = {stream.name: stream for stream in known}
    activities, deals = by_name[ACTIVITIES], by_name[DEALS]
    plans = {"COMPLETED": "N", "OWNER_TYPE_ID": DEAL, f"<{activities.changed}": since}
    semantic = "STAGE_SEMANTIC_ID" if deals.old else "stageSemanticId"
    return (
        replace(activities, name=OLD_PLANS, where={**(activities.where or {}), **plans}, changed=None),
        replace(deals, name=OLD_DEALS, where={semantic: "P", f"<{deals.changed}": since}, changed=None),
    )


def date_text(moment: datetime, zone: timezone, naive: bool) -> str:
    """An instant for a filter. With the server's own offset, so that a server that drops the offset means the same."""
    shown = moment.astimezone(zone).replace(microsecond=0)
    return shown.strftime("%Y-%m-%d %H:%M:%S") if naive else shown.isoformat()


def from_millis(value: int) -> datetime:
    """An instant from milliseconds."""
    return datetime.fromtimestamp(value / 1000, UTC)


def overlap(naive: bool) -> timedelta:
    """How far a poll reaches back behind the last one; a naive filter may be an hour off where clocks change."""
    return timedelta(hours=1, minutes=2) if naive else timedelta(minutes=2)


def _history(name: str, entity: int) -> Stream:
    fixed = {"entityTypeId": entity, "select": _HISTORY}
    kinds = (Kind.STAGE_ENTERED,) if entity == DEAL else ()
    return Stream(name, "crm.stagehistory.list", kinds, id="ID", born="CREATED_TIME", fixed=fixed)


def _activities(telephony: bool) -> Stream:
    kinds = (Kind.EMAIL, Kind.MEETING, Kind.TASK_DONE)
    # Calls are read from the telephony's own list, which knows how long they were.
    where = {"!PROVIDER_ID": _TELEPHONY_CALLS} if telephony else {}
    return Stream(
        ACTIVITIES,
        "crm.activity.list",
        kinds if telephony else (*kinds, Kind.CALL),
        id="ID",
        inside=None,
        changed="LAST_UPDATED",
        fixed={"select": _ACTIVITY},
        where=where,
    )


def _calls() -> Stream:
    method, scope, flat = "voximplant.statistic.get", "telephony", ("FILTER", "SORT", "ORDER")
    return Stream(CALLS, method, (Kind.CALL,), scope, id="ID", inside=None, born="CALL_START_DATE", flat=flat)


def _items(name: str, entity: int, select: tuple[str, ...], kinds: tuple[Kind, ...], old_methods: bool) -> Stream:
    if old_methods:
        return _old_items(name, entity, select, kinds)
    original = {"useOriginalUfNames": "Y"} if any(field.startswith("UF_") for field in select) else {}
    fixed = {"entityTypeId": entity, "select": select, **original}
    return Stream(name, "crm.item.list", kinds, changed="updatedTime", fixed=fixed)


def _old_items(name: str, entity: int, select: tuple[str, ...], kinds: tuple[Kind, ...]) -> Stream:
    """For portals on premise that are too old for crm.item.list."""
    fields = dict(_OLD_FIELDS) if entity == DEAL else {**_OLD_FIELDS, "stageId": "STATUS_ID"}
    named = tuple(fields.get(field) or _upper(field) for field in select)
    method = f"crm.{ {LEAD: 'lead', DEAL: 'deal', QUOTE: 'quote'}[entity] }.list"
    return Stream(name, method, kinds, id="ID", inside=None, changed="DATE_MODIFY", fixed={"select": named}, old=True)


def _invoices() -> Stream:
    kinds = (Kind.INVOICE_ISSUED, Kind.INVOICE_PAID)
    fixed = {"entityTypeId": INVOICE, "select": _INVOICE}
    return Stream(INVOICES, "crm.item.list", kinds, changed="updatedTime", fixed=fixed)


def _old_invoices() -> Stream:
    kinds = (Kind.INVOICE_ISSUED, Kind.INVOICE_PAID)
    fixed = {"select": _OLD_INVOICE}
    return Stream(INVOICES, "crm.invoice.list", kinds, id="ID", inside=None, changed="DATE_UPDATE", fixed=fixed)


def _upper(name: str) -> str:
    if name.startswith("UF_"):
        return name
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)
