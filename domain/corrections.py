"""Corrections: what changed in numbers of days that were over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.building import sound
from domain.facts import Kind
from domain.settings import Settings
from domain.worktime import is_workday, office_calendar

# A longer stretch without a working day than any office's holidays.
_FAR_BACK = 31


class CorrectionKind(StrEnum):
    """How a number of a day that was over changed. TAKEN_BACK = the record is there, and does not count as this."""

    REASSIGNED = "reassigned"
    MOVED = "moved"
    BACKDATED = "backdated"
    REOPENED = "reopened"
    AMOUNT = "amount"
    DELETED = "deleted"
    TAKEN_BACK = "taken_back"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Said:
    """What a record said of one fact. `rep` is a key, None = nobody's; `amount` in whole units of `currency`."""

    fact: Kind
    rep: str | None
    day: date
    amount: Decimal | None
    currency: str | None
    seconds: int | None
    title: str | None
    customer: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """One change. `before` None = nothing was there, `after` None = nothing is left. `who` is a key or a name, None =
    the CRM does not say. `url` is where the CRM shows the record."""

    id: int
    noted_at: datetime
    source: str
    record: str
    kind: CorrectionKind
    before: Said | None
    after: Said | None
    who: str | None
    url: str | None

    @property
    def said(self) -> Said:
        """What it is about: as it was, or as it is where nothing was."""
        found = self.before or self.after
        if found is None:
            raise ValueError(f"correction {self.id} is about nothing")
        return found


def settled_before(settings: Settings, today: date, told: date) -> date:
    """The first day that may still fill up by itself: the working day before today, or the day up to which the source
    had told everything before, if that is earlier."""
    office = office_calendar(sound(settings)[0])
    earlier = (today - timedelta(days=number) for number in range(1, _FAR_BACK))
    return min(next((day for day in earlier if is_workday(office, day)), today), told)
