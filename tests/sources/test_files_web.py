"""A spreadsheet at an address: asked for when it changed, bounded, never sent on to a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from domain.facts import Kind
from sources import AuthError, OptionError, PermissionDeniedError, SchemaError, SourceError
from tests.sources.sheets import Desk

CALLS = b"id,rep,at\n1,A,2026-11-20\n"


@dataclass
class Host:
    """A web server with one file. `asked` are the paths and the validators of every request."""

    port: int = 0
    body: bytes = CALLS
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"v1"', "Content-Type": "text/csv"})
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def answer(self, path: str, given: Message) -> tuple[int, dict[str, str], bytes]:
        """What it says to one request."""
        self.asked.append((path, given.get("If-None-Match")))
        if self.status == 200 and given.get("If-None-Match") == self.headers.get("ETag", "-"):
            return 304, self.headers, b""
        return self.status, self.headers, self.body


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = host.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield host
    server.shutdown()
    server.server_close()
    thread.join()


def desk_at(host: Host, path: str = "/calls.csv?key=v3ry-s3cret-key") -> Desk:
    return Desk(f"http://127.0.0.1:{host.port}{path}", allow_local=True)


def test_a_file_at_an_address_is_read(host: Host) -> None:
    desk = desk_at(host).sync()
    assert set(desk.records) == {"calls.csv:1"}
    assert desk.requests == 1


def test_it_is_sent_again_only_when_it_changed(host: Host) -> None:
    desk = desk_at(host).sync().sync()
    assert [mark for _, mark in host.asked] == [None, '"v1"']
    assert desk.read() == 0
    host.headers["ETag"], host.body = '"v2"', CALLS + b"2,A,2026-11-20\n"
    assert len(desk.sync().facts(Kind.CALL)) == 2


def test_without_a_validator_the_same_bytes_are_not_read_again(host: Host) -> None:
    host.headers = {}
    assert desk_at(host).sync().sync().read() == 0


def test_an_address_whose_name_says_nothing_is_told_what_it_holds(host: Host) -> None:
    desk = desk_at(host, "/export?format=csv")
    with pytest.raises(SchemaError, match="nothing says what"):
        desk.sync()
    desk.options["holds"] = "calls"
    assert len(desk.sync().facts()) == 1


def test_a_redirect_to_its_own_host_is_followed_and_to_another_is_not(host: Host) -> None:
    host.status, host.headers = 302, {"Location": "/elsewhere.csv"}
    with pytest.raises(SchemaError, match="in circles"):
        desk_at(host).sync()
    host.headers = {"Location": f"http://localhost:{host.port}/calls.csv"}
    with pytest.raises(AuthError, match="redirect_hosts=localhost"):
        desk_at(host).sync()


def test_a_redirect_to_a_host_that_is_allowed_is_followed(host: Host) -> None:
    host.status, host.headers = 302, {"Location": f"http://localhost:{host.port}/calls.csv"}
    desk = desk_at(host)
    desk.options["redirect_hosts"] = "example.com, localhost"
    with pytest.raises(SchemaError, match="in circles"):
        desk.sync()
    assert len(host.asked) == 5


@pytest.mark.parametrize(
    ("status", "headers", "family", "says"),
    [
        (403, {}, PermissionDeniedError, "publish it"),
        (404, {}, SchemaError, "404"),
        (200, {"Content-Type": "text/html; charset=utf-8"}, SchemaError, "web page"),
        (302, {"Location": "ftp://127.0.0.1/calls.csv"}, OptionError, "not followed"),
    ],
)
def test_other_answers_are_errors_in_words_that_do_not_show_the_key(
    host: Host, status: int, headers: dict[str, str], family: type[SourceError], says: str
) -> None:
    host.status, host.headers = status, headers
    with pytest.raises(family, match=says) as caught:
        desk_at(host).sync()
    assert "v3ry-s3cret-key" not in str(caught.value)


def test_a_private_address_is_refused_unless_it_is_allowed(host: Host) -> None:
    desk = Desk(f"https://127.0.0.1:{host.port}/calls.csv")
    with pytest.raises(SourceError, match=r"private|local|public"):
        desk.sync()
    assert host.asked == []


def test_an_unreachable_address_keeps_the_data_and_raises(host: Host) -> None:
    desk = desk_at(host).sync()
    host.status = 404
    with pytest.raises(SourceError):
        desk.sync()
    assert len(desk.facts()) == 1
    assert urlsplit(str(desk.path)).query not in str(desk.cursor)
