"""How the Bitrix24 source behaves on the wire: limits, faults, logins, scopes, dates, and what it never tells."""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable
from datetime import date, timedelta, timezone
from pathlib import Path

import pytest

from domain.facts import Kind
from sources import AuthError, OptionError, SourceError, ThrottledError, TransientError, prepare
from sources.bitrix24 import Wire, authorize_url, connect, exchange_code
from tests.emulators.bitrix24_office import START, Clock, Office, fill, office
from tests.emulators.bitrix24_world import World


def floor(deals: int = 120, calls: int = 200, emails: int = 120) -> World:
    world = World(Clock().now, random.Random(5), list(range(11, 17)))
    fill(world, 60, deals, calls, emails)
    return world


def kinds(place: Office) -> set[str]:
    return {metric for metric, _, _ in place.stored()}


# --- limits


def test_a_first_read_works_through_a_bucket_that_has_five_left(tmp_path: Path) -> None:
    with office(tmp_path, floor(1500, 4000, 500)) as place:
        place.portal.limits.level, place.portal.limits.seen = 45, place.clock.steady()
        place.sync()
        assert place.portal.limits.over == 0
        assert place.differences() == {}


def test_many_short_processes_stay_below_the_rate_together(tmp_path: Path) -> None:
    with office(tmp_path, floor(20, 20, 20)) as place:
        place.sync()
        for _ in range(120):
            place.sync()
        assert place.portal.limits.over == 0
        assert place.portal.limits.peak < 10


def test_a_costly_method_is_left_alone_before_it_is_blocked_and_all_is_read_in_the_end(tmp_path: Path) -> None:
    with office(tmp_path, floor(300, 9000, 50)) as place:
        place.portal.costs["voximplant.statistic.get"] = 4.0
        place.portal.limits.method_seconds = 420
        for _ in range(20):
            try:
                place.sync()
                break
            except ThrottledError as error:
                place.clock.wall = max(error.retry_at or START, place.clock.wall)
        assert place.portal.limits.over == 0
        assert place.differences() == {}


