"""A folder of spreadsheets to play with, and a small store that does with batches what the real one promises."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from domain.facts import Batch, Change, Fact, Kind, Lack, Person, PlannedTarget, Problem
from sources import Ask, Site, load, prepare

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


class NoVault:
    """For sources without credentials."""

    def read(self) -> dict[str, str]:
        return {}

    def write(self, values: Mapping[str, str]) -> None:
        raise AssertionError("spreadsheets have no credentials")

    @contextmanager
    def _open(self) -> Iterator[None]:
        yield

    def lock(self) -> AbstractContextManager[None]:
        return self._open()


def site(folder: Path, zone: str = "Europe/Kyiv", allow_local: bool = False) -> Site:
    return Site("office", zone, "UAH", lambda: NOW, folder, NoVault(), allow_local)


@dataclass
class Desk:
    """A source on `path`, and everything that it has said so far. `options` may be changed between two syncs."""

    path: Path | str
    options: dict[str, str] = field(default_factory=dict)
    zone: str = "Europe/Kyiv"
    allow_local: bool = False
    cursor: str | None = None
    records: dict[str, Change] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    targets: list[PlannedTarget] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    missing: dict[Lack, str] = field(default_factory=dict)
    as_of: datetime | None = None
    batches: list[Batch] = field(default_factory=list)
    requests: int = 0

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Desk:
        """A text file in the folder; a new time stamp even within one tick of the clock."""
        (Path(self.path) / name).write_bytes(text.encode(encoding))
        return self

    def sync(self, full: bool = False, deadline: float | None = None, now: datetime = NOW) -> Desk:
        """One sync, stored as the real store would store it."""
        options = prepare("files", {"path": str(self.path), **self.options})
        source = load("files").connect(options, site(Path(str(self.path)), self.zone, self.allow_local))
        until = time.monotonic() + 60 if deadline is None else deadline
        self.batches = []
        for batch in source.sync(None if full else self.cursor, Ask(now, date(2026, 9, 1), until, full=full)):
            self._apply(batch)
        self.requests = source.requests
        return self

    def facts(self, *kinds: Kind) -> list[Fact]:
        """Every fact that stands now, by time."""
        found = [fact for change in self.records.values() for fact in change.facts if not kinds or fact.kind in kinds]
        return sorted(found, key=lambda fact: fact.at)

    def read(self) -> int:
        """How many changes the last sync brought."""
        return sum(len(batch.changes) for batch in self.batches)

    def said(self) -> list[str]:
        """The problems as `where: text`."""
        return [f"{problem.where}: {problem.text}" for problem in self.problems]

    def _apply(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.records.update({change.record: change for change in batch.changes})
        fresh = {change.record for change in batch.changes}
        for census in batch.census:
            assert census.limit is None
            kept = census.records | fresh
            for record in [name for name in self.records if name.startswith(census.prefix) and name not in kept]:
                del self.records[record]
        self.cursor = batch.cursor
        self.as_of = batch.as_of or self.as_of
        self.people = list(batch.people) if batch.people is not None else self.people
        self.targets = list(batch.targets) if batch.targets is not None else self.targets
        self.problems = list(batch.problems) if batch.problems is not None else self.problems
        self.missing = dict(batch.missing) if batch.missing is not None else self.missing
