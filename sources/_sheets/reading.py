"""Reading one planned table: its columns, then its changes, people or targets; and what it leaves for the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.facts import Change, Person, PlannedTarget, Problem
from sources._sheets.columns import Sheet, understand
from sources._sheets.people import People, people_of
from sources._sheets.plans import Planned
from sources._sheets.records import given, read_changes
from sources._sheets.roster import read_people, read_targets
from sources._sheets.shapes import REPS, TARGETS
from sources._sheets.state import TableState
from sources._sheets.tables import Complaints, TableError


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose columns are understood and whose rows are not read yet."""

    planned: Planned
    sheet: Sheet
    complaints: Complaints
    people: People

    @property
    def kind(self) -> str:
        """What kind of table it is."""
        return self.planned.rule.kind

    def changes(self) -> Iterator[Change]:
        """Its changes, in a steady order. Not for reps and targets."""
        rule = self.planned.rule
        return read_changes(self.sheet, rule.kind, rule.manner.currency, self.planned.family, self.complaints)

    def targets(self) -> list[PlannedTarget]:
        """The targets of a table of targets. Raises TableError."""
        return read_targets(self.sheet, self.people, self.complaints)

    def read_out(self) -> None:
        """Read every row for what is wrong with it alone. Raises TableError."""
        if self.kind == REPS:
            read_people(self.sheet, self.complaints)
        elif self.kind == TARGETS:
            self.targets()
        else:
            for _ in self.changes():
                pass

    def met(self) -> tuple[str, ...]:
        """The ids (or names) of everybody named in it."""
        return tuple(sorted({str(who) for who in self.sheet.values("rep") if who and self.kind != REPS}))

    def state(self, people: tuple[Person, ...] = ()) -> TableState:
        """What is to be remembered once its rows were read."""
        gives = tuple(sorted(given(self.sheet, self.kind)))
        return TableState(self.kind, True, gives, self.met(), tuple(self.complaints.problems()), people)


def open_table(planned: Planned, people: People) -> Opened:
    """Understand the columns of a table. Raises TableError."""
    complaints = Complaints(planned.family)
    sheet = understand(planned.open(), planned.rule, people, complaints)
    return Opened(planned, sheet, complaints, people)


def read_reps_table(planned: Planned, before: TableState | None) -> TableState:
    """A table of reps, whole; as it was before, with the trouble, where it cannot be read."""
    try:
        opened = open_table(planned, people_of(None))
        people = tuple(read_people(opened.sheet, opened.complaints))
        return opened.state(people)
    except TableError as error:
        return failed(planned.rule.kind, planned.family, error, before)


def failed(kind: str, family: str, error: TableError, before: TableState | None) -> TableState:
    """The state of a table that cannot be read: what was known before, and the trouble."""
    problem = file_problem(family, error)
    return replace(before or TableState(kind), good=False, problems=(problem,))


def file_problem(where: str, error: TableError) -> Problem:
    """The trouble of a whole file or table."""
    return Problem("file", where, f"{error}; until then the last good data stay")
