"""Facts are posted to a hook's address: stored before they are acknowledged, all or none, and shown on the board."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from domain.board import SourceHealth
from domain.settings import PeriodKind
from jobs.connections import Connections
from jobs.poll import poll
from jobs.poller import Poller
from storage import db as store
from storage import facts, people, sources
from storage.db import StoreError
from tests.desk.office import NOW, Office, furnish

FAR = {"REMOTE_ADDR": "192.0.2.7"}
KEY = "a key that nobody guesses"
CALL = {"kind": "call", "id": 1, "at": "2026-11-20T14:07:00+02:00", "rep": "anna", "seconds": 95}
KILLED = """
import os, sys
from pathlib import Path
from tests.desk.conftest import serving
from tests.desk.office import open_again

office = open_again(Path(sys.argv[1]))
office.server.after_request(lambda answer: os._exit(9))
with serving(office.server) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


@pytest.fixture
def address(office: Office) -> str:
    return connect(office)


def connect(office: Office, name: str = "pbx", **options: str) -> str:
    """A hook, and where it listens. The demo of the office stays beside it."""
    desk = office.deps.connections
    assert isinstance(desk, Connections)
    with store.write(office.deps.db) as conn:
        number = sources.add(conn, office.deps.secrets, name, "hook", options, "root", NOW)
        desk._settle(conn, number, "hook", options)
    return f"/api/v1/hooks/{desk.new_hook(name, 'root')}"


def post(office: Office, address: str, body: Any, **head: str) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in head.items()}
    return office.server.test_client().post(address, data=raw, headers=head, environ_base=FAR)


def calls(office: Office, sells: bool = True) -> int:
    """The calls of `pbx:anna` today."""
    with store.write(office.deps.db) as conn:
        people.set_rep(conn, "pbx:anna", sells, "root", NOW)
    board = office.deps.boards.get(PeriodKind.DAY).board
    rows = {rep.rep: rep.progress.actual for rep in board.metric("calls").reps}
    return int(rows["pbx:anna"] or 0)


def test_facts_are_on_the_board_when_they_are_acknowledged(office: Office, address: str) -> None:
    answer = post(office, address, [CALL, CALL | {"id": 2}])
    assert answer.status_code == 202
    assert answer.json == {"received": 2, "added": 2, "removed": 0, "unchanged": 0, "ignored": 0}
    assert calls(office) == 2
    assert answer.headers["Cache-Control"] == "no-store"


def test_sent_again_is_replaced_and_taken_back_is_gone(office: Office, address: str) -> None:
    for _ in range(3):
        post(office, address, CALL)
    assert calls(office) == 1
    assert (post(office, address, {"kind": "call", "id": "1", "deleted": True}).json or {})["removed"] == 1
    assert calls(office) == 0


def test_with_one_mistake_nothing_is_stored_and_its_place_is_named(office: Office, address: str) -> None:
    answer = post(office, address, [CALL, CALL | {"id": 2, "amount": "much"}])
    assert answer.status_code == 422
    said = answer.json or {}
    assert "Nothing was stored" in said["error"]
    assert [(each["index"], each["field"]) for each in said["problems"]] == [(1, "amount")]
    with store.read(office.deps.db) as conn:
        assert sources.get(conn, "pbx").as_of is None


@pytest.mark.parametrize(
    ("body", "mime", "status"),
    [
        (b"{", "application/json", 400),
        (b"kind=call", "application/x-www-form-urlencoded", 415),
        (b"[" + b"1," * 5001 + b"1]", "application/json", 413),
        (b" " * 1_100_000, "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    office: Office, address: str, body: bytes, mime: str, status: int
) -> None:
    answer = post(office, address, body, Content_Type=mime)
    assert answer.status_code == status
    assert (answer.json or {})["error"].endswith(".")


def test_an_address_that_nobody_was_given_is_nothing(office: Office, address: str) -> None:
    for wrong in (f"{address}x", "/api/v1/hooks/x"):
        assert post(office, wrong, CALL).status_code == 404
    assert office.server.test_client().get(address, environ_base=FAR).status_code == 404


def test_a_signed_hook_takes_nothing_unsigned(office: Office) -> None:
    address = connect(office, signing_key=KEY)
    assert post(office, address, CALL).status_code == 403
    stamp, raw = str(int(NOW.timestamp())), json.dumps(CALL).encode()
    made = "sha256=" + hmac.new(KEY.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
    assert post(office, address, raw, Tablo_Timestamp=stamp, Tablo_Signature=made).status_code == 202
    assert post(office, address, raw + b" ", Tablo_Timestamp=stamp, Tablo_Signature=made).status_code == 403


def test_a_paused_hook_asks_to_be_called_again(office: Office, address: str) -> None:
    office.deps.connections.enable("pbx", False, "root")
    answer = post(office, address, CALL)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    office.deps.connections.enable("pbx", True, "root")
    assert post(office, address, CALL).status_code == 202


def test_a_silent_hook_makes_nothing_stale_and_never_claims_to_be_live(office: Office, address: str) -> None:
    def board() -> Any:
        return office.deps.boards.get(PeriodKind.DAY).board

    before = board().as_of
    post(office, address, CALL)
    office.clock.turn(timedelta(hours=5))
    assert board().as_of == before
    pbx = next(source for source in board().sources if source.name == "pbx")
    assert (pbx.health, pbx.as_of) == (SourceHealth.LISTENING, NOW)
    # With nothing else to ask, the numbers are as old as what was sent last; an empty list is a sign of life.
    facts.remove(office.deps.db, 1)
    assert board().as_of == NOW
    assert post(office, address, []).status_code == 202
    assert board().as_of == office.clock.now


def test_what_a_hook_never_sent_is_not_available(office: Office) -> None:
    facts.remove(office.deps.db, 1)
    address = connect(office, gives="email")
    post(office, address, CALL)
    board = office.deps.boards.get(PeriodKind.DAY).board
    there = {metric.key for metric in board.metrics.values() if metric.available}
    assert there == {"calls", "productive_calls", "call_seconds", "missed_calls", "emails"}
    assert board.metric("meetings").missing == "Nothing of this kind has been sent yet."


def test_a_hook_is_never_polled(office: Office, address: str) -> None:
    desk = office.deps.connections
    assert isinstance(desk, Connections)
    with pytest.raises(StoreError, match="never read"):
        poll(desk.house, "pbx", wished=True)
    with store.write(office.deps.db) as conn:
        sources.add(conn, office.deps.secrets, "sheets", "files", {"path": "/nowhere"}, "root", NOW)
    poller = Poller(desk.house)
    poller._scheduler.start(paused=True)
    poller.roster()
    names = {job.id for job in poller._scheduler.get_jobs()}
    poller.stop()
    assert names == {"poll sheets"}


def test_killed_between_storing_and_answering_the_same_is_sent_again(office: Office, address: str) -> None:
    folder = str(office.deps.config.data_dir)
    server = subprocess.Popen(
        [sys.executable, "-c", KILLED, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    base = server.stdout.readline().strip()
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{base}{address}", json=[CALL, CALL | {"id": 2}], timeout=20)
    assert server.wait(20) == 9
    server.stdin.close()
    server.stdout.close()
    assert calls(office) == 2
    assert (post(office, address, [CALL, CALL | {"id": 2}]).json or {})["unchanged"] == 2
    assert calls(office) == 2
    assert facts.drift(office.deps.db, office.deps.settings()) == 0
