"""The wire of the local Bitrix24 portal: HTTP, TLS where wanted, the OAuth server, and faults on demand."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_query import parse_php


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: two of them wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True
    portal: Portal

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw.startswith(b"{") else parse_php(raw.decode())
        self._serve(body)

    def do_GET(self) -> None:
        self._serve(parse_php(urlsplit(self.path).query))

    def _serve(self, body: dict[str, Any]) -> None:
        portal, path = self.portal, urlsplit(self.path).path
        with portal_lock:
            if path.startswith("/oauth/token"):
                self._send(*_token(portal, parse_qs(urlsplit(self.path).query)))
                return
            portal.requests += 1
            portal.log.append(path)
            if portal.renamed_to:
                self._send(302, {}, {"Location": f"{portal.renamed_to}{path}"})
                return
            fault = portal.faults.popleft() if portal.faults else ""
            if fault:
                self._fail(fault, path, body)
                return
            self._send(*portal.answer(path, body))

    def _fail(self, fault: str, path: str, body: dict[str, Any]) -> None:
        portal = self.portal
        if fault == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif fault == "html":
            self._raw(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html")
        elif fault == "html200":
            self._raw(200, b"<html>maintenance</html>", "text/html")
        elif fault == "empty":
            self._raw(200, b"", "application/json")
        elif fault == "500":
            self._send(500, {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal server error"})
        elif fault == "503":
            self._send(503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"})
        elif fault == "200error":
            self._send(200, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"})
        elif fault == "429":
            text = "Method is blocked due to operation time limit."
            self._send(429, {"error": "OPERATION_TIME_LIMIT", "error_description": text})
        elif fault == "overload":
            text = "REST API is blocked due to overload."
            self._send(503, {"error": "OVERLOAD_LIMIT", "error_description": text})
        elif fault == "deleted":
            self._send(403, {"error": "PORTAL_DELETED", "error_description": "Portal was deleted"})
        elif fault == "invalid":
            self._send(401, {"error": "INVALID_CREDENTIALS", "error_description": "Invalid request credentials"})
        elif fault == "cut":
            whole = json.dumps(portal.answer(path, body)[1]).encode()
            self._raw(200, whole[: len(whole) // 2], "application/json", claim=len(whole))
        elif fault == "drip":
            self._drip(json.dumps(portal.answer(path, body)[1]).encode())
        else:
            raise AssertionError(fault)

    def _drip(self, whole: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.close_connection = True
        try:
            for byte in whole[:500]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.01)
        except OSError:
            return

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self._raw(status, json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=utf-8", headers)

    def _raw(
        self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None, claim: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if claim is None else claim))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if claim is not None:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a fault broke says nothing; a mistake in the portal does."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


portal_lock = threading.RLock()


def _token(portal: Portal, query: Mapping[str, list[str]]) -> tuple[int, Any]:
    """The OAuth server: a refresh token works once."""
    kind = query["grant_type"][0]
    if query["client_secret"][0] != portal.secret:
        return 401, {"error": "invalid_client", "error_description": "Invalid client"}
    if kind == "refresh_token" and query["refresh_token"][0] != portal.refresh:
        portal.burnt += 1
        return 400, {"error": "invalid_grant", "error_description": "Refresh token is expired"}
    if kind == "authorization_code" and query["code"][0] != "goodcode":
        return 400, {"error": "invalid_grant", "error_description": "Code is expired"}
    portal.issued += 1
    portal.token, portal.refresh = f"access{portal.issued}canary", f"refresh{portal.issued}canary"
    return 200, {
        "access_token": portal.token, "refresh_token": portal.refresh, "expires_in": 3600, "member_id": "m1",
        "client_endpoint": "https://portal.example/rest/", "scope": "crm,telephony", "status": "F",
        "domain": "oauth.example",
    }  # fmt: skip


@contextmanager
def serve(portal: Portal, certificate: Path | None = None) -> Iterator[str]:
    """The portal's address while it is open; with TLS where there is a certificate (its key in the same file)."""
    handler = type("Handler", (_Handler,), {"portal": portal})
    server = _Server(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'https://localhost' if certificate else 'http://127.0.0.1'}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
