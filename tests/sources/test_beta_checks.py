"""What S2 and Aspro.Cloud are asked, what a test of them says, and what happens when they refuse."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from domain.facts import Detail, Kind, Lack
from sources import AuthError, OptionError, SourceError, ThrottledError, TransientError, is_beta, kinds
from sources._aspro.api import Entity, Method, address
from sources._rounds.asking import read_rate
from sources._rounds.values import When, amount, flag, key, when
from sources._s2.rules import read_rules
from tests.emulators import aspro, s2
from tests.emulators.beta_world import World, tell
from tests.emulators.kommo_world import Clock
from tests.sources.beta_office import Account, Office

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")
Make = Callable[..., Office]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an office around an account with a past."""
    made: list[Office] = []

    def build(habits: s2.Habits | aspro.Habits, deals: int = 30, others: int = 8, **options: str) -> Office:
        world = World(Clock(NOON))
        tell(world, Random(5), 30, deals, others)
        account: Account = s2.S2(world, habits) if isinstance(habits, s2.Habits) else aspro.Aspro(world, habits)
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Office(account, folder, 40, **options))
        return made[-1]

    yield build
    for office in made:
        office.close()


def said(office: Office) -> dict[str, str]:
    """What the connection test says, by what was looked at; what cannot be given by its kind."""
    found = {}
    for finding in office.check():
        name = finding.found.split(":")[0] if finding.what == "Not available" else finding.what
        found[name] = finding.found
    return found


def always(fault: str, path: str) -> str:
    """A fault of every request."""
    return fault


def refusals(office: Office) -> dict[Lack, str]:
    """The kinds of fact that the last whole batch said it cannot give."""
    return dict(next(batch.missing for batch in reversed(office.batches) if batch.missing is not None))


def test_both_are_beta_and_no_other_kind_is() -> None:
    assert [kind for kind in kinds() if is_beta(kind)] == ["aspro", "s2"]


def test_the_test_says_in_sentences_how_each_list_of_s2_will_be_read(make: Make) -> None:
    assert "sorted by their last change, so only what is new" in said(make(s2.Habits(sort="yes")))["Deals"]
    assert "asked for by their last change, so only what is new" in said(make(s2.Habits(filter="gte")))["Deals"]
    poor = said(make(s2.Habits(sort="ignored", calls="none", users=False, paid=""), deals=250))
    assert poor["Deals"] == (
        "250; can neither be sorted nor asked for by their last change, so all pages are read every 60 seconds"
    )
    assert poor["Users"] == "the list cannot be read; they become known with their records"
    assert "name their activity types in call_types" in poor["Telephony calls"]
    assert "fields=invoice_paid" in poor["invoice paid"]
    assert "Звонок" in poor["Activity types"]
    assert "built from documents" in poor["Beta"]
    # What an account does not have is no fault of the connection.
    assert all(finding.good for finding in make(s2.Habits(sort="yes")).check())


def test_the_test_says_in_sentences_how_each_list_of_aspro_will_be_read(make: Make) -> None:
    rich = said(make(aspro.Habits()))
    assert "only what is new is read" in rich["Deals"]
    assert rich["Currencies"] == "10 = UAH, 11 = USD"
    assert "no list of calls" in rich["call"]
    poor = said(make(aspro.Habits(filter="ignored", currencies=False, denied=frozenset(("fin/invoice", "core/user")))))
    assert "can neither be sorted nor asked for" in poor["Deals"]
    assert "does not let this key read fin/invoice" in poor["Invoices"]
    assert "invoice issued" in poor
    assert "currencies=10=" in poor["10"]
    assert "core/user" in poor["users"]


def test_a_test_keeps_to_one_request_a_second_and_stores_nothing(make: Make) -> None:
    for habits in (s2.Habits(related=False), aspro.Habits(filter="error")):
        office = make(habits)
        office.check()
        assert office.account.server.refused == 0
        assert list(office.folder.glob("*.sqlite3")) == []


