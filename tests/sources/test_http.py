"""The way out to a CRM: deadlines, retries, rate, size, private addresses, secrets."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import config
from sources import (
    AuthError,
    OptionError,
    PermissionDeniedError,
    SchemaError,
    SourceError,
    ThrottledError,
    TransientError,
)
from sources._pinned import check_address
from sources.http import USER_AGENT, Answer, Bucket, CrmSession, never, raise_for, retry_after

NOW = datetime(2026, 11, 20, 14, 26, tzinfo=UTC)
SECRET = "canary0123456789"


@dataclass
class Fake:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


Script = Callable[[BaseHTTPRequestHandler, int], None]


@contextmanager
def served(script: Script, certificate: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """A server whose n-th answer the script writes; gives its address and the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        def do_GET(self) -> None:
            asked.append(self.path)
            try:
                script(self, len(asked))
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def drop(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def session(fake: Fake | None = None, **options: object) -> CrmSession:
    """A session allowed to ask this machine; with a fake clock, sleeping takes no time."""
    if fake is None:
        return CrmSession(Bucket(1000, 1000), now=lambda: NOW, allow_local=True, sleep=lambda _: None, **options)  # type: ignore[arg-type]  # options are the keyword arguments of CrmSession
    bucket = Bucket(1000, 1000, clock=fake.clock, sleep=fake.sleep)
    return CrmSession(bucket, now=lambda: NOW, allow_local=True, clock=fake.clock, sleep=fake.sleep, **options)  # type: ignore[arg-type]  # as above


def soon(seconds: float = 20) -> float:
    return time.monotonic() + seconds


def test_an_answer_comes_back_whole_with_lower_case_header_names() -> None:
    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        body = json.dumps({"agent": handler.headers["User-Agent"], "host": handler.headers["Host"]}).encode()
        reply(handler, 200, gzip.compress(body), Content_Encoding="gzip", X_Thing="1")

    with served(script) as (url, _):
        answer = session().request("GET", f"{url}/x", deadline=soon())
    assert answer.json() == {"agent": USER_AGENT, "host": url.removeprefix("http://")}
    assert answer.headers["x-thing"] == "1"


def test_the_agent_names_this_version() -> None:
    assert f"Tablo/{config.VERSION}" == USER_AGENT


def test_connections_are_reused() -> None:
    peers: set[object] = set()

    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        peers.add(handler.client_address)
        reply(handler, 200, b"{}")

    with served(script) as (url, _):
        one = session()
        for _ in range(5):
            one.request("POST", url, json={"a": 1}, deadline=soon())
    assert len(peers) == 1
    assert one.requests == 5


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_transient_fault_is_asked_again_with_growing_pauses(status: int) -> None:
    def script(handler: BaseHTTPRequestHandler, n: int) -> None:
        reply(handler, 200 if n == 4 else status, b"{}")

    fake = Fake()
    with served(script) as (url, asked):
        answer = session(fake, chance=lambda: 1.0).request("GET", url, deadline=fake.now + 100)
    assert answer.ok
    assert len(asked) == 4
    assert fake.slept == [1.5, 2.5, 4.5]


def test_a_lasting_fault_is_handed_over_after_the_last_attempt() -> None:
    fake = Fake()
    with served(lambda handler, _: reply(handler, 502, b"<html>")) as (url, asked):
        answer = session(fake).request("GET", url, deadline=fake.now + 1000, attempts=3)
    assert (answer.status, len(asked)) == (502, 3)


def test_a_request_that_must_not_be_repeated_is_not() -> None:
    with served(lambda handler, _: reply(handler, 503, b"")) as (url, asked):
        assert session(Fake()).request("POST", url, deadline=2000, again=never).status == 503
    assert len(asked) == 1


def test_a_broken_connection_is_asked_again_and_then_named() -> None:
    fake = Fake()
    with served(drop) as (url, asked), pytest.raises(TransientError, match=r"127\.0\.0\.1 cannot be reached"):
        session(fake).request("GET", url, deadline=fake.now + 1000, attempts=2)
    assert len(asked) == 2


def test_a_cut_body_is_a_transient_fault() -> None:
    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"a":')
        handler.close_connection = True

    fake = Fake()
    with served(script) as (url, _), pytest.raises(TransientError):
        session(fake).request("GET", url, deadline=fake.now + 1000, attempts=2)


def test_retry_after_is_obeyed_and_beyond_the_deadline_handed_up() -> None:
    def script(handler: BaseHTTPRequestHandler, n: int) -> None:
        reply(handler, 200 if n == 2 else 429, b"{}", Retry_After="40")

    fake = Fake()
    with served(script) as (url, _):
        session(fake).request("GET", url, deadline=fake.now + 100)
    assert fake.slept == [40]
    with served(script) as (url, asked), pytest.raises(ThrottledError) as caught:
        session(Fake()).request("GET", url, deadline=1030)
    assert caught.value.retry_at == NOW + timedelta(seconds=40)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Fri, 20 Nov 2026 14:27:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 14:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after(Answer(429, {"retry-after": header}, b"", "x"), NOW) == seconds


def test_a_dripping_body_is_cut_at_the_deadline() -> None:
    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    begun = time.monotonic()
    with served(script) as (url, _), pytest.raises(TransientError, match="did not answer within"):
        session().request("GET", url, deadline=soon(0.3))
    # All of it would take four seconds.
    assert time.monotonic() - begun < 3


def test_dripping_headers_are_cut_at_the_deadline() -> None:
    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(200):
            handler.wfile.write(b"y")
            time.sleep(0.02)

    begun = time.monotonic()
    with served(script) as (url, _), pytest.raises(TransientError, match="did not answer within"):
        session().request("GET", url, deadline=soon(0.3))
    # All of it would take four seconds.
    assert time.monotonic() - begun < 3


def test_an_answer_over_the_limit_is_refused_packed_or_not() -> None:
    packed = gzip.compress(b"0" * 3 * 2**20)

    def script(handler: BaseHTTPRequestHandler, _: int) -> None:
        reply(handler, 200, packed, Content_Encoding="gzip")

    with served(script) as (url, _), pytest.raises(SchemaError, match="more than 2 MB"):
        session().request("GET", url, deadline=soon(), limit=2 * 2**20)


def test_redirects_are_handed_to_the_caller() -> None:
    with served(lambda handler, _: reply(handler, 302, b"", Location="http://169.254.169.254/")) as (url, asked):
        answer = session().request("GET", url, deadline=soon())
    assert (answer.status, answer.headers["location"], len(asked)) == (302, "http://169.254.169.254/", 1)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "::",
        "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1", "fec0::1", "ff02::1", "fe80::1%eth0", "2001:0:a00:1::",
        "fd00:ec2::254", "169.254.170.2", "192.0.0.8", "198.18.0.1", "240.0.0.1", "255.255.255.255", "2001:db8::1",
    ],
)  # fmt: skip
def test_private_numbers_are_refused_whatever_name_they_hide_behind(number: str) -> None:
    with pytest.raises(OptionError, match="private network"):
        check_address("https://crm.example", False, lambda *_: ["93.184.215.14", number])


