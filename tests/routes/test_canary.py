"""Secrets are planted everywhere, everything is looked at, and no secret is seen anywhere."""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app import create_app
from config import Config
from deps import open_deps
from jobs.connections import Connections
from jobs.house import House, open_house
from jobs.poll import poll
from layouts import ids
from routes import sessions as session_cookie
from storage import audit, backup, invitations, second_step, sources, tokens, users
from storage import db as store
from storage.db import StoreError
from tests.desk.office import NOW, ORIGIN, PASSWORD, furnish

# One for each place that holds secrets; nobody listens at the address.
HOOK, TOKEN, CLIENT, VAULT, DATABASE = (
    f"c4nary-{place}-0123456789" for place in ("hook", "token", "client", "vault", "database")
)
DEAF = "http://127.0.0.1:9"
UPDATE = "/settings/_dash-update-component"
PAGES = ("/", "/wall/state", "/api/health", "/metrics", "/readyz", "/settings/", "/settings/_dash-layout")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Three connections full of secrets, one of them with a login in its vault."""
    deps = furnish(tmp_path).deps
    here = House(deps.db, deps.secrets, replace(deps.config, allow_local_crm=True), deps.clock)
    desk = Connections(here, patience_s=1)
    desk.add("portal", "bitrix24", {"webhook_url": f"{DEAF}/rest/1/{HOOK}/", "application_token": TOKEN}, "root")
    desk.add("account", "kommo", {"base_url": DEAF, "token": TOKEN}, "root")
    keys = {"portal": DEAF, "client_id": "app.1", "client_secret": CLIENT, "oauth_server": DEAF}
    desk.add("app", "bitrix24", keys, "root")
    with store.read(here.db) as conn:
        number = sources.get(conn, "app").id
    vault = sources.vault(here.db, number, here.secrets, here.clock)
    vault.write({"access_token": VAULT, "refresh_token": VAULT, "access": VAULT, "refresh": VAULT})
    return here


@pytest.fixture
def client(house: House) -> FlaskClient:
    """An administrator's browser before the whole server."""
    config = replace(house.config, database_url=f"postgresql+psycopg://tablo:{DATABASE}@db/tablo")
    deps = replace(open_deps(house), connections=Connections(house, patience_s=1), config=config)
    browser = create_app(deps).test_client()
    assert browser.post("/login", data={"login": "root", "password": PASSWORD}, headers=ORIGIN).status_code == 303
    return browser


def call(client: FlaskClient, output: str, inputs: list[Any], state: list[Any]) -> str:
    body = {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{prop_id(each)}.{each['property']}" for each in flat(inputs) if each.get("value")],
    }
    answer = client.post(UPDATE, json=body, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.json)


def flat(inputs: list[Any]) -> list[dict[str, Any]]:
    return [each for part in inputs for each in (part if isinstance(part, list) else [part])]


def prop_id(each: dict[str, Any]) -> str:
    key = each["id"]
    return key if isinstance(key, str) else json.dumps(key, sort_keys=True, separators=(",", ":"))


def press(client: FlaskClient, action: str, about: str) -> str:
    """A button of the sources page."""
    button = {"id": ids.source_do(action, about), "property": "n_clicks", "value": 1}
    inputs = [{"id": ids.SOURCE_ADD, "property": "n_clicks", "value": 0}, [button]]
    return call(
        client, ids.SOURCE_DESK, inputs, [{"id": ids.SOURCE_KIND, "property": "value", "value": "kommo"}, [], [], []]
    )


def try_out(client: FlaskClient, mode: str, about: str, typed: dict[str, str]) -> str:
    """The Test button, with what is in the fields."""
    keys = [ids.source_field(name) for name in typed]
    state = [
        [{"id": key, "property": "value", "value": value} for key, value in zip(keys, typed.values(), strict=True)],
        [{"id": key, "property": "id", "value": key} for key in keys],
    ]
    button = {"id": ids.source_test(mode, about), "property": "n_clicks", "value": 1}
    return call(client, ids.SOURCE_FINDINGS, [[button]], state)


