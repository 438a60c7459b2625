"""All that turning a row into facts needs besides the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.facts import Fact
from sources._odoo.memory import Memory
from sources._odoo.office import Office
from sources._odoo.options import Choice


@dataclass(frozen=True, slots=True)
class Desk:
    """`base` is Odoo's address, for links. Facts before `since` are not wanted. `zone` is the office's."""

    base: str
    zone: ZoneInfo
    since: datetime
    office: Office
    choice: Choice
    memory: Memory

    def wanted(self, facts: list[Fact]) -> tuple[Fact, ...]:
        """Without what lies before the first day."""
        return tuple(fact for fact in facts if fact.at >= self.since)

    def start_of(self, day: date) -> datetime:
        """Where a day begins in the office, for what has a day and no time."""
        return datetime.combine(day, time(), self.zone)

    def link(self, model: str, number: int) -> str:
        """The record in Odoo's own pages."""
        return f"{self.base}/web#id={number}&model={model}&view_type=form"
