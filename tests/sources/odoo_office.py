"""An Odoo, a source and a real store around one clock, and how far the store is from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from domain.facts import Batch, Change, Lack
from domain.metrics import Measure, contributions
from domain.settings import Settings
from sources import Ask, Site
from sources.odoo import Odoo, Wire, connect
from storage import facts
from storage import sources as connections
from storage.db import read, write
from storage.secrets import Secrets
from tests.emulators.kommo_world import Clock
from tests.emulators.odoo import DATABASE, KEY, LOGIN, Emulator
from tests.emulators.odoo_ledger import Cells
from tests.sources.kommo_office import PlainVault
from tests.storage import ready


class Office:
    """Polls an emulator into a store. `kill` decides after each batch whether the poller dies before storing it."""

    def __init__(self, emulator: Emulator, folder: Path, since: date, **options: str) -> None:
        self.emulator = emulator
        self.clock: Clock = emulator.clock
        self.folder, self.since = folder, since
        self.options: Mapping[str, str] = {
            "url": emulator.url, "database": DATABASE, "login": LOGIN, "api_key": KEY, **options,
        }  # fmt: skip
        self.db: Engine = ready.sqlite_at(folder / "tablo.db")
        with write(self.db) as conn:
            self.id = connections.add(conn, Secrets(b"k" * 32), "main", "odoo", {}, "test", self.clock.now())
        self.batches: list[Batch] = []
        self.refused: list[str] = []

    def close(self) -> None:
        """Let go of the store."""
        self.db.dispose()

    def source(self) -> Odoo:
        """A fresh source, as a new process would make it."""
        site = Site("main", "Europe/Kyiv", "UAH", self.clock.now, self.folder, PlainVault(), allow_local=True)
        wire = Wire(self.clock.monotonic, self.clock.sleep, lambda: 0.5)
        return connect({name: value for name, value in self.options.items() if value}, site, wire)

    def cursor(self) -> str | None:
        """What the store holds."""
        with read(self.db) as conn:
            return connections.get(conn, "main").cursor

    def poll(
        self,
        full: bool = False,
        reconcile: bool = False,
        budget: float = 3600.0,
        kill: Callable[[], bool] = lambda: False,
    ) -> int:
        """One sync into the store; gives the number of requests. A killed poller leaves its batch unstored."""
        ask = Ask(self.clock.now(), self.since, self.clock.seconds + budget, full, reconcile)
        source = self.source()
        for batch in source.sync(None if full else self.cursor(), ask):
            if kill():
                break
            self.batches.append(batch)
            applied = facts.apply(self.db, self.id, batch, settings=Settings())
            self.refused += [problem.text for problem in applied.refused]
        return source.requests

    def last(self, record: str) -> Change:
        """What was last told of a record."""
        return next(change for batch in self.batches[::-1] for change in batch.changes if change.record == record)

    def missing(self) -> Mapping[Lack, str]:
        """What the last whole poll could not give."""
        return next(batch.missing for batch in self.batches[::-1] if batch.missing is not None)

    def problems(self) -> list[str]:
        """The codes of what the last whole poll found amiss."""
        return [each.code for each in next(b.problems for b in self.batches[::-1] if b.problems is not None)]

    def cells(self) -> Cells:
        """(rep, day, metric) → value, as the store has it; sums of money by currency."""
        found: Cells = {}
        for stored in facts.facts(self.db, self.since, self.clock.now().date() + timedelta(days=1)):
            rep = (stored.rep or "").removeprefix("main:")
            for metric, value in contributions(stored.fact, 30):
                name = f"{metric.key} {stored.fact.currency}" if metric.measure is Measure.AMOUNT else metric.key
                key = (rep, stored.day, name)
                found[key] = found.get(key, Decimal(0)) + Decimal(value)
        return {key: value for key, value in found.items() if value}

    def differences(self) -> dict[tuple[str, date, str], tuple[Decimal | None, Decimal | None]]:
        """Every cell where the store and the ledger disagree: (store, ledger)."""
        ours = self.cells()
        ledger = self.emulator.world.ledger.cells("Europe/Kyiv")
        truth = {key: value for key, value in ledger.items() if key[1] >= self.since}
        keys = ours.keys() | truth.keys()
        return {key: (ours.get(key), truth.get(key)) for key in keys if ours.get(key) != truth.get(key)}
