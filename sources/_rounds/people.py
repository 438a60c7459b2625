"""Who sells, where the CRM has no such right: whoever has had a deal since the first day that is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.facts import Person
from sources._rounds.memory import Memory

_KEY = "sellers"


def saw_sellers(memory: Memory, owners: Iterable[str | None]) -> None:
    """These have deals."""
    known = set(memory.recall(_KEY) or ())
    new = {owner for owner in owners if owner} - known
    if new:
        memory.keep(_KEY, sorted(known | new))


def with_sellers(memory: Memory, people: Sequence[Person]) -> list[Person]:
    """The people, with those who sell marked; of the others nothing is known."""
    sellers = set(memory.recall(_KEY) or ())
    return [replace(person, rep=True) if person.id in sellers else person for person in people]
