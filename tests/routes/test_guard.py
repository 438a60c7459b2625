"""Nothing is open that the guard's tables do not open; every route and every callback is tried by everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from app import create_app
from layouts import ids
from layouts.settings import frame
from routes import auth, fonts, guard
from routes.guard import CALLBACKS, ROUTES, Rule, first_output, policy, script_hash
from storage import db as store
from storage import tokens
from storage.users import User
from tests.desk.office import NOW, ORIGIN, PASSWORD, Office, furnish

UPDATE = "/settings/_dash-update-component"
WRONG = {"tablo_session": "made-up", "remember_token": "lead|0", "session": "eyJfdXNlcl9pZCI6ImxlYWQifQ"}
# A role, and the teams that it answers for: an administrator's are no matter.
LOGINS = (("admin", frozenset[str]()), ("team_lead", None), ("team_lead", frozenset(("main:s",))))
# What somebody on another machine meets: no loopback address, so no free look at the wall.
FAR = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


@pytest.fixture
def whole(office: Office) -> Flask:
    """The server as it is in earnest, the wall with it; the fonts, which take seconds to make, are there already."""
    folder = office.deps.config.data_dir / "fonts"
    folder.mkdir()
    for part in fonts.PARTS:
        (folder / part.name).touch()
    return create_app(office.deps)


def routes(server: Flask) -> list[Route]:
    return list(server.url_map.iter_rules())


def path_of(route: Route) -> str:
    """An address that the route answers."""
    return route.build(dict.fromkeys(route.arguments, "x"))[1]  # type: ignore[index]  # None only for missing names


def browser(server: Flask, cookies: dict[str, str]) -> FlaskClient:
    """Somebody who brings these cookies."""
    client = server.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    return client


def callbacks(office: Office) -> list[str]:
    """The outputs of every callback of the desk, but for those that run in the browser alone."""
    known = office.login().get("/settings/_dash-dependencies").json or []
    return [str(each["output"]) for each in known if not each["clientside_function"]]


def call(client: FlaskClient, output: str, **more: Any) -> int:
    body = {"output": output, "outputs": [], "inputs": [], "changedPropIds": [], "state": []}
    return client.post(UPDATE, json=body, headers=ORIGIN, **more).status_code


def test_every_route_has_its_rule_and_every_rule_its_route(whole: Flask) -> None:
    assert {route.rule for route in routes(whole)} == set(ROUTES)


def test_every_callback_has_its_rule_and_every_rule_its_callback(office: Office) -> None:
    assert {first_output(output) for output in callbacks(office)} == set(CALLBACKS)


@pytest.mark.parametrize("cookies", [{}, WRONG], ids=["nobody", "wrong session"])
def test_who_has_not_logged_in_is_refused_everywhere_but_on_open_routes(whole: Flask, cookies: dict[str, str]) -> None:
    client = browser(whole, cookies)
    for route in routes(whole):
        for method in sorted((route.methods or set()) - {"OPTIONS", "HEAD"}):
            answer = client.open(path_of(route), method=method, headers=ORIGIN, environ_base=FAR, json={})
            answer.close()
            if route.rule in ("/", "/tv-lite") and method == "GET":
                assert "data-code" in answer.text
                assert "data-panel" not in answer.text
            elif route.rule == "/me" and method == "GET":
                assert "Open your personal link" in answer.text
                assert "data-card=" not in answer.text.partition("</head>")[2]
            elif ROUTES[route.rule] is not Rule.PUBLIC:
                refused = answer.status_code in (401, 403, 404) or answer.headers.get("Location", "").startswith(
                    "/login"
                )
                assert refused, (route.rule, method, answer.status)
                assert b"Nikita" not in answer.data


@pytest.mark.parametrize("cookies", [{}, WRONG], ids=["nobody", "wrong session"])
def test_no_callback_answers_without_a_login(office: Office, cookies: dict[str, str]) -> None:
    client = browser(office.server, cookies)
    for output in callbacks(office):
        body = {"output": output, "inputs": [], "changedPropIds": []}
        assert client.post(UPDATE, json=body, headers=ORIGIN).status_code == 401


def test_a_callback_outside_the_table_is_refused_to_everybody(office: Office) -> None:
    for who in ("lead", "root"):
        client = office.login(who)
        assert call(client, "somewhere.children") == 404
        assert call(client, "") == 404
        assert client.post(UPDATE, data=b"no json", headers=ORIGIN).status_code == 404


def test_what_is_for_an_administrator_is_refused_to_a_team_lead(office: Office) -> None:
    lead, root = office.login("lead"), office.login("root")
    for page in frame.ADMIN_PAGES:
        assert "Only an administrator" in open_page(lead, page)
        assert "Only an administrator" not in open_page(root, page)


def open_page(client: FlaskClient, page: str) -> str:
    body = {
        "output": f"{ids.PAGE}.children",
        "outputs": {"id": ids.PAGE, "property": "children"},
        "inputs": [
            {"id": ids.PLACE, "property": "pathname", "value": f"/settings/{page}"},
            {"id": ids.PLACE, "property": "search", "value": ""},
        ],
        "changedPropIds": [f"{ids.PLACE}.pathname"],
    }
    answer = client.post(UPDATE, json=body, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_role_has_what_its_rule_says_and_no_more() -> None:
    admin, lead, own = (User(1, "x", role, False, NOW, teams) for role, teams in LOGINS)
    assert [guard.may(user, Rule.ADMIN) for user in (admin, lead, own)] == [True, False, False]
    assert [guard.may(user, Rule.LOGIN) for user in (admin, lead, own)] == [True, True, False]
    assert [guard.may(user, Rule.ANY_LOGIN) for user in (admin, lead, own)] == [True, True, True]
    assert [guard.may(user, Rule.NOBODY) for user in (admin, lead, own)] == [False, False, False]


def test_the_walls_own_dash_answers_no_callback_to_anybody(whole: Flask) -> None:
    client = whole.test_client()
    assert client.post("/_dash-update-component", json={"output": "wall.children"}, headers=ORIGIN).status_code == 404


def test_a_team_lead_walks_through_everything_without_a_fault(whole: Flask) -> None:
    client = whole.test_client()
    client.post("/login", data={"login": "lead", "password": PASSWORD}, headers=ORIGIN)
    for route in routes(whole):
        if "<" not in route.rule and "GET" in (route.methods or ()):
            with client.get(route.rule) as answer:
                # A phone's door is a page; and no phone can reach this machine by its own name.
                phones = {"/me": False, "/wall/phone.svg": True}
                refused = phones.get(route.rule, ROUTES[route.rule] in (Rule.NOBODY, Rule.TOKEN, Rule.MANAGER))
                assert (answer.status_code in (401, 404)) is refused, route.rule
                assert answer.status_code < 500


def test_the_page_itself_holds_no_figures_and_no_names(office: Office) -> None:
    client = office.login()
    assert "nav-link" in client.get("/settings/_dash-layout").text
    index = client.get("/settings/").text
    assert "Nikita" not in index
    assert "validation_layout" not in index


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_a_change_sent_by_another_page_is_refused(office: Office, headers: dict[str, str]) -> None:
    client = office.login()
    for path in ("/login", "/logout", "/password", UPDATE):
        assert client.post(path, data={}, headers=headers).status_code == 403
    assert client.get("/settings/").status_code == 200


def test_a_page_of_ours_may_send_changes_by_either_header(office: Office) -> None:
    for headers in (ORIGIN, {"Sec-Fetch-Site": "same-origin"}):
        assert office.login().post("/logout", headers=headers).status_code == 303


def test_the_wall_opens_by_itself_on_its_own_machine_only(office: Office) -> None:
    client = office.server.test_client()
    assert client.get("/wall/state").status_code == 200
    assert client.get("/wall/state", environ_base=FAR).status_code == 401
    assert client.get("/wall/state", headers={"Host": "evil.example"}).status_code == 401
    assert client.get("/wall/state", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
    assert client.get("/wall/state", headers={"Host": "[::1]:8050"}).status_code == 200


def test_the_wall_of_a_server_for_many_machines_asks_for_a_login(tmp_path: Path) -> None:
    office = furnish(tmp_path, host="0.0.0.0")
    assert office.server.test_client().get("/wall/state").status_code == 401
    assert office.login().get("/wall/state").status_code == 200


def test_the_api_asks_for_a_token_that_stands(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        value = tokens.add(conn, "sheet", "read", "test", NOW)
    client = office.server.test_client()
    good = {"Authorization": f"Bearer {value}"}
    assert client.get("/api/v1/facts.csv").status_code == 401
    assert client.get("/api/v1/facts.csv", headers={"Authorization": "Bearer no"}).status_code == 401
    assert client.get("/api/v1/facts.csv", headers={"Authorization": f"Basic {value}"}).status_code == 401
    assert client.get("/api/v1/facts.csv", headers=good).status_code == 200
    assert office.login().get("/api/v1/facts.csv").status_code == 401
    with store.write(office.deps.db) as conn:
        assert tokens.every(conn)[0].last_used_at == NOW
        tokens.revoke(conn, "sheet", "test", NOW)
    assert client.get("/api/v1/facts.csv", headers=good).status_code == 401


def test_operations_look_from_the_machine_itself_with_a_token_or_logged_in(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        value = tokens.add(conn, "prometheus", "read", "test", NOW)
    client = office.server.test_client()
    for path in ("/metrics", "/api/health"):
        assert client.get(path).status_code == 200
        assert client.get(path, environ_base=FAR).status_code == 401
        assert client.get(path, environ_base=FAR, headers={"Authorization": f"Bearer {value}"}).status_code == 200


def test_unknown_addresses_say_nothing(office: Office) -> None:
    answer = office.login().get("/no/such/place")
    assert (answer.status_code, answer.json) == (404, {"error": "There is nothing here."})


def test_settings_are_found_without_the_slash(office: Office) -> None:
    answer = office.login().get("/settings", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/settings/")


def test_a_body_that_is_too_large_is_not_read(office: Office) -> None:
    form = {"login": "lead", "password": "x" * 3_000_000}
    assert office.server.test_client().post("/login", data=form, headers=ORIGIN).status_code == 413


def test_pages_carry_the_headers_and_small_answers_stay_small(office: Office) -> None:
    page, small = office.login().get("/settings/"), office.server.test_client().get("/healthz")
    rules = page.headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in rules
    assert "unsafe-eval" not in rules
    assert "'unsafe-inline'" not in rules.split("style-src")[0]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert {page.headers["X-Content-Type-Options"], small.headers["X-Content-Type-Options"]} == {"nosniff"}
    assert "Content-Security-Policy" not in small.headers


def test_who_may_frame_us_can_be_said(office: Office) -> None:
    assert "frame-ancestors 'none'" in policy((), "'none'")
    assert f"script-src 'self' {script_hash('a()')}" in policy([script_hash("a()")], "'self'")


def test_nothing_of_dash_that_we_do_not_use_is_there(whole: Flask) -> None:
    assert not [route.rule for route in routes(whole) if "mcp" in route.rule or "ws" in route.rule]


@pytest.mark.parametrize(
    ("output", "first"),
    [
        ("page.children", "page"),
        ("..page.children...store.data..", "page"),
        ('{"key":["ALL"],"type":"cell.x"}.value', '{"key":["ALL"],"type":"cell.x"}'),
        ("", ""),
        (None, ""),
    ],
)
def test_a_callback_is_known_by_what_it_writes_to_first(output: object, first: str) -> None:
    assert first_output(output) == first


def test_the_login_page_and_its_stylesheet_are_open(office: Office) -> None:
    client = office.server.test_client()
    assert client.get("/login", environ_base=FAR).status_code == 200
    with client.get("/settings/assets/desk.css", environ_base=FAR) as sheet:
        assert sheet.status_code == 200
    assert auth.landing("https://evil.example") == "/settings/targets"
