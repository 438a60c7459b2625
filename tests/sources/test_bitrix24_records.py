"""The documented records of Bitrix24, and what each of them stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.facts import Direction, Kind
from sources._bitrix24 import book as books
from sources._bitrix24.book import Book, Stage
from sources._bitrix24.changes import Maker, Step, entered
from sources._bitrix24.errors import Failure
from sources._bitrix24.options import Choice, EmailOwner, Issued, Reps
from sources._bitrix24.people import people, rates
from sources._bitrix24.portal import Reply

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


def test_who_changed_it_last_is_told() -> None:
    assert maker().deal(deal(updatedBy="9"), [], None, None).changed_by == "9"
    assert maker().deal(deal(), [], None, None).changed_by is None


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
