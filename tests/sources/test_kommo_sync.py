"""A sync of a whole account: what it costs, where it stops and goes on, what it says when Kommo refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from domain.facts import Kind
from sources import AuthError, PermissionDeniedError, SourceError, ThrottledError, TransientError
from tests.emulators.kommo import TOKEN, Emulator, Habits
from tests.emulators.kommo_story import happen, tell
from tests.emulators.kommo_world import WON, Clock, World
from tests.sources.kommo_office import Office, first_day

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
Make = Callable[..., Office]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an office around an account; `size` leads of history."""
    made: list[tuple[Emulator, Office]] = []

    def build(habits: Habits | None = None, size: int = 0, **options: str) -> Office:
        clock = Clock(NOON)
        world = World(clock)
        tell(world, Random(3), 30, size, size * 3)
        emulator = Emulator(world, clock, habits)
        emulator.__enter__()
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append((emulator, Office(emulator, folder, first_day(NOON, 40), **options)))
        return made[-1][1]

    yield build
    for emulator, office in made:
        emulator.__exit__()
        office.close()


def test_a_quiet_cycle_takes_at_most_eight_requests_whatever_the_hour(make: Make) -> None:
    for by_time in (True, False):
        office = make(Habits(elements_by_time=by_time), 80)
        office.poll()
        costs = []
        for _ in range(65):
            office.clock.sleep(60)
            costs.append(office.poll())
        assert max(costs) <= 8
        assert min(costs) <= 7
        assert office.emulator.meter.most <= 3


def test_invoices_of_a_long_list_are_seen_in_time_and_cost_little_while_nothing_moves(make: Make) -> None:
    office = make(size=10)
    world = office.emulator.world
    invoices = [world.invoice(None, 101, Decimal(10)) for _ in range(1100)]
    office.poll()
    costs = []
    world.pay(invoices[3])
    for _ in range(26):
        office.clock.sleep(30)
        costs.append(office.poll())
    assert max(costs) <= 8
    assert office.differences() == {}
    world.pay(invoices[900])
    world.lead(101, Decimal(1))
    office.clock.sleep(30)
    office.poll()
    assert office.differences() == {}


def test_after_a_mass_change_quiet_cycles_become_cheap_again(make: Make) -> None:
    office = make()
    world = office.emulator.world
    for _ in range(900):
        world.lead(101, Decimal(5))
    office.poll()
    assert office.poll() > 8
    office.clock.sleep(700)
    office.poll()
    office.clock.sleep(30)
    assert office.poll() <= 8
    world.lead(102, Decimal(7))
    office.poll()
    assert office.differences() == {}


def test_an_empty_account_is_read_and_current(make: Make) -> None:
    office = make()
    office.poll()
    assert office.batches[-1].as_of == NOON
    assert office.cells() == {}


def test_people_groups_and_what_cannot_be_had_come_with_the_first_read(make: Make) -> None:
    office = make(Habits(catalog=False))
    office.poll()
    last = office.batches[-1]
    assert last.people is not None
    assert {(person.id, person.team, person.rep) for person in last.people} >= {("101", "5", True), ("102", "0", True)}
    assert last.groups is not None
    assert {group.name for group in last.groups} == {"Sales", "Key accounts"}
    assert last.missing is not None
    assert {Kind.LEAD_CREATED, Kind.INVOICE_ISSUED, Kind.INVOICE_PAID, Kind.OFFER_SENT} == last.missing.keys()


def test_a_first_read_stops_at_its_deadline_goes_on_and_shows_progress(make: Make) -> None:
    office = make(size=600)
    rounds, shown = 0, []
    while not office.batches or office.batches[-1].as_of is None:
        office.poll(budget=6)
        rounds += 1
        shown += [(batch.done, batch.total) for batch in office.batches if batch.done]
        assert rounds < 60
    assert rounds >= 3
    assert all(total is None or done <= total for done, total in shown)
    office.poll()
    assert office.differences() == {}
    assert office.emulator.meter.count < 90


def test_no_request_is_sent_when_the_time_is_over(make: Make) -> None:
    office = make(size=5)
    assert office.poll(budget=0.2) == 0


