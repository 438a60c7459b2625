"""A front before the wall's server that can be ill in many ways, as a network, a proxy or a server can."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OWN_HEADERS = ("transfer-encoding", "connection", "server", "date")
_SLOW_S = 12.0
_DAY_MS = 24 * 3600 * 1000
# What is answered in place of the server: status, type, body.
_INSTEAD: Mapping[str, tuple[int, str, bytes]] = {
    "error": (500, "text/html", b"<h1>Internal Server Error</h1>"),
    "gone": (404, "text/html", b"<h1>Not Found</h1>"),
    "page": (200, "text/html", b"<!DOCTYPE html><title>Wi-Fi</title><h1>Log in to the network</h1>"),
    "empty": (200, "application/json", b""),
    "null": (200, "application/json", b"null"),
    "other": (200, "application/json", b'{"status":"ok","panels":[]}'),
    "picture": (200, "image/png", b"\x89PNG\r\n\x1a\n\x00\x00"),
}


class Front:
    """Hands requests on to the server at `upstream`. `ill` makes it fail, for paths with a part in them."""

    def __init__(self, upstream: int) -> None:
        self.upstream, self.delivered = upstream, list[str]()
        # A path with this in it is never there.
        self.without = ""
        self._how, self._part, self._well = "", "", threading.Event()
        self._open: set[socket.socket] = set()
        self._server = self._listen(0)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def ill(self, how: str, part: str = "/") -> None:
        """Fail from now on, with every connection there is."""
        self._how, self._part = how, part
        self._well.clear()
        if how == "refuse":
            self._server.shutdown()
            self._server.server_close()
        self._hang_up()

    def well(self) -> None:
        """Hand on again."""
        if self._how == "refuse":
            self._server = self._listen(self._server.server_port)
        self._how = ""
        self._well.set()
        self._hang_up()

    def close(self) -> None:
        """End for good."""
        if self._how != "refuse":
            self._server.shutdown()
            self._server.server_close()
        self._well.set()
        self._hang_up()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        """One request, in whatever state we are."""
        self._open.add(asked.connection)
        how = self._how if self._part in asked.path else ""
        how = "gone" if self.without and self.without in asked.path else how
        with suppress(OSError, http.client.HTTPException):
            if how == "freeze":
                self._well.wait()
            elif how == "slow":
                self._well.wait(_SLOW_S)
                self._hand_on(asked, how)
            elif how == "redirect":
                _send(asked, 302, {"Location": "/login"}, b"")
            elif how in _INSTEAD and asked.path != "/login":
                status, kind, body = _INSTEAD[how]
                _send(asked, status, {"Content-Type": kind, "Content-Length": str(len(body))}, body)
            else:
                self._hand_on(asked, how)
        self._open.discard(asked.connection)

    def _hand_on(self, asked: BaseHTTPRequestHandler, how: str) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        upstream.request("GET", asked.path, headers=dict(asked.headers))
        answer = upstream.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN_HEADERS}
        if how == "yesterday" and "Tablo-Now" in headers:
            headers["Tablo-Now"] = str(int(headers["Tablo-Now"]) - _DAY_MS)
        if how == "cut":
            body = answer.read()
            _send(asked, answer.status, headers, body[: len(body) // 2])
        else:
            _send(asked, answer.status, headers, b"")
            while piece := answer.read1():
                asked.wfile.write(piece)
            self.delivered.append(asked.path)
        upstream.close()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                front.answer(self)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def _hang_up(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _send(asked: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes) -> None:
    asked.send_response(status)
    for name, value in headers.items():
        asked.send_header(name, value)
    asked.end_headers()
    asked.wfile.write(body)
    asked.wfile.flush()
