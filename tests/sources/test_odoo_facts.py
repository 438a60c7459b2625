"""What single records of an Odoo stand for: the cases that a real one knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.facts import Fact, Kind
from tests.emulators.kommo_world import Clock
from tests.emulators.odoo import Emulator, Habits
from tests.emulators.odoo_books import Books
from tests.emulators.odoo_world import (
    CALL,
    EUR,
    LEAD,
    MEETING,
    MOVE,
    PAID_AHEAD,
    TO_DO,
    UAH,
    WON,
    World,
)
from tests.sources.odoo_office import Office

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
OLENA, DMYTRO = 7, 8
THOUSAND = Decimal(1000)
DAY = date(2026, 11, 5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An Odoo in which nothing has happened yet."""
    clock = Clock(NOON)
    with Emulator(World(clock), clock, Habits()) as emulator:
        office = Office(emulator, tmp_path, date(2026, 10, 1))
        yield office
        office.close()


@pytest.fixture
def world(office: Office) -> World:
    return office.emulator.world


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


def facts(office: Office, record: str) -> dict[Kind, Fact]:
    """By kind, after a poll; steps of a deal aside."""
    office.clock.sleep(30)
    office.poll()
    return {fact.kind: fact for fact in office.last(record).facts if fact.kind is not Kind.STAGE_ENTERED}


def paid(office: Office, move: int) -> list[tuple[date | None, Decimal | None, str | None, str | None]]:
    """Every payment of an invoice, after a poll; `out` = it makes the invoice a paid one."""
    office.clock.sleep(30)
    office.poll()
    found = [fact for fact in office.last(f"invoice:{move}").facts if fact.kind is Kind.INVOICE_PAID]
    return [(fact.on, fact.amount, fact.currency, fact.direction) for fact in found]


def test_a_won_deal_counts_for_who_won_it_whoever_has_it_now(office: Office, world: World) -> None:
    lead = world.lead(OLENA, THOUSAND)
    world.clock.sleep(60)
    world.move(lead, WON)
    world.hand_over(lead, DMYTRO)
    found = facts(office, f"deal:{lead}")
    assert (found[Kind.DEAL_WON].rep, found[Kind.DEAL_CREATED].rep) == ("7", "7")
    assert found[Kind.DEAL_WON].at == datetime(2026, 11, 20, 10, 1, tzinfo=UTC)
    assert (found[Kind.DEAL_WON].amount, found[Kind.DEAL_WON].currency) == (THOUSAND, "USD")
    assert office.last(f"deal:{lead}").owner == "8"
    assert found[Kind.DEAL_WON].customer == "ТОВ «Ромашка & Co» <b>"


def test_one_won_stage_after_another_is_one_win_on_the_first_day(office: Office, world: World) -> None:
    lead = world.lead(OLENA, THOUSAND)
    world.move(lead, WON)
    won = facts(office, f"deal:{lead}")[Kind.DEAL_WON].at
    world.hand_over(lead, DMYTRO)
    world.move(lead, PAID_AHEAD)
    after = facts(office, f"deal:{lead}")[Kind.DEAL_WON]
    assert (after.at, after.rep) == (won, "7")


def test_a_lost_deal_names_its_reason_and_an_archived_one_is_neither_won_nor_lost(office: Office, world: World) -> None:
    lost, away = world.lead(OLENA, THOUSAND), world.lead(OLENA, THOUSAND)
    world.lose(lost)
    world.archive(away)
    assert facts(office, f"deal:{lost}")[Kind.DEAL_LOST].loss_reason == "We don't have people/skills"
    assert set(facts(office, f"deal:{away}")) == {Kind.DEAL_CREATED}
    assert office.last(f"deal:{away}").open_deal is None


def test_a_reopened_deal_is_open_and_restoring_takes_a_loss_back(office: Office, world: World) -> None:
    won, lost = world.lead(OLENA, THOUSAND), world.lead(OLENA, THOUSAND)
    world.move(won, WON)
    world.lose(lost)
    office.poll()
    world.move(won, 2)
    world.restore(lost)
    assert set(facts(office, f"deal:{won}")) == set(facts(office, f"deal:{lost}")) == {Kind.DEAL_CREATED}


def test_a_lead_is_a_new_deal_when_it_becomes_one(office: Office, world: World) -> None:
    lead = world.lead(OLENA, THOUSAND, kind="lead")
    assert set(facts(office, f"deal:{lead}")) == {Kind.LEAD_CREATED}
    assert office.last(f"deal:{lead}").open_deal is None
    world.clock.sleep(86400)
    world.convert(lead)
    found = facts(office, f"deal:{lead}")
    assert (found[Kind.LEAD_CREATED].at.day, found[Kind.DEAL_CREATED].at.day) == (20, 21)


