"""A local server that speaks like Aspro.Cloud: errors inside a success, ids as strings, zero dates, filters by day."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from tests.emulators.beta_server import Answered, Server
from tests.emulators.beta_world import PIPELINES, REASONS, STAGES, USERS, ZONE, Thing, World, local

API_KEY = "aspr0-k3y+with/odd=signs"
KINDS = frozenset(("deals_created", "deals_won", "deals_lost", "invoices_issued", "invoices_paid", "tasks_done"))
_LISTS = {"crm/lead": "deals", "fin/invoice": "invoices", "fin/customer_payment": "payments", "task/tasks": "tasks"}
_ZERO = "0000-00-00"
Row = dict[str, Any]


@dataclass
class Habits:
    """What is nowhere documented, or differs. `filter`: works, ignored, error, empty. `order` of a list: asc, desc."""

    filter: str = "works"
    total: bool = True
    old_names: bool = False
    order: str = "desc"
    size: int = 100
    currencies: bool = True
    past_end: str = "empty"
    denied: frozenset[str] = frozenset()


class Refused(Exception):
    """An error inside HTTP 200: (code, message)."""


@dataclass
class Aspro:
    """One account on 127.0.0.1."""

    world: World
    habits: Habits = field(default_factory=Habits)
    rate: float = 1.0

    def __post_init__(self) -> None:
        self.server = Server(self.world.clock, self._serve, self.rate)
        self.key = API_KEY
        self._rng = Random(1)

    @property
    def url(self) -> str:
        """The account's address."""
        return self.server.url

    def _serve(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answered:
        try:
            return _json({"response": self._route(path, query)})
        except Refused as error:
            code, message = error.args
            if code == 21:
                return _json({"error": "validation", "description": message, "details": {}})
            return _json({"error": {"error_code": code, "error_msg": message}})

    def _route(self, path: str, query: dict[str, str]) -> Row:
        if query.get("api_key") != self.key:
            raise Refused(11, f"authorization failed for {query.get('api_key')}")
        parts = path.removeprefix("/api/v1/module/").split("/")
        entity, method = "/".join(parts[:2]), parts[2]
        if entity in self.habits.denied:
            raise Refused(22, "access denied")
        if method == "list":
            return self._list(entity, query)
        if method == "get":
            thing = self.world.of(_LISTS[entity]).get(int(parts[3]))
            if thing is None:
                raise Refused(20, "not found")
            return self._row(entity, thing)
        raise Refused(30, f"{method} must never be asked for")

    def _list(self, entity: str, query: dict[str, str]) -> Row:
        limit, number = min(int(query.get("limit", "50")), self.habits.size), int(query.get("page", "1"))
        rows: list[Any] = self._things(entity, query) if entity in _LISTS else self._dictionary(entity)
        shown = rows[(number - 1) * limit : number * limit]
        shown = [self._row(entity, each) for each in shown] if entity in _LISTS else shown
        if not shown and number > 1 and self.habits.past_end == "error":
            raise Refused(20, "not found")
        told = {"total": len(rows) + 7, "total_result": len(rows)} if self.habits.total else {}
        return {**told, "page": number, "count": len(shown), "items": shown}

    def _things(self, entity: str, query: dict[str, str]) -> list[Thing]:
        things = sorted(self.world.of(_LISTS[entity]).values(), key=lambda each: each.id)
        told = query.get("filter[updated_date]")
        if told and self.habits.filter == "error":
            raise Refused(21, "no such filter")
        if told and self.habits.filter == "empty":
            return []
        if told and self.habits.filter == "works":
            since = date.fromisoformat(json.loads(told)["start_date"])
            things = [each for each in things if local(each.updated) >= since]
        return things[::-1] if self.habits.order == "desc" else things

    def _dictionary(self, entity: str) -> list[Row]:
        named = {"crm/pipeline": PIPELINES, "crm/pipeline_stage": STAGES, "crm/loss_reason": REASONS}
        if entity in named:
            return [{"id": str(number), "name": name} for number, name in named[entity].items()]
        if entity == "core/user":
            return [
                {"id": str(number), "name": name, "username": f"u{number}@example.com", "department_id": "3"}
                for number, name in USERS.items()
            ]
        if entity == "orgchart/department":
            return [{"id": 3, "name": "Sales"}]
        if entity == "fin/currency" and self.habits.currencies:
            return [{"id": 10, "code": "UAH"}, {"id": 11, "code": "USD"}]
        raise Refused(31, "unknown module")

    def _row(self, entity: str, thing: Thing) -> Row:
        owner = "manager_id" if self.habits.old_names else "assignee_id"
        row: Row = {
            "id": str(thing.id) if thing.id % 2 else thing.id,
            "name": f"{entity} {thing.id}",
            owner: str(thing.rep),
            "created_date": _stamp(thing.created),
            "updated_date": _stamp(thing.updated),
        }
        money = {"currency_id": "10"}
        if entity == "crm/lead":
            old = self.habits.old_names
            return row | {
                "amount" if old else "budget": str(thing.amount) if thing.id % 3 else float(thing.amount),
                "closed_date" if old else "closing_date": thing.day.isoformat() if thing.day else _ZERO,
                "active": {"": 1, "lost": "2", "won": 3}[thing.outcome],
                "closing_status_id": str(thing.reason or 0),
                "pipeline_id": str(thing.pipeline),
                "pipeline_stage_id": thing.stage,
                "deadline": _ZERO,
                **money,
            }
        if entity == "fin/invoice":
            return row | money | {"total": str(thing.amount), "invoice_date": local(thing.created).isoformat()}
        if entity == "fin/customer_payment":
            paid = (thing.day or local(thing.created)).isoformat()
            return row | money | {"amount": str(thing.amount), "payment_date": paid, "status": "10"}
        told = _stamp(thing.done) if thing.done else f"{_ZERO} 00:00:00"
        return {**row, "responsible_id": thing.rep, "status": 5 if thing.done else 3, "closed_date": told}


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _json(body: object) -> Answered:
    return 200, {"content-type": "application/json; charset=utf-8"}, json.dumps(body).encode()
