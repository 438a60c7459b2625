"""What spreadsheets turn into: facts, people, open deals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.facts import Detail, Direction, Kind
from domain.metrics import contributions
from sources import OptionError
from tests.sources.sheets import Desk

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_call_carries_its_start_length_direction_and_answer(desk: Desk) -> None:
    desk.write("calls.csv", "id,rep,at,seconds,direction,answered\n7,Anna,2026-11-20 09:30:00,125,in,no\n").sync()
    (call,) = desk.facts()
    assert (call.kind, call.rep, call.seconds, call.direction, call.answered) == (
        Kind.CALL,
        "Anna",
        125,
        Direction.IN,
        False,
    )
    assert call.at == datetime(2026, 11, 20, 9, 30, tzinfo=KYIV)
    assert call.on is None
    assert set(desk.records) == {"calls.csv:7"}


def test_a_day_without_a_time_is_that_day_in_the_zone_of_the_source(desk: Desk) -> None:
    desk.options["timezone"] = "America/New_York"
    (mail,) = desk.write("emails.csv", "rep,date\nAnna,2026-11-20\n").sync().facts()
    assert (mail.on, mail.at) == (date(2026, 11, 20), datetime(2026, 11, 20, 5, tzinfo=UTC))


def test_a_time_in_a_column_of_its_own_belongs_to_the_day_beside_it(desk: Desk) -> None:
    (call,) = desk.write("calls.csv", "rep,date,time\nAnna,20.11.2026,2:05 PM\n").sync().facts()
    assert (call.on, call.at) == (None, datetime(2026, 11, 20, 14, 5, tzinfo=KYIV))


def test_a_time_with_a_zone_keeps_it(desk: Desk) -> None:
    (call,) = desk.write("calls.csv", "rep,at\nAnna,2026-11-20T08:00:00Z\n").sync().facts()
    assert call.at == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("65", 65), ("1:05", 65), ("0:01:05", 65), ("1:00:00", 3600), ("", None)]
)
def test_lengths_of_calls_are_seconds_or_clocks(desk: Desk, text: str, seconds: int | None) -> None:
    (call,) = desk.write("calls.csv", f"rep,at,duration\nAnna,2026-11-20,{text}\n").sync().facts()
    assert call.seconds == seconds


def test_minutes_become_seconds(desk: Desk) -> None:
    (call,) = desk.write("calls.csv", "rep;at;хвилини\nAnna;2026-11-20;1,5\n").sync().facts()
    assert call.seconds == 90


def test_ukrainian_and_russian_headings_and_words_are_plain(desk: Desk) -> None:
    desk.write("activities.csv", "Менеджер;Дата;Тип\nОлена;20.11.2026;Дзвінок\nОлена;20.11.2026;Письмо\n")
    desk.write(
        "invoices.csv", "Ответственный;Дата выставления;Дата оплаты;Сумма\nОлена;19.11.2026;20.11.2026;1 200,50\n"
    )
    desk.sync()
    assert [fact.kind for fact in desk.facts()] == [Kind.INVOICE_ISSUED, Kind.CALL, Kind.EMAIL, Kind.INVOICE_PAID]
    assert {fact.amount for fact in desk.facts(Kind.INVOICE_PAID)} == {Decimal("1200.50")}
    assert {fact.rep for fact in desk.facts()} == {"Олена"}


def test_an_unknown_type_is_said_once_with_its_count_and_the_rest_is_taken(desk: Desk) -> None:
    rows = "".join(f"Anna,2026-11-{day},{kind}\n" for day in (18, 19, 20) for kind in ("demo", "call"))
    desk.write("activities.csv", f"rep,date,type\n{rows}").sync()
    assert len(desk.facts(Kind.CALL)) == len(desk.facts()) == 3
    ((code, where, count),) = [(p.code, p.where, p.count) for p in desk.problems]
    assert (code, where, count) == ("word", "activities.csv:type", 3)
    assert "demo" in desk.problems[0].text


def test_a_won_deal_is_created_and_won_and_no_longer_open(desk: Desk) -> None:
    desk.write(
        "deals.csv", "id,rep,created_on,closed_on,outcome,amount\n5,Anna,2026-10-01,2026-11-20,won,100.5\n"
    ).sync()
    created, won = desk.facts()
    assert (created.kind, created.on) == (Kind.DEAL_CREATED, date(2026, 10, 1))
    assert (won.kind, won.on, won.amount, won.currency) == (Kind.DEAL_WON, date(2026, 11, 20), Decimal("100.5"), "UAH")
    assert desk.records["deals.csv:5"].open_deal is None


def test_a_lost_deal_keeps_its_reason_and_stage(desk: Desk) -> None:
    desk.write(
        "deals.csv", "rep,created,closed,stage,outcome,reason\nAnna,2026-10-01,2026-11-20,Offer,програно,price\n"
    )
    (lost,) = desk.sync().facts(Kind.DEAL_LOST)
    assert (lost.loss_reason, lost.stage) == ("price", "Offer")


def test_a_deal_that_is_neither_won_nor_lost_is_open(desk: Desk) -> None:
    desk.write(
        "deals.csv",
        "id,rep,created_on,close_date,stage,amount,currency,next_activity,name\n"
        "5,Anna,2026-10-01,2026-12-24,Negotiation,90,EUR,2026-11-21 10:00,Big one\n",
    ).sync()
    assert [fact.kind for fact in desk.facts()] == [Kind.DEAL_CREATED]
    deal = desk.records["deals.csv:5"].open_deal
    assert deal is not None
    assert (deal.owner, deal.stage, deal.amount, deal.currency, deal.title) == (
        "Anna",
        "Negotiation",
        Decimal(90),
        "EUR",
        "Big one",
    )
    assert deal.next_activity == datetime(2026, 11, 21, 10, tzinfo=KYIV)


def test_the_stage_decides_where_there_is_no_outcome(desk: Desk) -> None:
    desk.write(
        "deals.csv", "id,created,closed,stage\n1,2026-10-01,2026-11-20,Closed Won\n2,2026-10-01,2026-11-20,Lost\n"
    )
    assert [fact.kind for fact in desk.sync().facts()[2:]] == [Kind.DEAL_WON, Kind.DEAL_LOST]


def test_a_day_of_winning_is_enough(desk: Desk) -> None:
    desk.write("deals.csv", "id,created,won_on,lost_on\n1,2026-10-01,2026-11-20,\n2,2026-10-01,,2026-11-20\n").sync()
    assert [fact.kind for fact in desk.facts()[2:]] == [Kind.DEAL_WON, Kind.DEAL_LOST]


def test_a_won_deal_without_a_day_is_listed_and_not_taken(desk: Desk) -> None:
    desk.write("deals.csv", "id,rep,created_on,closed_on,outcome\n1,A,2026-10-01,,won\n2,A,2026-10-01,,\n").sync()
    assert set(desk.records) == {"deals.csv:2"}
    assert [problem.where for problem in desk.problems] == ["deals.csv:2:closed_on"]


def test_an_invoice_counts_when_issued_and_again_when_paid_and_a_draft_never(desk: Desk) -> None:
    desk.write(
        "invoices.csv",
        "number,manager,issued_on,paid_on,amount,currency,status\n"
        "1,Anna,2026-11-01,2026-11-20,100,usd,paid\n2,Anna,2026-11-02,,50,USD,sent\n3,Anna,2026-11-03,,70,USD,draft\n",
    ).sync()
    assert [(f.kind, f.amount, f.currency) for f in desk.facts()] == [
        (Kind.INVOICE_ISSUED, Decimal(100), "USD"),
        (Kind.INVOICE_ISSUED, Decimal(50), "USD"),
        (Kind.INVOICE_PAID, Decimal(100), "USD"),
    ]


def test_the_sign_names_the_currency_where_no_column_does(desk: Desk) -> None:
    desk.write("invoices.csv", "issued_on;amount\n2026-11-01;€ 1 200,50\n2026-11-02;700,10 грн\n2026-11-03;5\n").sync()
    assert [fact.currency for fact in desk.facts()] == ["EUR", "UAH", "UAH"]


def test_what_no_table_holds_is_missing_and_not_zero(desk: Desk) -> None:
    desk.write("invoices.csv", "id,issued_on,amount\n1,2026-11-01,5\n")
    desk.write("activities.csv", "rep,date,type\nAnna,2026-11-20,call\n").sync()
    assert {Kind.CALL, Kind.INVOICE_ISSUED} & set(desk.missing) == set()
    assert {Kind.EMAIL, Kind.INVOICE_PAID, Kind.DEAL_WON, Detail.CALL_SECONDS} <= set(desk.missing)
    desk.write("calls.csv", "rep,at,minutes\nAnna,2026-11-20,2\n").sync()
    assert Detail.CALL_SECONDS not in desk.missing


def test_without_a_table_of_reps_every_name_is_a_rep(desk: Desk) -> None:
    desk.write("calls.csv", "rep,at\nAnna,2026-11-20\n Ivan  Koval ,2026-11-20\n,2026-11-20\n").sync()
    assert [(person.id, person.rep) for person in desk.people] == [("Anna", True), ("Ivan Koval", True)]


def test_reps_are_found_by_id_name_or_address_and_strangers_are_left_open(desk: Desk) -> None:
    desk.write("reps.csv", "id,name,team,email\n7,Anna Bond,North,a@x.ua\n8,Ivan,South,\n")
    calls = "".join(f"{who},2026-11-20\n" for who in ("7", "Anna Bond", "a@x.ua", "Nobody"))
    desk.write("calls.csv", f"rep,at\n{calls}").sync()
    assert [fact.rep for fact in desk.facts()] == ["7", "7", "7", "Nobody"]
    assert [(p.id, p.name, p.team, p.rep) for p in desk.people] == [
        ("7", "Anna Bond", "North", True),
        ("8", "Ivan", "South", True),
        ("Nobody", "Nobody", None, None),
    ]
    assert [group.id for batch in desk.batches for group in batch.groups or ()] == ["North", "South"]


def test_a_name_that_two_reps_share_is_not_guessed(desk: Desk) -> None:
    desk.write("reps.csv", "id,name\n1,Anna\n2,Anna\n").write(
        "calls.csv", "rep,at\nAnna,2026-11-20\n1,2026-11-20\n"
    ).sync()
    assert [fact.rep for fact in desk.facts()] == ["1"]
    assert "two reps are called 'Anna'" in desk.problems[0].text


def test_rows_without_an_id_are_told_apart_and_keep_their_keys_when_others_come(desk: Desk) -> None:
    row = "Anna,2026-11-20\n"
    desk.write("calls.csv", f"rep,at\n{row}{row}").sync()
    before = set(desk.records)
    desk.write("calls.csv", f"rep,at\nIvan,2026-11-19\n{row}{row}").sync()
    assert len(before) == 2
    assert before < set(desk.records)
    assert len(desk.records) == 3


def test_the_same_id_twice_is_a_mistake(desk: Desk) -> None:
    desk.write("calls.csv", "id,rep,at\n1,A,2026-11-20\n1,B,2026-11-20\n").sync()
    assert [fact.rep for fact in desk.facts()] == ["A"]
    assert desk.said() == ["calls.csv:3:id: '1' is also in row 2: give each row an id of its own"]


def test_totals_equal_the_sum_over_the_rows_for_any_amounts(desk: Desk) -> None:
    amounts = [Decimal(n * 37 % 1000) + Decimal(n % 100) / 100 for n in range(1, 400)]
    rows = "".join(f"{n},rep{n % 7},2026-11-{n % 28 + 1:02},{amount}\n" for n, amount in enumerate(amounts))
    desk.write("invoices.csv", f"id,rep,issued_on,amount\n{rows}").sync()
    parts = [value for f in desk.facts() for m, value in contributions(f, 30) if m.key == "invoices_issued_amount"]
    assert sum(parts) == sum(amounts)


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("date_order", "ymd", "date_order"),
        ("decimal", "dot", "decimal"),
        ("timezone", "Kyiv", "time zone"),
        ("currency", "hryvnia", "three letters"),
        ("holds", "phones", "holds"),
        ("delimiter", ";;", "one character"),
        ("path", "https://user:pass@example.com/x.csv", "path"),
        ("path", "http://example.com/calls.csv", "https"),
    ],
)
def test_an_option_that_is_wrong_is_refused_by_name(desk: Desk, option: str, value: str, says: str) -> None:
    desk.options[option] = value
    if option == "path":
        desk.path, desk.options = value, {}
    with pytest.raises(OptionError, match=says):
        desk.sync()
