"""Rows in the shapes that Kommo documents, and the facts that they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.facts import Change, Direction, Fact, Kind
from sources import OptionError
from sources._kommo.deals import deal_changes
from sources._kommo.hook import Hook, read_hook
from sources._kommo.invoices import invoice_changes
from sources._kommo.memory import Handover, Memory, Move
from sources._kommo.office import Office, Stage
from sources._kommo.rows import Desk
from sources._kommo.rules import read_rules
from sources._kommo.work import note_changes, task_changes

Row = dict[str, Any]
T = 1_795_000_000
STAGES = {
    (10, 11): Stage(10, 11, "New", 20, "Sales"),
    (10, 12): Stage(10, 12, "Invoice sent", 30, "Sales"),
    (10, 13): Stage(10, 13, "Paid", 40, "Sales"),
    (10, 142): Stage(10, 142, "Won", 10000, "Sales"),
    (10, 143): Stage(10, 143, "Lost", 11000, "Sales"),
    (20, 21): Stage(20, 21, "New", 20, "Service"),
    (20, 142): Stage(20, 142, "Won", 10000, "Service"),
}


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A memory that forgets everything afterwards."""
    kept = Memory(Path(":memory:"))
    yield kept
    kept.close()


def desk(memory: Memory, **options: str) -> Desk:
    office = Office(currency="UAH", stages=STAGES, users=frozenset((1, 2, 3)), reasons={5: "Too dear"}, catalog=4517)
    return Desk("https://name.kommo.com", "UAH", 0, office, read_rules(options), memory, exact=True)


def lead(**changes: object) -> Row:
    row: Row = {
        "id": 77,
        "name": " Big one ",
        "price": 655,
        "responsible_user_id": 1,
        "status_id": 11,
        "pipeline_id": 10,
        "loss_reason_id": None,
        "created_at": T,
        "updated_at": T + 500,
        "closed_at": None,
        "closest_task_at": None,
        "is_deleted": False,
        "custom_fields_values": None,
        "_embedded": {"tags": [], "companies": []},
    }
    return row | changes


def move(at: int, status: int, before: int, event: str = "a", pipeline: int = 10) -> Move:
    return Move(77, at, event, pipeline, status, pipeline, before)


def only(changes: list[Change], kind: Kind) -> Fact:
    (fact,) = [fact for fact in changes[0].facts if fact.kind is kind]
    return fact


def kinds(changes: list[Change]) -> set[Kind]:
    return {fact.kind for fact in changes[0].facts}


def test_an_open_lead_is_a_created_deal_and_an_open_one(memory: Memory) -> None:
    (change,) = deal_changes([lead(closest_task_at=T + 9000)], desk(memory))
    assert change.record == "deal:77"
    assert change.revision == (T + 500) * 1000
    assert change.url == "https://name.kommo.com/leads/detail/77"
    (fact,) = change.facts
    assert (fact.kind, fact.rep, fact.amount, fact.currency, fact.title) == (
        Kind.DEAL_CREATED,
        "1",
        Decimal(655),
        "UAH",
        "Big one",
    )
    assert fact.at == datetime.fromtimestamp(T, UTC)
    opened = change.open_deal
    assert opened is not None
    assert (opened.stage, opened.pipeline, opened.owner) == ("New", "Sales", "1")
    assert opened.next_activity == datetime.fromtimestamp(T + 9000, UTC)


def test_a_won_lead_counts_on_its_closing_day_for_who_had_it_then(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11)])
    memory.saw_handovers([Handover("lead", 77, T + 50, "a", 3), Handover("lead", 77, T + 200, "b", 2)])
    won = lead(status_id=142, closed_at=T + 100, responsible_user_id=1, price_with_minor_units=655.25)
    changes = deal_changes([won], desk(memory))
    fact = only(changes, Kind.DEAL_WON)
    assert (fact.rep, fact.amount, fact.stage) == ("2", Decimal("655.25"), "Won")
    assert fact.at == datetime.fromtimestamp(T + 100, UTC)
    assert only(changes, Kind.DEAL_CREATED).rep == "3"
    assert changes[0].owner == "1"
    assert changes[0].open_deal is None


def test_a_backdated_win_keeps_its_winner(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11)])
    memory.saw_handovers([Handover("lead", 77, T + 50, "a", 3)])
    fact = only(deal_changes([lead(status_id=142, closed_at=T + 10)], desk(memory)), Kind.DEAL_WON)
    assert (fact.rep, fact.at) == ("1", datetime.fromtimestamp(T + 10, UTC))


