"""The account's dictionaries: who works there, its stages and reasons, its currency; asked for about once an hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.facts import Group, Person
from sources import PermissionDeniedError, SchemaError, TransientError
from sources._kommo.api import PAGE, Api, Query, Row, embedded
from sources._kommo.memory import Memory

WON = 142
LOST = 143
CLOSED = frozenset((WON, LOST))
_HOUR = 3600
# How long each dictionary is good for, in seconds; they are asked for in this order.
_LIFE = {"account": _HOUR, "pipelines": _HOUR, "users": _HOUR, "reasons": _HOUR, "types": 24 * _HOUR}
# An unknown id makes a dictionary due at once, but not again and again.
_UNKNOWN_PAUSE = 600
_MEETING = 2
_RIGHTS = ("is_active", "is_free", "group_id", "leads")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `sort` is its place from left to right."""

    pipeline: int
    id: int
    name: str
    sort: int
    pipeline_name: str


@dataclass(frozen=True, slots=True)
class Office:
    """What a cycle has to know of the account. `users` empty = they may not be read, so everybody is believed."""

    name: str = ""
    currency: str | None = None
    zone: str | None = None
    catalog: int | None = None
    filters: bool | None = None
    meeting_types: frozenset[int] = frozenset((_MEETING,))
    users: frozenset[int] = frozenset()
    stages: Mapping[tuple[int, int], Stage] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    types: frozenset[str] | None = None

    def stage_name(self, pipeline: int, status: int) -> str | None:
        """A stage's name, None where the account does not know it."""
        found = self.stages.get((pipeline, status))
        return found.name if found else None

    def pipeline_name(self, pipeline: int) -> str | None:
        """A pipeline's name."""
        return next((each.pipeline_name for each in self.stages.values() if each.pipeline == pipeline), None)


def due(memory: Memory, now: int) -> list[str]:
    """The dictionaries that are too old, the ones never read first."""
    read = {name: _read_at(memory, name) for name in _LIFE}
    late = [name for name in _LIFE if not 0 <= now - read[name] < _LIFE[name]]
    return sorted(late, key=lambda name: read[name] != 0)


def complete(memory: Memory) -> bool:
    """Whether every dictionary was read at least once."""
    return all(_read_at(memory, name) for name in _LIFE)


def want(memory: Memory, name: str, now: int) -> bool:
    """Whether an unknown id is a reason to read a dictionary again now."""
    return now - _read_at(memory, name) >= _UNKNOWN_PAUSE


def refresh(api: Api, memory: Memory, name: str, now: int) -> None:
    """Read one dictionary and keep it. Raises SourceError."""
    if name == "account":
        value: Any = read_account(api)
    elif name == "users":
        value = _users(api, memory)
    else:
        found = _optional(api, name)
        value = memory.recall(f"doc:{name}") if found is None else found
    memory.keep(f"doc:{name}", value)
    memory.keep(f"at:{name}", now)


def load(memory: Memory) -> Office:
    """The office from what was kept."""
    account: Row = memory.recall("doc:account") or {}
    types = memory.recall("doc:types")
    return Office(
        name=str(account.get("name") or ""),
        currency=account.get("currency"),
        zone=account.get("zone"),
        catalog=account.get("catalog"),
        filters=account.get("filters"),
        meeting_types=frozenset(account.get("meetings") or (_MEETING,)),
        users=frozenset(row["id"] for row in memory.recall("doc:users") or ()),
        stages=_stages(memory.recall("doc:pipelines") or []),
        reasons={row["id"]: str(row["name"]) for row in memory.recall("doc:reasons") or ()},
        types=None if types is None else frozenset(types),
    )


def people(memory: Memory) -> list[Person]:
    """Everybody whom the account knows."""
    return [_person(row) for row in memory.recall("doc:users") or ()]


def groups(memory: Memory) -> list[Group]:
    """The account's groups of users, which are our teams."""
    account: Row = memory.recall("doc:account") or {}
    found = {str(row["id"]): str(row.get("name") or row["id"]) for row in account.get("groups") or ()}
    for user in memory.recall("doc:users") or ():
        for group in embedded(user, "groups"):
            found.setdefault(str(group["id"]), str(group.get("name") or group["id"]))
    return [Group(id=key, name=name) for key, name in found.items()]


