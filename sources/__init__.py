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

from domain.connections import Finding as Finding
from domain.connections import Option as Option
from domain.deliveries import Posted, Told
from domain.facts import Batch, Kind

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
    `reconcile` = this is the time to compare ids with the CRM (about once a night). `wished` = a person asked for it
    now: a source that reads something only now and then reads it.
    """

    now: datetime
    since: date
    deadline: float
    full: bool = False
    reconcile: bool = False
    wished: bool = False


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


class OAuthModule(Protocol):
    """What a module has besides, where a person lets Tablo in through the browser."""

    def authorize_url(self, options: Mapping[str, str], state: str) -> str:
        """The vendor's page to go to; it sends the browser back with `code` and this `state`.

        Raises OptionError where these options log in by something else.
        """
        ...

    def exchange_code(
        self, options: Mapping[str, str], site: Site, code: str, came: Mapping[str, str] | None = None
    ) -> None:
        """Make credentials of the code and keep them in the vault. `came` is all that the browser brought back.

        Raises SourceError.
        """
        ...


class EventModule(Protocol):
    """What a module has besides, where the CRM can call out that something changed."""

    def accepts_event(self, options: Mapping[str, str], body: bytes) -> bool:
        """Whether this delivery is worth a poll at once. Nothing else in it is believed."""
        ...


class ReceiverModule(Protocol):
    """What a module has besides, where nobody is asked: facts are sent to an address."""

    def gives(self, options: Mapping[str, str]) -> frozenset[Kind]:
        """The kinds of fact that are known to be coming."""
        ...

    def read_delivery(self, options: Mapping[str, str], zone: str, posted: Posted, now: datetime) -> list[Told]:
        """Every fact of a delivery; `zone` is the office's. Raises DeliveryError: then nothing is taken."""
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


def oauth(kind: str) -> OAuthModule | None:
    """The module of a kind that people authorise in the browser, None for any other. Raises OptionError."""
    module = load(kind)
    return cast(OAuthModule, module) if hasattr(module, "authorize_url") else None


def events(kind: str) -> EventModule | None:
    """The module of a kind that can call out to us, None for any other. Raises OptionError."""
    module = load(kind)
    return cast(EventModule, module) if hasattr(module, "accepts_event") else None


def receiver(kind: str) -> ReceiverModule | None:
    """The module of a kind that is never asked and is sent facts, None for any other. Raises OptionError."""
    module = load(kind)
    return cast(ReceiverModule, module) if hasattr(module, "read_delivery") else None


def is_beta(kind: str) -> bool:
    """Whether the module of a kind says (`BETA = True`) that no real account has proved it. Raises OptionError."""
    return bool(getattr(load(kind), "BETA", False))


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
