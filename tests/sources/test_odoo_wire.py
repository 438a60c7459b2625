"""The way to Odoo: two doors, rights that hide rows, errors inside successes, and nothing said that must not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.facts import Detail, Kind
from sources import (
    AuthError,
    OptionError,
    PermissionDeniedError,
    SchemaError,
    SourceError,
    ThrottledError,
    TransientError,
)
from sources._odoo.door import READING
from sources._odoo.errors import BadFieldError, NoModelError, fault
from tests.emulators.kommo_world import Clock
from tests.emulators.odoo import KEY, LOGIN, PASSWORD, Emulator, Habits
from tests.emulators.odoo_books import Books
from tests.emulators.odoo_world import CALL, LEAD, MOVE, ORDER, World
from tests.sources.odoo_office import Office

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
OLENA, DMYTRO = 7, 8
BY_PASSWORD = {"api_key": "", "password": PASSWORD}
DOORS = pytest.mark.parametrize("options", [{}, BY_PASSWORD], ids=["JSON-2", "JSON-RPC"])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An Odoo with a deal, an invoice and a call of two people each."""
    clock = Clock(NOON)
    world = World(clock)
    books = Books(world)
    for rep in (OLENA, DMYTRO):
        world.lead(rep, Decimal(100))
        books.post(books.invoice(rep, Decimal(100), date(2026, 11, 5)))
        world.finish(world.plan(rep, CALL))
    books.pay(max(world.tables[MOVE]), Decimal(100), date(2026, 11, 6))
    with Emulator(world, clock, Habits()) as emulator:
        office = Office(emulator, tmp_path, date(2026, 10, 1))
        yield office
        office.close()


def found(office: Office) -> dict[str, tuple[str, bool]]:
    """What the connection test tells."""
    return {finding.what: (finding.found, finding.good) for finding in office.source().check()}


def test_an_api_key_on_19_takes_the_new_door_and_a_password_the_old_one(office: Office) -> None:
    assert found(office)["Odoo"] == ("version 19.0, by JSON-2", True)
    assert "authenticate" not in office.emulator.meter.calls
    office.options = {**office.options, **BY_PASSWORD}
    assert found(office)["Odoo"] == ("version 19.0, by JSON-RPC", True)
    office.options = {**office.options, "api_key": KEY}
    office.emulator.habits = Habits(version=17)
    assert found(office)["Odoo"] == ("version 17.0, by JSON-RPC", True)


@DOORS
def test_a_quiet_poll_is_five_requests_and_logs_in_no_more(office: Office, options: dict[str, str]) -> None:
    office.options = {**office.options, **options}
    office.poll()
    office.clock.sleep(700)
    office.poll()
    office.clock.sleep(30)
    assert office.poll() == 5
    assert all(call.split(".")[-1] in READING for call in office.emulator.meter.calls if "." in call)


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": "wrong-key-of-nobody"},
        {"api_key": "", "password": "wrong-word"},
        {**BY_PASSWORD, "login": "who@x.y"},
    ],
    ids=["key", "password", "login"],
)
def test_a_wrong_secret_asks_for_a_new_login(office: Office, options: dict[str, str]) -> None:
    office.options = {**office.options, **options}
    with pytest.raises(AuthError, match="does not accept the login"):
        office.poll()


@DOORS
def test_a_database_of_another_name_is_a_wrong_option(office: Office, options: dict[str, str]) -> None:
    office.options = {**office.options, **options, "database": "nosuch"}
    with pytest.raises(OptionError, match="no database of this name"):
        office.poll()


@DOORS
def test_a_database_that_is_down_is_waited_for(office: Office, options: dict[str, str]) -> None:
    """The page of JSON-2 is the same as for a wrong name: 404 in HTML."""
    office.options = {**office.options, **options}
    office.poll()
    office.emulator.fault = lambda call: "postgres"
    with pytest.raises(TransientError, match="database just now") as failed:
        office.poll()
    assert "db.example.com" not in str(failed.value)
    office.emulator.fault = lambda call: None
    office.poll()
    assert office.differences() == {}