def test_who_may_not_read_the_history_sees_owners_and_keeps_the_first(office: Office, world: World) -> None:
    office.emulator.habits.rights = "all"
    lead = world.lead(OLENA, THOUSAND)
    world.move(lead, WON)
    assert facts(office, f"deal:{lead}")[Kind.DEAL_WON].owner_as_seen
    world.hand_over(lead, DMYTRO)
    office.clock.sleep(30)
    office.poll()
    assert office.differences() == {}
    assert "administrator" in office.missing()[Kind.STAGE_ENTERED]
    assert office.problems() == ["no_history"]


def test_a_plan_is_seen_though_it_does_not_change_its_deal(office: Office, world: World) -> None:
    lead = world.lead(OLENA, THOUSAND)
    facts(office, f"deal:{lead}")
    deal = office.last(f"deal:{lead}").open_deal
    assert deal is not None
    assert deal.next_activity is None
    world.plan(OLENA, CALL, lead, "2026-11-25")
    office.clock.sleep(300)
    facts(office, f"deal:{lead}")
    planned = office.last(f"deal:{lead}").open_deal
    assert planned is not None
    assert planned.next_activity == datetime(2026, 11, 25, 21, 59, 59, tzinfo=UTC)


def test_a_call_is_its_owners_and_a_kyiv_call_after_midnight_is_not_yesterdays(office: Office, world: World) -> None:
    world.clock.sleep(12 * 3600 + 1320)
    call = world.plan(OLENA, CALL)
    world.finish(call, by=DMYTRO)
    assert world.tables["mail.activity"][call]["date_done"] == "2026-11-20"
    found = facts(office, f"activity:{call}")[Kind.CALL]
    assert (found.rep, found.at, found.on) == ("7", datetime(2026, 11, 20, 22, 22, tzinfo=UTC), None)
    world.clock.sleep(2 * 86400)
    world.edit(call)
    assert facts(office, f"activity:{call}")[Kind.CALL].at == found.at
    assert office.differences() == {}


def test_an_old_activity_that_was_edited_later_counts_on_its_own_day(office: Office, world: World) -> None:
    call = world.plan(OLENA, CALL)
    world.finish(call, at=int(world.clock.seconds) - 5 * 86400)
    world.edit(call)
    assert facts(office, f"activity:{call}")[Kind.CALL].on == date(2026, 11, 15)


def test_meetings_and_tasks_are_told_apart_and_an_undone_one_stands_for_nothing(office: Office, world: World) -> None:
    meeting, task = world.plan(OLENA, MEETING), world.plan(OLENA, TO_DO)
    world.finish(meeting)
    world.finish(task)
    assert set(facts(office, f"activity:{meeting}")) == {Kind.MEETING}
    assert set(facts(office, f"activity:{task}")) == {Kind.TASK_DONE}
    world.undo(task)
    assert facts(office, f"activity:{task}") == {}


def test_only_letters_from_inside_to_customers_count(office: Office, world: World) -> None:
    world.letter(OLENA)
    world.letter(DMYTRO, kind="email_outgoing")
    world.noise(OLENA)
    office.poll()
    assert office.differences() == {}
    assert sum(fact.kind is Kind.EMAIL for b in office.batches for c in b.changes for fact in c.facts) == 2


def test_each_payment_counts_on_its_day_and_the_last_makes_the_invoice_paid(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, date(2026, 10, 15), UAH)
    books.post(move)
    books.pay(move, Decimal(400), date(2026, 10, 20))
    assert paid(office, move) == [(date(2026, 10, 20), Decimal(400), "UAH", "in")]
    pair = books.pay(move, Decimal(600), DAY, exchange=True)
    assert paid(office, move) == [
        (date(2026, 10, 20), Decimal(400), "UAH", "in"),
        (DAY, Decimal(600), "UAH", "out"),
    ]
    books.unpay(move, pair)
    assert paid(office, move) == [(date(2026, 10, 20), Decimal(400), "UAH", "in")]
    assert office.differences() == {}


def test_a_credit_note_takes_its_amount_away_and_is_no_invoice_more(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, DAY, EUR)
    books.post(move)
    note = books.invoice(OLENA, Decimal(150), DAY, EUR, refund=True)
    books.post(note)
    books.pay(note, Decimal(150), date(2026, 11, 11))
    assert paid(office, note) == [(date(2026, 11, 11), Decimal(-150), "EUR", "in")]
    cells = office.cells()
    assert cells["7", DAY, "invoices_issued"] == 1
    assert cells["7", DAY, "invoices_issued_amount EUR"] == 850
    assert ("7", date(2026, 11, 11), "invoices_paid") not in cells


def test_settled_by_a_credit_note_is_not_paid(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, DAY)
    books.post(move)
    note = books.reverse(move, DAY)
    assert paid(office, move) == paid(office, note) == []
    assert ("7", DAY, "invoices_issued_amount USD") not in office.cells()


