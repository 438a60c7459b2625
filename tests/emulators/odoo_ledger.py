"""What really happened in a made-up Odoo: a ledger that no answer is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

Cells = dict[tuple[str, date, str], Decimal]
_MONEY = {"deals_won": "deals_won_amount", "issued": "invoices_issued_amount", "paid": "invoices_paid_amount"}
_COUNT = {"issued": "invoices_issued", "paid": "invoices_paid"}


@dataclass(frozen=True)
class Entry:
    """`at` is a unix second, or a day where there is no time. `counts` False = only its money does."""

    at: int | date
    rep: int | None
    amount: Decimal | None = None
    currency: str = ""
    counts: bool = True


@dataclass
class Ledger:
    """(kind, record) → entry. A record that begins with `lead:5` goes away with that lead."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def note(self, kind: str, record: str, entry: Entry) -> None:
        """It happened."""
        self.entries[kind, record] = entry

    def forget(self, kind: str, record: str) -> None:
        """It did not happen after all."""
        self.entries.pop((kind, record), None)

    def drop(self, *records: str) -> None:
        """These records are gone."""
        self.entries = {key: entry for key, entry in self.entries.items() if key[1] not in records}

    def reprice(self, record: str, amount: Decimal) -> None:
        """What a record is worth has changed, on whatever day it counts."""
        for key, entry in self.entries.items():
            if key[1] == record:
                self.entries[key] = replace(entry, amount=amount)

    def cells(self, zone: str) -> Cells:
        """(rep, day, metric) → value; sums of money by currency."""
        found: Cells = {}
        where = ZoneInfo(zone)
        for (kind, _), entry in self.entries.items():
            day = (
                entry.at
                if isinstance(entry.at, date)
                else datetime.fromtimestamp(entry.at, UTC).astimezone(where).date()
            )
            for metric, value in _metrics(kind, entry):
                key = (str(entry.rep or ""), day, metric)
                found[key] = found.get(key, Decimal(0)) + value
        return {key: value for key, value in found.items() if value}


def _metrics(kind: str, entry: Entry) -> Iterator[tuple[str, Decimal]]:
    if entry.counts:
        yield _COUNT.get(kind, kind), Decimal(1)
    if kind in _MONEY:
        yield f"{_MONEY[kind]} {entry.currency}", entry.amount or Decimal(0)