@DOORS
@pytest.mark.parametrize("fault_", ["nothing", "false", "broken row", "html", "cut", "502"])
def test_what_is_no_answer_is_tried_again_later(office: Office, options: dict[str, str], fault_: str) -> None:
    office.options = {**office.options, **options}
    office.poll()
    before = office.cells()
    office.emulator.fault = lambda call: fault_
    with pytest.raises(TransientError) as failed:
        office.poll()
    assert KEY not in str(failed.value)
    assert PASSWORD not in str(failed.value)
    assert office.cells() == before


def test_one_broken_list_does_not_hold_up_the_others(office: Office) -> None:
    office.poll()
    office.emulator.fault = lambda call: "500" if call.startswith(ORDER) else None
    office.emulator.world.letter(OLENA)
    office.clock.sleep(30)
    with pytest.raises(TransientError):
        office.poll()
    assert office.differences() == {}


def test_a_hosted_odoo_that_says_later_is_left_alone_until_then(office: Office) -> None:
    office.emulator.fault = lambda call: "429 later"
    with pytest.raises(ThrottledError) as failed:
        office.poll(budget=3)
    assert failed.value.retry_at is not None


def test_an_applications_absence_costs_its_own_numbers(office: Office) -> None:
    office.emulator.habits = Habits(absent=frozenset((LEAD, ORDER, "crm.team", "crm.stage")))
    office.poll()
    missing = office.missing()
    assert missing[Kind.DEAL_WON] == "The application CRM is not installed in Odoo."
    assert {Kind.OFFER_SENT, Kind.DEAL_CREATED, Kind.DEAL_LOST} <= missing.keys()
    assert not {Kind.CALL, Kind.INVOICE_ISSUED, Kind.EMAIL} & missing.keys()
    assert office.cells()["7", date(2026, 11, 5), "invoices_issued"] == 1


def test_a_list_that_may_not_be_read_is_told_and_comes_back_with_the_right(office: Office) -> None:
    office.emulator.habits = Habits(denied=frozenset((MOVE, "account.partial.reconcile")))
    office.poll()
    assert "may not read account.move" in office.missing()[Kind.INVOICE_PAID]
    assert Kind.CALL not in office.missing()
    office.emulator.habits = Habits()
    office.clock.sleep(700)
    office.poll()
    assert set(office.missing()) == {Detail.CALL_SECONDS}
    assert office.differences() == {}


def test_where_payments_alone_may_not_be_read_only_they_are_missing(office: Office) -> None:
    office.emulator.habits = Habits(denied=frozenset(("account.move.line",)))
    office.poll()
    assert set(office.missing()) == {Kind.INVOICE_PAID, Detail.CALL_SECONDS}
    office.emulator.habits = Habits()
    office.clock.sleep(3700)
    office.emulator.world.change(MOVE, min(office.emulator.world.tables[MOVE]), payment_state="partial")
    office.poll()
    office.clock.sleep(30)
    office.poll()
    assert set(office.missing()) == {Detail.CALL_SECONDS}
    assert ("8", date(2026, 11, 6), "invoices_paid") in office.cells()


def test_a_field_that_vanished_is_read_without_at_the_next_poll(office: Office) -> None:
    office.poll()
    office.emulator.habits = Habits(version=18)
    office.options = {**office.options, **BY_PASSWORD}
    office.clock.sleep(30)
    office.poll()
    assert "Odoo changed" in office.missing()[Kind.DEAL_WON]
    office.clock.sleep(30)
    office.poll()
    assert Kind.DEAL_WON not in office.missing()


def test_rows_hidden_after_a_limit_do_not_end_the_reading(office: Office) -> None:
    """Of a thousand letters one salesperson sees the last ten: every page of five hundred comes empty."""
    world = office.emulator.world
    office.emulator.habits.rights = "own"
    theirs, mine = world.lead(DMYTRO, Decimal(1)), world.lead(OLENA, Decimal(1))
    for lead, count in ((theirs, 1000), (mine, 10)):
        for _ in range(count):
            world.letter(OLENA, lead)
    office.poll()
    assert office.cells()["7", date(2026, 11, 20), "emails"] == 10


