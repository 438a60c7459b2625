"""Records: what a number is made of, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that counted. `day` is the local day it counts on, `url` where the CRM shows it (None = unknown)."""

    day: date
    fact: Fact
    url: str | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, the newest first. `more` is what the next page is asked for with, None = there is none."""

    records: tuple[Record, ...]
    more: str | None
