"""A local HTTP server for CRMs that only know GET: how fast it was asked, what it was asked, and faults on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.emulators.kommo_world import Clock

FAULTS = ("down", "500", "503", "429", "429 later", "cut", "html", "empty object")
Answered = tuple[int, dict[str, str], bytes]
Serve = Callable[[str, dict[str, str], dict[str, str]], Answered]


@dataclass
class Server:
    """`serve(path, query, headers)` answers; more than `rate` requests in a second are refused with 429."""

    clock: Clock
    serve: Serve
    rate: float = 1.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    fault: Callable[[str], str | None] = lambda path: None
    stir: Callable[[], None] = lambda: None
    refused: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answered:
        """What it says to one request."""
        with self._lock:
            parts = urlsplit(target)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self.asked.append((f"{method} {parts.path}", query))
            now = self.clock.seconds
            self.times = [*(at for at in self.times if now - at < 1.0), now]
            if len(self.times) > max(1, self.rate):
                self.refused += 1
                return 429, {"content-type": "text/html"}, b"<h1>Slow down</h1>"
            fault = self.fault(parts.path)
            if fault is not None:
                return broken(fault)
            found = self.serve(parts.path, query, headers)
            self.stir()
            return found


def broken(fault: str) -> Answered:
    """What a fault looks like from outside."""
    if fault == "down":
        return 0, {}, b""
    if fault == "cut":
        return 200, {"content-type": "application/json", "content-length": "9999"}, b'{"data": ['
    if fault == "html":
        return 200, {"content-type": "text/html"}, b"<html>Technical works</html>"
    if fault == "empty object":
        return 200, {"content-type": "application/json"}, b"{}"
    if fault == "429 later":
        return 429, {"content-type": "text/plain", "retry-after": "3"}, b"slow down"
    return int(fault), {"content-type": "text/html"}, b"<html>Something is wrong</html>"


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def log_message(self, format: str, *args: Any) -> None:
            """A test's output is no place for an access log."""

        def _serve(self, method: str) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said, content = server.answer(method, self.path, headers)
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
