"""A CRM calls an address that holds a secret: the poller is hurried, and nothing that was sent is believed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from domain.connections import Draft
from storage import db as store
from storage import sources, wishes
from storage.wishes import Haste
from tests.desk.office import NOW, Office, furnish

FAR = {"REMOTE_ADDR": "192.0.2.7"}
FORM = "application/x-www-form-urlencoded"
TOLD = b"leads[status][0][id]=7&account[subdomain]=example"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


@pytest.fixture
def address(office: Office) -> str:
    """The address of a Kommo account, for its events."""
    with store.write(office.deps.db) as conn:
        options = {"base_url": "https://example.kommo.com", "token": "t"}
        sources.add(conn, office.deps.secrets, "crm", "kommo", options, "root", NOW)
    return f"/api/v1/hooks/{office.deps.connections.new_hook('crm', 'root')}"


def hurried(office: Office) -> Haste | None:
    with store.read(office.deps.db) as conn:
        return wishes.hurried(conn, sources.get(conn, "crm").id)


def test_an_event_hurries_the_poller_from_anywhere_without_a_login(office: Office, address: str) -> None:
    client = office.server.test_client()
    answer = client.post(address, data=TOLD, content_type=FORM, environ_base=FAR)
    assert (answer.status_code, answer.json) == (200, {"heard": True})
    assert hurried(office) is Haste.EVENT
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_address_that_nobody_was_given_is_nothing(office: Office, address: str) -> None:
    client = office.server.test_client()
    for wrong in (f"{address}x", address[:-1], "/api/v1/hooks/x", f"/api/v1/hooks/{'x' * 5000}"):
        answer = client.post(wrong, data=TOLD, content_type=FORM, environ_base=FAR)
        assert (answer.status_code, answer.json) == (404, {"error": "There is nothing here."})
    assert client.get(address, environ_base=FAR).status_code == 404
    assert hurried(office) is None


def test_what_is_no_event_is_refused(office: Office, address: str) -> None:
    client = office.server.test_client()
    for body in (b"", b"\xff\xfe", b"hello=world"):
        assert client.post(address, data=body, content_type=FORM, environ_base=FAR).status_code == 403
    assert hurried(office) is None


def test_more_than_a_megabyte_is_not_read(office: Office, address: str) -> None:
    big = TOLD + b"&x=" + b"x" * 1_100_000
    assert office.server.test_client().post(address, data=big, content_type=FORM).status_code == 413
    assert hurried(office) is None


def test_the_address_is_stored_as_a_hash_and_never_logged(
    office: Office, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = address.rpartition("/")[2]
    office.server.test_client().post(address, data=TOLD, content_type=FORM)
    assert secret not in caplog.text
    files = [path for path in office.deps.config.data_dir.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_a_connection_made_in_settings_has_its_address_from_the_beginning(office: Office) -> None:
    draft = Draft("oauth", "bitrix24", {"portal": "https://e.bitrix24.com", "client_id": "a", "client_secret": "b"})
    look = office.deps.connections.test(draft, False)
    done = office.deps.connections.connect(draft, look.proof or "", "root")
    assert done.hook is not None
    assert office.server.test_client().post(f"/api/v1/hooks/{done.hook}", data=b"x=1").status_code == 403
