"""What a settings page can offer to choose from: the portal's own pipelines, stages, fields and teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sources._bitrix24 import book as books
from sources._bitrix24 import people
from sources._bitrix24.portal import Command, Portal
from sources._bitrix24.streams import DEAL
from sources._bitrix24.values import mapping, text

_FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names by the id that an option takes: `pipelines`, `paid`, `loss_reason_field`, `reps` (department:ID)."""

    pipelines: Mapping[str, str]
    invoice_stages: Mapping[str, str]
    fields: Mapping[str, str]
    departments: Mapping[str, str]


def ask(portal: Portal, deadline: float) -> Vocabulary:
    """One request. What may not be read is left empty. Raises SourceError."""
    fields = Command("crm.item.fields", {"entityTypeId": DEAL, "useOriginalUfNames": "Y"})
    reply = portal.batch({**books.commands(None, old_methods=False), **people.commands(), _FIELDS: fields}, deadline)
    book = books.read(reply, None)
    described = mapping(mapping(reply.results.get(_FIELDS)).get("fields"))
    return Vocabulary(
        pipelines={str(number): name for number, name in book.pipelines.items()},
        invoice_stages={stage: named.name for stage, named in book.invoices.items()},
        fields={
            name: text(mapping(field).get("title")) or name
            for name, field in described.items()
            if name.lower().startswith("uf")
        },
        departments={group.id: group.name for group in people.groups(reply) or ()},
    )
