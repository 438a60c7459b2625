"""Authorising Tablo in a CRM: out with a state that only this browser can bring back, once, within ten minutes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from deps import Deps
from jobs.connections import Connections
from jobs.house import House
from storage import db as store
from storage import sources, wishes
from storage.sources import SourceRow
from storage.wishes import Haste
from tests.desk.office import NOW, Office, furnish
from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_server import serve
from tests.emulators.bitrix24_world import World as PortalWorld
from tests.emulators.kommo import Emulator
from tests.emulators.kommo_world import Clock, World

BACK = "https://tablo.example/connect/crm/done"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that may talk to CRMs on this machine."""
    plain = furnish(tmp_path)
    deps: Deps = plain.deps
    config = replace(deps.config, allow_local_crm=True)
    house = House(deps.db, deps.secrets, config, deps.clock)
    return Office(replace(deps, config=config, connections=Connections(house)), plain.clock)


@pytest.fixture
def portal() -> Iterator[tuple[Portal, str]]:
    world = PortalWorld(lambda: datetime.now(UTC), random.Random(1), [11])
    portal = Portal(world, lambda: 0.0)
    with serve(portal) as address:
        yield portal, address


@pytest.fixture
def kommo() -> Iterator[Emulator]:
    clock = Clock(NOW)
    with Emulator(World(clock), clock) as emulator:
        emulator.codes = {"goodcode"}
        yield emulator


def connect(office: Office, kind: str, options: dict[str, str]) -> None:
    """Store a connection the way the settings do: it rests until somebody has authorised it."""
    with store.write(office.deps.db) as conn:
        number = sources.add(conn, office.deps.secrets, "crm", kind, options, "root", NOW)
        sources.enable(conn, number, False, "root", NOW)


def bitrix(office: Office, address: str, secret: str) -> None:
    connect(office, "bitrix24", {
        "portal": address, "client_id": "app.1", "client_secret": secret, "oauth_server": address,
    })  # fmt: skip


def leave(client: FlaskClient) -> tuple[str, str]:
    """Where the browser is sent, and with which state."""
    answer = client.get("/connect/crm")
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query).get("state", [""])[0]


def come_back(client: FlaskClient, **came: str) -> str:
    """What our settings are told."""
    answer = client.get("/connect/crm/done", query_string=came)
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/settings/sources")
    # The code is in the address of this answer: no other site is told of it, and nobody keeps it.
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("same-origin", "no-store")
    return parse_qs(parts.query)["login"][0]


def row(office: Office) -> SourceRow:
    with store.read(office.deps.db) as conn:
        return sources.get(conn, "crm")


def vault(office: Office) -> dict[str, str]:
    return sources.vault(office.deps.db, row(office).id, office.deps.secrets, office.deps.clock).read()


def hurried(office: Office) -> Haste | None:
    with store.read(office.deps.db) as conn:
        return wishes.hurried(conn, row(office).id)


def test_bitrix24_is_authorised_once_around(office: Office, portal: tuple[Portal, str]) -> None:
    bitrix(office, portal[1], portal[0].secret)
    client = office.login("root")
    address, state = leave(client)
    assert address == f"{portal[1]}/oauth/authorize/"
    assert come_back(client, code="goodcode", state=state, domain="portal.example") == "done"
    assert vault(office)["access_token"] == portal[0].token
    assert row(office).enabled
    assert hurried(office) is Haste.PERSON


def test_kommo_is_authorised_once_around(office: Office, kommo: Emulator) -> None:
    keys = {"client_id": "id", "client_secret": "integration-s3cret", "redirect_uri": BACK}
    connect(office, "kommo", {"base_url": kommo.url, **keys})
    client = office.login("root")
    address, state = leave(client)
    assert address == "https://www.amocrm.ru/oauth"
    assert come_back(client, code="goodcode", state=state, referer=urlsplit(kommo.url).netloc) == "done"
    assert vault(office)["refresh"] == kommo.refresh
    assert row(office).enabled


def test_a_state_works_once_in_this_browser_for_this_connection_within_ten_minutes(
    office: Office, portal: tuple[Portal, str]
) -> None:
    bitrix(office, portal[1], portal[0].secret)
    client, other = office.login("root"), office.login("root")
    for wrong in ("", "made up"):
        assert come_back(client, code="goodcode", state=wrong) == "expired"
    _, state = leave(client)
    assert come_back(other, code="goodcode", state=state) == "expired"
    assert come_back(client, code="goodcode", state=state) == "expired"
    _, state = leave(client)
    answer = client.get("/connect/main/done", query_string={"code": "goodcode", "state": state})
    assert "login=expired" in answer.headers["Location"]
    _, state = leave(client)
    office.clock.turn(timedelta(minutes=10))
    assert come_back(client, code="goodcode", state=state) == "expired"
    _, state = leave(client)
    assert come_back(client, code="goodcode", state=state) == "done"
    assert come_back(client, code="goodcode", state=state) == "expired"
    assert portal[0].issued == 1


def test_a_refusal_of_the_person_or_of_the_crm_is_told_and_stores_nothing(
    office: Office, portal: tuple[Portal, str]
) -> None:
    bitrix(office, portal[1], portal[0].secret)
    client = office.login("root")
    _, state = leave(client)
    assert come_back(client, error="access_denied", state=state) == "declined"
    _, state = leave(client)
    assert come_back(client, code="badcode", state=state) == "failed"
    assert "refuses" in (row(office).problem or "")
    assert "badcode" not in (row(office).problem or "")
    assert vault(office) == {}
    assert not row(office).enabled


def test_what_needs_no_authorisation_is_sent_nowhere(office: Office) -> None:
    connect(office, "kommo", {"base_url": "https://example.kommo.com", "token": "t"})
    client = office.login("root")
    for name in ("crm", "main", "nobody", "evil.example"):
        answer = client.get(f"/connect/{name}")
        assert answer.headers["Location"].startswith("/settings/sources?login=impossible")


def test_only_an_administrator_may_authorise(office: Office, portal: tuple[Portal, str]) -> None:
    bitrix(office, portal[1], portal[0].secret)
    for path in ("/connect/crm", "/connect/crm/done?code=goodcode&state=x"):
        assert office.login("lead").get(path).status_code == 403
        assert office.server.test_client().get(path).headers["Location"].startswith("/login")
    assert portal[0].issued == 0


def test_an_address_without_https_is_not_gone_to(tmp_path: Path) -> None:
    strict = furnish(tmp_path)
    bitrix(strict, "http://portal.example", "s")
    assert "login=impossible" in strict.login("root").get("/connect/crm").headers["Location"]
