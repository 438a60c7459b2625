"""One poll: what a source says is stored step by step, what it cannot say leaves the last good data alone."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.board import SourceHealth
from domain.facts import Batch, Change, Fact, Kind, Person, Problem
from jobs.house import House
from jobs.poll import Connect, Report, poll
from sources import Ask, AuthError, Finding, SourceError, ThrottledError, TransientError
from storage import db as store
from storage import leases, state, totals
from storage import sources as connections
from storage.boards import LiveBoards
from storage.sources import SourceRow
from tests.jobs.conftest import Clock

TODAY = date(2026, 11, 20)


@dataclass
class FakeSource:
    """Says what it is told to, then fails as it is told to; keeps what it was asked."""

    batches: list[Batch] = field(default_factory=list)
    error: Exception | None = None
    requests: int = 3
    asked: list[tuple[str | None, Ask]] = field(default_factory=list)

    def check(self) -> list[Finding]:
        return []

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        self.asked.append((cursor, ask))
        yield from self.batches
        if self.error:
            raise self.error


def test_facts_reach_the_totals_and_the_cursor_moves_with_them(house: House, clock: Clock) -> None:
    source = FakeSource([_batch(clock.now, "c1", "call:1", "call:2")])
    report = _poll(house, source)
    assert (report.ok, report.requests, report.records, report.facts_added) == (True, 3, 2, 2)
    assert report.as_of == clock.now
    assert _row(house).cursor == "c1"
    assert _calls(house) == 2


def test_the_next_poll_goes_on_from_the_cursor_and_a_full_one_from_the_beginning(house: House, clock: Clock) -> None:
    source = FakeSource([_batch(clock.now, "c1", "call:1")])
    _poll(house, source)
    _poll(house, source)
    poll(house, "main", full=True, connect=_connect(source))
    poll(house, "main", since=date(2026, 1, 1), connect=_connect(source))
    assert [cursor for cursor, _ in source.asked] == [None, "c1", None, None]
    assert [ask.full for _, ask in source.asked] == [False, False, True, True]
    assert source.asked[3][1].since == date(2026, 1, 1)


def test_a_source_that_breaks_off_keeps_what_it_had_brought_and_the_cursor_to_go_on_from(
    house: House, clock: Clock
) -> None:
    report = _poll(house, FakeSource([_batch(None, "half", "call:1")], TransientError("The CRM is down.")))
    assert (report.ok, report.problems) == (False, ["The CRM is down."])
    assert _row(house).cursor == "half"
    assert _calls(house) == 1
    assert _row(house).health is SourceHealth.ERROR


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (TransientError("down"), SourceHealth.ERROR),
        (AuthError("log in again"), SourceHealth.NEEDS_LOGIN),
        (ThrottledError("slowly"), SourceHealth.THROTTLED),
    ],
)
def test_a_failure_says_what_kind_it_is_and_does_not_touch_the_age_of_the_data(
    house: House, clock: Clock, error: SourceError, health: SourceHealth
) -> None:
    good = clock.now
    _poll(house, FakeSource([_batch(good, "c1", "call:1")]))
    clock.forward(minutes=10)
    _poll(house, FakeSource(error=error))
    row = _row(house)
    assert (row.health, row.problem, row.as_of, row.failing_since) == (health, str(error), good, clock.now)


def test_a_break_is_logged_once_and_the_recovery_once(
    house: House, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tablo.poll")
    down = FakeSource(error=TransientError("down"))
    for _ in range(4):
        poll(house, _name(house), wished=True, connect=_connect(down))
        clock.forward(minutes=1)
    well = FakeSource([_batch(clock.now, "c1", "call:1")])
    for _ in range(3):
        poll(house, "main", wished=True, connect=_connect(well))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_after_a_failure_the_pause_grows_with_how_long_it_has_lasted_but_a_person_is_served_at_once(
    house: House, clock: Clock
) -> None:
    down = FakeSource(error=TransientError("down"))
    _poll(house, down)
    assert _row(house).next_try_at == clock.now + timedelta(seconds=30)
    assert poll(house, "main", connect=_connect(down)) is None
    assert poll(house, "main", wished=True, connect=_connect(down)) is not None
    clock.forward(minutes=4)
    poll(house, "main", connect=_connect(down))
    assert _row(house).next_try_at == clock.now + timedelta(minutes=2)
    clock.forward(hours=5)
    poll(house, "main", connect=_connect(down))
    assert _row(house).next_try_at == clock.now + timedelta(minutes=5)


def test_a_throttled_source_is_left_alone_until_it_said(house: House, clock: Clock) -> None:
    later = clock.now + timedelta(minutes=17)
    _poll(house, FakeSource(error=ThrottledError("slowly", later)))
    assert _row(house).next_try_at == later


def test_two_pollers_never_poll_one_source_at_once(house: House, clock: Clock) -> None:
    name = _name(house)
    lease = leases.acquire(house.db, f"poll:{name}", "the other poller", 45, clock.now)
    assert lease is not None
    source = FakeSource([_batch(clock.now, "c1", "call:1")])
    assert poll(house, name, wished=True, connect=_connect(source)) is None
    assert source.asked == []
    leases.release(house.db, lease)
    assert poll(house, name, wished=True, connect=_connect(source)) is not None


def test_a_poller_that_lost_its_lease_stores_nothing_more(house: House, clock: Clock) -> None:
    class Slow(FakeSource):
        def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
            yield _batch(None, "c1", "call:1")
            clock.forward(minutes=5)
            leases.acquire(house.db, "poll:main", "the other poller", 45, clock.now)
            yield _batch(clock.now, "c2", "call:2")

    _name(house)
    with pytest.raises(leases.LeaseLost):
        poll(house, "main", connect=_connect(Slow()))
    assert _calls(house) == 1
    assert _row(house).cursor == "c1"


def test_a_fault_of_ours_is_told_in_settings_and_not_swallowed(house: House) -> None:
    with pytest.raises(KeyError):
        _poll(house, FakeSource(error=KeyError("surprise")))
    row = _row(house)
    assert row.health is SourceHealth.ERROR
    assert "KeyError" in (row.problem or "")
    assert "surprise" not in (row.problem or "")


def test_ids_are_compared_with_the_crm_once_a_night(house: House, clock: Clock) -> None:
    source = FakeSource([_batch(clock.now, "c1", "call:1")])
    _poll(house, source)
    _poll(house, source)
    clock.now = datetime(2026, 11, 21, 0, 59, tzinfo=UTC)  # 02:59 in Kyiv
    _poll(house, source)
    clock.now = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    _poll(house, source)
    _poll(house, source)
    assert [ask.reconcile for _, ask in source.asked] == [False, False, False, True, False]


def test_a_first_read_reaches_back_to_the_first_of_a_month_three_months_ago(house: House) -> None:
    source = FakeSource()
    _poll(house, source)
    assert source.asked[0][1].since == date(2026, 8, 1)


def test_who_watches_is_told_after_every_step_of_a_first_read(house: House, clock: Clock) -> None:
    source = FakeSource([_batch(None, "c1", "call:1"), _batch(clock.now, "c2", "call:2")])
    seen: list[tuple[int, int, bool]] = []
    poll(
        house,
        _name(house),
        connect=_connect(source),
        watch=lambda report: seen.append((report.records, report.requests, report.as_of is None)),
    )
    assert seen == [(1, 3, True), (2, 3, False)]


def test_a_first_read_goes_on_as_long_as_it_gets_on_with_or_without_records(house: House) -> None:
    assert _poll(house, FakeSource([_batch(None, "half")])).unfinished
    assert not _poll(house, FakeSource([_batch(None, "half")])).unfinished
    assert not _poll(house, FakeSource([])).unfinished


def test_problems_are_told_in_the_report(house: House, clock: Clock) -> None:
    batch = _batch(clock.now, "c1", problems=[Problem("row", "calls.csv:17:date", "write a day", 3)])
    assert _poll(house, FakeSource([batch])).problems == ["calls.csv:17:date: write a day (3 times)"]


def test_a_quiet_poll_does_not_change_the_version_of_the_numbers(house: House, clock: Clock) -> None:
    source = FakeSource([_batch(clock.now, "c1", "call:1")])
    _poll(house, source)
    with store.read(house.db) as conn:
        before = state.version(conn)
    clock.forward(seconds=30)
    source.batches = [_batch(clock.now, "c2", "call:1")]
    assert _poll(house, source).facts_added == 0
    with store.read(house.db) as conn:
        assert state.version(conn) == before
    assert _row(house).as_of == clock.now


def test_only_what_is_heard_live_is_celebrated_and_only_of_those_who_sell(house: House, clock: Clock) -> None:
    def won(number: int, rep: str = "olena") -> Change:
        return Change(f"deal:{number}", (Fact(Kind.DEAL_WON, clock.now, rep, amount=Decimal(5), currency="UAH"),))

    def shown() -> list[tuple[str, str]]:
        boards = LiveBoards(house.db, house.settings, clock, 30)
        return [(each.win.deal, each.rep.name) for each in boards.cheers()]

    people = [Person("olena", "Олена Коваль", rep=True), Person("exchange", "Telephone Exchange")]
    _poll(house, FakeSource([Batch([won(1)], "half", None, people=people), Batch([won(2)], "c1", clock.now)]))
    assert shown() == []
    _poll(house, FakeSource([Batch([won(1), won(2), won(3), won(4, "exchange")], "c2", clock.now)]))
    assert shown() == [("main:deal:3", "Олена Коваль")]
    poll(house, "main", full=True, connect=_connect(FakeSource([Batch([won(5)], "c3", clock.now)])))
    assert shown() == [("main:deal:3", "Олена Коваль")]


def _batch(as_of: datetime | None, cursor: str, *records: str, problems: list[Problem] | None = None) -> Batch:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    changes = [Change(record, (Fact(Kind.CALL, at, "1", seconds=60, amount=Decimal(0)),)) for record in records]
    return Batch(changes, cursor, as_of, people=[Person("1", "Olena", rep=True)], problems=problems)


def _connect(source: FakeSource) -> Connect:
    return lambda house, row: source


def _name(house: House) -> str:
    with store.write(house.db) as conn:
        if not connections.every(conn):
            connections.add(conn, house.secrets, "main", "files", {}, "test", house.clock())
    return "main"


def _poll(house: House, source: FakeSource) -> Report:
    report = poll(house, _name(house), wished=True, connect=_connect(source))
    assert report is not None
    return report


def _row(house: House) -> SourceRow:
    with store.read(house.db) as conn:
        return connections.get(conn, "main")


def _calls(house: House) -> int:
    with store.read(house.db) as conn:
        found = totals.read(conn, TODAY, TODAY, "UAH")
    return sum(total.value for total in found if total.metric == "calls")