def test_the_test_of_a_connection_tells_what_is_there(office: Office) -> None:
    told = found(office)
    assert all(good for _, good in told.values())
    assert told["Deals created this month"] == ("2", True)
    assert told["Activities done this month"] == ("2", True)
    assert told["Deals of others"] == ("can be seen", True)
    assert told["Payments of invoices"] == ("can be read", True)
    assert told["History of owners and stages"] == ("can be read", True)


def test_the_test_of_a_connection_tells_what_is_hidden_without_an_error(office: Office) -> None:
    office.emulator.habits.rights = "own"
    told = found(office)
    assert told["Deals created this month"] == ("1", True)
    assert "Sales: all documents" in told["Deals of others"][0]
    assert "Accounting: read-only" in told["Invoices of others"][0]
    assert not any(told[what][1] for what in ("Deals of others", "Invoices of others", "Payments of invoices"))


def test_the_test_names_what_the_options_name_and_odoo_does_not_have(office: Office) -> None:
    office.options = {**office.options, "teams": "Sales, Nowhere", "call_types": "Call"}
    assert found(office)["Options"] == ("teams: Odoo has nothing called 'nowhere'.", False)


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("odoo.exceptions.AccessDenied", "Access Denied", AuthError),
        (
            "odoo.exceptions.AccessError",
            "You are not allowed to access 'Lead' (crm.lead)\n secret",
            PermissionDeniedError,
        ),
        ("odoo.exceptions.UserError", "Object crm.lead doesn't exist", NoModelError),
        ("werkzeug.exceptions.NotFound", "the model 'crm.lead' does not exist", NoModelError),
        ("builtins.ValueError", "Invalid field 'nope' on 'crm.lead'", BadFieldError),
        ("builtins.TypeError", "unexpected keyword\n  File secret", SchemaError),
        ("psycopg2.errors.SerializationFailure", "could not serialize secret", TransientError),
        ("psycopg2.errors.UndefinedColumn", "column secret does not exist", TransientError),
        ("builtins.MemoryError", "secret", TransientError),
        ("", "", TransientError),
    ],
)
def test_an_error_of_odoo_is_told_in_our_words(name: str, message: str, kind: type[SourceError]) -> None:
    debug = 'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py"'
    error = fault({"name": name, "message": message, "debug": debug}, "crm.lead", "search_read")
    assert type(error) is kind
    assert "secret" not in str(error)
    assert "/opt/odoo" not in str(error)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"api_key": ""}, "api_key"),
        ({"url": "ftp://x"}, "url is the address"),
        ({"url": "https://u:p@x.example"}, "url is the address"),
        ({"emails": "some"}, "emails"),
        ({"reps": "everybody"}, "reps"),
        ({"ca_file": "/nowhere"}, "ca_file"),
    ],
)
def test_an_option_that_cannot_be_is_named(office: Office, options: dict[str, str], said: str) -> None:
    office.options = {**office.options, **options}
    with pytest.raises(OptionError, match=said):
        office.source()


def test_without_a_login_only_the_new_door_opens(office: Office) -> None:
    office.options = {**office.options, "login": ""}
    office.poll()
    assert office.differences() == {}
    office.emulator.habits = Habits(version=17)
    office.options = {**office.options, "database": "crm", "url": office.emulator.url + "/odoo"}
    with pytest.raises(OptionError, match="login"):
        office.source().check()


def test_where_there_is_no_odoo_the_address_is_said_to_be_wrong(office: Office) -> None:
    office.emulator.answer = lambda *_: (404, "text/html", b"<h1>nginx</h1>")  # type: ignore[method-assign]  # another server
    with pytest.raises(SchemaError, match="no Odoo"):
        office.poll()


def test_a_login_that_was_renumbered_logs_in_again(office: Office) -> None:
    office.options = {**office.options, **BY_PASSWORD, "login": LOGIN}
    office.poll()
    office.clock.sleep(30)
    office.emulator.uid = 16
    office.poll()
    assert office.emulator.meter.calls.count("authenticate") == 2
