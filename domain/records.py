"""Records: what a number is made of, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that counted. `day` is the local day it counts on, `url` where the CRM shows it (None = unknown).

    `rep` is the key of whom it counts for, of joined people the main one; `source` the connection's name.
    """

    day: date
    fact: Fact
    url: str | None
    rep: str
    source: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, the newest first. `more` is what the next page is asked for with, None = there is none."""

    records: tuple[Record, ...]
    more: str | None


@dataclass(frozen=True, slots=True)
class Pile:
    """Facts of one kind, person (as in Record), day and currency that are equal to every metric: `sample` is like each.

    `amount` is their sum in minor units of `currency` ("" where they have none), `seconds` that of their length. The
    sample is 1 s long where the facts reach the threshold of a productive call, else 0 s.
    """

    rep: str
    day: date
    currency: str
    sample: Fact
    count: int
    amount: int
    seconds: int