def test_within_one_second_the_order_of_events_tells_who_won(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11, event="01b")])
    memory.saw_handovers([Handover("lead", 77, T + 100, "01a", 3), Handover("lead", 77, T + 100, "01c", 2)])
    assert only(deal_changes([lead(status_id=142, closed_at=T + 100)], desk(memory)), Kind.DEAL_WON).rep == "2"


def test_a_won_lead_in_another_pipelines_won_stage_was_won_when_it_was_won(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11), Move(77, T + 300, "b", 20, 142, 10, 142)])
    memory.saw_handovers([Handover("lead", 77, T + 200, "x", 2)])
    won = lead(status_id=142, pipeline_id=20, closed_at=T + 100)
    assert only(deal_changes([won], desk(memory)), Kind.DEAL_WON).rep == "2"


@pytest.mark.parametrize("told", [[{"id": 5, "name": "Too dear"}], {"id": 5, "name": "Too dear"}, [], None])
def test_a_lost_lead_names_its_reason_and_the_stage_it_left(memory: Memory, told: object) -> None:
    memory.saw_moves([move(T + 50, 12, 11), move(T + 100, 143, 12, "b")])
    lost = lead(status_id=143, closed_at=T + 100, loss_reason_id=5, _embedded={"loss_reason": told})
    fact = only(deal_changes([lost], desk(memory)), Kind.DEAL_LOST)
    assert (fact.loss_reason, fact.stage) == ("Too dear", "Invoice sent")


def test_the_loss_reason_may_come_from_a_field_of_the_office(memory: Memory) -> None:
    fields = [{"field_id": 900, "field_code": None, "values": [{"value": "Ghosted", "enum_id": 1}]}]
    lost = lead(status_id=143, closed_at=T, loss_reason_id=5, custom_fields_values=fields)
    assert only(deal_changes([lost], desk(memory, loss_reason_field="900")), Kind.DEAL_LOST).loss_reason == "Ghosted"


def test_a_reopened_lead_is_neither_won_nor_lost(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11), move(T + 200, 12, 142, "b")])
    assert kinds(deal_changes([lead(status_id=12)], desk(memory))) == {Kind.DEAL_CREATED, Kind.STAGE_ENTERED}


def test_a_deleted_lead_and_one_of_a_pipeline_that_does_not_count_stand_for_nothing(memory: Memory) -> None:
    for row, options in (
        (lead(is_deleted=True), {}),
        (lead(), {"pipelines": "Service"}),
        (lead(), {"pipelines": "20"}),
    ):
        (change,) = deal_changes([row], desk(memory, **options))
        assert (change.facts, change.open_deal) == ((), None)
    assert kinds(deal_changes([lead()], desk(memory, pipelines="service, SALES"))) == {Kind.DEAL_CREATED}


def test_what_lies_before_the_first_day_is_left_out(memory: Memory) -> None:
    won = lead(status_id=142, closed_at=T + 100)
    assert kinds(deal_changes([won], replace(desk(memory), since=T + 50))) == {Kind.DEAL_WON}


def test_stages_stand_for_invoices_where_the_office_says_so(memory: Memory) -> None:
    memory.saw_moves([move(T + 10, 12, 11), move(T + 20, 13, 12, "b")])
    options = {"invoice_issued_stages": "Sales/Invoice sent", "invoice_paid_stages": "10:13"}
    changes = deal_changes([lead(status_id=13)], desk(memory, **options))
    assert only(changes, Kind.INVOICE_ISSUED).at == datetime.fromtimestamp(T + 10, UTC)
    assert only(changes, Kind.INVOICE_PAID).amount == Decimal(655)


def test_a_deal_moved_back_before_the_paid_stage_is_not_paid(memory: Memory) -> None:
    memory.saw_moves([move(T + 10, 12, 11), move(T + 20, 13, 12, "b"), move(T + 30, 12, 13, "c")])
    options = {"invoice_issued_stages": "12", "invoice_paid_stages": "paid"}
    found = kinds(deal_changes([lead(status_id=12)], desk(memory, **options)))
    assert Kind.INVOICE_ISSUED in found
    assert Kind.INVOICE_PAID not in found


def test_a_change_of_owner_that_no_event_tells_of_leaves_the_win_where_it_was(memory: Memory) -> None:
    memory.saw_moves([move(T + 100, 142, 11)])
    won = lead(status_id=142, closed_at=T + 100, responsible_user_id=1, updated_at=T + 100)
    deal_changes([won], desk(memory))
    later = won | {"responsible_user_id": 2, "updated_at": T + 5000}
    assert only(deal_changes([later], desk(memory)), Kind.DEAL_WON).rep == "1"


