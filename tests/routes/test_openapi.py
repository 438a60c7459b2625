"""The description of /api/v1 and what the routes do are one: hostile requests get documented answers and no fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from domain.board import SourceHealth, Status
from domain.deliveries import Outcome, Posted
from domain.facts import Kind
from domain.metrics import Unit
from domain.settings import PeriodKind
from routes import guard, hooks
from sources import _hook_fields, hook
from storage import db as store
from storage import tokens
from tests.desk.office import NOW, Office, furnish
from tests.routes.test_hook_facts import connect

DESCRIPTION = json.loads((Path(guard.__file__).parents[1] / "docs" / "api" / "openapi.json").read_text("utf-8"))
SCHEMAS = DESCRIPTION["components"]["schemas"]
FEW = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return furnish(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def token(office: Office) -> str:
    with store.write(office.deps.db) as conn:
        return tokens.add(conn, "test", "read", "root", NOW)


@pytest.fixture(scope="module")
def secret(office: Office) -> str:
    return connect(office, "any").rpartition("/")[2]


def test_the_description_names_the_routes_and_no_others() -> None:
    described = {path.replace("{", "<").replace("}", ">") for path in DESCRIPTION["paths"]}
    assert described == {route for route in guard.ROUTES if route.startswith("/api/v1/")}
    for path, methods in DESCRIPTION["paths"].items():
        rule = guard.ROUTES[path.replace("{", "<").replace("}", ">")]
        assert all((rule is guard.Rule.TOKEN) == bool(each["security"]) for each in methods.values())


def test_the_description_lists_what_the_domain_knows() -> None:
    assert SCHEMAS["Kind"]["enum"] == list(Kind)
    assert SCHEMAS["Status"]["enum"] == list(Status)
    assert SCHEMAS["Unit"]["enum"] == list(Unit)
    assert SCHEMAS["Period"]["properties"]["kind"]["enum"] == list(PeriodKind)
    assert SCHEMAS["Board"]["properties"]["sources"]["items"]["properties"]["state"]["enum"] == list(SourceHealth)
    assert list(SCHEMAS["Fact"]["properties"]) == list(_hook_fields._READERS)
    post = DESCRIPTION["paths"]["/api/v1/hooks/{secret}"]["post"]
    assert set(post["responses"]) == {str(hooks.STATUS[each]) for each in Outcome}
    body = post["requestBody"]["content"]["application/json"]
    assert body["schema"]["oneOf"][1]["maxItems"] == hook.MOST_FACTS
    hook.read_delivery({}, "UTC", Posted(json.dumps(body["example"]).encode(), "application/json"), NOW)


def test_everybody_may_read_the_description(office: Office) -> None:
    answer = office.server.test_client().get("/api/v1/openapi.json", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (answer.status_code, answer.mimetype, answer.json) == (200, "application/json", DESCRIPTION)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ["/api/v1/board", "/api/v1/facts.csv"])
def test_whatever_is_asked_is_answered_as_described(
    office: Office, token: str, path: str, mode: GenerationMode
) -> None:
    statuses = set[int]()

    @FEW
    @given(case=described(office)[path]["GET"].as_strategy(mode))
    def ask(case: Any) -> None:
        statuses.add(case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS).status_code)

    ask()
    # What is meant to be wrong may be the token.
    assert statuses <= {200, 400, 401}
    assert (200 if mode is GenerationMode.POSITIVE else 400) in statuses


@pytest.mark.parametrize("path", ["/api/v1/board", "/api/v1/facts.csv"])
def test_nobody_without_a_token_is_told_anything(office: Office, path: str) -> None:
    case = described(office)[path]["GET"].Case()
    assert case.call_and_validate(checks=CHECKS).status_code == 401


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_to_a_hook_is_stored_or_refused_as_described(
    office: Office, secret: str, mode: GenerationMode
) -> None:
    statuses = set[int]()

    @FEW
    @given(case=described(office)["/api/v1/hooks/{secret}"]["POST"].as_strategy(mode))
    def send(case: Any) -> None:
        case.path_parameters = {"secret": secret}
        statuses.add(case.call_and_validate(checks=CHECKS).status_code)

    send()
    assert (202 if mode is GenerationMode.POSITIVE else 422) in statuses
    assert office.server.test_client().get("/healthz").status_code == 200


def test_a_made_up_address_is_nothing_whatever_is_sent(office: Office) -> None:
    @settings(FEW, max_examples=10)
    @given(case=described(office)["/api/v1/hooks/{secret}"]["POST"].as_strategy())
    def send(case: Any) -> None:
        assert case.call_and_validate(checks=CHECKS).status_code == 404

    send()


def described(office: Office) -> Any:
    """The description as the server gives it, with the server behind it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.server)
