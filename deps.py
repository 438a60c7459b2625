"""What routes and callbacks are handed: the store, the boards made from it, the clock, the secrets."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from sqlalchemy import Engine

from config import Config
from domain.celebrations import Cheer
from domain.connections import Connected, Draft, Kept, LoginResult, Look, SourceKind
from domain.deliveries import Posted, Receipt
from domain.settings import PeriodKind, Settings
from domain.sheets import RawTable
from jobs.connections import Connections as Operator
from jobs.house import House
from jobs.sheets import Sheets
from storage.boards import LiveBoards, Snapshot
from storage.lately import Lately
from storage.secrets import Secrets
from storage.sightings import Sightings
from storage.watch import Watch as Lookout

Made = TypeVar("Made")


class Watch(Protocol):
    """Notices that something was committed to the store. For one thread."""

    def stirred(self) -> Hashable:
        """Another value after any commit; costs next to nothing."""
        ...

    def orders(self) -> Hashable:
        """What each screen is to show and do: another value when any of it is another."""
        ...

    def close(self) -> None:
        """Watch no longer."""
        ...


class Boards(Protocol):
    """Builds a board once per change and hands the same one to everybody."""

    def get(
        self, period: PeriodKind, day: date | None = None, team: str | None = None, ranked_by: str | None = None
    ) -> Snapshot:
        """The board of the period that holds `day` (None = today). Raises KeyError for an unknown team."""
        ...

    def cheers(self) -> Sequence[Cheer]:
        """What was won lately and by whom, in the order in which we heard of it."""
        ...

    def lately(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of that key, made anew only when something was committed, or some seconds have passed."""
        ...

    def watch(self) -> Watch:
        """An eye on what the boards are made from."""
        ...


class Connections(Protocol):
    """What may be done with the connections to CRMs. Names that do not fit raise StoreError, other wishes RefusedError.

    `who` is for the audit; jobs/connections.py tells the rest.
    """

    def kinds(self) -> Sequence[SourceKind]:
        """What can be connected."""
        ...

    def kept(self, name: str) -> Kept:
        """What the form of a connection shows."""
        ...

    def test(self, draft: Draft, known: bool) -> Look:
        """Look at the CRM with a draft; `known`: it is to change a connection. Nothing is stored."""
        ...

    def connect(self, draft: Draft, proof: str, who: str) -> Connected:
        """Store a draft that was tested. Raises UntestedError for another one."""
        ...

    def change(self, draft: Draft, proof: str, who: str) -> None:
        """Store other options that were tested. Raises UntestedError for others."""
        ...

    def enable(self, name: str, on: bool, who: str) -> None:
        """Pause a connection or let it go on."""
        ...

    def hurry(self, name: str) -> None:
        """Have the poller look now."""
        ...

    def reread(self, name: str, since: date, who: str) -> None:
        """Have the poller read everything again from that day on."""
        ...

    def new_hook(self, name: str, who: str) -> str:
        """The secret of a new address for events."""
        ...

    def close(self, name: str, who: str) -> None:
        """Disconnect, and keep what came from there."""
        ...

    def remove(self, name: str, who: str) -> None:
        """Disconnect, and forget everything that came from there."""
        ...

    def login(self, name: str, session: str) -> str:
        """The vendor's page for the browser of this session."""
        ...

    def logged_in(self, name: str, session: str, came: Mapping[str, str], who: str) -> LoginResult:
        """The browser is back."""
        ...

    def called(self, secret: str, posted: Posted) -> Receipt:
        """Somebody calls the address that has this secret."""
        ...

    def photo(self, source: str, name: str) -> tuple[bytes, str] | None:
        """The bytes of a photo and their type, None where there is none."""
        ...


class Tables(Protocol):
    """Tables in and out of files: CSV in any of its encodings, workbooks."""

    def read(self, data: bytes, known: Iterable[str]) -> RawTable:
        """The table in a file; `known` are headings, small. Raises SheetError."""
        ...

    def csv(self, rows: Iterable[Sequence[object]]) -> bytes:
        """The rows as CSV."""
        ...

    def book(self, title: str, rows: Iterable[Sequence[object]]) -> bytes:
        """The rows as a workbook."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a request may need. `settings` reads them anew, `clock` gives an aware datetime in UTC."""

    db: Engine
    boards: Boards
    clock: Callable[[], datetime]
    settings: Callable[[], Settings]
    secrets: Secrets
    config: Config
    connections: Connections
    tables: Tables = field(default_factory=Sheets)
    sightings: Sightings = field(default_factory=Sightings)


def open_deps(house: House) -> Deps:
    """What the web server and the command line work with, on the store of that house."""
    known = Lately(Lookout(house.db), house.clock)

    def settings() -> Settings:
        return known.get("settings", house.settings)

    boards = LiveBoards(house.db, settings, house.clock, house.config.poll_seconds)
    return Deps(house.db, boards, house.clock, settings, house.secrets, house.config, Operator(house))
