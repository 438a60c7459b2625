"""What a connection to a CRM is made of as people see it: its kind, its options, and what a test of it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# The kinds of source that nobody asks: facts are sent to an address of theirs.
TOLD = frozenset(("hook",))


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a connection, as typed in `sources add KIND NAME key=value`. `help` is one English sentence."""

    name: str
    help: str
    secret: bool = False
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connection test: `what` was looked at, what was found, and whether that is good."""

    what: str
    found: str
    good: bool = True


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A product that can be connected. `label` is its own name; `events`: it is given an address to call.

    `beta`: it was built from documents and never tried with a real account.
    """

    key: str
    label: str
    options: tuple[Option, ...]
    events: bool = False
    beta: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as it stands in the form. Empty options are left out; an empty secret keeps the stored one."""

    name: str
    kind: str
    typed: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a connection, for its form: secrets by name alone. `login`: by consent in the browser.

    `closed`: nothing but its numbers was kept.
    """

    draft: Draft
    secrets: frozenset[str]
    login: bool
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a test of a draft came to. `problem` is why it ended early, `option` which option that is about.

    `proof` is what confirming asks for: None = these options cannot be used. `login`: somebody has to authorise
    Tablo in the CRM once the connection is stored.
    """

    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    option: str | None = None
    proof: str | None = None
    login: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection was stored. `hook` is the secret of the address for its events, to be shown this once."""

    hook: str | None
    login: bool


class LoginResult(StrEnum):
    """How an authorisation in the browser ended."""

    DONE = "done"
    DECLINED = "declined"
    EXPIRED = "expired"
    FAILED = "failed"
    IMPOSSIBLE = "impossible"


class RefusedError(Exception):
    """A wish about a connection that cannot be met; the sentence says why."""


class UntestedError(RefusedError):
    """What is to be stored is not what was tested."""
