"""The Source protocol, the SourceError family, and load(kind): the kind *is* the file name, there is no registry."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar, Protocol, cast

from domain.facts import Batch

# Files of this package that serve the sources and are none themselves.
_SERVICE = frozenset(("http",))


class SourceError(Exception):
    """Something kept a source from being read. The message is for the team lead: what, where and how to mend it.

    `permanent`: trying again without a change of settings cannot help. It never contains a secret.
    """

    permanent = False


class TransientError(SourceError):
    """Network, 5xx, an answer that is no JSON: the next try may work."""


class ThrottledError(SourceError):
    """The CRM asked us to slow down; `retry_at` is the earliest sensible next try (aware), None = back off."""

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class AuthError(SourceError):
    """The credential is wrong, expired or revoked: somebody has to log in again."""

    permanent = True


class PermissionDeniedError(SourceError):
    """The credential works, but may not read what is needed."""

    permanent = True


class SchemaError(SourceError):
    """The data is there and has a shape that we cannot read."""

    permanent = True


class OptionError(SourceError):
    """An option of the connection is missing or wrong."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a connection, as typed in `sources add KIND NAME key=value`. `help` is one English sentence."""

    name: str
    help: str
    secret: bool = False
    required: bool = False
    default: str | None = None


class Vault(Protocol):
    """Where a source keeps credentials that change by themselves (rotating tokens): durable before it returns."""

    def read(self) -> dict[str, str]:
        """What was written last; empty at first."""
        ...

    def write(self, values: Mapping[str, str]) -> None:
        """Replace it, encrypted, committed to disk when this returns."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Held by one process at a time: one refresh of a token at once."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """What a source may know of the office. `clock` gives an aware datetime; `folder` is its own place for files."""

    name: str
    timezone: str
    currency: str
    clock: Callable[[], datetime]
    folder: Path
    vault: Vault
    allow_local: bool = False
    productive_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Ask:
    """One sync. `since` is the first day wanted by a first read. `full` = read everything again from there.

    `deadline` is on `time.monotonic()`'s scale: a source stops before it, between two batches or inside a request.
    `reconcile` = this is the time to compare ids with the CRM (about once a night).
    """

    now: datetime
    since: date
    deadline: float
    full: bool = False
    reconcile: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connection test: `what` was looked at, what was found, and whether that is good."""

    what: str
    found: str
    good: bool = True


class Source(Protocol):
    """One CRM connection. Objects are cheap to make and hold no state that a restart would miss."""

    requests: int

    def check(self) -> list[Finding]:
        """Look at the CRM and say what is there; store nothing. Raises SourceError."""
        ...

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """Everything that changed since `cursor` (None = first read), as batches, each safe to stop after.

        Raises SourceError; the batches yielded before it stay.
        """
        ...


class SourceModule(Protocol):
    """What a file in this package has at its top level. `LABEL` is the product's own name."""

    LABEL: ClassVar[str]
    OPTIONS: ClassVar[tuple[Option, ...]]

    def connect(self, options: Mapping[str, str], site: Site) -> Source:
        """A source for these options (defaults already filled in). Raises OptionError."""
        ...


def kinds() -> list[str]:
    """Every kind of source there is."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return sorted(name for name in names if name not in _SERVICE and not name.startswith("_"))


def load(kind: str) -> SourceModule:
    """The module of a kind. Raises OptionError that lists the kinds there are."""
    if kind not in kinds():
        raise OptionError(f"There is no kind of source called {kind!r}. Use one of: {', '.join(kinds())}.")
    return cast(SourceModule, importlib.import_module(f"sources.{kind}"))


def prepare(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The options of a connection with defaults filled in. Raises OptionError for an unknown or a missing one."""
    known = {option.name: option for option in load(kind).OPTIONS}
    for name in given:
        if name not in known:
            raise OptionError(f"{kind} has no option {name!r}. It knows: {', '.join(known)}.")
    values = {name: option.default for name, option in known.items() if option.default is not None} | dict(given)
    for name, option in known.items():
        if option.required and not values.get(name):
            raise OptionError(f"{kind} needs {name}=… ({option.help})")
    return values
