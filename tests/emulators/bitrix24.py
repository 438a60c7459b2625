"""A Bitrix24 portal on this machine: the vendor's format, both of its limits and its oddities (see also its wire)."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.emulators.bitrix24_query import BadFilter, Reading, Table, parse_php, php, select, shown
from tests.emulators.bitrix24_world import INVOICE_STAGES, REASONS, STAGES, World

PAGE = 50
_REFERENCE = re.compile(r"\$(result|next|total|error)((?:\[[^\]]+\])+)")
_ENTITIES = {1: "leads", 2: "deals", 4: "companies", 7: "quotes", 31: "invoices"}
_SCOPES = {"crm": "crm", "voximplant": "telephony", "user": "user_brief", "department": "department"}
_FREE = {"profile", "scope", "server.time", "app.info", "batch", "user.current", "method.get"}


class Refusal(Exception):
    """An error answer: status, code, description."""

    def __init__(self, status: int, code: str | int, text: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text


@dataclass
class Limits:
    """Both limits, by the portal's clock. `over` counts the requests that should not have been made."""

    size: float = 50
    leak: float = 2
    method_seconds: float = 480
    level: float = 0
    seen: float = 0
    peak: float = 0
    over: int = 0
    used: dict[str, deque[tuple[float, float]]] = field(default_factory=dict)

    def pour(self, now: float) -> None:
        """One request. Raises Refusal above the rate."""
        self.level = max(0.0, self.level - max(0.0, now - self.seen) * self.leak)
        self.seen = now
        if self.level + 1 > self.size:
            self.over += 1
            raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        self.level += 1
        self.peak = max(self.peak, self.level)

    def spent(self, method: str, now: float) -> float:
        """What a method has used in its window."""
        buckets = self.used.get(method, deque())
        while buckets and now - buckets[0][0] >= 600:
            buckets.popleft()
        return sum(cost for _, cost in buckets)

    def spend(self, method: str, cost: float, now: float) -> tuple[float, float]:
        """A call's time; gives what is used now, and when the first of it is given back."""
        if self.spent(method, now) > self.method_seconds:
            self.over += 1
            raise Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
        if cost >= 0.1:
            self.used.setdefault(method, deque()).append((now, cost))
        buckets = self.used.get(method)
        return self.spent(method, now), (buckets[0][0] if buckets else now) + 600


