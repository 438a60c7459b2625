"""What the source remembers between two polls: its cursor, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from domain.facts import Person, Problem
from sources._sheets.people import from_json, to_json

_VERSION = 1


@dataclass(frozen=True, slots=True)
class TableState:
    """One table as it was read last. `good` False: it cannot be read now, and the rest is from when it could.

    `gives` are the kinds of fact in it, `met` the people named in it, `people` the reps of a `reps` table.
    """

    kind: str
    good: bool = True
    gives: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class FileState:
    """One file: the version that was read (its stamp and its digest) and its tables by family."""

    stamp: str
    digest: str
    tables: Mapping[str, TableState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doing:
    """A file in the middle of being read: `done` of the changes of the version `token` are stored."""

    file: str
    token: str
    done: int


@dataclass(frozen=True, slots=True)
class State:
    """`setup` and `people` are digests of what the reading depends on; `notes` are the troubles of no table.

    `settled`: everything known was handed over (people, targets, problems).
    """

    setup: str = ""
    people: str = ""
    files: Mapping[str, FileState] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    doing: Doing | None = None
    settled: bool = False

    def with_file(self, name: str, file: FileState) -> State:
        """The state after a file was read to its end."""
        return replace(self, files={**self.files, name: file}, doing=None, settled=False)

    def vouched(self, name: str, stamp: str) -> State:
        """The state after a file turned out to hold what it held before, at a new stamp."""
        return replace(self, files={**self.files, name: replace(self.files[name], stamp=stamp)})

    def without(self, name: str) -> State:
        """The state after a file was forgotten."""
        return replace(self, files={key: file for key, file in self.files.items() if key != name}, settled=False)

    def tables(self) -> list[TableState]:
        """All tables of all files."""
        return [table for file in self.files.values() for table in file.tables.values()]

    def problems(self) -> list[Problem]:
        """Everything that somebody has to mend."""
        return [*self.notes, *(problem for table in self.tables() for problem in table.problems)]


def dump(state: State) -> str:
    """The cursor."""
    files = {
        name: [file.stamp, file.digest, {family: _table(table) for family, table in file.tables.items()}]
        for name, file in state.files.items()
    }
    whole = {
        "v": _VERSION,
        "setup": state.setup,
        "people": state.people,
        "files": files,
        "notes": [_problem(note) for note in state.notes],
        "doing": None if state.doing is None else asdict(state.doing),
        "settled": state.settled,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def load(cursor: str | None) -> State:
    """The state of a cursor; a first one for None and for a cursor of another version."""
    whole = json.loads(cursor) if cursor else {}
    if whole.get("v") != _VERSION:
        return State()
    files = {
        name: FileState(stamp, digest, {family: _to_table(table) for family, table in tables.items()})
        for name, (stamp, digest, tables) in whole["files"].items()
    }
    doing = None if whole["doing"] is None else Doing(**whole["doing"])
    notes = tuple(Problem(*note) for note in whole["notes"])
    return State(whole["setup"], whole["people"], files, notes, doing, whole["settled"])


def _problem(problem: Problem) -> list[Any]:
    return [problem.code, problem.where, problem.text, problem.count]


def _table(table: TableState) -> list[Any]:
    problems = [_problem(problem) for problem in table.problems]
    return [table.kind, table.good, table.gives, table.met, problems, list(to_json(table.people))]


def _to_table(row: list[Any]) -> TableState:
    kind, good, gives, met, problems, people = row
    found = tuple(Problem(*problem) for problem in problems)
    return TableState(kind, good, tuple(gives), tuple(met), found, tuple(from_json(people)))
