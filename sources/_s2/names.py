"""What S2's ids are called: stages, pipelines, reasons, users; from its dictionaries and from what comes with rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.facts import Person
from sources._rounds.memory import Memory
from sources._rounds.values import flag, key, text

USERS = "users"
Names = dict[str, dict[str, Any]]


class Directory:
    """Resources by type and id, in the memory under `names`; a user has `name`, `email` and `active`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._names: Names = memory.recall("names") or {}

    def learn(self, resources: object) -> None:
        """Keep what these resources are called."""
        known = False
        for resource in resources if isinstance(resources, list) else ():
            told = entry(resource) if isinstance(resource, dict) else None
            number = key(resource.get("id")) if told else None
            if told is None or number is None:
                continue
            shelf = self._names.setdefault(str(resource.get("type")), {})
            # A record's company is worth its name for one row, not a place in the memory for ever.
            if shelf.get(number) != told and resource.get("type") not in ("companies", "contacts"):
                shelf[number], known = told, True
        if known:
            self._memory.keep("names", self._names)

    def name(self, kind: str, number: str | None) -> str | None:
        """What a thing is called, None where nobody said."""
        found = self._names.get(kind, {}).get(number or "")
        return str(found["name"]) if found else None

    def all(self, kind: str) -> dict[str, str]:
        """Every known thing of a type: id → name."""
        return {number: str(each["name"]) for number, each in self._names.get(kind, {}).items()}

    def people(self) -> list[Person]:
        """Every user whom the account was heard to have."""
        return [
            Person(id=number, name=str(each["name"]), email=each.get("email"), active=each.get("active") is not False)
            for number, each in sorted(self._names.get(USERS, {}).items())
        ]


def entry(resource: Mapping[str, Any]) -> dict[str, Any] | None:
    """What to remember of a resource, None where it has no name."""
    told = resource.get("attributes")
    if not isinstance(told, dict):
        return None
    parts = (text(told.get("last-name")), text(told.get("first-name")))
    name = (
        text(told.get("name"))
        or text(told.get("full-name"))
        or " ".join(filter(None, parts))
        or text(told.get("email"))
    )
    if name is None:
        return None
    if resource.get("type") != USERS:
        return {"name": name}
    gone = key(told.get("archived-at")) or key(told.get("deleted-at")) or flag(told.get("active")) is False
    return {"name": name, "email": text(told.get("email")), "active": not gone}