@dataclass
class Portal:
    """The portal's settings, which a test turns as it likes."""

    world: World
    clock: Callable[[], float]
    user: str = "1"
    secret: str = "s3cr3tcanary0001"
    zone: timezone = timezone(timedelta(hours=3))
    iso_ignored: bool = False
    text_history: bool = False
    float_time: bool = True
    operating: bool = True
    total_of_uncounted: bool = True
    batch_is_billed: bool = False
    scopes: set[str] = field(default_factory=lambda: {"crm", "telephony", "user_brief", "department"})
    absent: set[str] = field(default_factory=set)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    faults: deque[str] = field(default_factory=deque)
    command_faults: Counter[str] = field(default_factory=Counter)
    token: str | None = None
    refresh: str | None = None
    issued: int = 0
    burnt: int = 0
    renamed_to: str | None = None
    users: list[dict[str, Any]] = field(default_factory=list)
    shuffled: bool = False
    log: list[str] = field(default_factory=list)
    requests: int = 0
    commands: int = 0
    rows: int = 0
    between: Callable[[int], None] = lambda _: None

    def now(self) -> datetime:
        """The portal's clock."""
        return self.world.clock()

    def reading(self, items: bool) -> Reading:
        """How a family of methods reads dates."""
        return Reading(self.zone, self.iso_ignored and items)

    # --- requests --------------------------------------------------------------------------------------------

    def answer(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """A request to `/rest/…`: status and JSON."""
        began = self.now()
        try:
            self.limits.pour(self.clock())
            method, signed = self._route(path, body)
            known = method in _FREE or method in _METHODS
            if not known or method in self.absent:
                raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
            self._authorize(signed, body)
            result, extra = self._batch(body) if method == "batch" else self._call(method, body)
            return 200, {"result": result, **extra.get("top", {}), "time": self._time(began, extra.get("used"))}
        except Refusal as refusal:
            return refusal.status, {"error": refusal.code, "error_description": refusal.text}

    def _route(self, path: str, body: Mapping[str, Any]) -> tuple[str, bool]:
        parts = [part for part in path.split("/") if part][1:]
        signed = len(parts) == 3 and parts[0] == self.user and parts[1] == self.secret
        method = parts[-1].lower().removesuffix(".json").removesuffix(".xml") if parts else ""
        return method, signed

    def _authorize(self, signed: bool, body: Mapping[str, Any]) -> None:
        given = body.get("auth")
        if given is not None:
            if given != self.token:
                raise Refusal(401, "expired_token", "The access token provided has expired.")
        elif not signed:
            raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")

    def _time(self, began: datetime, used: tuple[float, float] | None = None) -> dict[str, Any]:
        stamp = began.astimezone(self.zone).isoformat(timespec="seconds")
        start = began.timestamp() if self.float_time else int(began.timestamp())
        told: dict[str, Any] = {"start": start, "finish": began.timestamp() + 0.2, "duration": 0.2, "processing": 0}
        told |= {"date_start": stamp, "date_finish": stamp}
        if self.operating:
            told["operating"] = used[0] if used else 0
            if used and used[0]:
                told["operating_reset_at"] = int(began.timestamp() + used[1] - self.clock())
        return told

    def _batch(self, body: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        commands = body.get("cmd") or {}
        if isinstance(commands, list):
            commands = {str(n): command for n, command in enumerate(commands)}
        done: dict[str, dict[str, Any]] = {"result": {}, "error": {}, "total": {}, "next": {}, "time": {}}
        for n, (key, command) in enumerate(commands.items()):
            if not isinstance(command, str):
                continue
            self.commands += 1
            self.between(self.commands)
            try:
                if n >= 50:
                    raise Refusal(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
                self._command(key, command, done)
            except Refusal as refusal:
                done["error"][key] = {"error": refusal.code, "error_description": refusal.text}
                if str(body.get("halt", 0)) in ("1", "True"):
                    break
        return {
            "result": php(done["result"]), "result_error": php(done["error"]), "result_total": php(done["total"]),
            "result_next": php(done["next"]), "result_time": php(done["time"]),
        }, {}  # fmt: skip

    def _command(self, key: str, command: str, done: dict[str, dict[str, Any]]) -> None:
        name, _, query = command.partition("?")
        method = name.lower()
        if method == "batch":
            raise Refusal(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
        if self.command_faults[method] > 0:
            self.command_faults[method] -= 1
            raise Refusal(500, "INTERNAL_SERVER_ERROR", "Internal server error")
        if (method not in _METHODS and method not in _FREE) or method in self.absent:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        began = self.now()
        result, extra = self._call(method, _resolved(parse_php(query), done))
        done["result"][key] = result
        for part in ("total", "next"):
            if part in extra.get("top", {}):
                done[part][key] = extra["top"][part]
        done["time"][key] = self._time(began, extra.get("used"))

    def _call(self, method: str, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        if method in self.refused:
            raise Refusal(*self.refused[method])
        scope = _SCOPES.get(method.split(".", 1)[0])
        if scope is not None and scope not in self.scopes:
            raise Refusal(403, "insufficient_scope", "The request requires higher privileges than provided")
        # Some portals charge everything to `batch`, and show every command the same sum.
        account = "batch" if self.batch_is_billed else method
        used = self.limits.spend(account, self.costs.get(method, 0.01), self.clock())
        result, top = _METHODS[method](self, given) if method in _METHODS else (self._free(method), {})
        return result, {"top": top, "used": used}

    def _free(self, method: str) -> Any:
        return {
            "profile": {"ID": self.user, "ADMIN": True, "NAME": "Olena", "LAST_NAME": "Koval", "TIME_ZONE": ""},
            "scope": sorted(self.scopes),
            "server.time": self.now().astimezone(UTC).isoformat(timespec="seconds"),
            "app.info": {"SCOPE": sorted(self.scopes), "LICENSE": "ua_std"},
        }.get(method, {"isExisting": True})

    # --- lists -----------------------------------------------------------------------------------------------

    def page(
        self, table: Table, conditions: Mapping[str, Any], given: Mapping[str, Any], hidden: Any, as_text: bool,
        items: bool,
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:  # fmt: skip
        """One page of a list, with `total` and `next` as the portal tells them."""
        start = int(given.get("start") or 0)
        reading = self.reading(items)
        order = given.get("order")
        by = next(iter(order.items())) if isinstance(order, dict) and order else (table.key, "ASC")
        plain = by[0] == table.key and by[1].upper() == "ASC"
        try:
            limit = PAGE if start < 0 and plain else None
            found = select(table, conditions, reading, hidden, limit)
        except BadFilter as bad:
            text = f"Invalid filter: field '{bad}' is not allowed in filter"
            raise Refusal(400, "INVALID_ARG_VALUE", text) from None
        if not plain:
            found = sorted(found, key=lambda row: (row[by[0]], row[table.key]), reverse=by[1].upper() == "DESC")
        total, found = len(found), list(found[max(start, 0) : max(start, 0) + PAGE])
        if self.shuffled:
            self.world.rng.shuffle(found)
        self.rows += len(found)
        top = {"total": total if start >= 0 else 0} if start >= 0 or self.total_of_uncounted else {}
        if start >= 0 and start + len(found) < total:
            top["next"] = start + len(found)
        return [shown(table, row, _names(given), reading, as_text) for row in found], top

    def items(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """crm.item.list"""
        entity = int(given.get("entityTypeId") or 0)
        name = _ENTITIES.get(entity)
        if name is None or f"entity:{entity}" in self.absent:
            raise Refusal(400, "ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
        table: Table = getattr(self.world, name)
        folded = {key: _small_id(value) for key, value in given.items()}
        rows, top = self.page(table, _map(folded.get("filter")), folded, None, False, True)
        return {"items": rows}, top

    def history(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """crm.stagehistory.list: only the rows of a deal's present pipeline are to be seen."""
        if int(given.get("entityTypeId") or 0) != 2:
            raise Refusal(400, 0, "SMART_INVOICE entity is not supported")
        deals = self.world.deals.rows

        def hidden(row: dict[str, Any]) -> bool:
            return bool(deals[row["OWNER_ID"]]["categoryId"] != row["CATEGORY_ID"])

        rows, top = self.page(self.world.history, _map(given.get("filter")), given, hidden, self.text_history, False)
        return {"items": rows}, top

    def activities(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """crm.activity.list"""
        table = self.world.activities
        return self.page(table, _map(given.get("filter")), given, None, True, False)

    def calls(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """voximplant.statistic.get takes FILTER, SORT and ORDER; without SORT its rows come in no order."""
        folded = {key.upper() if key != "start" else key: value for key, value in given.items()}
        way = folded.get("ORDER")
        order = {folded.get("SORT", "ID"): way if isinstance(way, str) else "ASC"}
        asked = {"start": folded.get("start", 0), "order": order}
        rows, top = self.page(self.world.calls, _map(folded.get("FILTER")), asked, None, True, False)
        if "SORT" not in folded:
            rows.reverse()
        return rows, top

    def people(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """user.get"""
        folded = {key.upper() if key != "start" else key: value for key, value in given.items()}
        after = int(_map(folded.get("FILTER")).get(">ID", 0))
        found = [user for user in self.users if int(user["ID"]) > after]
        top = {"total": len(found)} if int(folded.get("start", 0)) >= 0 else {}
        return found[:PAGE], top


def _old(name: str, small: str) -> Callable[[Portal, Mapping[str, Any]], tuple[Any, dict[str, Any]]]:
    """crm.deal.list and its like: capital names, texts for everything, unknown fields are ignored."""

    def answer(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        names = _OLD_NAMES | ({"STATUS_ID": "stageId"} if small != "deal" else {})
        new: Table = getattr(portal.world, name)
        table = Table(new.types, strict=False, rows=new.rows, ids=new.ids)
        asked = {re.sub("[A-Z_0-9]+$", lambda found: names.get(found[0], found[0]), key): value
                 for key, value in _map(given.get("filter")).items()}  # fmt: skip
        wanted = [names[field] for field in _names(given) if field in names]
        plain = {"start": given.get("start", 0), "select": wanted}
        rows, top = portal.page(table, asked, plain, None, True, False)
        capital = {value: key for key, value in names.items()}
        return [{capital[field]: value for field, value in row.items()} for row in rows], top

    return answer


_OLD_NAMES = {
    "ID": "id", "TITLE": "title", "ASSIGNED_BY_ID": "assignedById", "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "DATE_CREATE": "createdTime", "DATE_MODIFY": "updatedTime", "MOVED_TIME": "movedTime",
    "OPPORTUNITY": "opportunity", "CURRENCY_ID": "currencyId", "STAGE_ID": "stageId", "CATEGORY_ID": "categoryId",
    "CLOSEDATE": "closedate", "COMPANY_ID": "companyId", "STAGE_SEMANTIC_ID": "stageSemanticId",
    "IS_RECURRING": "isRecurring",
}  # fmt: skip


def _departments(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    rows = [{"ID": "1", "NAME": "Firm", "SORT": 500}, {"ID": "3", "NAME": "Sales", "PARENT": "1", "UF_HEAD": "1"}]
    return (rows if not int(given.get("start") or 0) else []), {"total": len(rows)}


def _statuses(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    rows = []
    for pipeline, stages in STAGES.items():
        family = f"DEAL_STAGE_{pipeline}" if pipeline else "DEAL_STAGE"
        rows += [_status(family, stage, *named) for stage, named in stages.items()]
    rows += [_status("SMART_INVOICE_STAGE_2", stage, *named) for stage, named in INVOICE_STAGES.items()]
    rows.append(_status("STATUS", "NEW", "New lead", "S"))
    return [{**row, "ID": str(n), "SORT": str(10 * n)} for n, row in enumerate(rows, 100)], {}


def _status(family: str, stage: str, name: str, semantic: str) -> dict[str, Any]:
    extra = {"P": "process", "S": "success", "F": "failure"}[semantic]
    told = None if semantic == "P" else semantic
    return {
        "ENTITY_ID": family, "STATUS_ID": stage, "NAME": name, "SEMANTICS": told, "CATEGORY_ID": None,
        "EXTRA": {"SEMANTICS": extra},
    }  # fmt: skip


def _categories(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    named = {0: "Sales", 1: "Service"}
    rows = [{"id": n, "name": name, "sort": 100, "entityTypeId": 2, "isDefault": "N"} for n, name in named.items()]
    return {"categories": rows}, {"total": len(rows)}


def _currencies(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    rows = [
        {"CURRENCY": "UAH", "AMOUNT_CNT": "1", "AMOUNT": "1.0000", "BASE": "Y"},
        {"CURRENCY": "USD", "AMOUNT_CNT": "10", "AMOUNT": "415.0000", "BASE": "N"},
    ]
    return rows, {"total": 0}


def _fields(portal: Portal, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    items = [{"ID": str(number), "VALUE": label} for number, label in REASONS.items()]
    return {"fields": {"UF_CRM_REASON": {"type": "enumeration", "items": items}}}, {}


_METHODS: dict[str, Callable[[Portal, Mapping[str, Any]], tuple[Any, dict[str, Any]]]] = {
    "crm.item.list": Portal.items,
    "crm.deal.list": _old("deals", "deal"),
    "crm.lead.list": _old("leads", "lead"),
    "crm.quote.list": _old("quotes", "quote"),
    "crm.stagehistory.list": Portal.history,
    "crm.activity.list": Portal.activities,
    "voximplant.statistic.get": Portal.calls,
    "user.get": Portal.people,
    "department.get": _departments,
    "crm.status.list": _statuses,
    "crm.category.list": _categories,
    "crm.currency.list": _currencies,
    "crm.currency.base.get": lambda portal, given: ("UAH", {}),
    "crm.item.fields": _fields,
    "crm.deal.userfield.list": lambda portal, given: ([], {"total": 0}),
}


def _names(given: Mapping[str, Any]) -> list[str]:
    names = given.get("select") or []
    return list(names.values()) if isinstance(names, dict) else list(names)


def _small_id(value: Any) -> Any:
    """Libraries write ID where the new methods say id."""
    if not isinstance(value, dict):
        return value
    return {key[:-2] + "id" if key.lstrip("><=@!") == "ID" else key: item for key, item in value.items()}


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _resolved(value: Any, done: Mapping[str, Any]) -> Any:
    """Parameters with their references to earlier commands put in."""
    if isinstance(value, dict):
        return {str(_resolved(key, done)): _resolved(item, done) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, done) for item in value]
    whole = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if whole:
        return _found(whole, done)
    return _REFERENCE.sub(lambda match: str(_found(match, done)), value) if isinstance(value, str) else value


def _found(match: re.Match[str], done: Mapping[str, Any]) -> Any:
    place = done[match[1]]
    for part in re.findall(r"\[([^\]]+)\]", match[2]):
        if isinstance(place, list) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, dict) and part in place:
            place = place[part]
        else:
            break
    return place
