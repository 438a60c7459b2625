"""A Kommo account, a source and a real store around one clock, and how far the store is from the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from domain.facts import Batch
from domain.metrics import contributions
from domain.settings import Settings
from sources import Ask, Site
from sources._kommo.api import new_bucket
from sources.http import Bucket, CrmSession
from sources.kommo import KommoSource
from storage import facts
from storage import sources as connections
from storage.db import read, write
from storage.secrets import Secrets
from tests.emulators.kommo import TOKEN, Emulator
from tests.emulators.kommo_world import Clock
from tests.storage import ready

PRODUCTIVE = 30
Cells = dict[tuple[str, date, str], Decimal]


@dataclass
class PlainVault:
    """A vault in memory that tells what was written, in order."""

    kept: dict[str, str] = field(default_factory=dict)
    written: list[dict[str, str]] = field(default_factory=list)
    held: threading.RLock = field(default_factory=threading.RLock)

    def read(self) -> dict[str, str]:
        """What was written last."""
        return dict(self.kept)

    def write(self, values: Mapping[str, str]) -> None:
        """Keep it."""
        self.kept = dict(values)
        self.written.append(dict(values))

    @contextmanager
    def _holding(self) -> Iterator[None]:
        with self.held:
            yield

    def lock(self) -> AbstractContextManager[None]:
        """One at a time."""
        return self._holding()


class Office:
    """Polls an emulator into a store. `kill` decides after each batch whether the poller dies before storing it."""

    def __init__(self, emulator: Emulator, folder: Path, since: date, **options: str) -> None:
        self.emulator = emulator
        self.clock: Clock = emulator.clock
        self.folder = folder
        self.since = since
        self.options = {"base_url": emulator.url, "token": TOKEN, **options}
        self.vault = PlainVault()
        self.settings = Settings()
        self.db: Engine = ready.sqlite_at(folder / "tablo.db")
        with write(self.db) as conn:
            self.id = connections.add(conn, Secrets(b"k" * 32), "main", "kommo", {}, "test", self.clock.now())
        self.batches: list[Batch] = []
        self.refused: list[str] = []

    def close(self) -> None:
        """Let go of the store."""
        self.db.dispose()

    def site(self) -> Site:
        """What the source may know."""
        return Site("main", "Europe/Kyiv", "UAH", self.clock.now, self.folder, self.vault, allow_local=True)

    def source(self) -> KommoSource:
        """A fresh source, as a new process would make it."""
        level = Bucket(new_bucket().rate, 1, level=1.0, clock=self.clock.monotonic, sleep=self.clock.sleep)
        session = CrmSession(
            level,
            now=self.clock.now,
            allow_local=True,
            clock=self.clock.monotonic,
            sleep=self.clock.sleep,
            chance=lambda: 0.5,
        )
        return KommoSource(self.options, self.site(), session, self.clock.monotonic)

    def cursor(self) -> str | None:
        """What the store holds."""
        with read(self.db) as conn:
            return connections.get(conn, "main").cursor

    def ask(self, full: bool = False, reconcile: bool = False, budget: float = 3600.0) -> Ask:
        """What a poll asks for now."""
        return Ask(self.clock.now(), self.since, self.clock.seconds + budget, full, reconcile)

    def poll(
        self,
        full: bool = False,
        reconcile: bool = False,
        budget: float = 3600.0,
        kill: Callable[[], bool] = lambda: False,
    ) -> int:
        """One sync into the store; gives the number of requests. A killed poller leaves its batch unstored."""
        ask = self.ask(full, reconcile, budget)
        source = self.source()
        for batch in source.sync(None if full else self.cursor(), ask):
            if kill():
                break
            self.batches.append(batch)
            applied = facts.apply(self.db, self.id, batch, settings=self.settings)
            self.refused += [problem.text for problem in applied.refused]
        return source.requests

    def cells(self) -> Cells:
        """(rep, day, metric) → value, as the store has it."""
        found: Cells = {}
        last = self.clock.now().date() + timedelta(days=1)
        for stored in facts.facts(self.db, self.since, last):
            rep = (stored.rep or "").removeprefix("main:")
            for metric, value in contributions(stored.fact, PRODUCTIVE):
                key = (rep, stored.day, metric.key)
                found[key] = found.get(key, Decimal(0)) + Decimal(value)
        return {key: value for key, value in found.items() if value}

    def differences(self) -> dict[tuple[str, date, str], tuple[Decimal | None, Decimal | None]]:
        """Every cell where the store and the ledger disagree: (store, ledger)."""
        ours = self.cells()
        truth = {
            key: value
            for key, value in self.emulator.world.ledger.metrics("Europe/Kyiv", PRODUCTIVE).items()
            if key[1] >= self.since
        }
        keys = ours.keys() | truth.keys()
        return {key: (ours.get(key), truth.get(key)) for key in keys if ours.get(key) != truth.get(key)}


def first_day(now: datetime, days: int) -> date:
    """The first day of a read that reaches back so far."""
    return now.date() - timedelta(days=days)
