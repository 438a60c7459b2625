"""The documented shapes of Bitrix24, read piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.facts import Direction, Kind
from sources import OptionError, SchemaError
from sources._bitrix24 import book as books
from sources._bitrix24.book import Book, Stage
from sources._bitrix24.changes import Maker, Step, entered
from sources._bitrix24.errors import Failure, Trouble, classify, failure_in
from sources._bitrix24.meter import Meter
from sources._bitrix24.options import Calls, Choice, EmailOwner, Invoices, Issued, Reps, choice, credential
from sources._bitrix24.pages import Want, ask
from sources._bitrix24.people import people, rates
from sources._bitrix24.photos import fetch
from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import CALLS, DEALS, INVOICES, Stream, date_text, streams
from sources._bitrix24.values import calendar_day, flag, ident, instant, mapping, money, php_query, renamed
from sources.bitrix24 import deletion, parse_event, verified
from sources.http import Bucket, CrmSession

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BOOK = Book(
    deals={"NEW": Stage("New", "P"), "C1:WON": Stage("Won!", "S"), "LOSE": Stage("Too late", "F")},
    invoices={"DT31_2:S": Stage("Sent", "P"), "DT31_2:P": Stage("Paid", "S")},
    pipelines={0: "Sales", 1: "Service"},
    reasons={"41": "Too dear"},
)


def maker(**chosen: Any) -> Maker:
    return Maker(BOOK, Choice(**chosen), "https://x.example")


def reply(results: Mapping[str, Any], failures: Mapping[str, Failure] | None = None) -> Reply:
    return Reply(results, failures or {}, {}, NOW)


# --- values


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


# --- errors


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


# --- options


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


# --- records


def deal(**other: Any) -> dict[str, Any]:
    row = {
        "id": 5111, "title": "Boats", "assignedById": 6, "createdTime": "2026-11-01T10:00:00+03:00",
        "updatedTime": "2026-11-19T12:00:00+03:00", "movedTime": "2026-11-19T11:00:00+03:00", "stageId": "C1:WON",
        "stageSemanticId": "S", "categoryId": 1, "opportunity": 19000.5, "currencyId": "UAH",
        "closedate": "2026-11-05T03:00:00+03:00",
    }  # fmt: skip
    return {**row, **other}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}:00+03:00")


def step(number: int, when: str, semantic: str, stage: str = "NEW") -> Step:
    return Step(number, at(when), stage, semantic, 1)


def test_a_deal_is_won_at_its_first_step_into_success_after_the_last_one_out_of_it() -> None:
    steps = [
        step(1, "01T10:00", "P"),
        step(2, "02T10:00", "S"),
        step(3, "03T10:00", "P"),
        step(4, "04T10:00", "S"),
        step(5, "05T10:00", "S"),
    ]
    change = maker().deal(deal(), list(reversed(steps)), None, "Acme")
    won = next(fact for fact in change.facts if fact.kind is Kind.DEAL_WON)
    assert (won.at, won.rep, won.amount, won.currency, won.customer) == (
        at("04T10:00"),
        "6",
        Decimal("19000.5"),
        "UAH",
        "Acme",
    )
    assert (won.stage, won.pipeline, won.owner_as_seen, won.on) == ("Won!", "Service", True, None)
    assert change.open_deal is None
    assert change.url == "https://x.example/crm/deal/details/5111/"
    assert change.revision == int(at("19T12:00").timestamp() * 1000)


def test_without_a_history_the_last_move_counts_and_without_that_the_closing_day() -> None:
    won = maker().deal(deal(), [], None, None).facts[-1]
    assert (won.kind, won.at) == (Kind.DEAL_WON, at("19T11:00"))
    closed = maker().deal(deal(movedTime=None), [], None, None).facts[-1]
    assert closed.on == date(2026, 11, 5)


def test_a_loss_names_the_stage_it_left_and_its_reason() -> None:
    row = deal(stageId="LOSE", stageSemanticId="F", UF_CRM_REASON=41)
    steps = [step(1, "01T10:00", "P"), step(2, "02T10:00", "F", "LOSE")]
    lost = maker().deal(row, steps, None, None).facts[-1]
    assert (lost.kind, lost.stage, lost.loss_reason) == (Kind.DEAL_LOST, "New", "Too late")
    for name in ("UF_CRM_REASON", "ufCrmReason", "ufCrm_REASON"):
        named = deal(stageId="LOSE", stageSemanticId="F", **{name: ["41", "free words"]})
        chosen = maker(loss_reason_field="UF_CRM_REASON").deal(named, steps, None, None).facts[-1]
        assert chosen.loss_reason == "Too dear, free words"
    empty = maker(loss_reason_field="UF_CRM_REASON").deal({**row, "UF_CRM_REASON": 0}, steps, None, None).facts[-1]
    assert empty.loss_reason == "Too late"


def test_an_open_deal_is_open_and_a_template_or_a_foreign_pipeline_is_nothing() -> None:
    row = deal(stageId="NEW", stageSemanticId="P")
    opened = maker().deal(row, [], NOW, None).open_deal
    assert opened is not None
    assert (opened.owner, opened.stage, opened.next_activity) == ("6", "New", NOW)
    for change in (
        maker().deal({**row, "isRecurring": "Y"}, [], NOW, None),
        maker(pipelines=frozenset((0, 3))).deal(row, [], NOW, None),
    ):
        assert (change.facts, change.open_deal) == ((), None)
        assert change.revision > 0


def test_steps_find_their_entry() -> None:
    p, s, other = step(1, "01T10:00", "P"), step(2, "02T10:00", "S"), step(3, "03T10:00", "S")
    assert entered([p, s, other], "S") == (p, s)
    assert entered([s, p], "S") == (p, None)
    assert entered([], "S") == (None, None)


def invoice(**other: Any) -> dict[str, Any]:
    row = {
        "id": 9, "assignedById": 6, "createdTime": "2026-11-01T10:00:00+03:00",
        "movedTime": "2026-11-03T10:00:00+03:00", "updatedTime": "2026-11-04T10:00:00+03:00",
        "begindate": "2026-11-02T03:00:00+03:00",
        "stageId": "DT31_2:P",
        "opportunity": 100, "currencyId": "UAH",
    }  # fmt: skip
    return {**row, **other}


def test_an_invoice_is_issued_and_paid_as_chosen() -> None:
    facts = {fact.kind: fact for fact in maker().invoice(invoice(), []).facts}
    assert facts[Kind.INVOICE_ISSUED].at == at("01T10:00")
    assert facts[Kind.INVOICE_PAID].at == at("03T10:00")
    dated = maker(issued=Issued.DATED).invoice(invoice(), []).facts[0]
    assert dated.on == date(2026, 11, 2)
    sent = maker(issued=Issued.SENT).invoice(invoice(), [step(1, "02T12:00", "P", "DT31_2:S")]).facts[0]
    assert sent.at == at("02T12:00")
    assert [fact.kind for fact in maker(issued=Issued.SENT).invoice(invoice(stageId="DT31_2:N"), []).facts] == []
    assert len(maker(paid=frozenset(["DT31_2:D"])).invoice(invoice(), []).facts) == 1


def test_an_old_invoice_keeps_its_own_day_of_payment() -> None:
    row = {
        "ID": "4", "ORDER_TOPIC": "Boats", "DATE_INSERT": "2026-11-01T10:00:00+03:00",
        "DATE_BILL": "2026-11-02T03:00:00+03:00", "DATE_PAYED": "2026-11-03T15:00:00+03:00",
        "PAYED": "Y", "PRICE": "100.50", "CURRENCY": "UAH",
        "RESPONSIBLE_ID": "6", "DATE_UPDATE": "2026-11-04T10:00:00+03:00",
    }  # fmt: skip
    issued, paid = maker().old_invoice(row).facts
    assert (issued.at, paid.at, paid.amount, paid.rep) == (at("01T10:00"), at("03T15:00"), Decimal("100.50"), "6")
    assert len(maker().old_invoice({**row, "PAYED": "N"}).facts) == 1
    assert maker(issued=Issued.DATED).old_invoice(row).facts[0].on == date(2026, 11, 2)


def call(**other: Any) -> dict[str, Any]:
    row = {
        "ID": "7", "PORTAL_USER_ID": "1269", "CALL_DURATION": "95", "CALL_START_DATE": "2026-11-10T11:19:38+03:00",
        "CALL_FAILED_CODE": "200", "CALL_TYPE": "2", "PHONE_NUMBER": "79062195047",
    }  # fmt: skip
    return {**row, **other}


@pytest.mark.parametrize(
    ("kind", "code", "direction", "answered"),
    [
        ("1", "200", Direction.OUT, True), ("1", "603-S", Direction.OUT, False), ("2", "200", Direction.IN, True),
        ("2", "304", Direction.IN, False), ("3", "200", Direction.IN, True), ("4", "486", Direction.OUT, False),
    ],
)  # fmt: skip
def test_the_types_and_codes_of_calls(kind: str, code: str, direction: Direction, answered: bool) -> None:
    change = maker().call(call(CALL_TYPE=kind, CALL_FAILED_CODE=code))
    assert change is not None
    fact = change.facts[0]
    assert (fact.direction, fact.answered, fact.seconds, fact.rep) == (direction, answered, 95, "1269")


def test_info_calls_and_calls_too_short_are_none_and_no_number_is_kept() -> None:
    assert maker().call(call(CALL_TYPE="5")) is None
    assert maker(min_call_seconds=96).call(call()) is None
    assert "79062195047" not in repr(maker().call(call()))
    nobody = maker().call(call(PORTAL_USER_ID="0"))
    assert nobody is not None
    assert nobody.facts[0].rep is None


def activity(**other: Any) -> dict[str, Any]:
    row = {
        "ID": "20", "OWNER_ID": "15", "OWNER_TYPE_ID": "2", "TYPE_ID": "4", "PROVIDER_ID": "CRM_EMAIL",
        "DIRECTION": "2", "COMPLETED": "Y", "STATUS": "2", "RESPONSIBLE_ID": "505", "AUTHOR_ID": "7",
        "CREATED": "2026-11-10T13:26:00+03:00", "LAST_UPDATED": "2026-11-12T20:28:00+03:00",
        "START_TIME": "2026-11-11T13:25:00+03:00", "END_TIME": "2026-11-11T19:25:00+03:00",
        "DEADLINE": "9999-12-31T00:00:00+03:00",
    }  # fmt: skip
    return {**row, **other}


def test_letters_count_when_they_are_sent() -> None:
    change = maker().activity(activity(), False)
    assert change is not None
    assert change.record == "email:20"
    assert (change.facts[0].kind, change.facts[0].at, change.facts[0].rep) == (Kind.EMAIL, at("10T13:26"), "505")
    draft = maker().activity(activity(COMPLETED="N"), False)
    assert draft is not None
    assert draft.facts == ()
    received = maker().activity(activity(DIRECTION="1", COMPLETED="N"), False)
    assert received is not None
    assert received.facts[0].direction is Direction.IN
    author = maker(email_owner=EmailOwner.AUTHOR).activity(activity(), False)
    assert author is not None
    assert author.facts[0].rep == "7"


def test_meetings_tasks_and_calls_among_the_activities() -> None:
    meeting = maker().activity(activity(TYPE_ID="1", PROVIDER_ID="CRM_MEETING"), False)
    assert meeting is not None
    assert (meeting.record, meeting.facts[0].kind, meeting.facts[0].at) == ("activity:20", Kind.MEETING, at("11T13:25"))
    task = maker().activity(activity(TYPE_ID="6", PROVIDER_ID="CRM_TASKS_TASK"), False)
    assert task is not None
    assert (task.facts[0].kind, task.facts[0].at) == (Kind.TASK_DONE, at("11T19:25"))
    late = maker().activity(activity(TYPE_ID="3", PROVIDER_ID="TASKS", DEADLINE="2026-11-11T19:25:00+03:00"), False)
    assert late is not None
    assert late.facts[0].at == at("12T20:28")
    assert maker().activity(activity(TYPE_ID="2", PROVIDER_ID="VOXIMPLANT_CALL"), False) is None
    spoken = maker().activity(activity(TYPE_ID="2", PROVIDER_ID="VOXIMPLANT_CALL"), True)
    assert spoken is not None
    assert (spoken.facts[0].kind, spoken.facts[0].seconds) == (Kind.CALL, None)
    assert maker().activity(activity(TYPE_ID="6", PROVIDER_ID="CRM_SMS"), True) is None


def test_a_plan_needs_a_deadline_and_a_deal() -> None:
    due = {"COMPLETED": "N", "DEADLINE": "2026-11-30T10:00:00+03:00"}
    assert maker().planned(activity(**due)) == (15, at("30T10:00"))
    assert maker().planned(activity(**due, OWNER_TYPE_ID="3")) is None
    assert maker().planned(activity(**{**due, "COMPLETED": "Y"})) is None
    assert maker().planned(activity(COMPLETED="N")) is None
    assert maker().planned(activity(COMPLETED="N", DEADLINE="")) == (15, at("11T19:25"))


def test_the_book_is_written_from_the_portals_answers() -> None:
    statuses = [
        {"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW", "NAME": "Нова", "SORT": "10", "SEMANTICS": None, "EXTRA": []},
        {"ENTITY_ID": "DEAL_STAGE_1", "STATUS_ID": "C1:APOLOGY", "NAME": "Why", "EXTRA": {"SEMANTICS": "apology"}},
        {"ENTITY_ID": "SMART_INVOICE_STAGE_2", "STATUS_ID": "DT31_2:P", "NAME": "Paid", "SEMANTICS": "S", "EXTRA": []},
        {"ENTITY_ID": "STATUS", "STATUS_ID": "NEW", "NAME": "Lead", "SEMANTICS": "S"},
    ]  # fmt: skip
    found = books.read(
        reply({
            "book_stages": statuses,
            "book_pipelines": {"categories": [{"id": 0, "name": "General"}]},
            "book_fields": {"fields": {"ufCrm_17": {"items": [{"ID": "41", "VALUE": "Too dear"}]}}},
        }),
        "UF_CRM_17",
    )  # fmt: skip
    assert found.deals == {"NEW": Stage("Нова", "P", 10), "C1:APOLOGY": Stage("Why", "F")}
    assert found.invoices["DT31_2:P"].semantic == "S"
    assert found.pipelines == {0: "General"}
    assert found.reasons == {"41": "Too dear"}
    assert books.read(reply({}), None) == Book()


def test_users_are_people_dismissed_ones_too(tmp_path: Path) -> None:
    found = people(
        [
            {"ID": "1", "ACTIVE": True, "NAME": "Іван", "LAST_NAME": "", "UF_DEPARTMENT": [3, 1], "TIMESTAMP_X": {}},
            {"ID": "3", "ACTIVE": False, "NAME": "", "LAST_NAME": ""},
            {"ID": "1", "ACTIVE": True, "NAME": "Іван", "UF_DEPARTMENT": [3, 1]},
        ],
        Reps(departments=frozenset("3")),
        tmp_path,
    )
    assert [(person.id, person.name, person.team, person.active, person.rep) for person in found] == [
        ("1", "Іван", "3", True, True), ("3", "User 3", None, False, False)
    ]  # fmt: skip
    assert people([{"ID": "1"}], Reps(), tmp_path)[0].rep is None


def test_rates_go_straight_to_the_offices_currency() -> None:
    listed = [
        {"CURRENCY": "RUB", "AMOUNT_CNT": "1", "AMOUNT": "1.0000", "BASE": "Y"},
        {"CURRENCY": "USD", "AMOUNT_CNT": "1", "AMOUNT": "80.0000", "BASE": "N"},
        {"CURRENCY": "UAH", "AMOUNT_CNT": "10", "AMOUNT": "20.0000", "BASE": "N"},
        {"CURRENCY": "XXX", "AMOUNT_CNT": "0", "AMOUNT": "0", "BASE": "N"},
    ]
    found = rates(reply({"currencies": listed, "base_currency": "RUB"}), "UAH")
    assert found is not None
    assert {(rate.currency, rate.base, rate.value) for rate in found} == {
        ("RUB", "UAH", Decimal("0.5")),
        ("USD", "UAH", Decimal(40)),
    }
    assert rates(reply({}), "UAH") is None


# --- lists


class Canned:
    """A portal that answers one batch with what it was given."""

    def __init__(self, answer: Reply) -> None:
        self.answer = answer
        self.asked: dict[str, Command] = {}

    def batch(self, commands: Mapping[str, Command], deadline: float) -> Reply:
        self.asked = dict(commands)
        return self.answer


ITEMS = Stream("deals", "crm.item.list", fixed={"entityTypeId": 2})


def page(first: int, count: int) -> dict[str, Any]:
    return {"items": [{"id": number} for number in range(first, first + count)]}


def asked(results: Mapping[str, Any], failures: Mapping[str, Failure] | None = None, last: int = 0) -> Any:
    portal = Canned(reply(results, failures))
    return ask(portal, {"deals": Want(ITEMS, last, 3)}, 0)[1]["deals"]  # type: ignore[arg-type]  # a portal's part


def test_what_follows_a_short_page_is_not_believed() -> None:
    found = asked({"deals_0": page(1, 50), "deals_1": page(51, 7), "deals_2": page(1, 50)})
    assert (len(found.rows), found.last, found.ended) == (57, 57, True)


def test_a_chain_that_breaks_is_taken_up_where_it_broke() -> None:
    server = Failure(Trouble.SERVER, "x", "")
    found = asked({"deals_0": page(1, 50)}, {"deals_1": server, "deals_2": server})
    assert (len(found.rows), found.last, found.ended, found.failure) == (50, 50, False, None)


@pytest.mark.parametrize("result", [None, False, "x", {"rows": []}, 7])
def test_an_answer_without_a_list_ends_nothing(result: Any) -> None:
    found = asked({"deals_0": result})
    assert (found.ended, found.failure.trouble) == (False, Trouble.SERVER)


def test_a_portal_that_ignores_the_filter_by_id_is_not_read_for_ever() -> None:
    with pytest.raises(SchemaError, match="ignores"):
        asked({"deals_0": page(1, 50)}, last=900)


def test_every_list_pages_by_id_in_the_form_of_its_method() -> None:
    known = {stream.name: stream for stream in streams(Choice(), old_methods=False, telephony=True)}
    text = known[CALLS].command(7).text()
    assert text == "voximplant.statistic.get?FILTER[%3EID]=7&SORT=ID&ORDER=ASC&start=-1"
    assert "order[id]=ASC&start=-1" in known[DEALS].command(7).text()
    old = {stream.name: stream for stream in streams(Choice(invoices=Invoices.OLD), old_methods=True, telephony=True)}
    assert old[DEALS].command(7).text().startswith("crm.deal.list?select[]=ID&select[]=TITLE&select[]=ASSIGNED_BY_ID")
    assert old[INVOICES].method == "crm.invoice.list"
    assert old[DEALS].rows([{"ID": "5", "DATE_MODIFY": "x"}]) == [{"id": "5", "updatedTime": "x"}]


def test_dates_in_filters_bear_the_servers_own_offset() -> None:
    zone = timezone(timedelta(hours=3))
    assert date_text(NOW, zone, naive=False) == "2026-11-20T15:00:00+03:00"
    assert date_text(NOW, zone, naive=True) == "2026-11-20 15:00:00"


# --- limits


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


# --- events


def form(**other: str) -> bytes:
    body = {
        "event": "ONCRMDEALUPDATE", "data%5BFIELDS%5D%5BID%5D": "759", "ts": "1736405807",
        "auth%5Bapplication_token%5D": "t0ken", **other,
    }  # fmt: skip
    return "&".join(f"{name}={value}" for name, value in body.items()).encode()


def test_an_event_is_believed_by_its_token_alone() -> None:
    event = verified(parse_event(form()), "t0ken")
    assert event is not None
    assert (event.name, event.record, event.deleted) == ("ONCRMDEALUPDATE", "deal:759", False)
    assert verified(parse_event(form()), "another") is None
    assert verified(parse_event(form()), "") is None
    assert verified(parse_event(b"event=ONCRMDEALUPDATE"), "t0ken") is None
    assert verified(parse_event(form(event="ONIMBOTMESSAGEADD")), "t0ken") is None
    assert verified(parse_event(b"\xff\xfe&&=%zz"), "t0ken") is None


def test_a_deletion_is_newer_than_all_that_was_known() -> None:
    event = verified(parse_event(form(event="onCrmDealDelete")), "t0ken")
    assert event is not None
    assert [(change.record, change.facts, change.revision) for change in deletion(event)] == [
        ("deal:759", (), 1736405808000)
    ]
    letter = verified(parse_event(form(event="ONCRMACTIVITYDELETE")), "t0ken")
    assert letter is not None
    assert [change.record for change in deletion(letter)] == ["activity:759", "email:759"]
    smart = verified(parse_event(form(event="ONCRMDYNAMICITEMDELETE")), "t0ken")
    assert smart is not None
    assert deletion(smart) == ()


# --- photos


def test_photos_are_fetched_once_and_only_if_they_are_pictures(tmp_path: Path) -> None:
    from tests.sources.test_http import reply as answer
    from tests.sources.test_http import served

    bodies = {"/1.jpg": b"\xff\xd8\xff\xe0jpeg", "/2.jpg": b"<html>login</html>", "/3": b"\x89PNG\r\n\x1a\nx"}
    with served(lambda handler, _: answer(handler, 200, bodies[handler.path])) as (url, seen):
        session = CrmSession(Bucket(100, 100), now=lambda: NOW, allow_local=True)
        photos = {"1": f"{url}/1.jpg", "2": f"{url}/2.jpg", "3": f"{url}/3", "../4": f"{url}/1.jpg"}
        assert fetch(session, photos, tmp_path, 1e12) == 2
        assert fetch(session, photos, tmp_path, 1e12) == 0
    assert len(seen) == 3
    listed = people([{"ID": "1"}, {"ID": "2"}, {"ID": "3"}], Reps(), tmp_path)
    assert [person.photo for person in listed] == ["photos/1.jpg", None, "photos/3.png"]