def test_plain_http_and_odd_addresses_are_refused() -> None:
    with pytest.raises(OptionError, match="https"):
        check_address("http://crm.example", False, lambda *_: ["93.184.215.14"])
    for url in ("https://", "crm.example/x", "https://user:pass@crm.example/"):
        with pytest.raises(OptionError):
            session().request("GET", url, deadline=soon())


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "[::1]", "[::ffff:7f00:1]"]
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(OptionError, match="private network"):
        check_address(f"https://{host}/", False)


def test_a_name_that_changes_its_number_between_two_looks_is_asked_at_the_checked_one() -> None:
    numbers = iter((["127.0.0.1"], ["169.254.169.254"]))
    with served(lambda handler, _: reply(handler, 200, b"{}")) as (url, asked):
        port = url.rsplit(":", 1)[1]
        one = session(resolve=lambda *_: next(numbers))
        for _ in range(3):
            assert one.request("GET", f"http://crm.example:{port}/", deadline=soon()).ok
    assert len(asked) == 3
    assert next(numbers) == ["169.254.169.254"], "nobody looked again"


def test_public_addresses_pass() -> None:
    check_address("https://crm.example", False, lambda *_: ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])


def test_a_private_address_is_never_asked_unless_allowed() -> None:
    with served(lambda handler, _: reply(handler, 200, b"{}")) as (url, asked):
        careful = CrmSession(Bucket(1000, 1000), now=lambda: NOW)
        with pytest.raises(OptionError):
            careful.request("GET", url, deadline=soon())
    assert asked == []