def note(**changes: object) -> Row:
    row: Row = {
        "id": 900,
        "entity_id": 77,
        "created_by": 1,
        "updated_by": 1,
        "created_at": T,
        "updated_at": T + 1,
        "responsible_user_id": 2,
        "note_type": "call_in",
        "params": {"uniq": "865a-u", "duration": 130, "source": "line", "phone": 380441234567, "call_status": 4},
    }
    return row | changes


def call(memory: Memory, row: Row, entity: str = "contacts") -> tuple[str, Fact]:
    (change,) = note_changes([row], entity, desk(memory))
    (fact,) = change.facts
    return change.record, fact


def test_a_call_note_is_a_call_of_its_author(memory: Memory) -> None:
    record, fact = call(memory, note())
    assert record == "call:u:865a-u"
    assert (fact.rep, fact.seconds, fact.direction, fact.answered) == ("1", 130, Direction.IN, True)


@pytest.mark.parametrize(
    ("status", "duration", "answered"),
    [
        (4, 0, True),
        (6, 10, False),
        (7, 0, False),
        (None, 0, False),
        (None, "60", True),
        ("4", "60", True),
        (None, "", False),
    ],
)
def test_a_call_was_answered_by_its_status_or_else_by_its_length(
    memory: Memory, status: object, duration: object, answered: bool
) -> None:
    _, fact = call(memory, note(params={"uniq": "", "duration": duration, "call_status": status}))
    assert fact.answered is answered


@pytest.mark.parametrize(
    ("author", "responsible", "named", "rep"),
    [(1, 2, 3, "1"), (0, 2, 3, "2"), (999, 2, 3, "2"), (0, 0, 3, "3"), (0, 0, "Olena", None), (0, None, None, None)],
)
def test_who_was_on_the_line(
    memory: Memory, author: int, responsible: int | None, named: object, rep: str | None
) -> None:
    params = {"duration": 5, "call_responsible": named}
    _, fact = call(memory, note(created_by=author, responsible_user_id=responsible, params=params))
    assert fact.rep == rep


def test_one_mark_is_one_call_wherever_it_is_noted_and_the_leads_note_wins(memory: Memory) -> None:
    found = [
        note_changes([note(id=number)], entity, desk(memory))[0] for number, entity in ((1, "leads"), (2, "contacts"))
    ]
    assert found[0].record == found[1].record
    assert found[0].revision > found[1].revision


def test_calls_without_a_mark_are_told_apart_by_their_note(memory: Memory) -> None:
    blank = note(params={"uniq": " ", "duration": 5})
    assert {call(memory, blank | {"id": 1}, "leads")[0], call(memory, blank | {"id": 1}, "companies")[0]} == {
        "call:leads:1",
        "call:companies:1",
    }
    assert len(call(memory, note(params={"uniq": "x" * 500}))[0]) < 60


def test_params_that_php_wrote_as_an_empty_list_are_empty(memory: Memory) -> None:
    record, fact = call(memory, note(params=[]))
    assert (record, fact.seconds, fact.answered) == ("call:contacts:900", 0, False)


def test_mail_notes_count_when_they_went_out(memory: Memory) -> None:
    sent = {"message_id": "777", "income": False, "to": {"email": "a@example.com"}}
    (change,) = note_changes([note(note_type="amomail_message", params=sent)], "contacts", desk(memory))
    assert (change.record, change.facts[0].kind, change.facts[0].direction) == (
        "email:u:777",
        Kind.EMAIL,
        Direction.OUT,
    )
    got = note(note_type="amomail_message", params={"message_id": "778", "income": True})
    assert note_changes([got, note(note_type="common", params={"text": "x"})], "contacts", desk(memory)) == []


def task(**changes: object) -> Row:
    row: Row = {
        "id": 7087,
        "created_by": 3,
        "created_at": T,
        "updated_at": T + 900,
        "responsible_user_id": 1,
        "is_completed": True,
        "task_type_id": 2,
        "text": "Meet",
        "result": [],
        "complete_till": T + 5000,
    }
    return row | changes


def test_a_done_task_counts_when_the_feed_says_and_a_meeting_twice(memory: Memory) -> None:
    memory.saw_done([(7087, T + 400)])
    (change,) = task_changes([task()], desk(memory))
    assert {fact.kind for fact in change.facts} == {Kind.TASK_DONE, Kind.MEETING}
    assert {fact.at for fact in change.facts} == {datetime.fromtimestamp(T + 400, UTC)}


def test_without_an_event_a_task_was_done_when_it_was_first_seen_done(memory: Memory) -> None:
    task_changes([task(task_type_id=1)], desk(memory))
    (change,) = task_changes([task(task_type_id=1, updated_at=T + 90000)], desk(memory))
    assert [fact.at for fact in change.facts] == [datetime.fromtimestamp(T + 900, UTC)]


