"""One sync of a set of files: what changed is read whole, what is unchanged is not opened, what vanished is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import chain, islice

from domain.facts import Batch, Census, Change, Detail, Kind, Lack, Person, PlannedTarget, Problem
from sources import Ask, SchemaError
from sources._sheets.people import People, everybody, groups_of, people_of, to_json
from sources._sheets.places import BusyError, Item
from sources._sheets.plans import Plan, Planned
from sources._sheets.reading import Opened, failed, file_problem, open_table, read_reps_table
from sources._sheets.shapes import REPS, TARGETS
from sources._sheets.state import Doing, FileState, State, TableState, dump
from sources._sheets.tables import TableError

BATCH = 5_000
_GONE = "it is gone: put it back, or let its records go by `python app.py sync NAME --full`"
NO_TABLES = "There is no spreadsheet here: put reps, calls, deals … as .csv or .xlsx into the folder, or correct path."
# How a kind of fact is called in the reason why it is missing, with the table that would hold it.
_SAID: dict[Lack, str] = {
    Kind.CALL: "calls (calls, activities)",
    Detail.CALL_SECONDS: "how long calls were (calls with a column seconds)",
    Kind.EMAIL: "e-mails (emails, activities)",
    Kind.MEETING: "meetings (meetings, activities)",
    Kind.TASK_DONE: "finished tasks (tasks, activities)",
    Kind.LEAD_CREATED: "leads (leads, activities)",
    Kind.OFFER_SENT: "offers (offers, activities)",
    Kind.INVOICE_ISSUED: "issued invoices (invoices with a column issued_on)",
    Kind.INVOICE_PAID: "paid invoices (invoices with a column paid_on)",
    Kind.DEAL_CREATED: "new deals (deals with a column created_on)",
    Kind.DEAL_WON: "won deals (deals with a column closed_on, won_on or outcome)",
    Kind.DEAL_LOST: "lost deals (deals with a column closed_on, lost_on or outcome)",
}


class Sync:
    """The work of one sync. Its state moves on from batch to batch and is what the cursor says."""

    def __init__(self, plan: Plan, items: Iterable[Item], before: State, setup: str, ask: Ask) -> None:
        self._plan, self._ask, self._before = plan, ask, before
        self._items = {item.name: item for item in items}
        self._whole = not before.setup
        self._rearranged = before.setup not in ("", setup)
        self._state = before if before.setup == setup else replace(_dirty(before), setup=setup, doing=None)
        self._notes: list[Problem] = []
        # What somebody sees may be older than now: a file is gone, unreadable, or just being written.
        self._held = False
        self._late = False
        self._files: dict[str, tuple[FileState, list[Planned]]] = {}
        self._reps: dict[str, TableState] = {}
        self._targets: list[PlannedTarget] | None = []
        self._records: set[str] = set()

    def run(self) -> Iterator[Batch]:
        """Every batch, the last one with the lists of people, targets and problems. Raises SourceError."""
        gone = self._vanished_files()
        self._fetch()
        people = self._who()
        self._fetch_targets()
        changed = bool(self._files) or not self._before.settled
        if gone:
            yield Batch((), dump(self._state), None, census=gone)
        for name in sorted(self._files):
            # A file's bytes are let go as soon as it is done.
            file, planned = self._files.pop(name)
            yield from self._read(name, file, planned, people)
            if self._late:
                return
        yield self._last(people, changed)

    def _vanished_files(self) -> list[Census]:
        """Files that are no longer there: told, and their records kept; unless the settings now name another place."""
        gone = []
        for name, file in self._state.files.items():
            if name in self._items:
                continue
            if self._rearranged:
                self._state = self._state.without(name)
                gone += [_nothing_in(family) for family in file.tables]
            elif file.tables:
                self._held = True
                self._notes.append(Problem("file", name, _GONE))
            else:
                self._state = self._state.without(name)
        return gone

    def _fetch(self) -> None:
        """Bring in what is not as it was; the state then no longer vouches for it until it is read to its end."""
        for name, item in self._items.items():
            if name in self._files:
                continue
            known = self._state.files.get(name)
            try:
                loaded = item.load(known.stamp if known and known.stamp else None)
                if loaded.data is None:
                    continue
                digest = blake2b(loaded.data, digest_size=12).hexdigest()
                if known and known.digest == digest:
                    self._state = self._state.vouched(name, loaded.stamp)
                    continue
                planned = self._plan.tables(name, loaded.data)
            except TableError as error:
                self._notes.append(file_problem(name, error))
                self._whole = False
                self._held |= known is not None
            except BusyError:
                self._held, self._whole = True, False
            else:
                self._files[name] = FileState(loaded.stamp, digest), planned

    def _who(self) -> People:
        """Read the tables of reps first; when they changed, everything that names a rep is read anew."""
        files = {} if self._rearranged else self._state.files
        known = {family: table for file in files.values() for family, table in file.tables.items()}
        for _, planned in self._files.values():
            for table in planned:
                if table.rule.kind == REPS:
                    self._reps[table.family] = read_reps_table(table, known.get(table.family))
        tables = [table for table in (known | self._reps).values() if table.kind == REPS]
        listed = {person.id: person for table in tables for person in table.people}
        people = people_of(list(listed.values()) if any(table.good or table.people for table in tables) else None)
        mark = _digest([list(to_json(listed.values())), people.listed is None])
        if mark != self._state.people:
            self._state = replace(_dirty(self._state), people=mark)
            self._fetch()
        return people

    def _fetch_targets(self) -> None:
        """Targets are handed over as one list: when one table of them is read, so are all."""
        kept = [
            name for name, file in self._state.files.items() if any(t.kind == TARGETS for t in file.tables.values())
        ]
        read = any(table.rule.kind == TARGETS for _, planned in self._files.values() for table in planned)
        if not (read or any(name in self._files for name in kept) or (kept and not self._before.settled)):
            if kept:
                self._targets = None
            return
        self._state = _dirty(self._state, kept)
        self._fetch()
        if any(name not in self._files for name in kept):
            # One of the tables cannot be read now: the last whole list stays.
            self._targets = None

    def _read(self, name: str, file: FileState, planned: list[Planned], people: People) -> Iterator[Batch]:
        """One file: its changes in batches, and with the last of them the list of all its records."""
        before = self._state.files.get(name, FileState("", ""))
        opened, tables = self._open(planned, before, people)
        present: list[Person] | None = self._everybody(people, opened)
        token = _digest([self._state.setup, self._state.people, file.digest])
        doing = self._state.doing
        done = doing.done if doing and (doing.file, doing.token) == (name, token) else 0
        records: dict[str, set[str]] = {table.planned.family: set() for table in opened}
        changes = _noted(opened, records)
        if done:
            # Parsed again for the list of records, and not stored again.
            next(islice(changes, done, done), None)
        while len(batch := list(islice(changes, BATCH))) == BATCH:
            done += BATCH
            self._state = replace(self._state, doing=Doing(name, token, done), settled=False)
            yield Batch(batch, dump(self._state), None, people=present, done=done)
            present = None
            if time.monotonic() >= self._ask.deadline:
                self._late = True
                return
        for table in opened:
            tables[table.planned.family] = table.state()
        census = self._vanished_tables(before, tables)
        census += [Census(f"{family}:", frozenset(found), limit=None) for family, found in records.items()]
        self._records.update(*records.values())
        self._state = self._state.with_file(name, replace(file, tables=tables))
        yield Batch(batch, dump(self._state), None, people=present, census=census, done=done + len(batch))
        self._late = time.monotonic() >= self._ask.deadline

    def _open(
        self, planned: list[Planned], before: FileState, people: People
    ) -> tuple[list[Opened], dict[str, TableState]]:
        opened: list[Opened] = []
        tables: dict[str, TableState] = {}
        for table in planned:
            family, kind = table.family, table.rule.kind
            if kind == REPS:
                tables[family] = self._reps[family]
                continue
            try:
                found = open_table(table, people)
                if kind == TARGETS:
                    self._add_targets(found.targets())
                    tables[family] = found.state()
                else:
                    opened.append(found)
            except TableError as error:
                tables[family] = failed(kind, family, error, before.tables.get(family))
        return opened, tables

    def _add_targets(self, found: list[PlannedTarget]) -> None:
        if self._targets is not None:
            self._targets += found

    def _everybody(self, people: People, opened: Iterable[Opened] = ()) -> list[Person]:
        """Everybody known so far: listed, or named in a table that was read or is about to be."""
        met = (table.met for table in self._state.tables())
        return everybody(people, chain.from_iterable((*met, *(table.met() for table in opened))))

    def _is_unknown(self, name: str) -> bool:
        return name in self._state.files and not self._state.files[name].tables

    def _vanished_tables(self, before: FileState, tables: dict[str, TableState]) -> list[Census]:
        """Tables that were in this file: with other settings their records go, else a sheet is missing and is told."""
        gone = {family: table for family, table in before.tables.items() if family not in tables}
        if self._rearranged:
            return [_nothing_in(family) for family in gone]
        for family, table in gone.items():
            tables[family] = failed(table.kind, family, TableError("the sheet is gone: put it back"), table)
        return []

    def _last(self, people: People, changed: bool) -> Batch:
        """The batch that says that everything is complete, and brings the lists where anything changed."""
        tables = self._state.tables()
        self._notes += [self._plan.unknown(name) for name in self._items if self._is_unknown(name)]
        self._state = replace(self._state, notes=tuple(self._notes), doing=None, settled=True)
        self._held |= any(not table.good and (table.gives or table.people) for table in tables)
        problems = self._state.problems()
        if not self._held and not any(table.good for table in tables):
            raise SchemaError(f"{problems[0].where}: {problems[0].text}." if problems else NO_TABLES)
        as_of, cursor = None if self._held else self._ask.now, dump(self._state)
        if not changed:
            same = problems == self._before.problems()
            return Batch((), cursor, as_of, problems=None if same else problems)
        if any(table.kind == TARGETS and not table.good for table in tables):
            self._targets = None
        whole = self._whole and not self._held and all(table.good for table in tables)
        present = self._everybody(people)
        return Batch(
            (),
            cursor,
            as_of,
            people=present,
            groups=groups_of(present),
            targets=self._targets,
            problems=problems,
            missing=_missing(tables),
            census=[Census("", frozenset(self._records), limit=None)] if whole else (),
        )


def _noted(opened: Iterable[Opened], records: dict[str, set[str]]) -> Iterator[Change]:
    """The changes of all tables of a file, each record written down under its family."""
    for table in opened:
        note = records[table.planned.family].add
        for change in table.changes():
            note(change.record)
            yield change


def _nothing_in(family: str) -> Census:
    return Census(f"{family}:", frozenset(), limit=None)


def _missing(tables: Iterable[TableState]) -> dict[Lack, str]:
    given = {kind for table in tables for kind in table.gives}
    return {lack: f"no table holds {said}" for lack, said in _SAID.items() if lack not in given}


def _dirty(state: State, names: Iterable[str] | None = None) -> State:
    """The state that vouches for none of its files (or not for these): they are read again."""
    wanted = set(state.files if names is None else names)
    files = {name: replace(file, stamp="", digest="") if name in wanted else file for name, file in state.files.items()}
    return replace(state, files=files, settled=False)


def _digest(parts: object) -> str:
    return blake2b(json.dumps(parts, ensure_ascii=False).encode(), digest_size=12).hexdigest()