def test_a_draft_and_a_cancelled_invoice_stand_for_nothing(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, DAY)
    assert facts(office, f"invoice:{move}") == {}
    books.post(move)
    assert set(facts(office, f"invoice:{move}")) == {Kind.INVOICE_ISSUED}
    books.withdraw(move, "cancel")
    assert facts(office, f"invoice:{move}") == {}


def test_a_payment_without_an_entry_has_the_day_of_the_payment(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, DAY)
    books.post(move)
    books.world.put("account.payment", {"date": "2026-11-07", "amount": 1000.0, "invoice_ids": [move], "state": "paid"})
    books.world.change(MOVE, move, payment_state="paid")
    assert paid(office, move) == [(date(2026, 11, 7), THOUSAND, "USD", "out")]


def test_where_entries_are_hidden_the_pairing_has_the_day_and_it_is_said(office: Office, books: Books) -> None:
    office.emulator.habits.rights = "sales"
    move = books.invoice(OLENA, THOUSAND, date(2026, 11, 9))
    books.post(move)
    books.pay(move, THOUSAND, DAY, exchange=True)
    assert paid(office, move) == [(date(2026, 11, 9), THOUSAND, "USD", "out")]
    assert "entries_hidden" in office.problems()
    office.emulator.habits.rights = "admin"
    books.world.change(MOVE, move)
    paid(office, move)
    # What could not be seen is read again from the start.
    assert paid(office, move) == [(DAY, THOUSAND, "USD", "out")]
    assert office.problems() == []


def test_an_invoice_stays_with_whom_it_was_first_seen(office: Office, books: Books) -> None:
    move = books.invoice(OLENA, THOUSAND, DAY)
    books.post(move)
    office.poll()
    office.clock.sleep(30)
    books.world.change(MOVE, move, invoice_user_id=DMYTRO)
    office.poll()
    assert office.differences() == {}
    assert office.cells()["7", DAY, "invoices_issued"] == 1


def test_rows_changed_in_one_second_are_all_read_and_not_for_ever(office: Office, world: World) -> None:
    office.poll()
    leads = [world.lead(OLENA, THOUSAND) for _ in range(1100)]
    for lead in reversed(leads):
        world.move(lead, WON)
    office.clock.sleep(30)
    office.poll()
    assert office.differences() == {}
    office.clock.sleep(700)
    office.poll()
    office.clock.sleep(400)
    office.emulator.meter.calls.clear()
    office.poll()
    assert office.emulator.meter.calls.count(f"{LEAD}.search_read") <= 2


def test_a_merged_deal_goes_within_an_hour(office: Office, world: World) -> None:
    leads = [world.lead(OLENA, THOUSAND) for _ in range(3)]
    office.poll()
    world.delete(leads[0])
    office.clock.sleep(3700)
    office.poll()
    assert office.differences() == {}


def test_rates_lead_straight_to_the_offices_currency(office: Office) -> None:
    office.poll()
    rates = next(batch.rates for batch in office.batches if batch.rates is not None)
    worth = {(rate.currency, rate.day): rate.value for rate in rates if rate.base == "UAH"}
    assert worth["USD", date(2026, 11, 1)] == pytest.approx(Decimal(42))
    assert worth["EUR", date(2026, 11, 1)] == pytest.approx(Decimal(42) / Decimal("0.92"))
    assert {rate.base for rate in rates} == {"UAH"}


def test_people_come_with_their_teams_and_the_robot_is_none_of_them(office: Office) -> None:
    office.options = {**office.options, "reps": "teams"}
    office.poll()
    people = next(batch.people for batch in office.batches if batch.people is not None)
    groups = next(batch.groups for batch in office.batches if batch.groups is not None)
    assert [(person.id, person.team, person.rep) for person in people][:5] == [
        ("7", "1", True), ("8", "1", True), ("9", "1", True), ("10", "1", True), ("11", "4", True)
    ]  # fmt: skip
    assert [person.rep for person in people if person.team is None] == [False, False]
    assert [person.active for person in people][-1] is False
    assert [(group.id, group.name, group.head) for group in groups] == [("1", "Sales", "7"), ("4", "Pre-Sales", None)]


def test_deals_of_other_teams_stand_for_nothing(office: Office, world: World) -> None:
    office.options = {**office.options, "teams": "pre-sales"}
    lead = world.lead(OLENA, THOUSAND)
    assert facts(office, f"deal:{lead}") == {}
    world.change(LEAD, lead, team_id=4)
    assert set(facts(office, f"deal:{lead}")) == {Kind.DEAL_CREATED}


def test_who_changed_a_deal_last_is_told(office: Office, world: World) -> None:
    lead = world.lead(OLENA, THOUSAND)
    world.tables[LEAD][lead]["write_uid"] = DMYTRO
    facts(office, f"deal:{lead}")
    assert office.last(f"deal:{lead}").changed_by == str(DMYTRO)
