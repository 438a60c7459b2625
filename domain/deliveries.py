"""Deliveries: what somebody outside sends to an incoming hook, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.facts import Fact, Kind


class Outcome(StrEnum):
    """How a call to a hook ended."""

    NOWHERE = "nobody was given this address"
    UNPROVEN = "it does not prove where it is from"
    HURRIED = "the poller looks soon"
    STORED = "its facts are stored"
    TOO_MANY = "more facts than are taken at once"
    NO_JSON = "not sent as JSON"
    UNREADABLE = "no JSON, or neither an object nor a list"
    WRONG = "some fact cannot be taken"
    LATER = "it cannot be stored now"


@dataclass(frozen=True, slots=True)
class Posted:
    """A call as it came in. `mime` is the media type alone; `timestamp` and `signature` are the headers of a proof."""

    body: bytes
    mime: str = ""
    timestamp: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a fact is about: at least one of `id`, `email` (lower case) and `extension`; `name` is what to call them."""

    id: str | None = None
    email: str | None = None
    extension: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One fact that was sent; it replaces what was sent for the same kind and id before.

    `fact` None = it is taken back. `by` None = nobody; the fact itself names nobody yet. `revision` as in Change.
    """

    kind: Kind
    id: str
    fact: Fact | None
    by: Named | None = None
    revision: int = 0
    url: str | None = None

    @property
    def record(self) -> str:
        """The record that it stands for."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a delivery: the place of the fact (0 = the first), its field, and how to mend it."""

    index: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a delivery: facts received, then as in storage.facts.Applied."""

    received: int
    added: int
    removed: int
    unchanged: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer. `text` says what is wrong, in a sentence; `faults` where; `counts` what was stored."""

    outcome: Outcome
    text: str = ""
    faults: Sequence[Fault] = ()
    counts: Counts | None = None


class DeliveryError(Exception):
    """A delivery of which nothing is taken."""

    def __init__(self, outcome: Outcome, text: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(text)
        self.outcome, self.faults = outcome, faults