def test_a_quiet_round_of_a_list_that_can_be_sorted_is_one_request_a_list(make: Make) -> None:
    office = make(s2.Habits(sort="yes"), deals=250)
    office.poll()
    office.clock.sleep(60)
    assert office.poll(wished=False) == 4
    office.clock.sleep(30)
    assert office.poll(wished=False) == 2


def test_a_long_list_is_walked_through_now_and_then_and_at_once_when_somebody_asks(make: Make) -> None:
    office = make(s2.Habits(), deals=650, others=0)
    office.poll()
    first = office.batches[-1].as_of
    walks = []
    for _ in range(6):
        office.clock.sleep(30)
        walks.append(office.poll(wished=False) > 6)
    # Seven pages: one request in 20 seconds on average.
    assert sum(walks) == 1
    assert not any(walks[:3])
    assert office.batches[-1].as_of != first
    assert office.poll(wished=True) > 6
    assert office.account.server.refused == 0


def test_a_deletion_is_found_at_night_and_an_archived_record_stays(make: Make) -> None:
    for habits in (s2.Habits(sort="yes"), aspro.Habits()):
        office = make(habits)
        office.poll()
        deals = list(office.world.of("deals").values())
        office.world.delete("deals", deals[3])
        if isinstance(habits, s2.Habits):
            won = next(deal for deal in deals if deal.outcome == "won" and deal is not deals[3])
            won.archived = True
        office.clock.sleep(60)
        office.poll()
        assert office.differences() != {}
        office.poll(reconcile=True)
        assert office.differences() == {}


def test_a_mass_deletion_is_refused_and_told(make: Make) -> None:
    for habits in (s2.Habits(), aspro.Habits()):
        office = make(habits)
        office.poll()
        before = office.cells()
        for deal in list(office.world.of("deals").values())[:20]:
            del office.world.of("deals")[deal.id]
        office.clock.sleep(60)
        office.poll(reconcile=True)
        assert office.cells() == before
        assert "looks like a lost permission" in office.refused[0]


def test_rows_that_belie_a_proved_ability_end_the_trust_in_it(make: Make) -> None:
    office = make(s2.Habits(sort="yes"), deals=250)
    office.poll()
    assert isinstance(office.account, s2.S2)
    office.account.habits = replace(office.account.habits, sort="ignored")
    office.world.close(list(office.world.of("deals").values())[-1], "won")
    office.clock.sleep(60)
    office.poll()
    assert office.differences() == {}
    problems = next(batch.problems for batch in reversed(office.batches) if batch.problems is not None)
    assert "list_doubted" in {problem.code for problem in problems}


def test_what_following_has_missed_is_found_at_night_and_ends_the_trust(make: Make) -> None:
    office = make(aspro.Habits(), deals=50)
    office.poll()
    deals = list(office.world.of("deals").values())[:4]
    for deal in deals:
        # Changed while nobody looked, with a time of change that lies before what was already read.
        deal.updated = int(office.clock.seconds) - 86_400
        office.world.ledger["deals_created", f"{deal.id}"] = (
            *office.world.ledger["deals_created", f"{deal.id}"][:2],
            deal.amount,
            deal,
        )
    office.clock.sleep(120)
    office.poll(reconcile=True)
    assert json.loads(office.batches[-1].cursor)["lists"]["crm/lead"]["way"] == "whole"


def test_lists_that_may_not_be_read_are_told_and_do_not_hold_up_the_others(make: Make) -> None:
    office = make(s2.Habits(denied=frozenset(("invoices", "users"))))
    office.poll()
    assert "does not let this token read invoices" in refusals(office)[Kind.INVOICE_ISSUED]
    assert office.batches[-1].as_of is not None
    assert not any(metric.startswith("invoice") for _, _, metric in office.cells())
    assert {person.name for person in office.batches[-1].people or ()} <= {f"{n} User" for n in range(6)}
    other = make(aspro.Habits(denied=frozenset(("fin/customer_payment",))))
    other.poll()
    assert "fin/customer_payment" in refusals(other)[Kind.INVOICE_PAID]


