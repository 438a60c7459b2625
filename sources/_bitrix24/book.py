"""The portal's own vocabulary: its stages with their meaning, its pipelines, the labels of its reasons for a loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import DEAL
from sources._bitrix24.values import Row, mapping, number, rows, text

WON, LOST, WORK = "S", "F", "P"
_EXTRA = {"success": WON, "failure": LOST, "apology": LOST}
_STAGES, _PIPELINES, _FIELDS, _USERFIELDS = "book_stages", "book_pipelines", "book_fields", "book_userfields"


@dataclass(frozen=True, slots=True)
class Stage:
    """`semantic` is S (success), F (failure) or P (in work)."""

    name: str
    semantic: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """Stages by their id, of deals and of smart invoices; pipelines of deals by their id; labels by value's id."""

    deals: Mapping[str, Stage] = field(default_factory=dict)
    invoices: Mapping[str, Stage] = field(default_factory=dict)
    pipelines: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def stage(self, given: Any) -> str | None:
        """A deal stage's name; its id where the portal does not tell the name."""
        found = self.deals.get(str(given))
        return found.name if found else text(given)


def commands(loss_reason_field: str | None, old_methods: bool) -> dict[str, Command]:
    """What has to be asked to write the book."""
    found = {_STAGES: Command("crm.status.list", {"order": {"SORT": "ASC"}})}
    if not old_methods:
        found[_PIPELINES] = Command("crm.category.list", {"entityTypeId": DEAL})
    if loss_reason_field and not old_methods:
        found[_FIELDS] = Command("crm.item.fields", {"entityTypeId": DEAL, "useOriginalUfNames": "Y"})
    if loss_reason_field:
        name = loss_reason_field if loss_reason_field.startswith("UF_") else ""
        found[_USERFIELDS] = Command("crm.deal.userfield.list", {"filter": {"FIELD_NAME": name} if name else {}})
    return found


def read(reply: Reply, loss_reason_field: str | None) -> Book:
    """The book out of the answers; what failed is left empty, and names fall back to ids."""
    statuses = rows(reply.results.get(_STAGES))
    pipelines = rows(reply.results.get(_PIPELINES), "categories")
    return Book(
        deals=_stages(statuses, "DEAL_STAGE"),
        invoices=_stages(statuses, "SMART_INVOICE_STAGE"),
        pipelines={number(row.get("id")): text(row.get("name")) or "" for row in pipelines},
        reasons=_reasons(reply, loss_reason_field) if loss_reason_field else {},
    )


def same_field(given: str, wanted: str) -> bool:
    """Whether two spellings name one field: `UF_CRM_17` is `ufCrm_17` or `ufCrm17` in the new methods."""
    return given.replace("_", "").lower() == wanted.replace("_", "").lower()


def _stages(statuses: list[Row], family: str) -> dict[str, Stage]:
    return {
        str(row.get("STATUS_ID")): Stage(
            text(row.get("NAME")) or str(row.get("STATUS_ID")), _semantic(row), number(row.get("SORT"))
        )
        for row in statuses
        if str(row.get("ENTITY_ID", "")).startswith(family)
    }


def _semantic(row: Row) -> str:
    told = str(row.get("SEMANTICS") or "")
    if told in (WON, LOST):
        return told
    return _EXTRA.get(str(mapping(row.get("EXTRA")).get("SEMANTICS")), WORK)


def _reasons(reply: Reply, field_name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows(reply.results.get(_USERFIELDS)):
        if same_field(str(row.get("FIELD_NAME")), field_name):
            found |= _labels(row.get("LIST"))
    fields = mapping(mapping(reply.results.get(_FIELDS)).get("fields"))
    for name, described in fields.items():
        if same_field(name, field_name):
            found |= _labels(mapping(described).get("items"))
    return found


def _labels(items: Any) -> dict[str, str]:
    return {str(row.get("ID")): text(row.get("VALUE")) or "" for row in rows(items)}
