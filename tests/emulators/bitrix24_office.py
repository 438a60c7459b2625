"""An office on a local Bitrix24 portal: a clock that only moves when told, a filled portal, a store, and syncs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from domain.facts import Batch
from domain.settings import Settings
from sources import Ask, Site, prepare
from sources.bitrix24 import Bitrix24, Wire, connect
from storage import facts, sources
from storage.db import write
from storage.secrets import Secrets
from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_server import serve
from tests.emulators.bitrix24_world import World
from tests.storage import ready

ZONE = "Europe/Kyiv"
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTINGS = Settings(timezone=ZONE, currency="UAH")


@dataclass
class Clock:
    """Time that passes by sleeping only: as the wall shows it, and as `monotonic` counts it."""

    wall: datetime = START
    slept: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def steady(self) -> float:
        return (self.wall - START).total_seconds() + 1000.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.wall += timedelta(seconds=seconds)


@dataclass
class MemoryVault:
    """A vault that forgets with the test."""

    values: dict[str, str] = field(default_factory=dict)
    written: list[dict[str, str]] = field(default_factory=list)

    def read(self) -> dict[str, str]:
        return dict(self.values)

    def write(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self.written.append(dict(values))

    def lock(self) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class Office:
    """One connection to one portal, stored as the poller stores it."""

    portal: Portal
    world: World
    clock: Clock
    url: str
    db: Engine
    folder: Path
    source_id: int
    options: dict[str, str]
    vault: MemoryVault = field(default_factory=MemoryVault)
    cursor: str | None = None
    requests: int = 0

    def site(self, **other: Any) -> Site:
        values = {"name": "main", "timezone": ZONE, "currency": "UAH", "clock": self.clock.now, "folder": self.folder}
        return Site(**{**values, "vault": self.vault, "allow_local": True, **other})

    def source(self) -> Bitrix24:
        wire = Wire(self.clock.steady, self.clock.sleep, lambda: 0.5)
        return connect(prepare("bitrix24", self.options), self.site(), wire)

    def ask(self, **other: Any) -> Ask:
        since = date(2026, 9, 1)
        return Ask(**{"now": self.clock.now(), "since": since, "deadline": self.clock.steady() + 100_000, **other})

    def sync(self, stop_after: int | None = None, **other: Any) -> list[Batch]:
        """One sync, stored batch by batch; `stop_after` = the process dies after so many batches."""
        taken: list[Batch] = []
        source = self.source()
        before = self.portal.requests
        try:
            for batch in source.sync(self.cursor, self.ask(**other)):
                facts.apply(self.db, self.source_id, batch, settings=SETTINGS, lease=None)
                self.cursor = batch.cursor
                taken.append(batch)
                if stop_after is not None and len(taken) >= stop_after:
                    return taken
        finally:
            self.requests = self.portal.requests - before
        if taken and taken[-1].as_of is not None:
            self.world.dirty.clear()
        return taken

    def stored(self) -> Counter[tuple[str, str, date]]:
        """Every metric by rep and day, out of the store."""
        sql = "SELECT metric, rep, day, n, value FROM day_totals WHERE metric <> 'facts'"
        found: Counter[tuple[str, str, date]] = Counter()
        with self.db.connect() as conn:
            for metric, rep, day, n, value in conn.execute(text(sql)):
                counted = value if metric.endswith(("_amount", "_seconds")) else n
                found[metric, rep, date.fromordinal(day)] += counted
        return Counter({key: value for key, value in found.items() if value and "stage" not in key[0]})

    def expected(self) -> Counter[tuple[str, str, date]]:
        """The same out of the ledger."""
        return self.world.expected(ZoneInfo(ZONE))

    def differences(self) -> dict[tuple[str, str, date], tuple[int, int]]:
        """Where the store and the ledger are not of one mind: (stored, true)."""
        stored, true = self.stored(), self.expected()
        return {key: (stored[key], true[key]) for key in stored.keys() | true.keys() if stored[key] != true[key]}

    def open_deals(self) -> dict[str, datetime | None]:
        """Open deals with their next plan, out of the store."""
        with self.db.connect() as conn:
            rows = conn.execute(text("SELECT record, next_activity FROM open_deals")).all()
        return {row[0]: None if row[1] is None else datetime.fromtimestamp(row[1] / 1000, UTC) for row in rows}


@contextmanager
def office(folder: Path, world: World | None = None, seed: int = 1, **options: str) -> Iterator[Office]:
    """An office on a portal of its own; `options` are the connection's."""
    clock = Clock()
    made = world or World(clock.now, random.Random(seed), [])
    made.clock = clock.now
    portal = Portal(made, clock.steady)
    portal.users = [
        {
            "ID": str(n),
            "ACTIVE": True,
            "NAME": f"Rep{n}",
            "LAST_NAME": "X",
            "UF_DEPARTMENT": [3],
            "USER_TYPE": "employee",
        }
        for n in made.reps
    ]
    db = ready.sqlite_at(folder / "store.db")
    with serve(portal) as url:
        given = {"webhook_url": f"{url}/rest/{portal.user}/{portal.secret}/", **options}
        with write(db) as conn:
            source_id = sources.add(conn, Secrets(b"k" * 32), "main", "bitrix24", {}, "test", clock.now())
        yield Office(portal, made, clock, url, db, folder, source_id, given)
    db.dispose()