def open_page(client: FlaskClient, page: str) -> str:
    place = {"id": ids.PLACE, "property": "pathname", "value": f"/settings/{page}"}
    search = {"id": ids.PLACE, "property": "search", "value": ""}
    return call(client, ids.PAGE, [place, search], [])


def test_no_secret_is_seen_on_any_page_in_any_answer_in_the_log_or_in_a_backup(
    client: FlaskClient, house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # What it says of its tables would hide all the rest.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with store.write(house.db) as conn:
        token = tokens.add(conn, "sheet", "read", "test", NOW)
        bearer = {"Authorization": f"Bearer {token}"}
        invitation = invitations.invite(conn, "olena", "team_lead", None, "root", NOW)
        phone = second_step.new_secret()
        code = str(pyotp.TOTP(phone).at(NOW))
        assert second_step.turn_on(conn, house.secrets, users.get(conn, "lead"), phone, code, NOW)
    cookie = client.get_cookie(session_cookie.COOKIE)
    assert cookie
    names = ("portal", "account", "app")
    seen = [str(poll(house, "portal", wished=True))]
    seen += [press(client, "edit", name) for name in names]
    seen += [try_out(client, "known", name, {}) for name in names]
    wrong = {ids.SOURCE_NAME: "new", "webhook_url": f"no address {HOOK}"}
    seen += [
        try_out(client, "new", "bitrix24", wrong),
        try_out(client, "new", "kommo", {"base_url": DEAF, "token": TOKEN}),
    ]
    shown = press(client, "hook", "portal")
    stranger = client.application.test_client()
    half = stranger.post("/login", data={"login": "lead", "password": PASSWORD}, headers=ORIGIN).text
    seen += [half, stranger.post("/login/code", data={"ticket": half, "code": code}, headers=ORIGIN).text]
    seen += [client.get(path).text for path in (f"/invited/{invitation}x", "/second-step", "/password", "/no/such")]
    seen += [open_page(client, page) for page in ids.PAGES]
    seen += [client.get(path).text for path in PAGES]
    seen += [client.get(path, headers=bearer).text for path in ("/api/v1/board", "/api/v1/facts.csv")]
    seen += [str(client.get("/connect/app/done?code=c0de&state=x").headers), str(client.get("/connect/app").headers)]
    with store.read(house.db) as conn:
        seen += [str(entry) for entry in audit.latest(conn, 50)]
    address = re.search(r"http://localhost/api/v1/hooks/([\w-]{43})", shown)
    assert address
    assert sum("cannot be reached" in text for text in seen) >= 3
    secrets = [HOOK, TOKEN, CLIENT, VAULT, DATABASE, address[1], token, invitation, phone, cookie.value, "k" * 32]
    secrets.append(base64.b64encode(b"k" * 32).decode())
    backup.backup(house.db, tmp_path / "a.backup")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in secrets:
        assert len(secret) > 20
        assert [text for text in seen if secret in text] == []
        assert secret not in caplog.text
        assert secret.encode() not in kept
    assert [text for text in seen if PASSWORD in text] == []
    assert PASSWORD not in caplog.text
    assert PASSWORD.encode() not in kept
    assert len(kept) > 100_000


@pytest.mark.parametrize("address", [f"postgresql://tablo:{DATABASE}@127.0.0.1:9/x", f"mysql://tablo:{DATABASE}@db/x",
                                     f"{DATABASE}", f"postgresql://tablo:{DATABASE}@db:5432x/x"])  # fmt: skip
def test_a_database_that_cannot_be_opened_is_told_without_its_password(
    address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises((StoreError, OperationalError)) as told:
        open_house(Config(tmp_path, address, secret_key_file=tmp_path / "key"))
    whole = "".join(traceback.format_exception(told.value))
    assert DATABASE not in whole + caplog.text
