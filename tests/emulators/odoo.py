"""A local server that speaks Odoo's JSON-RPC and JSON-2: its answers, its rights, its errors, and faults on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.emulators.kommo_world import Clock
from tests.emulators.odoo_query import SCHEMA, BadField, Query, Row
from tests.emulators.odoo_world import ACTIVITY, LEAD, LINE, MESSAGE, MOVE, World

Answer = tuple[int, str, bytes]
DATABASE, LOGIN, PASSWORD, KEY = "crm", "tablo@example.com", "pa55-w0rd-of-tablo", "a91-key-0f-tablo-5e3c"
FAULTS = ("down", "500", "502", "429", "429 later", "cut", "html", "postgres", "nothing", "false", "broken row")
# What stands in an error besides its name, and must never be repeated.
TRACE = 'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py", line 2817, in __call__\n'
HTML_404 = (
    "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested "
    "URL was not found in the server-wide controllers.</p>\n"
)
# Odoo applies a limit first and hides rows afterwards.
_HIDES_LATE = frozenset((ACTIVITY, MESSAGE))
_ADMIN_ONLY = frozenset(("mail.tracking.value", "ir.model.fields"))


@dataclass
class Habits:
    """Version, rights and applications. `rights`: admin, all (documents, and accounting), sales, or own."""

    version: int = 19
    rights: str = "admin"
    absent: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    @property
    def without(self) -> frozenset[str]:
        """Fields that this version has not."""
        if self.version >= 19:
            return frozenset(("mail.activity.type.keep_done",))
        later = {"crm.lead.won_status", "account.payment.invoice_ids"}
        if self.version <= 16:
            later |= {"mail.activity.active", "mail.activity.date_done", "mail.activity.type.keep_done"}
        return frozenset(later)


@dataclass
class Meter:
    """What we were asked."""

    count: int = 0
    calls: list[str] = field(default_factory=list)


class Refused(Exception):
    """An error of Odoo: (name, message, status by JSON-2)."""


class Emulator:
    """One server on 127.0.0.1. `fault` is what the next requests suffer; `stir` is called after each answer."""

    def __init__(self, world: World, clock: Clock, habits: Habits | None = None) -> None:
        self.world, self.clock, self.habits = world, clock, habits or Habits()
        self.meter = Meter()
        self.uid = 15
        self.fault: Callable[[str], str | None] = lambda call: None
        self.stir: Callable[[], None] = lambda: None
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

    def answer(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """What the server says."""
        with self._lock:
            self.meter.count += 1
            if path == "/web/version" and verb == "GET":
                return self._version()
            if path == "/jsonrpc" and verb == "POST":
                return self._rpc(headers, body)
            if path.startswith("/json/2/") and verb == "POST" and self.habits.version >= 19:
                return self._json2(path, headers, body)
            return _html(404, HTML_404)

    def _version(self) -> Answer:
        self.meter.calls.append("version")
        if self.habits.version < 19:
            return _html(404, HTML_404)
        info = [self.habits.version, 0, 0, "final", 0, ""]
        return _json(200, {"version_info": info, "version": f"{self.habits.version}.0"})

    def _rpc(self, headers: dict[str, str], body: bytes) -> Answer:
        if "json" not in headers.get("content-type", ""):
            return _html(415, "<h1>Unsupported Media Type</h1>")
        params = json.loads(body)["params"]
        service, method, args = params["service"], params["method"], params["args"]
        call = f"{args[3]}.{args[4]}" if method == "execute_kw" else method
        self.meter.calls.append(call)
        fault = self.fault(call)
        if fault is not None and not (fault == "postgres" and method == "version"):
            return _broken(fault, rpc=True)
        try:
            result = self._service(service, method, args)
        except Refused as error:
            name, message, _ = error.args
            data = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": TRACE + message}
            told = {"code": 0, "message": "Odoo Server Error", "data": data}
            return _json(200, {"jsonrpc": "2.0", "id": 1, "error": told})
        self.stir()
        return _json(200, {"jsonrpc": "2.0", "id": 1, "result": result})

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        if (service, method) == ("common", "version"):
            version = self.habits.version
            return {"server_version": f"{version}.0", "server_version_info": [version, 0, 0, "final", 0, ""]}
        if args[0] != DATABASE:
            text = f'connection to server at "db.example.com" failed: FATAL:  database "{args[0]}" does not exist\n'
            raise Refused("psycopg2.OperationalError", text, 500)
        if (service, method) == ("common", "authenticate"):
            return self.uid if args[1] == LOGIN and args[2] in (PASSWORD, KEY) else False
        _, uid, secret, model, name, first, named = args
        if uid != self.uid:
            text = f"Record does not exist or has been deleted.\n(Record: res.users({uid},), User: {uid})"
            raise Refused("odoo.exceptions.MissingError", text, 404)
        if secret not in (PASSWORD, KEY):
            raise Refused("odoo.exceptions.AccessDenied", "Access Denied", 403)
        places = {"fields_get": "allfields"}.get(name, "domain")
        return self._call(model, name, {**named, **({places: first[0]} if first else {})})

    def _json2(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        model, method = path.removeprefix("/json/2/").split("/")
        self.meter.calls.append(f"{model}.{method}")
        fault = self.fault(f"{model}.{method}")
        if fault is not None:
            return _broken(fault, rpc=False)
        if headers.get("x-odoo-database") != DATABASE:
            return _html(404, HTML_404)
        try:
            if headers.get("authorization") != f"bearer {KEY}":
                raise Refused("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
            result = self._call(model, method, json.loads(body))
        except Refused as error:
            name, message, status = error.args
            told = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": TRACE + message}
            return _json(status, told)
        self.stir()
        return _json(200, result)

    def _call(self, model: str, method: str, named: dict[str, Any]) -> Any:
        if model not in SCHEMA or model in self.habits.absent:
            old, new = f"Object {model} doesn't exist", f"the model '{model}' does not exist"
            if self.habits.version >= 19:
                raise Refused("werkzeug.exceptions.NotFound", new, 404)
            raise Refused("odoo.exceptions.UserError", old, 404)
        query = Query(self.world.tables, self.habits.version >= 19, self.habits.without)
        if method == "fields_get":
            wanted = named["allfields"]
            return {name: {"type": kind} for name, kind in query.fields(model).items() if name in wanted}
        if model in self.habits.denied or (model in _ADMIN_ONLY and self.habits.rights != "admin"):
            text = f"You are not allowed to access 'Thing' ({model}) records.\n\nContact your administrator."
            raise Refused("odoo.exceptions.AccessError", text, 403)
        try:
            return self._read(query, model, method, named)
        except BadField as error:
            raise Refused("builtins.ValueError", f"Invalid field {error.args[0]!r} on {error.args[1]!r}", 500) from None

    def _read(self, query: Query, model: str, method: str, named: dict[str, Any]) -> Any:
        active_test = (named.get("context") or {}).get("active_test", True)
        rows = query.search(model, named["domain"], named.get("order") or "id", active_test)
        late, limit = model in _HIDES_LATE, named.get("limit")
        rows = rows[:limit] if late and limit else rows
        rows = [row for row in rows if self._may_see(model, row)]
        rows = rows[:limit] if limit else rows
        if method == "search_count":
            return len(rows)
        if method == "search":
            return [row["id"] for row in rows]
        if method == "search_read":
            return [query.shown(model, row, named["fields"]) for row in rows]
        raise Refused("builtins.AttributeError", f"The method '{model}.{method}' does not exist", 404)

    def _may_see(self, model: str, row: Row) -> bool:
        rights, me = self.habits.rights, self.world.reps[0]
        if rights in ("admin", "all"):
            return True
        if model == LINE:
            return row["move_type"] in ("out_invoice", "out_refund")
        if rights == "sales":
            return True
        tables = self.world.tables
        owner = {LEAD: "user_id", MOVE: "invoice_user_id", ACTIVITY: "user_id"}.get(model)
        if owner:
            return row[owner] in (me, None)
        if model == MESSAGE and row["model"] == LEAD:
            lead = tables[LEAD].get(row["res_id"])
            return lead is not None and lead["user_id"] in (me, None)
        return True


def _json(status: int, body: object) -> Answer:
    return status, "application/json; charset=utf-8", json.dumps(body).encode()


def _html(status: int, body: str) -> Answer:
    return status, "text/html; charset=utf-8", body.encode()


def _broken(fault: str, *, rpc: bool) -> Answer:
    if fault == "down":
        return 0, "", b""
    if fault == "cut":
        return -1, "application/json", b'{"jsonrpc": "2.0", "id": 1, "resu'
    if fault == "html":
        return _html(200, "<html>Technical works</html>")
    if fault == "429 later":
        return -429, "text/plain", b"slow down"
    if fault == "postgres" and rpc:
        text = 'connection to server at "db.example.com", port 5432 failed: Connection refused\n'
        data = {"name": "psycopg2.OperationalError", "message": text, "arguments": [text], "debug": TRACE + text}
        return _json(
            200, {"jsonrpc": "2.0", "id": 1, "error": {"code": 0, "message": "Odoo Server Error", "data": data}}
        )
    if fault == "postgres":
        return _html(404, HTML_404)
    odd: dict[str, Row] = {"nothing": {}, "false": {"result": False}, "broken row": {"result": [{"name": "no id"}]}}
    if fault in odd:
        bare = {"nothing": None, "false": False, "broken row": [{"name": "no id"}]}
        return _json(200, {"jsonrpc": "2.0", "id": 1, **odd[fault]} if rpc else bare[fault])
    return _html(int(fault), "<html>Something is wrong</html>")


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

        def _serve(self, verb: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, kind, content = emulator.answer(verb, self.path, headers, body)
            if status == 0:
                self.close_connection = True
                return
            with suppress(ConnectionError):
                self.send_response(200 if status == -1 else abs(status))
                self.send_header("content-type", kind)
                self.send_header("content-length", "9999" if status == -1 else str(len(content)))
                if status == -429:
                    self.send_header("retry-after", "3")
                self.end_headers()
                self.wfile.write(content)
            self.close_connection = status < 0

    return Handler