def test_an_open_task_says_nothing_unless_it_was_done_before(memory: Memory) -> None:
    assert task_changes([task(is_completed=False)], desk(memory)) == []
    task_changes([task()], desk(memory))
    (change,) = task_changes([task(is_completed=False)], desk(memory))
    assert change.facts == ()


def bill(status: dict[str, object], paid: object = None, price: object = "12500") -> Row:
    fields = [
        {"field_id": 1, "field_code": "BILL_STATUS", "values": [status]},
        {"field_id": 2, "field_code": "BILL_PRICE", "values": [{"value": price}]},
    ]
    if paid is not None:
        fields.append({"field_id": 3, "field_code": "BILL_PAYMENT_DATE", "values": [{"value": paid}]})
    return {
        "id": 525441,
        "name": "Invoice 238",
        "created_by": 3,
        "created_at": T,
        "updated_at": T + 50,
        "is_deleted": False,
        "custom_fields_values": fields,
    }


def test_an_invoice_counts_for_who_had_its_deal_on_each_day(memory: Memory) -> None:
    memory.saw_owners("lead", [(77, 1, T)])
    memory.saw_links([(525441, 77)])
    memory.saw_handovers([Handover("lead", 77, T + 20, "a", 2)])
    changes = invoice_changes([bill({"value": "Оплачен", "enum_code": "paid"}, T + 40)], desk(memory))
    issued, paid = only(changes, Kind.INVOICE_ISSUED), only(changes, Kind.INVOICE_PAID)
    assert (issued.rep, issued.amount, issued.owner_as_seen) == ("2", Decimal(12500), False)
    assert (paid.rep, paid.at) == ("1", datetime.fromtimestamp(T + 40, UTC))


def test_an_invoice_without_a_deal_counts_for_its_author_as_seen(memory: Memory) -> None:
    (change,) = invoice_changes([bill({"value": "Создан", "enum_code": "created"})], desk(memory))
    assert [(fact.kind, fact.rep, fact.owner_as_seen) for fact in change.facts] == [(Kind.INVOICE_ISSUED, "3", True)]


@pytest.mark.parametrize(
    ("status", "paid"),
    [
        ({"value": "x", "enum_code": "paid"}, True),
        ({"value": "Оплачен", "enum_code": "created"}, False),
        ({"value": "Paid"}, True),
        ({"value": "Частично оплачен"}, False),
        ({"value": "x", "enum_code": "partially_paid"}, False),
        ({}, False),
    ],
)
def test_the_code_of_the_status_tells_whether_it_is_paid_else_its_word(
    memory: Memory, status: dict[str, object], paid: bool
) -> None:
    assert (Kind.INVOICE_PAID in kinds(invoice_changes([bill(status)], desk(memory)))) is paid


def test_a_payment_without_a_day_is_on_the_day_it_was_first_seen(memory: Memory) -> None:
    row = bill({"enum_code": "paid"})
    invoice_changes([row], desk(memory))
    changes = invoice_changes([row | {"updated_at": T + 90000}], desk(memory))
    assert only(changes, Kind.INVOICE_PAID).at == datetime.fromtimestamp(T + 50, UTC)


def test_an_invoice_without_its_price_field_counts_and_adds_no_money(memory: Memory) -> None:
    row = bill({"enum_code": "created"}) | {"custom_fields_values": None}
    assert only(invoice_changes([row], desk(memory)), Kind.INVOICE_ISSUED).amount is None


def test_stages_named_for_invoices_replace_the_list(memory: Memory) -> None:
    rows = [bill({"enum_code": "paid"})]
    assert kinds(invoice_changes(rows, desk(memory, invoice_paid_stages="Paid"))) == {Kind.INVOICE_ISSUED}


def test_a_number_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(OptionError, match="loss_reason_field"):
        read_rules({"loss_reason_field": "reason"})


def test_a_hook_says_what_was_touched_and_for_which_account() -> None:
    body = (
        "leads[status][0][id]=25&leads[status][0][status_id]=142&leads[add][0][id]=26"
        "&contacts[note][0][note][type]=3&contacts[note][0][note][type][message_uuid]=70f3&account[subdomain]=example"
    )
    touched = frozenset((("leads", "status"), ("leads", "add"), ("contacts", "note")))
    assert read_hook(body.encode()) == Hook("example", touched)


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe", b"a=1&b=2", b"{}", b"a[b][0]=1&" * 30_000])
def test_what_is_no_hook_is_none(body: bytes) -> None:
    assert read_hook(body) is None