def test_a_lead_won_and_handed_over_between_two_polls_counts_for_the_winner(make: Make) -> None:
    office = make()
    world = office.emulator.world
    lead = world.lead(101, Decimal(100))
    office.poll()
    office.clock.sleep(60)
    world.move(lead, WON)
    office.clock.sleep(5)
    world.hand_over(lead, 102)
    office.poll()
    assert {key[0] for key in office.cells() if key[2] == "deals_won"} == {"101"}
    assert office.differences() == {}


def test_deleted_restored_and_merged_leads_leave_and_return(make: Make) -> None:
    office = make()
    world = office.emulator.world
    leads = [world.lead(101, Decimal(10)) for _ in range(8)]
    office.poll()

    def count() -> int:
        office.clock.sleep(700)
        office.poll()
        return int(sum(value for key, value in office.cells().items() if key[2] == "deals_created"))

    world.delete(leads[0])
    assert count() == 7
    world.restore(leads[0])
    assert count() == 8
    world.merge(leads[1], leads[2])
    assert count() == 7
    world.delete(leads[0])
    world.restore(leads[0])
    assert count() == 7
    assert office.refused == []


def test_the_night_finds_what_no_event_told(make: Make) -> None:
    office = make(Habits(untold=frozenset(("lead_deleted", "task_deleted"))), 30)
    office.poll()
    world = office.emulator.world
    for lead in sorted(world.leads.rows)[:4]:
        world.delete(lead)
    recent = [key for at, key in world.tasks.order if at > world.clock.seconds - 5 * 86400]
    for task in recent[:2]:
        world.delete_task(task)
    office.clock.sleep(60)
    office.poll(reconcile=True)
    assert office.differences() == {}


def test_a_mass_disappearance_is_not_believed(make: Make) -> None:
    office = make(Habits(untold=frozenset(("lead_deleted",))), 60)
    office.poll()
    before = office.cells()
    world = office.emulator.world
    for lead in sorted(world.leads.rows)[:40]:
        world.delete(lead)
    office.clock.sleep(60)
    office.poll(reconcile=True)
    assert office.cells() == before
    assert office.refused


def test_one_list_that_is_refused_does_not_hold_up_the_others(make: Make) -> None:
    office = make(Habits(denied=frozenset(("tasks", "companies/notes"))), 20)
    office.poll()
    last = office.batches[-1]
    assert last.as_of is not None
    assert {"tasks", "companies/notes"} == {problem.where for problem in last.problems or ()}
    assert last.missing is not None
    assert Kind.TASK_DONE in last.missing
    assert Kind.CALL not in last.missing
    assert any(key[2] == "deals_created" for key in office.cells())
    office.clock.sleep(60)
    assert office.poll() <= 8
    office.emulator.habits.denied = frozenset()
    office.clock.sleep(700)
    office.poll()
    assert office.differences() == {}


def test_one_list_that_is_broken_does_not_hold_up_the_others_but_is_told(make: Make) -> None:
    office = make(size=20)
    office.emulator.fault = lambda path: "500" if path == "leads/notes" else None
    with pytest.raises(TransientError):
        office.poll()
    assert any(key[2] == "tasks_done" for key in office.cells())
    assert all(batch.as_of is None for batch in office.batches)
    office.emulator.fault = lambda path: None
    office.poll()
    assert office.differences() == {}


def test_without_the_feed_owners_are_as_seen_and_letters_come_from_notes(make: Make) -> None:
    office = make(Habits(denied=frozenset(("events",))), 10)
    office.poll()
    facts = [fact for batch in office.batches for change in batch.changes for fact in change.facts]
    assert all(fact.owner_as_seen for fact in facts if fact.kind is Kind.DEAL_CREATED)
    assert any(fact.kind is Kind.EMAIL for fact in facts)


def test_an_unpaid_account_is_called_unpaid(make: Make) -> None:
    office = make()
    office.emulator.fault = lambda path: "402"
    with pytest.raises(SourceError, match="not paid") as caught:
        office.poll()
    assert caught.value.permanent
    assert office.emulator.meter.count == 1


