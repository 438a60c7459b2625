"""A local server that speaks Kommo's API v4: its formats, its quirks, its limits, and faults on demand."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.emulators.kommo_world import CATALOG, LOST, PIPELINES, REASONS, WON, Clock, Row, Table, World

Query = list[tuple[str, str]]
TOKEN = "long-lived-t0ken"
FAULTS = ("down", "500", "503", "429", "429 later", "cut", "html", "empty object", "504")


@dataclass
class Habits:
    """What is nowhere documented, or differs between accounts."""

    events_order: str = "desc"
    inclusive: bool = True
    filters: bool = True
    orders: bool = True
    elements_by_time: bool = False
    odd_strings: bool = True
    reason_as_object: bool = False
    heavy: int = 10_000
    zone: str = "Europe/Kyiv"
    catalog: bool = True
    denied: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()


@dataclass
class Meter:
    """How fast we were asked. More than 7 in any second is an offence, and many offences are a block."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=64))
    count: int = 0
    offences: int = 0
    most: int = 0
    paths: list[str] = field(default_factory=list)

    def take(self, now: float, path: str) -> bool:
        """Whether this request is within the limit."""
        self.times.append(now)
        self.count += 1
        self.paths.append(path)
        recent = sum(1 for each in self.times if now - each < 1.0)
        self.most = max(self.most, recent)
        self.offences += recent > 7
        return recent <= 7


class Refused(Exception):
    """An answer that is no success: (status, detail)."""


