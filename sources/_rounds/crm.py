"""What a CRM has to offer to be read in rounds: its lists, a page of one, and what a row stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.facts import Change, Group, Kind, Lack, Person, Problem
from sources import Finding, SchemaError
from sources._rounds.memory import Memory

Row = dict[str, Any]
PAGE = 100


class OutOfTime(Exception):
    """The deadline of this sync is near: what was read so far is handed over, the rest is for the next sync."""


class RefusedQuery(SchemaError):
    """The CRM does not take this way of asking."""


class GoneError(SchemaError):
    """There is no such list or record."""


class Order(StrEnum):
    """In which order rows are asked for, by their last change."""

    ANY = ""
    NEWEST = "newest"
    OLDEST = "oldest"


class Way(StrEnum):
    """How a list is kept up to date."""

    WHOLE = "whole"
    NEWEST = "newest"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Look:
    """A way to ask for a list: in an order, or (`filter` names how) only rows changed at or after `since`."""

    order: Order = Order.ANY
    filter: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the answer; `total` of them match, where the CRM says."""

    rows: list[Row]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the CRM. `prefix` begins its records' names, `kinds` come from it, `label` is for people.

    `sorts`: worth trying to sort; `filters`: the names of filters by last change that are worth trying. `days`: such a
    filter knows days alone. A list that is not `urgent` may wait most of a minute.
    """

    name: str
    label: str
    prefix: str
    kinds: frozenset[Kind]
    sorts: bool = False
    filters: tuple[str, ...] = ()
    days: bool = False
    urgent: bool = False


class Crm(Protocol):
    """One account. Everything that asks raises SourceError, and OutOfTime before a request without time for it."""

    @property
    def zone(self) -> ZoneInfo:
        """In which days are told."""
        ...

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        ...

    @property
    def fingerprint(self) -> str:
        """Differs when options do that change what rows stand for."""
        ...

    def lists(self) -> Sequence[Listing]:
        """What there is to read with these options."""
        ...

    def prepare(self, memory: Memory, now: datetime) -> bool:
        """Read the dictionaries if they are old. True when people or groups may have changed."""
        ...

    def shape(self, memory: Memory, name: str) -> None:
        """Find out what the rows of a list hold, before its first page is read, and now and then."""
        ...

    def page(self, memory: Memory, name: str, number: int, look: Look) -> Page:
        """One page of a list, from 1 on, of at most PAGE rows. Raises RefusedQuery."""
        ...

    def one(self, memory: Memory, name: str, key: str) -> Row | None:
        """One record, None where it does not exist."""
        ...

    def stamp(self, row: Row) -> datetime | None:
        """When the row last changed, None where it does not say."""
        ...

    def changes(self, memory: Memory, name: str, rows: Sequence[Row], since: datetime) -> list[Change]:
        """What these rows stand for; facts before `since` are not wanted."""
        ...

    def people(self, memory: Memory) -> list[Person]:
        """Everybody whom the account was heard to have."""
        ...

    def groups(self, memory: Memory) -> list[Group] | None:
        """The account's teams, None where it tells of none."""
        ...

    def missing(self, memory: Memory) -> Mapping[Lack, str]:
        """The kinds of fact that the account cannot give with these options, and why; lists that are refused aside."""
        ...

    def problems(self, memory: Memory) -> list[Problem]:
        """What a person should mend."""
        ...

    def findings(self, memory: Memory) -> list[Finding]:
        """What the connection test tells beside the lists."""
        ...
