"""How the Bitrix24 source keeps to limits and survives faults."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from sources import AuthError, SourceError, ThrottledError, TransientError, prepare
from sources.bitrix24 import Wire, connect
from tests.emulators.bitrix24_office import START, floor, office


def test_a_first_read_works_through_a_bucket_that_has_five_left(tmp_path: Path) -> None:
    with office(tmp_path, floor(700, 2500, 300)) as place:
        place.portal.limits.level, place.portal.limits.seen = 45, place.clock.steady()
        place.sync()
        assert place.portal.limits.over == 0
        assert place.differences() == {}


def test_many_short_processes_stay_below_the_rate_together(tmp_path: Path) -> None:
    with office(tmp_path, floor(20, 20, 20)) as place:
        place.sync()
        for _ in range(60):
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


def test_a_portal_that_charges_everything_to_the_batch_is_not_overrun_either(tmp_path: Path) -> None:
    with office(tmp_path, floor(300, 2500, 50)) as place:
        place.portal.batch_is_billed = True
        place.portal.costs = dict.fromkeys(("crm.item.list", "crm.stagehistory.list", "voximplant.statistic.get"), 5.0)
        place.portal.limits.method_seconds = 420
        for _ in range(40):
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


def test_what_makes_deals_whole_stays_within_its_methods_time_too(tmp_path: Path) -> None:
    with office(tmp_path, floor(200)) as place:
        place.sync()
        place.portal.costs["crm.stagehistory.list"] = 20.0
        place.portal.limits.method_seconds = 420
        for _ in range(14):
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