class Emulator:
    """One account on 127.0.0.1. `fault` is what the next requests suffer; `stir` is called after each answer."""

    def __init__(self, world: World, clock: Clock, habits: Habits | None = None, seed: int = 1) -> None:
        self.world = world
        self.clock = clock
        self.habits = habits or Habits()
        self.meter = Meter()
        self.tokens = {TOKEN}
        self.refresh = ""
        self.refresh_uses: list[str] = []
        self.codes: set[str] = set()
        self.lose_tokens = 0
        self.token_status: int | None = None
        self.moved_to: str | None = None
        self.fault: Callable[[str], str | None] = lambda path: None
        self.stir: Callable[[], None] = lambda: None
        self._random = Random(seed)
        self._serial = 0
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Emulator:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def issue(self) -> dict[str, object]:
        """A new pair of tokens; the ones before do not work any more."""
        self._serial += 1
        claims = {"n": self._serial, "exp": int(self.clock.seconds) + 86400, "api_domain": self.url.split("://")[1]}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        access, self.refresh = f"h.{body}.s", f"refresh-{self._serial}"
        self.tokens = {access}
        return {
            "token_type": "Bearer",
            "expires_in": 86400,
            "access_token": access,
            "refresh_token": self.refresh,
        }

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """What the account says."""
        parts = urlsplit(target)
        with self._lock:
            if parts.path == "/oauth2/access_token":
                return self._token(body)
            if parts.path == "/oauth2/account/current/subdomain":
                here = headers.get("x-refresh-token") == self.refresh and self.moved_to
                return _json(200, {"id": 1, "domain": self.moved_to}) if here else _problem(401, "Unauthorized")
            path = parts.path.removeprefix("/api/v4/")
            if not self.meter.take(self.clock.seconds, path):
                return 429, {"content-type": "text/html"}, b"<h1>Too many requests</h1>"
            if self.meter.offences > 20:
                return _problem(403, "Forbidden")
            return self._api(path, parse_qsl(parts.query, keep_blank_values=True), headers)

    def _api(self, path: str, query: Query, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        fault = self.fault(path)
        if fault is not None:
            return _broken(fault)
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _problem(401, "Unauthorized")
        if any(path.startswith(each) for each in self.habits.denied):
            return _problem(403, "Access denied")
        try:
            found = self._route(path, query)
        except Refused as error:
            return _problem(*error.args)
        self.stir()
        return (204, {}, b"") if found is None else _json(200, found)

    def _token(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.token_status is not None:
            return _broken(str(self.token_status))
        asked = json.loads(body)
        self.refresh_uses.append(str(asked.get("refresh_token")))
        good = asked["grant_type"] == "refresh_token" and asked["refresh_token"] == self.refresh and self.refresh
        if asked["grant_type"] == "authorization_code" and asked["code"] in self.codes:
            self.codes.discard(asked["code"])
            good = "code"
        if self.moved_to and self.moved_to not in self.url:
            return _problem(401, "Unauthorized")
        if not good or asked["client_secret"] != "integration-s3cret":
            return _json(400, {"hint": "Token has been revoked", "title": "Bad Request", "status": 400})
        pair = self.issue()
        if self.lose_tokens:
            self.lose_tokens -= 1
            return _broken("down")
        return _json(200, pair)

    def _route(self, path: str, query: Query) -> Row | None:
        if path == "account":
            return self._account()
        if path in ("users", "leads/pipelines", "leads/loss_reasons", "events/types", "catalogs"):
            return self._dictionary(path, query)
        if path == "leads":
            return self._listing(path, "leads", self.world.leads, query, self._lead, 250, self.habits.filters)
        if path.startswith("leads/") and path[6:].isdecimal():
            row = self.world.leads.rows.get(int(path[6:]))
            return None if row is None else self._lead(row)
        if path.endswith("/notes") and (table := self.world.notes.get(path.split("/")[0])):
            return self._listing(path, "notes", table, query, self._note, 250, True)
        if path == "tasks":
            return self._listing(path, "tasks", self.world.tasks, query, _task, 250, True)
        if path == "events":
            return self._listing(path, "events", self.world.events, query, self._event, 100, True)
        if path == f"catalogs/{CATALOG}/elements" and self.habits.catalog:
            by_time = self.habits.elements_by_time
            return self._listing(path, "elements", self.world.elements, query, _element, 250, by_time)
        raise Refused(404, "Not Found")

    def _listing(
        self, path: str, name: str, table: Table, query: Query, show: Callable[[Row], Row], most: int, filters: bool
    ) -> Row | None:
        asked = dict(query)
        limit, page = min(most, int(asked.get("limit", 50))), int(asked.get("page", 1))
        if limit > self.habits.heavy:
            raise Refused(504, "Gateway Timeout")
        rows = self._filtered(table, query, filters)
        if name == "events":
            rows = self._in_order(rows)
        elif asked.get("order[updated_at]") == "desc" and self.habits.orders:
            rows = rows[::-1]
        elif asked.get("order[updated_at]") != "asc" or not self.habits.orders:
            rows = sorted(rows, key=lambda row: int(row["id"]))
        return _hal(
            self.url,
            path,
            name,
            [show(row) for row in rows[(page - 1) * limit : page * limit]],
            query,
            len(rows) > page * limit,
        )

    def _filtered(self, table: Table, query: Query, filters: bool) -> list[Row]:
        asked = dict(query)
        stamp = table.stamp
        low, high = asked.get(f"filter[{stamp}][from]"), asked.get(f"filter[{stamp}][to]")
        edge = 0 if self.habits.inclusive else 1
        bounds = (int(low) + edge if low else None, int(high) - edge if high else None) if filters else (None, None)
        ids = {int(value) for key, value in query if key.startswith("filter[id]")}
        rows = table.between(*bounds)
        if ids and filters:
            rows = [row for row in rows if row["id"] in ids]
        kinds = {value for key, value in query if key.startswith("filter[note_type]")}
        types = set(asked.get("filter[type]", "").split(",")) - {""}
        if "filter[created_at][from]" in asked and stamp != "created_at":
            rows = [row for row in rows if row["created_at"] >= int(asked["filter[created_at][from]"])]
        rows = [row for row in rows if not kinds or row["note_type"] in kinds]
        return [row for row in rows if not types or (row["type"] in types and row["type"] not in self.habits.untold)]

    def _in_order(self, rows: list[Row]) -> list[Row]:
        if self.habits.events_order == "shuffled":
            return sorted(rows, key=lambda row: hash((row["id"], 7)) % 1009)
        return rows[::-1] if self.habits.events_order == "desc" else rows

    def _account(self) -> Row:
        dates = {"timezone": self.habits.zone, "timezone_offset": "+02:00", "date_formant": "d.m.Y"}
        types = [{"id": 1, "name": "Call", "code": "FOLLOW_UP"}, {"id": 2, "name": "Meet", "code": "MEETING"}]
        return {
            "id": 1,
            "name": "Example",
            "subdomain": "example",
            "currency": "UAH",
            "is_api_filter_enabled": self.habits.filters,
            "invoices_settings": {"lang": "ru", "invoices_catalog_id": CATALOG} if self.habits.catalog else None,
            "_embedded": {
                "users_groups": [{"id": 0, "name": "Sales", "uuid": None}, {"id": 5, "name": "Key accounts"}],
                "task_types": types,
                "datetime_settings": dates,
            },
        }

    def _dictionary(self, path: str, query: Query) -> Row | None:
        if path == "users":
            return _hal(self.url, path, "users", [self._user(each) for each in self.world.users], query)
        if path == "leads/pipelines":
            return _hal(self.url, path, "pipelines", [_pipeline(each) for each in PIPELINES], query)
        if path == "leads/loss_reasons":
            return _hal(
                self.url, path, "loss_reasons", [{"id": key, "name": name} for key, name in REASONS.items()], query
            )
        if path == "catalogs":
            rows = [{"id": 4521, "name": "Goods", "type": "products"}]
            return _hal(self.url, path, "catalogs", rows, query)
        kinds = ["lead_added", "lead_deleted", "lead_restored", "lead_status_changed", "entity_responsible_changed"]
        kinds += ["entity_merged", "task_added", "task_completed", "task_deleted", "incoming_call", "outgoing_call"]
        kinds += ["outgoing_mail"] if self.world.mail_as_events else []
        return _hal(self.url, path, "events_types", [{"key": kind, "type": 1, "lang": kind} for kind in kinds], query)

    def _user(self, user: int) -> Row:
        group = 5 if user % 2 else None
        rights = {"leads": {"view": "A"}, "is_admin": False, "is_free": False, "is_active": True, "group_id": None}
        groups = [{"id": group, "name": "Key accounts"}] if group else []
        return {
            "id": user,
            "name": f"User {user}",
            "email": f"u{user}@example.com",
            "rights": rights,
            "_embedded": {"groups": groups},
        }

    def _lead(self, row: Row) -> Row:
        shown = {key: value for key, value in row.items() if key != "elements"}
        reason = row["loss_reason_id"]
        inner: Row = {"tags": [], "companies": []}
        if reason is not None:
            told = {"id": reason, "name": REASONS[reason], "sort": 1}
            inner["loss_reason"] = told if self.habits.reason_as_object else [told]
        inner["catalog_elements"] = [
            {"id": each, "metadata": {"quantity": 1, "catalog_id": CATALOG}} for each in row["elements"]
        ]
        return {**shown, "_embedded": inner}

    def _note(self, row: Row) -> Row:
        params = dict(row["params"])
        if self.habits.odd_strings and row["id"] % 3 == 0 and "duration" in params:
            params["duration"] = str(params["duration"])
        return {**row, "params": params}

    def _event(self, row: Row) -> Row:
        return {**row, "id": f"01h{row['id']:023d}"}


def _task(row: Row) -> Row:
    return row


def _element(row: Row) -> Row:
    return {**row, "catalog_id": CATALOG, "invoice_link": None}


def _pipeline(number: int) -> Row:
    name, stages = PIPELINES[number]
    statuses = [{"id": number + 9000, "name": "Incoming", "sort": 10, "type": 1, "pipeline_id": number}]
    names = [*((stage, f"Stage {stage}") for stage in stages), (WON, "Won"), (LOST, "Lost")]
    statuses += [
        {"id": stage, "name": label, "sort": 20 + 10 * place if stage not in (WON, LOST) else 10000 + stage, "type": 0}
        for place, (stage, label) in enumerate(names)
    ]
    return {"id": number, "name": name, "sort": 1, "is_archive": False, "_embedded": {"statuses": statuses}}


def _hal(base: str, path: str, name: str, rows: list[Row], query: Query, more: bool = False) -> Row | None:
    if not rows:
        return None
    page = int(dict(query).get("page", 1))
    links = {"self": {"href": f"{base}/api/v4/{path}?{urlencode(query)}"}}
    if more:
        following = [*((key, value) for key, value in query if key != "page"), ("page", str(page + 1))]
        links["next"] = {"href": f"{base}/api/v4/{path}?{urlencode(following)}"}
    return {"_page": page, "_links": links, "_embedded": {name: rows}}


def _json(status: int, body: object) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/hal+json"}, json.dumps(body).encode()


def _problem(status: int, detail: str) -> tuple[int, dict[str, str], bytes]:
    body = {"title": detail, "type": f"https://httpstatus.es/{status}", "status": status, "detail": detail}
    return status, {"content-type": "application/problem+json"}, json.dumps(body).encode()


def _broken(fault: str) -> tuple[int, dict[str, str], bytes]:
    if fault == "down":
        return 0, {}, b""
    if fault == "cut":
        return 200, {"content-type": "application/hal+json", "content-length": "9999"}, b'{"_embedded": {"le'
    if fault == "html":
        return 200, {"content-type": "text/html"}, b"<html>Technical works</html>"
    if fault == "empty object":
        return 200, {"content-type": "application/hal+json"}, b"{}"
    if fault == "429 later":
        return 429, {"content-type": "text/plain", "retry-after": "3"}, b"slow down"
    return int(fault), {"content-type": "text/html"}, b"<html>Something is wrong</html>"


def _handler(emulator: Emulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Small answers would wait for the other side's acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def log_message(self, format: str, *args: Any) -> None:
            """A test's output is no place for an access log."""

        def _serve(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said, content = emulator.answer(method, self.path, headers, body)
            if status == 0:
                self.close_connection = True
                return
            with suppress(ConnectionError):
                self.send_response(status)
                for name, value in ({"content-length": str(len(content))} | said).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            self.close_connection = "content-length" in said

    return Handler
