"""What the office means by its stages: options of the connection, read once and checked against the account."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from domain.facts import Kind
from sources import OptionError
from sources._kommo.office import Office

# Options that name the stages which stand for something that Kommo has no record of.
STAGE_OPTIONS: Mapping[Kind, str] = {
    Kind.INVOICE_ISSUED: "invoice_issued_stages",
    Kind.INVOICE_PAID: "invoice_paid_stages",
    Kind.OFFER_SENT: "offer_stages",
}
PAID_CODES = "paid"


@dataclass(frozen=True, slots=True)
class Rules:
    """`stages` = names or ids as typed, by kind of fact. `pipelines` empty = all of them count."""

    pipelines: tuple[str, ...]
    stages: Mapping[Kind, tuple[str, ...]]
    reason_field: int | None
    paid_codes: frozenset[str]
    fingerprint: str

    def counts(self, pipeline: int, office: Office) -> bool:
        """Whether deals of this pipeline count."""
        if not self.pipelines:
            return True
        return bool({str(pipeline), (office.pipeline_name(pipeline) or "").casefold()} & set(self.pipelines))

    def places(self, kind: Kind, office: Office) -> frozenset[tuple[int, int]]:
        """The (pipeline, stage) pairs at which this kind of fact happens."""
        wanted = set(self.stages.get(kind, ()))
        return frozenset(key for key in office.stages if wanted and wanted & _names(key, office))

    def unknown(self, office: Office) -> list[str]:
        """What was named in the options and is not in the account."""
        names = set().union(*(_names(key, office) for key in office.stages))
        pipelines = {str(key[0]) for key in office.stages} | {
            each.pipeline_name.casefold() for each in office.stages.values()
        }
        lost = [each for each in self.pipelines if each not in pipelines]
        return lost + [each for wanted in self.stages.values() for each in wanted if each not in names]


def read_rules(options: Mapping[str, str]) -> Rules:
    """The rules as typed. Raises OptionError."""
    field = (options.get("loss_reason_field") or "").strip()
    if field and not field.isdecimal():
        raise OptionError("loss_reason_field is the number of a lead field, as Kommo shows it in the field's address.")
    pipelines = _words(options.get("pipelines"))
    stages = {kind: _words(options.get(name)) for kind, name in STAGE_OPTIONS.items()}
    codes = frozenset(_words(options.get("invoice_paid_statuses") or PAID_CODES))
    said = json.dumps([pipelines, sorted(stages.items()), field, sorted(codes)])
    mark = hashlib.blake2b(said.encode(), digest_size=6).hexdigest()
    return Rules(pipelines, stages, int(field) if field else None, codes, mark)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip().casefold() for word in (text or "").split(",") if word.strip())


def _names(key: tuple[int, int], office: Office) -> set[str]:
    """The ways to name a stage: 7, 3:7, "invoice sent", "sales/invoice sent"."""
    stage = office.stages[key]
    name, pipeline = stage.name.casefold(), stage.pipeline_name.casefold()
    return {str(stage.id), f"{stage.pipeline}:{stage.id}", name, f"{pipeline}/{name}"}