def read_account(api: Api) -> Row:
    """The account in our words: name, zone, currency, groups, task types, the list of invoices."""
    wanted = "users_groups,task_types,datetime_settings,is_api_filter_enabled,invoices_settings"
    body = api.get("account", [("with", wanted)]) or {}
    if "id" not in body:
        raise TransientError("Kommo answered with an account that is none.")
    inner = body.get("_embedded") if isinstance(body.get("_embedded"), dict) else {}
    dates = inner.get("datetime_settings") if isinstance(inner, dict) else None
    types = embedded(body, "task_types")
    meetings = [row["id"] for row in types if row.get("code") == "MEETING"]
    return {
        "id": body.get("id"),
        "name": body.get("name"),
        "currency": body.get("currency") or None,
        "zone": dates.get("timezone") if isinstance(dates, dict) else None,
        "filters": body.get("is_api_filter_enabled"),
        "groups": [{"id": row["id"], "name": row.get("name")} for row in embedded(body, "users_groups")],
        "meetings": meetings or [_MEETING],
        "catalog": _catalog(api, body),
    }


def read_all(api: Api, path: str, name: str, query: Query = ()) -> list[Row]:
    """Every row of a short dictionary, page by page."""
    rows: list[Row] = []
    number = 1
    while True:
        page = api.page(path, name, query, number, PAGE)
        rows += page.rows
        if not page.more or not page.rows:
            return rows
        number += 1


def _read_at(memory: Memory, name: str) -> int:
    return int(memory.recall(f"at:{name}") or 0)


def _catalog(api: Api, account: Row) -> int | None:
    settings = account.get("invoices_settings")
    if isinstance(settings, dict) and settings.get("invoices_catalog_id"):
        return int(settings["invoices_catalog_id"])
    try:
        rows = read_all(api, "catalogs", "catalogs", [("type", "invoices")])
    except (PermissionDeniedError, SchemaError):
        return None
    return next((int(row["id"]) for row in rows if row.get("type") == "invoices"), None)


def _users(api: Api, memory: Memory) -> list[Row]:
    """Those whom Kommo lists now, and those whom it once listed: a dismissed user may vanish from the list."""
    known: dict[int, Row] = {row["id"]: row for row in memory.recall("doc:users") or ()}
    try:
        rows = read_all(api, "users", "users", [("with", "group")])
    except (PermissionDeniedError, SchemaError):
        return list(known.values())
    listed = {int(row["id"]): _slim(row) for row in rows}
    gone = {key: {**row, "rights": {**row["rights"], "is_active": False}} for key, row in known.items()}
    return list((gone | listed).values())


def _slim(user: Row) -> Row:
    rights = user.get("rights")
    kept = {key: rights.get(key) for key in _RIGHTS} if isinstance(rights, dict) else {}
    return {
        "id": int(user["id"]),
        "name": user.get("name"),
        "email": user.get("email"),
        "rights": kept,
        "_embedded": {"groups": [{"id": row["id"], "name": row.get("name")} for row in embedded(user, "groups")]},
    }


def _optional(api: Api, name: str) -> Any:
    """Pipelines, loss reasons, or the types of event; None where the account does not tell."""
    try:
        if name == "pipelines":
            return read_all(api, "leads/pipelines", "pipelines")
        if name == "reasons":
            rows = read_all(api, "leads/loss_reasons", "loss_reasons")
            return [{"id": row["id"], "name": row.get("name")} for row in rows]
        types = read_all(api, "events/types", "events_types", [("language_code", "en")])
    except (PermissionDeniedError, SchemaError):
        return None
    return [str(row.get("key")) for row in types]


def _stages(pipelines: list[Row]) -> dict[tuple[int, int], Stage]:
    found = {}
    for pipeline in pipelines:
        for row in embedded(pipeline, "statuses"):
            key = (int(pipeline["id"]), int(row["id"]))
            name, sort = str(row.get("name") or row["id"]), int(row.get("sort") or 0)
            found[key] = Stage(*key, name, sort, str(pipeline.get("name") or pipeline["id"]))
    return found


def _person(user: Row) -> Person:
    rights = user["rights"]
    group = next((row["id"] for row in embedded(user, "groups")), rights.get("group_id")) or 0
    leads = rights.get("leads")
    # "D" = denied: somebody who cannot see a single deal does not sell.
    blind = isinstance(leads, dict) and leads.get("view") == "D"
    return Person(
        id=str(user["id"]),
        name=str(user.get("name") or user["id"]),
        team=str(group),
        email=user.get("email") or None,
        active=rights.get("is_active") is not False,
        rep=not blind and not rights.get("is_free"),
    )
