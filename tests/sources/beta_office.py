"""An account, a source and a real store around one clock, and how far the store is from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from domain.facts import Batch
from domain.metrics import contributions
from domain.settings import Settings
from sources import Ask, Finding, Site
from sources._rounds.asking import new_bucket, read_rate
from sources.aspro import AsproSource
from sources.http import Bucket, CrmSession
from sources.s2 import S2Source
from storage import facts
from storage import sources as connections
from storage.db import read, write
from storage.secrets import Secrets
from tests.emulators import aspro, s2
from tests.emulators.beta_world import PRODUCTIVE, Cells, World
from tests.storage import ready

Account = s2.S2 | aspro.Aspro


class NoVault:
    """These CRMs have no tokens that change."""

    def read(self) -> dict[str, str]:
        return {}

    def write(self, values: Mapping[str, str]) -> None:
        raise AssertionError

    def lock(self) -> AbstractContextManager[None]:
        return nullcontext()


class Office:
    """Polls an emulator into a store."""

    def __init__(self, account: Account, folder: Path, days: int, **options: str) -> None:
        self.account = account
        self.world: World = account.world
        self.clock = account.world.clock
        self.folder = folder
        self.since = self.clock.now().date() - timedelta(days=days)
        own = {"token": s2.TOKEN} if isinstance(account, s2.S2) else {"api_key": aspro.API_KEY}
        self.options = {"base_url": account.url, **own, **options}
        self.kinds = s2.KINDS if isinstance(account, s2.S2) else aspro.KINDS
        self.db = ready.sqlite_at(folder / "tablo.db")
        with write(self.db) as conn:
            self.id = connections.add(conn, Secrets(b"k" * 32), "main", "files", {}, "test", self.clock.now())
        self.batches: list[Batch] = []
        self.refused: list[str] = []

    def close(self) -> None:
        """Let go of the store and the account."""
        self.db.dispose()
        self.account.server.close()

    def source(self) -> S2Source | AsproSource:
        """A fresh source, as a new process would make it."""
        clock = self.clock
        bucket = Bucket(new_bucket(read_rate(self.options)).rate, 1, 1.0, clock.monotonic, clock.sleep)
        session = CrmSession(
            bucket, now=clock.now, allow_local=True, clock=clock.monotonic, sleep=clock.sleep, chance=lambda: 0.5
        )
        site = Site("main", "Europe/Kyiv", "UAH", clock.now, self.folder, NoVault(), allow_local=True)
        made = S2Source if isinstance(self.account, s2.S2) else AsproSource
        return made(self.options, site, session, clock.monotonic)

    def check(self) -> list[Finding]:
        """The connection test."""
        return self.source().check()

    def poll(
        self,
        full: bool = False,
        reconcile: bool = False,
        wished: bool = True,
        budget: float = 36_000.0,
        kill: Callable[[], bool] = lambda: False,
    ) -> int:
        """One sync into the store; gives the number of requests. A killed poller leaves its batch unstored."""
        ask = Ask(self.clock.now(), self.since, self.clock.seconds + budget, full, reconcile, wished)
        with read(self.db) as conn:
            cursor = None if full else connections.get(conn, "main").cursor
        source = self.source()
        for batch in source.sync(cursor, ask):
            if kill():
                return source.requests
            self.batches.append(batch)
            applied = facts.apply(self.db, self.id, batch, settings=Settings())
            self.refused += [problem.text for problem in applied.refused]
        self.world.fresh.clear()
        return source.requests

    def read_first(self, budget: float, kill: Callable[[], bool] = lambda: False) -> None:
        """A first read in steps of so many seconds."""
        for _ in range(100):
            self.poll(budget=budget, kill=kill)
            if self.batches and self.batches[-1].as_of is not None:
                return
        raise AssertionError("the first read does not get on")

    def cells(self) -> Cells:
        """(rep, day, metric) → value, as the store has it."""
        found: Cells = {}
        for stored in facts.facts(self.db, self.since, self.clock.now().date() + timedelta(days=1)):
            for metric, value in contributions(stored.fact, PRODUCTIVE):
                key = ((stored.rep or "").removeprefix("main:"), stored.day, metric.key)
                found[key] = found.get(key, Decimal(0)) + Decimal(value)
        return {key: value for key, value in found.items() if value}

    def differences(self) -> dict[tuple[str, date, str], tuple[Decimal | None, Decimal | None]]:
        """Every cell where the store and the ledger disagree: (store, ledger)."""
        ours, truth = self.cells(), self.world.truth(self.since, self.kinds)
        return {
            key: (ours.get(key), truth.get(key))
            for key in ours.keys() | truth.keys()
            if ours.get(key) != truth.get(key)
        }