def test_a_method_that_rests_makes_only_its_own_numbers_late(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.sync()
        place.portal.limits.method_seconds = 0.05
        place.portal.costs["voximplant.statistic.get"] = 1.0
        place.clock.sleep(60)
        place.sync()
        before = place.clock.now()
        place.clock.sleep(60)
        place.world.new_deal(11)
        place.world.call(11, 1, 60, "200")
        batches = place.sync()
        assert (
            place.stored()["deals_created", "11", date(2026, 11, 20)]
            == place.expected()["deals_created", "11", date(2026, 11, 20)]
        )
        assert batches[-1].as_of is not None
        assert batches[-1].as_of <= before
        assert [problem.code for problem in batches[-1].problems or ()] == ["throttled"]
        place.portal.limits.method_seconds = 480
        place.clock.sleep(700)
        place.sync()
        assert place.differences() == {}


def test_too_many_requests_are_answered_with_patience(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.faults.extend(["503", "200error", "503"])
        place.sync()
        assert place.clock.slept > 3
        assert place.differences() == {}


# --- faults


@pytest.mark.parametrize("fault", ["drop", "html", "html200", "empty", "500", "503", "200error", "cut"])
def test_a_passing_fault_is_survived(tmp_path: Path, fault: str) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.faults.extend([fault, fault])
        place.sync()
        assert place.differences() == {}


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", TransientError), ("500", TransientError), ("cut", TransientError), ("503", ThrottledError)],
)
def test_a_lasting_fault_is_told_and_the_next_poll_goes_on(
    tmp_path: Path, fault: str, error: type[SourceError]
) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.faults.extend([fault] * 20)
        with pytest.raises(error):
            place.sync()
        place.portal.faults.clear()
        place.sync()
        assert place.differences() == {}


@pytest.mark.parametrize(
    ("fault", "error", "minutes"),
    [
        ("429", ThrottledError, 1),
        ("overload", ThrottledError, 15),
        ("invalid", AuthError, 0),
        ("deleted", AuthError, 0),
    ],
)
def test_what_patience_does_not_help_is_not_asked_twice(
    tmp_path: Path, fault: str, error: type[SourceError], minutes: int
) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.faults.extend([fault] * 5)
        with pytest.raises(error) as caught:
            place.sync()
        assert place.requests == 1
        if isinstance(caught.value, ThrottledError):
            assert caught.value.retry_at is not None
            assert caught.value.retry_at >= START + timedelta(minutes=minutes)


def test_a_dripping_answer_is_cut_at_the_deadline(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.faults.append("drip")
        source = connect(prepare("bitrix24", place.options), place.site())
        wire = Wire()
        with pytest.raises(TransientError, match="did not answer"):
            list(source.sync(None, place.ask(deadline=wire.clock() + 4)))


def test_a_command_that_fails_for_a_while_is_asked_again(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.command_faults["crm.activity.list"] = 2
        place.sync()
        assert place.differences() == {}


def test_shuffled_pages_lose_nothing(tmp_path: Path) -> None:
    with office(tmp_path, floor(400, 600, 300)) as place:
        place.portal.shuffled = True
        place.sync()
        assert place.differences() == {}


def test_rights_that_shrink_do_not_empty_the_wall(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.sync()
        before = place.stored()
        for number in place.world.deals.ids[:60]:
            del place.world.deals.rows[number]
        place.world.deals.ids = place.world.deals.ids[60:]
        place.world.history.ids = [
            n for n in place.world.history.ids if place.world.history.rows[n]["OWNER_ID"] in place.world.deals.rows
        ]
        place.clock.sleep(60)
        place.sync(reconcile=True)
        assert place.stored() == before


def test_a_renamed_portal_is_followed_once_and_told(tmp_path: Path) -> None:
    with office(tmp_path / "a", floor()) as place, office(tmp_path / "b", floor()) as other:
        place.portal.renamed_to = other.url
        other.portal.secret = place.portal.secret
        batches = place.sync()
        assert place.requests == 1
        assert [problem.code for problem in batches[-1].problems or ()] == ["renamed"]
        place.sync()
        assert place.requests == 0
        place.portal.renamed_to = "https://169.254.169.254"
        place.cursor = None
        with pytest.raises(SourceError):
            place.sync()


# --- scopes and modules


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


# --- dates and shapes


@pytest.mark.parametrize("hours", [3, 2, 0, -5, 5.5])
def test_any_offset_of_the_server_gives_the_same_numbers(tmp_path: Path, hours: float) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.zone = timezone(timedelta(hours=hours))
        place.sync()
        place.clock.sleep(600)
        place.world.move(place.world.new_deal(12), "WON")
        place.sync()
        assert place.differences() == {}


def test_a_portal_that_ignores_dates_with_an_offset_is_found_out(tmp_path: Path) -> None:
    with office(tmp_path, floor(400)) as place:
        place.portal.iso_ignored = True
        place.sync()
        place.clock.sleep(7200)
        place.world.move(place.world.new_deal(12), "WON")
        place.sync()
        assert place.differences() == {}
        place.clock.sleep(7200)
        served = place.portal.rows
        place.sync()
        assert place.requests == 1
        assert place.portal.rows - served < 20


@pytest.mark.parametrize("choice", ["text_history", "float_time", "operating", "total_of_uncounted"])
def test_each_documented_shape_is_read(tmp_path: Path, choice: str) -> None:
    with office(tmp_path, floor()) as place:
        setattr(place.portal, choice, not getattr(place.portal, choice))
        place.sync()
        assert place.differences() == {}


def test_a_clock_of_the_portal_that_is_wrong_loses_nothing(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        ahead = timedelta(minutes=17)
        place.world.clock = lambda: place.clock.now() + ahead
        place.sync()
        for minutes in (17, -40, -40, 5):
            ahead = timedelta(minutes=minutes)
            place.clock.sleep(30)
            place.world.move(place.world.new_deal(12), "WON")
            place.sync()
            assert place.differences() == {}


# --- OAuth


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


# --- secrets


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


# --- the rest of the protocol


def test_the_connection_test_tells_one_screen_and_asks_once(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.portal.scopes.discard("telephony")
        findings = {finding.what: finding for finding in place.source().check()}
        assert place.portal.requests == 1
        assert findings["Employees"].found == "6"
        assert int(findings["Deals of this month"].found) > 0
        assert not findings["Scopes"].good
        assert "telephony" in findings["Scopes"].found
        assert findings["Calls of this month"].found == "not available: the webhook lacks `telephony`"


def test_people_teams_and_rates_come_with_the_first_read(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        batches = place.sync()
        people = next(batch.people for batch in batches if batch.people)
        assert [(person.id, person.name, person.team, person.rep) for person in people][:1] == [
            ("11", "Rep11 X", "3", True)
        ]
        groups = next(batch.groups for batch in batches if batch.groups)
        assert [(group.id, group.name, group.head) for group in groups] == [("1", "Firm", None), ("3", "Sales", "1")]
        rates = next(batch.rates for batch in batches if batch.rates)
        assert [(rate.currency, rate.base, str(rate.value)) for rate in rates] == [("USD", "UAH", "41.5000")]


@pytest.mark.parametrize("count", [49, 50, 51, 130])
def test_all_users_of_a_large_firm_are_read_and_a_quiet_poll_stays_one_request(tmp_path: Path, count: int) -> None:
    world = World(Clock().now, random.Random(5), list(range(1, count + 1)))
    with office(tmp_path, world) as place:
        batches = place.sync()
        assert [len(batch.people) for batch in batches if batch.people] == [count]
        place.clock.sleep(1000)
        batches = place.sync()
        assert [len(batch.people) for batch in batches if batch.people] == [count]
        assert place.requests == 1


def test_progress_is_told_while_a_first_read_lasts(tmp_path: Path) -> None:
    with office(tmp_path, floor(700, 3000, 500)) as place:
        batches = place.sync()
        told = [(batch.done, batch.total) for batch in batches if batch.total]
        assert len(told) >= 2
        assert all(done is not None and total is not None and done <= total for done, total in told)
        assert [done for done, _ in told] == sorted(done for done, _ in told if done is not None)


def test_a_deadline_ends_a_first_read_between_two_requests(tmp_path: Path) -> None:
    with office(tmp_path, floor(700, 3000, 500)) as place:
        place.clock.sleep(1)
        place.portal.between = lambda _: place.clock.sleep(0.2)
        for _ in range(30):
            batches = place.sync(deadline=place.clock.steady() + 12)
            if batches and batches[-1].as_of:
                break
            assert len(batches) >= 1
        assert place.differences() == {}


def test_an_unknown_cursor_begins_anew(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        for cursor in ("", "{", "[]", '"x"', '{"v":99}', json.dumps({"v": 1})):
            place.cursor = cursor
            place.sync()
            assert place.differences() == {}


def test_two_syncs_at_once_do_no_harm(tmp_path: Path) -> None:
    with office(tmp_path, floor()) as place:
        place.sync()
        cursor = place.cursor
        results: list[int] = []

        def poll() -> None:
            source = connect(prepare("bitrix24", place.options), place.site())
            results.append(len(list(source.sync(cursor, place.ask(deadline=Wire().clock() + 60)))))

        threads = [threading.Thread(target=poll) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [1, 1, 1]


def test_what_makes_deals_whole_stays_within_its_methods_time_too(tmp_path: Path) -> None:
    with office(tmp_path, floor(200)) as place:
        place.sync()
        place.portal.costs["crm.stagehistory.list"] = 20.0
        place.portal.limits.method_seconds = 420
        for _ in range(30):
            place.clock.sleep(30)
            for _ in range(25):
                place.world.move(place.world.new_deal(12), "WON")
            try:
                place.sync()
            except ThrottledError as error:
                place.clock.wall = max(error.retry_at or START, place.clock.wall)
        place.clock.sleep(700)
        place.portal.costs.clear()
        place.sync()
        assert place.portal.limits.over == 0
        assert place.differences() == {}