def test_where_no_call_shows_its_length_that_is_not_available_and_not_zero(make: Make) -> None:
    for calls, options in (("telephony", {}), ("diary", {"call_types": "1"})):
        for lengths in (True, False):
            office = make(s2.Habits(sort="yes", calls=calls, lengths=lengths), **options)
            office.poll()
            assert (Detail.CALL_SECONDS in refusals(office)) is not lengths
            assert any(metric == "calls" for _, _, metric in office.cells())


def test_whoever_has_a_deal_sells_and_of_the_others_nothing_is_known(make: Make) -> None:
    for habits in (s2.Habits(sort="yes"), aspro.Habits()):
        office = make(habits)
        for deal in office.world.of("deals").values():
            deal.rep = 101
        office.poll()
        people = {person.id: person.rep for person in office.batches[-1].people or ()}
        assert people == {"101": True} | dict.fromkeys(("102", "103", "104", "105", "106"))
        office.world.hand_over(next(iter(office.world.of("deals").values())), 102)
        office.clock.sleep(60)
        office.poll()
        assert [person.id for person in office.batches[-1].people or () if person.rep] == ["101", "102"]


def test_where_s2_does_not_tell_whose_a_record_is_that_is_said(make: Make) -> None:
    office = make(s2.Habits(related=False))
    office.poll()
    problems = next(batch.problems for batch in reversed(office.batches) if batch.problems is not None)
    assert any("does not tell whose deals are" in problem.text for problem in problems)


