"""Dates and shapes of Bitrix24, and what a source owes to those who call it."""

from __future__ import annotations

import json
import random
import threading
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from sources import prepare
from sources.bitrix24 import Wire, connect
from tests.emulators.bitrix24_office import Clock, floor, office
from tests.emulators.bitrix24_world import World


@pytest.mark.parametrize("hours", [0, -5, 5.5])
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


def test_a_settings_page_can_offer_what_the_portal_has(tmp_path: Path) -> None:
    with office(tmp_path, floor(20, 20, 20)) as place:
        found = place.source().vocabulary()
        assert place.portal.requests == 1
    assert found.pipelines == {"0": "Sales", "1": "Service"}
    assert found.invoice_stages["DT31_2:P"] == "Paid"
    assert found.fields == {"UF_CRM_REASON": "UF_CRM_REASON"}
    assert found.departments == {"1": "Firm", "3": "Sales"}


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
    with office(tmp_path, floor(400, 1800, 300)) as place:
        batches = place.sync()
        told = [(batch.done, batch.total) for batch in batches if batch.total]
        assert len(told) >= 2
        assert all(done is not None and total is not None and done <= total for done, total in told)
        assert [done for done, _ in told] == sorted(done for done, _ in told if done is not None)


def test_a_deadline_ends_a_first_read_between_two_requests(tmp_path: Path) -> None:
    with office(tmp_path, floor(400, 1800, 300)) as place:
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
