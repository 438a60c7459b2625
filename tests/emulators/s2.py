"""A local server that speaks JSON:API as S2 documents it, with a switch for everything that it does not document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.emulators.beta_server import Answered, Server
from tests.emulators.beta_world import PIPELINES, REASONS, STAGES, USERS, Thing, World

TOKEN = "s2-t0ken"
KINDS = frozenset(
    ("deals_created", "deals_won", "deals_lost", "invoices_issued", "invoices_paid", "tasks_done", "call")
)
_MOSCOW = timezone(timedelta(hours=3))
_NAMES = {
    "deal-stages": STAGES,
    "deal-stage-categories": PIPELINES,
    "deal-loss-reasons": REASONS,
    "activity-types": {1: "Звонок", 2: "Встреча"},
}
_LISTS = {
    "deals": "deals",
    "invoices": "invoices",
    "diary-tasks": "tasks",
    "diary-events": "calls",
    "telephony-calls": "calls",
}
_RELATED = {
    "deals": {"responsible", "stage", "stage-category", "loss-reason", "company"},
    "invoices": {"responsible"},
    "diary-tasks": {"responsible"},
    "diary-events": {"responsible", "activity-type"},
    "telephony-calls": {"src-phone", "dst-phone", "src-phone.user", "dst-phone.user"},
}
Row = dict[str, Any]


@dataclass
class Habits:
    """What is nowhere documented. `sort`: yes, no, ignored. `filter`: no, gte, ignored, equal."""

    sort: str = "no"
    filter: str = "no"
    users: bool = True
    calls: str = "telephony"
    related: bool = True
    count: bool = True
    size: int = 100
    paid: str = "paid-at"
    lengths: bool = True
    single: bool = True
    hides_archived: bool = True
    denied: frozenset[str] = frozenset()


class Refused(Exception):
    """An answer that is no success: (status, code, title, detail)."""


@dataclass
class S2:
    """One account on 127.0.0.1."""

    world: World
    habits: Habits = field(default_factory=Habits)
    rate: float = 1.0

    def __post_init__(self) -> None:
        self.server = Server(self.world.clock, self._serve, self.rate)
        self.token = TOKEN

    @property
    def url(self) -> str:
        """The API's address."""
        return f"{self.server.url}/api/v1"

    def _serve(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answered:
        if headers.get("authorization") != f"Bearer {self.token}":
            return _errors(401, "401", "Unauthorized", f"the token {headers.get('authorization')} is wrong")
        name, _, number = path.removeprefix("/api/v1/").partition("/")
        if name in self.habits.denied:
            return _errors(403, "403", "Forbidden", "no right")
        try:
            return _json(200, self._one(name, number, query) if number else self._list(name, query))
        except Refused as error:
            return _errors(*error.args)

    def _list(self, name: str, query: dict[str, str]) -> Row:
        number, size = int(query.get("page[number]", "1")), int(query.get("page[size]", "50"))
        if size > 100:
            raise Refused(400, "118", "Page size too large", "at most 100")
        size = min(size, self.habits.size)
        if name not in _LISTS:
            rows = self._dictionary(name)
            return {"data": rows[(number - 1) * size : number * size], **self._meta(len(rows), size)}
        things = self._sorted(self._filtered(self._shown(name), query), query)
        wanted = self._wanted(name, query)
        chosen = things[(number - 1) * size : number * size]
        beside = [each for thing in chosen for each in self._beside(name, thing, wanted)]
        body = {"data": [self._row(name, thing, wanted) for thing in chosen], **self._meta(len(things), size)}
        return {**body, **({"included": beside} if wanted else {})}

    def _one(self, name: str, number: str, query: dict[str, str]) -> Row:
        thing = self.world.of(_LISTS.get(name, "")).get(int(number))
        if not self.habits.single:
            raise Refused(403, "403", "Forbidden", "no right")
        if thing is None:
            raise Refused(404, "404", "Record not found", f"The record identified by {number} could not be found.")
        wanted = self._wanted(name, query)
        return {"data": self._row(name, thing, wanted), "included": self._beside(name, thing, wanted)}

    def _shown(self, name: str) -> list[Thing]:
        calls = {"telephony-calls": "telephony", "diary-events": "diary"}
        if name in calls and self.habits.calls != calls[name]:
            if name == "telephony-calls":
                raise Refused(404, "404", "Not found", "no such resource")
            return []
        things = sorted(self.world.of(_LISTS[name]).values(), key=lambda thing: thing.id)
        return [each for each in things if not (each.archived and self.habits.hides_archived)]

    def _filtered(self, things: list[Thing], query: dict[str, str]) -> list[Thing]:
        for key in (key for key in query if key.startswith("filter[")):
            if self.habits.filter == "ignored":
                continue
            if self.habits.filter == "equal" and key == "filter[updated-at]":
                return [each for each in things if _iso(each.updated) == query[key]]
            if self.habits.filter != "gte" or key != "filter[updated-at][gte]":
                raise Refused(400, "102", "Filter not allowed", f"{key[7:-1]} is not allowed.")
            since = datetime.fromisoformat(query[key]).timestamp()
            things = [each for each in things if each.updated >= since]
        return things

    def _sorted(self, things: list[Thing], query: dict[str, str]) -> list[Thing]:
        if "sort" not in query or self.habits.sort == "ignored":
            return things
        if self.habits.sort == "no":
            raise Refused(400, "114", "Invalid sort criteria", "updated_at is not a valid sort criteria")
        return sorted(things, key=lambda each: each.updated, reverse=query["sort"].startswith("-"))

    def _wanted(self, name: str, query: dict[str, str]) -> set[str]:
        wanted = set(filter(None, query.get("include", "").split(",")))
        allowed = _RELATED[name] if self.habits.related else set[str]()
        for each in sorted(wanted - allowed):
            raise Refused(400, "112", "Invalid field", f"{each} is not a valid relationship of {name}")
        return wanted

    def _meta(self, count: int, size: int) -> Row:
        return {"meta": {"record-count": count, "page-count": -(-count // size)}} if self.habits.count else {}

    def _dictionary(self, name: str) -> list[Row]:
        if name == "users":
            if not self.habits.users:
                raise Refused(404, "404", "Not found", "no such resource")
            return [_user(number) for number in USERS]
        if name not in _NAMES:
            raise Refused(404, "404", "Not found", "no such resource")
        return [_named(name, number, label) for number, label in _NAMES[name].items()]

    def _row(self, name: str, thing: Thing, wanted: set[str]) -> Row:
        links = self._links(name, thing)
        relations: Row = {each: {"links": {"related": f"/api/v1/{name}/{thing.id}/{each}"}} for each in _RELATED[name]}
        for each in {word.split(".")[0] for word in wanted}:
            kind, number = links.get(each, ("", None))
            relations[each]["data"] = None if number is None else {"type": kind, "id": str(number)}
        attributes = {
            "name": f"{name} {thing.id}",
            "customs": {"custom-1": "5 dogs", "custom_101206": None},
            "created-at": _iso(thing.created),
            "updated-at": _iso(thing.updated),
            "archived-at": _iso(thing.updated) if thing.archived else None,
        }
        return {
            "type": name,
            "id": thing.id if thing.id % 2 else str(thing.id),
            "attributes": attributes | self._told(name, thing),
            "relationships": relations,
        }

    def _told(self, name: str, thing: Thing) -> Row:
        if name == "deals":
            told = thing.day.isoformat() if thing.day else None
            return {"amount": float(thing.amount), "number": thing.id, "planned-at": None, "finished-at": told}
        if name == "invoices":
            paid: Row = {"paid-at": thing.day.isoformat() if thing.day else None}
            paid = {"paid": thing.day is not None} if self.habits.paid == "paid" else paid
            return {"amount": str(thing.amount), **(paid if self.habits.paid else {})}
        if name == "diary-tasks":
            return {"completed-at": _iso(thing.done) if thing.done else None}
        if name == "telephony-calls":
            length = {"duration": str(thing.seconds)} if self.habits.lengths else {}
            return {"direction": "incoming" if thing.incoming else "outgoing", **length}
        length = {"ends-at": _iso(thing.created + thing.seconds)} if self.habits.lengths else {}
        return {"starts-at": _iso(thing.created), "done": True, **length}

    def _links(self, name: str, thing: Thing) -> dict[str, tuple[str, int | None]]:
        if name == "telephony-calls":
            return {("dst" if thing.incoming else "src") + "-phone": ("phones", 9000 + thing.rep)}
        found: dict[str, tuple[str, int | None]] = {"responsible": ("users", thing.rep)}
        if name == "deals":
            found |= {
                "stage": ("deal-stages", thing.stage),
                "stage-category": ("deal-stage-categories", thing.pipeline),
                "loss-reason": ("deal-loss-reasons", thing.reason),
            }
        return found | ({"activity-type": ("activity-types", 1)} if name == "diary-events" else {})

    def _beside(self, name: str, thing: Thing, wanted: Iterable[str]) -> list[Row]:
        links, found = self._links(name, thing), []
        for each in {word.split(".")[0] for word in wanted}:
            kind, number = links.get(each, ("", None))
            if number is None:
                continue
            if kind == "phones":
                user = {"user": {"data": {"type": "users", "id": str(thing.rep)}}}
                found.append({"type": kind, "id": str(number), "attributes": {}, "relationships": user})
            else:
                found.append(_user(number) if kind == "users" else _named(kind, number, _NAMES[kind][number]))
        return found


def _named(kind: str, number: int, label: str) -> Row:
    return {"type": kind, "id": str(number), "attributes": {"name": label}}


def _user(number: int) -> Row:
    told = {"first-name": "User", "last-name": USERS[number].split()[-1], "email": f"u{number}@example.com"}
    return {"type": "users", "id": str(number), "attributes": told}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, _MOSCOW).isoformat(timespec="milliseconds")


def _json(status: int, body: object) -> Answered:
    return status, {"content-type": "application/vnd.api+json"}, json.dumps(body).encode()


def _errors(status: int, code: str, title: str, detail: str) -> Answered:
    return _json(status, {"errors": [{"title": title, "detail": detail, "code": code, "status": str(status)}]})