def floor(deals: int = 120, calls: int = 200, emails: int = 120) -> World:
    """A small portal's world with six reps."""
    world = World(Clock().now, random.Random(5), list(range(11, 17)))
    fill(world, 60, deals, calls, emails)
    return world


def fill(world: World, days: int, deals: int, calls: int, emails: int = 0) -> None:
    """A history of some days, as a floor makes it; nobody's deals changed hands in it."""
    rng, now = world.rng, world.now()
    first = now - timedelta(days=days)
    step = (now - first - timedelta(hours=3)) / max(deals, 1)
    for n in range(deals):
        _deal(world, first + n * step, now)
    for at in sorted(first + timedelta(seconds=rng.randrange(days * 86_400 - 60)) for _ in range(calls)):
        code = rng.choice(("200", "200", "200", "304", "486"))
        seconds = rng.randrange(5, 400) if code == "200" else 0
        world.call(rng.choice(world.reps), rng.choice((1, 1, 1, 2, 2, 3, 4, 5)), seconds, code, at)
    for at in sorted(first + timedelta(seconds=rng.randrange(days * 86_400 - 60)) for _ in range(emails)):
        _activity(world, at)
    world.dirty.clear()


def _deal(world: World, at: datetime, now: datetime) -> None:
    rng, owner = world.rng, world.rng.choice(world.reps)
    number = world.new_deal(owner, at)
    if rng.random() < 0.15:
        world.activity(
            "CRM_TODO", 6, owner, done=False, deal=number, due=now + timedelta(days=rng.randrange(1, 9)), at=at
        )
    for stage in ("TALK", rng.choice(("WON", "LOSE", "PRICE", "TALK"))):
        at += timedelta(minutes=rng.randrange(1, 80))
        if at < now:
            world.move(number, stage, at, 41 if stage == "LOSE" else None)
    if rng.random() < 0.5:
        invoice = world.new_invoice(owner, at)
        for stage in ("DT31_2:S", rng.choice(("DT31_2:P", "DT31_2:D", "DT31_2:S"))):
            at = min(now, at + timedelta(minutes=rng.randrange(1, 80)))
            world.move_invoice(invoice, stage, at)


def _activity(world: World, at: datetime) -> None:
    rng = world.rng
    rep = rng.choice(world.reps)
    kind = rng.randrange(8)
    if kind < 5:
        world.activity("CRM_EMAIL", 4, rep, direction=rng.choice((1, 2, 2)), done=rng.random() < 0.8, at=at)
    elif kind == 5:
        world.activity("CRM_MEETING", 1, rep, done=rng.random() < 0.7, at=at)
    elif kind == 6:
        world.activity("CRM_TASKS_TASK", 3, rep, done=rng.random() < 0.7, at=at)
    elif rng.random() < 0.5:
        world.new_lead(rep, at)
    else:
        world.new_quote(rep, at)
