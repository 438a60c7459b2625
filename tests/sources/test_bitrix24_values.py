"""Values, errors, options and limits of Bitrix24, read piece by piece."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from sources import OptionError
from sources._bitrix24.errors import Failure, Trouble, classify, failure_in
from sources._bitrix24.meter import Meter
from sources._bitrix24.options import Calls, EmailOwner, Invoices, Issued, Reps, choice, credential
from sources._bitrix24.values import calendar_day, flag, ident, instant, mapping, money, php_query, renamed


@pytest.mark.parametrize("given", ["0", 0, None, "", "abc", [], -1])
def test_no_link_is_written_in_many_ways(given: Any) -> None:
    assert ident(given) is None


def test_ids_amounts_and_flags_come_as_texts_and_as_numbers() -> None:
    assert ident("1269") == ident(1269) == "1269"
    assert money("19999.99") == money(19999.99) == Decimal("19999.99")
    assert money(19000) == Decimal(19000)
    assert [money(none) for none in (None, "", True, "x", float("nan"))] == [None] * 5
    assert [flag(sign) for sign in ("Y", True, "1", "N", False, None, "")] == [True] * 3 + [False] * 4


def test_no_deadline_and_no_date_are_none_and_naive_times_are_the_servers() -> None:
    assert instant("9999-12-31T00:00:00+03:00") is None
    nothing: tuple[Any, ...] = ("", None, {}, "soon", "0000-00-00")
    assert [instant(value) for value in nothing] == [None] * 5
    zone = timezone(timedelta(hours=3))
    assert instant("2024-07-23 08:08:50", zone) == datetime(2024, 7, 23, 5, 8, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    "shown", ["2024-06-12T03:00:00+03:00", "2024-06-12T02:00:00+02:00", "2024-06-11T19:00:00-05:00", "2024-06-12"]
)
def test_a_date_is_midnight_in_utc_in_the_servers_offset(shown: str) -> None:
    assert calendar_day(shown) == date(2024, 6, 12)


def test_php_writes_an_empty_map_as_a_list() -> None:
    assert mapping([]) == {}
    assert mapping(["a", "b"]) == {"0": "a", "1": "b"}
    assert mapping({"x": 1}) == {"x": 1}
    assert mapping(None) == {}


def test_a_query_is_encoded_once_and_references_are_left_as_they_are() -> None:
    asked = {"filter": {">=updatedTime": "2026-11-20T10:00:00+03:00", ">id": "$result[c0][items][49][id]"}}
    assert php_query({**asked, "select": ["id"], "start": -1}) == (
        "filter[%3E%3DupdatedTime]=2026-11-20T10%3A00%3A00%2B03%3A00&filter[%3Eid]=$result[c0][items][49][id]"
        "&select[]=id&start=-1"
    )


def test_rows_of_the_old_methods_get_the_new_names() -> None:
    old = {"ID": "5", "ASSIGNED_BY_ID": "7", "DATE_CREATE": "x", "STAGE_SEMANTIC_ID": "S", "UF_CRM_1": "a"}
    assert renamed(old) == {"id": "5", "assignedById": "7", "createdTime": "x", "stageSemanticId": "S", "UF_CRM_1": "a"}


@pytest.mark.parametrize(
    ("status", "code", "text", "trouble"),
    [
        (503, "QUERY_LIMIT_EXCEEDED", "Too many requests", Trouble.RATE),
        (200, "QUERY_LIMIT_EXCEEDED", "", Trouble.RATE),
        (429, "OPERATION_TIME_LIMIT", "", Trouble.METHOD_TIME),
        (503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.", Trouble.OVERLOAD),
        (500, "INTERNAL_SERVER_ERROR", "Internal server error", Trouble.SERVER),
        (200, " ERROR_UNEXPECTED_ANSWER ", "", Trouble.SERVER),
        (401, "expired_token", "The access token provided has expired.", Trouble.EXPIRED),
        (401, "NO_AUTH_FOUND", "Wrong authorization data", Trouble.AUTH),
        (403, "INVALID_CREDENTIALS", "", Trouble.AUTH),
        (401, "PAYMENT_REQUIRED", "Payment required", Trouble.PLAN),
        (403, "ACCESS_DENIED", "REST is available only on commercial plans.", Trouble.PLAN),
        (403, "insufficient_scope", "", Trouble.SCOPE),
        (200, "insufficient_scope", "", Trouble.SCOPE),
        (400, "", "Access denied.", Trouble.RIGHTS),
        (200, 0, "SHIPMENT_DOCUMENT entity is not supported", Trouble.ABSENT),
        (404, "ERROR_METHOD_NOT_FOUND", "Method not found!", Trouble.ABSENT),
        (400, "ERROR_METHOD_NOT_FOUND", "", Trouble.ABSENT),
        (400, "NOT_FOUND", "x", Trouble.ABSENT),
        (500, "PORTAL_DELETED", "Portal was deleted", Trouble.GONE),
        (410, "x", "", Trouble.GONE),
        (400, "INVALID_ARG_VALUE", "", Trouble.REQUEST),
        (502, "x", "", Trouble.SERVER),
    ],
)
def test_every_documented_error_has_its_meaning(status: int, code: Any, text: str, trouble: Trouble) -> None:
    assert classify(status, {"error": code, "error_description": text}).trouble is trouble


def test_an_answer_without_an_error_is_one_only_by_its_status() -> None:
    assert failure_in(200, {"result": []}) is None
    assert failure_in(200, ["x"]) == Failure(Trouble.SERVER, "", "The answer is no JSON object.")
    found = failure_in(502, {})
    assert found is not None
    assert found.trouble is Trouble.SERVER
    third = failure_in(400, {"error": {"code": "INSUFFICIENT_SCOPE", "message": "x"}})
    assert third is not None
    assert third.trouble is Trouble.SCOPE


def test_a_webhook_is_taken_as_it_is_copied() -> None:
    for tail in ("", "/", "/profile.json", "/crm.deal.list"):
        found = credential({"webhook_url": f" https://x.bitrix24.com:8443/rest/12/abc_DEF-9{tail} "})
        assert (found.root, getattr(found, "secret", "")) == ("https://x.bitrix24.com:8443", "abc_DEF-9")
        assert "abc_DEF" not in repr(found)


def test_choices_are_read_and_refused() -> None:
    given = {"pipelines": "0, 3", "issued": "sent", "paid": "DT31_1:P,success", "reps": "department:3, 17", "calls": ""}
    found = choice({**given, "invoices": "old", "email_owner": "author", "min_call_seconds": "5"})
    assert found.pipelines == {0, 3}
    assert (found.issued, found.invoices, found.calls) == (Issued.SENT, Invoices.OLD, Calls.AUTO)
    assert found.paid == {"DT31_1:P"}
    assert (found.email_owner, found.min_call_seconds) == (EmailOwner.AUTHOR, 5)
    assert found.reps == Reps(departments=frozenset("3"), users=frozenset(["17"]))
    assert choice({"reps": "none"}).reps == Reps()
    for name, value in (
        ("issued", "later"),
        ("pipelines", "a"),
        ("reps", "x"),
        ("loss_reason_field", "A B"),
        ("paid", "a b"),
    ):
        with pytest.raises(OptionError, match=name):
            choice({name: value})


def test_a_method_that_used_its_time_rests_until_some_is_given_back() -> None:
    meter = Meter()
    meter.note("m", 100, 10, 300, 1_000_000)
    assert meter.room("m", 1_000_000) == 25
    meter.note("m", 360, 26, 250, 1_001_000)
    assert meter.room("m", 1_001_000) == 0
    assert meter.rests_until("m") == 1_001_000 + 250_000
    assert 0 < meter.room("m", 1_300_000) <= 2
    assert Meter(meter.kept(1_001_000)).room("m", 1_001_000) == 0
    assert meter.room("other", 1_001_000) == 50