def test_the_checked_number_is_the_one_connected_to_and_tls_still_proves_the_name(tmp_path: Path) -> None:
    both = certificate(tmp_path, "crm.example")
    looked: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    with served(lambda handler, _: reply(handler, 200, b'{"ok":1}'), both) as (url, _):
        port = url.rsplit(":", 1)[1]
        one = session(verify=str(both), resolve=resolve)
        for _ in range(3):
            assert one.request("GET", f"https://crm.example:{port}/", deadline=soon()).ok
        with pytest.raises(TransientError, match="no certificate that can be trusted"):
            one.request("GET", f"https://other.example:{port}/", deadline=soon(), attempts=1)
        with pytest.raises(TransientError, match="no certificate that can be trusted"):
            session(resolve=resolve).request("GET", f"https://crm.example:{port}/", deadline=soon(), attempts=1)
    assert looked.count("crm.example") == 2


def test_the_next_number_of_a_name_is_tried_when_one_fails() -> None:
    with served(lambda handler, _: reply(handler, 200, b"{}")) as (url, _):
        port = url.rsplit(":", 1)[1]
        one = session(resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
        assert one.request("GET", f"http://crm.example:{port}/", deadline=soon()).ok
    assert one.requests == 2


def test_secrets_never_show_in_errors_or_logs(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("urllib3.connectionpool").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    errors: list[SourceError] = []

    def attempt(url: str, **options: object) -> None:
        with pytest.raises(SourceError) as caught:
            session(secrets=[SECRET]).request("GET", f"{url}/rest/1/{SECRET}/batch", attempts=1, **options)  # type: ignore[arg-type]  # keyword arguments of request
        errors.append(caught.value)

    with served(drop) as (url, _):
        attempt(url, deadline=soon())
    with served(lambda *_: time.sleep(0.5)) as (url, _):
        attempt(url, deadline=soon(0.1))
    attempt("http://127.0.0.1:9", deadline=soon())
    attempt(f"https://{SECRET}.invalid", deadline=soon())
    with served(lambda handler, _: reply(handler, 200, b"x" * 20)) as (url, _):
        attempt(url, deadline=soon(), limit=10)
    for error in errors:
        assert SECRET not in f"{error!r} {error.__context__!r} {error.__cause__!r}"
    assert SECRET not in caplog.text


def test_scrub_removes_secrets_as_typed_and_as_encoded_and_any_webhook() -> None:
    one = session(secrets=["p@ss w/rd"])
    assert one.scrub("a p@ss w/rd b p%40ss%20w/rd c p%40ss+w%2Frd") == "a ••• b ••• c •••"
    assert one.scrub("https://x.example/rest/12/abcdef/batch") == "https://x.example/rest/•••/batch"


def test_the_bucket_never_gives_more_than_its_burst_and_rate() -> None:
    fake = Fake()
    bucket = Bucket(2, 5, clock=fake.clock, sleep=fake.sleep)
    times = []
    for _ in range(40):
        assert bucket.take(fake.now + 100)
        times.append(fake.now)
    for first in range(40):
        for last in range(first, 40):
            assert last - first + 1 <= 5 + 2 * (times[last] - times[first]) + 1e-6


def test_a_bucket_filled_by_an_earlier_process_makes_the_next_one_wait() -> None:
    fake = Fake()
    bucket = Bucket(1, 4, level=4, clock=fake.clock, sleep=fake.sleep)
    assert bucket.take(fake.now + 10)
    assert fake.slept == [1]


def test_no_room_before_the_deadline_is_said_and_not_waited_for() -> None:
    fake = Fake()
    bucket = Bucket(0.1, 1, level=1, clock=fake.clock, sleep=fake.sleep)
    one = CrmSession(bucket, now=lambda: NOW, allow_local=True, clock=fake.clock, sleep=fake.sleep)
    with pytest.raises(ThrottledError) as caught:
        one.request("GET", "http://127.0.0.1:9/", deadline=fake.now + 5)
    assert caught.value.retry_at == NOW + timedelta(seconds=10)
    assert fake.slept == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthError), (402, PermissionDeniedError), (403, PermissionDeniedError), (429, ThrottledError),
        (500, TransientError), (503, TransientError), (599, TransientError), (302, SchemaError), (400, SchemaError),
    ],
)  # fmt: skip
def test_a_status_becomes_the_error_that_says_what_to_mend(status: int, error: type[SourceError]) -> None:
    with pytest.raises(error):
        raise_for(Answer(status, {}, b"", "crm.example"), NOW)


def test_success_raises_nothing_and_json_that_is_none_is_transient() -> None:
    raise_for(Answer(204, {}, b"", "crm.example"), NOW)
    for body in (b"<html>", b"", b'{"cut":', b"[" * 100_000):
        with pytest.raises(TransientError, match="no JSON"):
            Answer(200, {"content-type": "text/html; charset=utf-8"}, body, "crm.example").json()


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "both.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path
