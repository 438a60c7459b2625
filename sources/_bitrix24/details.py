"""A poll's second question: whatever makes a changed deal or invoice whole, in one request where that is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.facts import Change
from sources._bitrix24 import book as books
from sources._bitrix24.changes import Maker, Step
from sources._bitrix24.pages import Want, fetch_all
from sources._bitrix24.portal import Portal
from sources._bitrix24.streams import ACTIVITIES, DEAL, DEALS, HISTORY, INVOICE_HISTORY, Stream, companies
from sources._bitrix24.values import Row, number

_IDS_A_COMMAND = 50
# A deal has some five steps: ten deals fill a page.
_OWNERS_A_COMMAND = 10
_PLANNERS_A_COMMAND = 25


class Details:
    """Asks for what belongs to some deals and invoices, and makes their changes."""

    def __init__(self, portal: Portal, known: Mapping[str, Stream], maker: Maker, deadline: float) -> None:
        self.maker = maker
        self._portal = portal
        self._known = known
        self._deadline = deadline

    def changes(
        self, deals: Sequence[Row], more_deals: Sequence[int], invoices: Sequence[Row], book_known: bool
    ) -> list[Change]:
        """The changes of these rows, and of the deals with these further ids. Raises SourceError."""
        rows = {number(row.get("id")): row for row in deals}
        ids = sorted({*rows, *more_deals})
        wants = self._wants(ids, sorted(set(more_deals) - rows.keys()), list(rows.values()), invoices)
        choice = self.maker.choice
        others = {} if book_known else books.commands(choice.loss_reason_field, self._known[DEALS].old)
        reply, found = fetch_all(self._portal, wants, self._deadline, others)
        if reply is not None and not book_known:
            self.maker = replace(self.maker, book=books.read(reply, choice.loss_reason_field))
        rows |= {number(row.get("id")): row for row in _of(found, "deal")}
        names = {number(row.get("id")): str(row.get("title") or "") for row in _of(found, "company")}
        names |= self._late_names([rows[id] for id in more_deals if id in rows], list(deals))
        steps, plans = self._steps(found, "steps"), self._plans(found)
        made = [
            self.maker.deal(row, steps.get(id, ()), plans.get(id), names.get(number(row.get("companyId"))) or None)
            for id, row in sorted(rows.items())
        ]
        sent = self._steps(found, "sent")
        return made + [self.maker.invoice(row, sent.get(number(row.get("id")), ())) for row in invoices]

    def _wants(
        self, ids: Sequence[int], unread: Sequence[int], deals: Sequence[Row], invoices: Sequence[Row]
    ) -> dict[str, Want]:
        known, wants = self._known, {}
        if HISTORY in known:
            for n, chunk in enumerate(_chunks(ids, _OWNERS_A_COMMAND)):
                wants[f"steps_{n}"] = Want(known[HISTORY], where={"@OWNER_ID": chunk})
        if ACTIVITIES in known:
            for n, chunk in enumerate(_chunks(ids, _PLANNERS_A_COMMAND)):
                open_ones = {"OWNER_TYPE_ID": DEAL, "@OWNER_ID": chunk, "COMPLETED": "N"}
                wants[f"plans_{n}"] = Want(known[ACTIVITIES], where=open_ones)
        if INVOICE_HISTORY in known:
            for n, chunk in enumerate(_chunks([number(row.get("id")) for row in invoices], _OWNERS_A_COMMAND)):
                wants[f"sent_{n}"] = Want(known[INVOICE_HISTORY], where={"@OWNER_ID": chunk})
        for n, chunk in enumerate(_chunks(unread, _IDS_A_COMMAND)):
            wants[f"deal_{n}"] = Want(known[DEALS], where={f"@{known[DEALS].id}": chunk})
        return wants | self._name_wants(self._customers(deals))

    def _customers(self, deals: Sequence[Row]) -> set[int]:
        """Customers are named where a deal was won: that is what the wall celebrates."""
        if self._known[DEALS].old:
            return set()
        return {number(row.get("companyId")) for row in deals if self.maker.semantic(row) == books.WON} - {0}

    def _name_wants(self, customers: set[int]) -> dict[str, Want]:
        chunks = _chunks(sorted(customers), _IDS_A_COMMAND)
        return {f"company_{n}": Want(companies(), where={"@id": chunk}) for n, chunk in enumerate(chunks)}

    def _late_names(self, later: Sequence[Row], earlier: Sequence[Row]) -> dict[int, str]:
        wants = self._name_wants(self._customers(later) - self._customers(earlier))
        if not wants:
            return {}
        _, found = fetch_all(self._portal, wants, self._deadline)
        return {number(row.get("id")): str(row.get("title") or "") for row in _of(found, "company")}

    def _steps(self, found: Mapping[str, list[Row]], prefix: str) -> dict[int, list[Step]]:
        by_owner: dict[int, list[Step]] = {}
        for row in _of(found, prefix):
            step = self.maker.step(row, stages_of_invoices=prefix == "sent")
            if step is not None:
                by_owner.setdefault(number(row.get("OWNER_ID")), []).append(step)
        return by_owner

    def _plans(self, found: Mapping[str, list[Row]]) -> dict[int, datetime]:
        earliest: dict[int, datetime] = {}
        for row in _of(found, "plans"):
            plan = self.maker.planned(row)
            if plan is not None:
                earliest[plan[0]] = min(plan[1], earliest.get(plan[0], plan[1]))
        return earliest


def _of(found: Mapping[str, list[Row]], prefix: str) -> list[Row]:
    return [row for name, rows in found.items() if name.startswith(f"{prefix}_") for row in rows]


def _chunks(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