def test_a_block_waits_a_quarter_of_an_hour_and_longer_each_time(make: Make) -> None:
    office = make()
    office.emulator.fault = lambda path: "403"
    for minutes in (15, 30, 60):
        now = office.clock.now()
        with pytest.raises(ThrottledError, match="blocked") as caught:
            office.poll()
        assert caught.value.retry_at is not None
        assert caught.value.retry_at - now >= timedelta(minutes=minutes)
    assert office.emulator.meter.count <= 6
    office.emulator.fault = lambda path: None
    office.poll()
    cursor = office.cursor()
    assert cursor is not None
    assert json.loads(cursor)["blocks"] == 0


@pytest.mark.parametrize("fault", ["429", "429 later", "503", "down", "cut", "html", "empty object", "504"])
def test_a_passing_fault_is_waited_for(make: Make, fault: str) -> None:
    office = make(size=10)
    left = 3

    def once(path: str) -> str | None:
        nonlocal left
        left -= path == "leads"
        return fault if path == "leads" and left >= 0 else None

    office.emulator.fault = once
    try:
        office.poll()
    except TransientError:
        office.poll()
    assert office.differences() == {}


def test_a_list_that_is_too_heavy_is_asked_in_smaller_pages_and_that_is_kept(make: Make) -> None:
    office = make(Habits(heavy=60), 80)
    office.poll()
    assert office.differences() == {}
    cursor = office.cursor()
    assert cursor is not None
    assert json.loads(cursor)["limits"]["leads"] == 31


def test_a_wrong_token_needs_a_person(make: Make) -> None:
    office = make(token="wr0ng")
    with pytest.raises(AuthError, match="Make a new one"):
        office.poll()
    assert office.emulator.meter.count == 1


def test_secrets_are_in_no_error_log_or_cursor(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in ("500", "401", "402", "403", "down", "html", "cut", "429", "400", "404", "302"):
        office = make()
        office.emulator.fault = partial(_always, fault)
        try:
            office.poll()
        except SourceError as error:
            said.append(str(error) + repr(error))
        said += [str(batch.problems) + batch.cursor for batch in office.batches]
    assert len(said) > 8
    assert TOKEN not in " ".join(said) + caplog.text


def test_changed_options_read_the_account_again(make: Make) -> None:
    office = make(size=20)
    office.poll()
    assert any(key[2] == "deals_created" for key in office.cells())
    office.options["pipelines"] = "no such"
    office.poll()
    assert not any(key[2].startswith("deals") for key in office.cells())
    assert [problem.code for problem in office.batches[-1].problems or ()] == ["unknown_stage"]


def test_a_cursor_of_another_version_and_a_damaged_memory_begin_anew(make: Make) -> None:
    office = make(size=10)
    office.poll()
    for cursor in ("", "nonsense", "{}", '{"v":1}', '{"v":99}', "[]"):
        assert list(office.source().sync(cursor, office.ask()))[-1].as_of is not None
    (office.folder / "kommo.sqlite3").write_bytes(b"not a database" * 100)
    happen(office.emulator.world, Random(1), 10)
    office.poll()
    assert office.differences() == {}


def test_the_check_says_what_is_there_and_stores_nothing(make: Make) -> None:
    office = make(size=20)
    found = {finding.what: finding for finding in office.source().check()}
    assert found["Account"].found == "Example"
    assert found["Time zone"].found == "Europe/Kyiv"
    assert found["Users"].found == "12 active, 12 of them may see deals"
    assert found["Filters"].found == "work"
    assert found["E-mails"].found == "counted from events"
    assert "list of invoices" in found["Invoices"].found
    assert all(finding.good for finding in found.values())
    assert not (office.folder / "kommo.sqlite3").exists()


def test_the_check_says_what_is_wrong(make: Make) -> None:
    habits = Habits(filters=False, denied=frozenset(("tasks", "users")), catalog=False, zone="Europe/Berlin")
    office = make(habits, 20, pipelines="Nowhere")
    bad = {finding.what for finding in office.source().check() if not finding.good}
    assert bad == {"Time zone", "Users", "Filters", "Tasks changed this month", "Invoices", "Options"}


def test_the_check_of_a_closed_account_fails_in_plain_words(make: Make) -> None:
    office = make(Habits(denied=frozenset(("account",))))
    with pytest.raises((PermissionDeniedError, ThrottledError), match="403"):
        office.source().check()


def _always(fault: str, path: str) -> str:
    return fault
