"""Who is who: the reps of a `reps` table, and the names that other tables call them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.facts import Group, Person
from sources._sheets.tables import Cell, Fault, Parsed, TableError, blank, plain
from sources._sheets.words import key_of

# A column with more different people than this is a column of something else.
MAX_PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class People:
    """The reps by everything they may be called. `listed` None = there is no `reps` table: every name is a rep."""

    listed: tuple[Person, ...] | None
    _ids: Mapping[str, str] = field(default_factory=dict)
    _doubles: frozenset[str] = frozenset()

    def find(self, text: str) -> str | None:
        """The id of the one who is called so; None when two are."""
        if text in self._doubles:
            return None
        return self._ids.get(text, text)


def people_of(listed: Sequence[Person] | None) -> People:
    """Found by id, by exact name, by e-mail address, in this order."""
    if listed is None:
        return People(None)
    ids = {person.id: person.id for person in listed}
    doubles: set[str] = set()
    for person in listed:
        for call in (person.name, person.email):
            if call and ids.setdefault(call, person.id) != person.id and call not in {one.id for one in listed}:
                doubles.add(call)
    return People(tuple(listed), ids, frozenset(doubles))


def read_reps(cells: Iterable[Cell], people: People, translations: Mapping[str, str]) -> Parsed[str | None]:
    """The ids that a column of people means, None where nobody is named. Raises TableError for far too many."""
    parsed: Parsed[str | None] = Parsed({}, {})
    for cell in cells:
        name = plain(cell)
        name = translations.get(key_of(name), name)
        found = people.find(name) if name else None
        if found is None and not blank(cell):
            text = f"two reps are called {name!r}: write the id of the one who is meant"
            parsed.faults[cell] = Fault("word", text, once=True)
        else:
            parsed.values[cell] = found
    if len(parsed.values) > MAX_PEOPLE:
        raise TableError(f"it names more than {MAX_PEOPLE:,} different people: is the right column taken for rep?")
    return parsed


def everybody(people: People, met: Iterable[str]) -> list[Person]:
    """The reps of the `reps` table and, with `rep` left open, whoever else was named; without one all are reps."""
    listed = people.listed or ()
    known = {person.id for person in listed}
    rep = True if people.listed is None else None
    return [*listed, *(Person(name, name, rep=rep) for name in sorted(set(met) - known))]


def groups_of(people: Iterable[Person]) -> list[Group]:
    """The teams that people are in. A team's name is its id."""
    return [Group(team, team) for team in sorted({person.team for person in people if person.team})]


def to_json(listed: Iterable[Person]) -> Iterator[list[str | bool | None]]:
    """Reps as plain lists, for the cursor."""
    return ([one.id, one.name, one.team, one.email, one.photo, one.zone, one.active] for one in listed)


def from_json(rows: Iterable[Sequence[str | bool | None]]) -> Iterator[Person]:
    """The reps that `to_json` wrote down."""
    for row in rows:
        identity, name, team, email, photo, zone = (value if isinstance(value, str) else None for value in row[:6])
        yield Person(identity or "", name or "", team, email, photo, zone, bool(row[6]), rep=True)
