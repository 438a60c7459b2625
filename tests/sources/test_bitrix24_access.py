"""Logins, scopes and secrets of the Bitrix24 source."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from domain.facts import Kind
from sources import AuthError, OptionError, SourceError, prepare
from sources.bitrix24 import authorize_url, connect, exchange_code
from tests.emulators.bitrix24_office import Office, floor, office


def kinds(place: Office) -> set[str]:
    return {metric for metric, _, _ in place.stored()}


def test_a_missing_scope_disables_its_metric_and_nothing_else(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.scopes.discard("telephony")
        batches = place.sync()
        assert batches[-1].missing == {Kind.CALL: "the webhook lacks `telephony`"}
        assert "calls" not in kinds(place)
        assert {"deals_won", "emails", "invoices_paid"} <= kinds(place)
        place.sync()
        assert place.requests == 1


def test_a_scope_that_is_granted_later_brings_its_metric(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.scopes.discard("telephony")
        place.sync()
        place.portal.scopes.add("telephony")
        place.clock.sleep(1000)
        batches = place.sync()
        assert batches[-1].missing == {}
        assert place.differences() == {}


def test_without_the_crm_scope_only_calls_are_left(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.scopes.discard("crm")
        batches = place.sync()
        assert set(batches[-1].missing or {}) == set(Kind) - {Kind.CALL}
        assert {"calls"} < kinds(place) <= {"calls", "missed_calls", "call_seconds", "productive_calls"}
        place.portal.scopes.add("crm")
        place.clock.sleep(1000)
        place.sync()
        assert place.differences() == {}


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "WRONG_AUTH_TYPE", "METHOD_CONFIRM_WAITING", "INVALID_ARG_VALUE"])
def test_a_method_that_is_refused_is_not_available_and_says_why(tmp_path: Path, code: str) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.refused["voximplant.statistic.get"] = (403, code)
        batches = place.sync()
        assert code.lower() in (batches[-1].missing or {})[Kind.CALL]
        assert "deals_won" in kinds(place)


def test_without_the_names_the_numbers_still_come(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.scopes.discard("user_brief")
        batches = place.sync()
        assert all(batch.people is None for batch in batches)
        assert [problem.code for problem in batches[-1].problems or ()] == ["no_people"]
        assert place.differences() == {}


def test_a_portal_without_telephony_counts_call_activities(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.absent.add("voximplant.statistic.get")
        place.world.activity("VOXIMPLANT_CALL", 2, 12, direction=2, done=True)
        batches = place.sync()
        assert batches[-1].missing == {}
        assert place.stored()["calls", "12", date(2026, 11, 20)] == 1


def test_a_portal_without_smart_invoices_says_so(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.absent.add("entity:31")
        batches = place.sync()
        assert set(batches[-1].missing or {}) == {Kind.INVOICE_ISSUED, Kind.INVOICE_PAID}
        assert "deals_won" in kinds(place)


def test_a_portal_older_than_the_item_methods_is_read_by_those_before_them(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.absent.add("crm.item.list")
        batches = place.sync()
        assert set(batches[-1].missing or {}) == {Kind.INVOICE_ISSUED, Kind.INVOICE_PAID}
        place.clock.sleep(600)
        place.world.move(place.world.new_deal(12), "WON")
        place.sync(reconcile=True)
        assert {metric for metric, _, _ in place.differences()} <= {
            "invoices_issued", "invoices_issued_amount", "invoices_paid", "invoices_paid_amount"
        }  # fmt: skip
        assert place.open_deals() == place.world.open_plans()


def test_without_a_stage_history_the_time_of_the_last_move_counts(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.absent.add("crm.stagehistory.list")
        batches = place.sync()
        assert set(batches[-1].missing or {}) == {Kind.STAGE_ENTERED}
        assert place.differences() == {}


@pytest.fixture
def app(tmp_path: Path) -> Callable[[Office], Office]:
    def make(place: Office) -> Office:
        place.options = {
            "portal": place.url, "client_id": "app.1", "client_secret": place.portal.secret, "oauth_server": place.url,
        }  # fmt: skip
        return place

    return make


def test_an_application_is_authorized_by_a_code_and_reads(tmp_path: Path, app: Callable[[Office], Office]) -> None:
    with office(tmp_path, floor()) as plain:
        place = app(plain)
        assert authorize_url(place.options, "st&te").startswith(
            f"{place.url}/oauth/authorize/?client_id=app.1&state=st%26te"
        )
        with pytest.raises(AuthError, match="Authorize"):
            place.sync()
        exchange_code(place.options, place.site(), "goodcode")
        place.sync()
        assert place.differences() == {}
        with pytest.raises(AuthError):
            exchange_code(place.options, place.site(), "badcode")


def test_an_expired_token_is_renewed_once_and_kept_before_it_is_used(
    tmp_path: Path, app: Callable[[Office], Office]
) -> None:
    with office(tmp_path, floor()) as plain:
        place = app(plain)
        exchange_code(place.options, place.site(), "goodcode")
        place.portal.token = "another"
        place.sync()
        assert place.vault.values["access_token"] == place.portal.token == "access2canary"
        assert place.vault.values["refresh_token"] == place.portal.refresh
        assert (place.portal.issued, place.portal.burnt) == (2, 0)


def test_a_token_that_another_process_renewed_is_taken(tmp_path: Path, app: Callable[[Office], Office]) -> None:
    with office(tmp_path, floor()) as plain:
        place = app(plain)
        exchange_code(place.options, place.site(), "goodcode")
        old = dict(place.vault.values)
        exchange_code(place.options, place.site(), "goodcode")
        new, reads = dict(place.vault.values), []

        def read() -> dict[str, str]:
            reads.append(1)
            return old if len(reads) == 1 else new

        place.vault.read = read  # type: ignore[method-assign]  # the first look is before the other process wrote
        place.sync()
        assert (place.portal.issued, place.portal.burnt) == (2, 0)


def test_a_refused_refresh_token_asks_for_a_login_and_is_not_hammered(
    tmp_path: Path, app: Callable[[Office], Office]
) -> None:
    with office(tmp_path, floor()) as plain:
        place = app(plain)
        place.vault.values = {"access_token": "old", "refresh_token": "burnt"}
        with pytest.raises(AuthError, match="Authorize"):
            place.sync()
        assert place.portal.burnt == 1
        assert place.requests == 1


def test_no_secret_is_ever_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, app: Callable[[Office], Office]
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    with office(tmp_path, floor(20, 20, 20)) as place:
        for fault in ("html", "500", "cut", "429", "invalid", "deleted", "drop", "overload"):
            place.portal.faults.extend([fault] * 6)
            with pytest.raises(SourceError) as caught:
                place.sync()
            told += [repr(caught.value), repr(caught.value.__context__), str(caught.getrepr(style="long"))]
            place.portal.faults.clear()
        place.sync()
        told += [repr(place.cursor), repr(place.source()), str(place.source().check())]
        app(place)
        place.vault.values = {"access_token": "oldcanary", "refresh_token": "burntcanary"}
        with pytest.raises(AuthError) as refused:
            place.sync()
        told += [repr(refused.value), repr(refused.value.__context__)]
    everything = caplog.text + "".join(part for part in told if "Traceback" not in part)
    for canary in (place.portal.secret, "oldcanary", "burntcanary"):
        assert canary not in everything


@pytest.mark.parametrize(
    "options",
    [
        {}, {"webhook_url": "https://x.example/rest/1"}, {"webhook_url": "ftp://x.example/rest/1/SECRETSECRET/"},
        {"portal": "https://x.example"}, {"portal": "https://x.example", "client_id": "a"},
    ],
)  # fmt: skip
def test_a_login_that_cannot_work_is_refused_without_repeating_it(tmp_path: Path, options: dict[str, str]) -> None:
    with office(tmp_path) as place, pytest.raises(OptionError) as caught:
        connect(prepare("bitrix24", options), place.site())
    assert "SECRETSECRET" not in str(caught.value)


def test_a_portal_inside_the_network_has_to_be_allowed(tmp_path: Path) -> None:
    with office(tmp_path) as place:
        source = connect(prepare("bitrix24", place.options), place.site(allow_local=False))
        with pytest.raises(OptionError):
            list(source.sync(None, place.ask()))
        assert place.portal.requests == 0