def test_a_wrong_credential_is_told_without_it(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for habits, secret in ((s2.Habits(), s2.TOKEN), (aspro.Habits(), aspro.API_KEY)):
        office = make(habits)
        if isinstance(office.account, s2.S2):
            office.account.token = "another"
        else:
            office.account.key = "another"
        for attempt in (office.check, office.poll):
            with pytest.raises(AuthError) as caught:
                attempt()
            assert secret not in f"{caught.value!r} {caplog.text}"


def test_no_failure_says_the_key(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in ("down", "500", "429", "cut", "html", "empty object"):
        office = make(aspro.Habits())
        office.account.server.fault = partial(always, fault)
        with pytest.raises(SourceError) as caught:
            office.poll()
        assert isinstance(caught.value, TransientError | ThrottledError)
        assert aspro.API_KEY not in repr(caught.value)
    assert aspro.API_KEY not in caplog.text
    assert "%2Fodd" not in caplog.text


def test_an_internal_error_inside_a_success_is_asked_again_and_then_told_with_its_words(make: Make) -> None:
    office = make(aspro.Habits())
    office.account.server.serve = lambda path, query, headers: (
        *(200, {"content-type": "application/json"}),
        json.dumps({"error": {"error_code": 13, "error_msg": f"bad {query['api_key']}"}}).encode(),
    )
    with pytest.raises(TransientError, match="error 13") as caught:
        office.poll()
    assert aspro.API_KEY not in str(caught.value)
    assert len(office.account.server.asked) == 5


def test_only_addresses_that_read_can_be_built(make: Make) -> None:
    assert {method.value for method in Method} == {"list", "get"}
    for method in ("delete", "update", "create", "list/../delete"):
        with pytest.raises(ValueError):
            address("https://name.aspro.cloud", Entity.DEALS, method)  # type: ignore[arg-type] # what types forbid
    with pytest.raises(ValueError):
        address("https://x", "crm/lead/delete", Method.LIST)  # type: ignore[arg-type] # what types forbid
    assert address("https://x", Entity.DEALS, Method.GET, "../delete/5").endswith("/crm/lead/get/..%2Fdelete%2F5")
    office = make(aspro.Habits())
    office.check()
    office.poll()
    office.world.delete("deals", next(iter(office.world.of("deals").values())))
    office.poll(reconcile=True)
    told = {path.split("/")[6] for path, _ in office.account.server.asked}
    assert told == {"list", "get"}
    assert {path.split()[0] for path, _ in office.account.server.asked} == {"GET"}


def test_an_amount_in_a_currency_that_nobody_knows_is_left_out_and_told(make: Make) -> None:
    office = make(aspro.Habits(currencies=False))
    office.poll()
    problems = next(batch.problems for batch in reversed(office.batches) if batch.problems is not None)
    assert [problem.where for problem in problems] == ["10"]
    assert not any(metric.endswith("amount") for _, _, metric in office.cells())
    office.options["currencies"] = "10=UAH"
    office.poll()
    assert office.differences() == {}


def test_a_first_read_shows_its_progress_and_goes_on_where_it_stopped(make: Make) -> None:
    office = make(s2.Habits(), deals=450, others=0)
    office.read_first(budget=14)
    shown = [(batch.done, batch.total) for batch in office.batches if batch.done]
    assert shown[0][0] is not None
    assert shown[0][1] == 450
    assert shown == sorted(shown)
    assert office.differences() == {}


def test_a_lost_memory_costs_a_full_read_and_nothing_else(make: Make) -> None:
    for habits in (s2.Habits(sort="yes"), aspro.Habits()):
        office = make(habits)
        office.poll()
        for path in office.folder.glob("*.sqlite3"):
            path.write_bytes(b"no database at all")
        office.poll()
        assert office.differences() == {}


def test_options_that_cannot_be_are_refused_by_name(make: Make) -> None:
    office = make(s2.Habits())
    for name, wrong in (("rate", "fast"), ("rate", "0"), ("fields", "what=ever"), ("currency", "гривня")):
        office.options[name] = wrong
        with pytest.raises(OptionError, match=name):
            office.source()
        del office.options[name]
    other = make(aspro.Habits())
    for name, wrong in (("currencies", "10"), ("timezone", "Mars/Base"), ("base_url", "ftp://x"), ("api_key", " ")):
        kept, other.options[name] = other.options.get(name), wrong
        with pytest.raises(OptionError, match=name):
            other.source()
        if kept is None:
            del other.options[name]
        else:
            other.options[name] = kept
    assert read_rate({"rate": "2,5"}) == 2.5


def test_fields_that_the_office_names_go_before_the_usual_ones() -> None:
    rules = read_rules({"fields": "invoice_paid=custom-12, event_at = begin-at"})
    assert rules.fields["invoice_paid"] == ("custom-12",)
    assert rules.fields["event_at"] == ("begin-at",)
    assert rules.fingerprint != read_rules({}).fingerprint


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-11-20", When(datetime(2026, 11, 20, tzinfo=KYIV), date(2026, 11, 20))),
        ("2026-11-20 14:05:00", When(datetime(2026, 11, 20, 14, 5, tzinfo=KYIV))),
        ("2026-11-20T14:05:00.500+03:00", When(datetime(2026, 11, 20, 11, 5, 0, 500_000, tzinfo=UTC))),
        *((none, None) for none in ("0000-00-00", "0000-00-00 00:00:00", "", None, 0, "soon", "2026-13-01", ["x"])),
    ],
)
def test_times_are_read_in_every_form_and_zero_dates_are_none(told: object, expected: When | None) -> None:
    found = when(told, KYIV)
    assert found == expected
    if expected is not None and found is not None:
        assert found.at - expected.at == timedelta(0)


def test_numbers_ids_and_flags_are_read_from_strings() -> None:
    assert [amount(each) for each in (1, "12 500,50", "1.5", True, None, "x", "NaN")] == [
        *(Decimal(1), Decimal("12500.50"), Decimal("1.5")),
        *(None, None, None, None),
    ]
    assert [key(each) for each in (5, "5", "0", 0, None, "", True)] == ["5", "5", None, None, None, None, None]
    assert [flag(each) for each in (1, "1", "true", 0, "0", "", None)] == [True, True, True, False, False, False, None]
