"""The demo sales floor: the same for everybody who asks, never ahead of the clock, and alive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest

from domain.facts import Batch, Change, Direction, Fact, Kind
from domain.metrics import METRICS, contributions
from sources import Ask, OptionError, Site, Source, load, prepare

KYIV = ZoneInfo("Europe/Kyiv")
FRIDAY = datetime(2026, 11, 20, 14, 26, tzinfo=KYIV)
FIRST_DAY = date(2026, 8, 1)
NEVER = float("inf")


class NoVault:
    """The demo keeps no credentials."""

    def read(self) -> dict[str, str]:
        raise AssertionError

    def write(self, values: Mapping[str, str]) -> None:
        raise AssertionError

    @contextmanager
    def lock(self) -> Iterator[None]:
        raise AssertionError
        yield


def floor(reps: int = 12, seed: str = "1", currency: str = "UAH", zone: str = "Europe/Kyiv") -> Source:
    site = Site("demo", zone, currency, lambda: FRIDAY, Path("unused"), NoVault())
    return load("demo").connect(prepare("demo", {"reps": str(reps), "seed": seed}), site)


def read(source: Source, cursor: str | None, now: datetime, since: date = FIRST_DAY) -> list[Batch]:
    return list(source.sync(cursor, Ask(now, since, NEVER)))


def records(batches: list[Batch]) -> dict[str, Change]:
    return {change.record: change for batch in batches for change in batch.changes}


def facts(batches: list[Batch], *kinds: Kind) -> list[Fact]:
    return [fact for change in records(batches).values() for fact in change.facts if fact.kind in kinds]


@pytest.fixture(scope="module")
def history() -> list[Batch]:
    return read(floor(), None, FRIDAY)


@pytest.fixture(scope="module")
def few() -> list[Batch]:
    """Three managers, in batches nevertheless."""
    found = read(floor(3), None, FRIDAY)
    assert len(found) > 1
    return found


def workdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [day for day in days if day.isoweekday() <= 5]


def test_the_same_seed_tells_the_same_records_and_another_seed_others() -> None:
    once = records(read(floor(3), None, FRIDAY, date(2026, 11, 18)))
    again = records(read(floor(3), None, FRIDAY, date(2026, 11, 18)))
    other = records(read(floor(3, seed="2"), None, FRIDAY, date(2026, 11, 18)))
    assert once == again
    assert once != other


@pytest.mark.parametrize("seed", range(3))
def test_any_split_into_polls_gives_the_same_records(seed: int) -> None:
    rng = Random(seed)
    begin = datetime(2026, 11, 19, 8, tzinfo=KYIV)
    instants = sorted(begin + timedelta(seconds=rng.uniform(0, 30 * 3600)) for _ in range(8))
    cursor, polled = None, list[Batch]()
    for now in (*instants, FRIDAY):
        polled += read(floor(3), cursor, now, date(2026, 11, 17))
        cursor = polled[-1].cursor
    assert records(polled) == records(read(floor(3), None, FRIDAY, date(2026, 11, 17)))


def test_a_first_read_that_was_cut_off_goes_on_from_its_cursor(few: list[Batch]) -> None:
    source = floor(3)
    cut = list(source.sync(None, Ask(FRIDAY, FIRST_DAY, deadline=0)))
    rest = read(source, cut[-1].cursor, FRIDAY)
    assert len(cut) == 1
    assert records(cut + rest) == records(few)


def test_a_full_read_tells_everything_again_whatever_the_cursor(few: list[Batch]) -> None:
    again = list(floor(3).sync(few[-1].cursor, Ask(FRIDAY, FIRST_DAY, NEVER, full=True)))
    assert records(again) == records(few)
    assert again[0].people == few[0].people


def test_another_currency_or_zone_is_told_anew_and_takes_the_place_of_the_old(few: list[Batch]) -> None:
    moved = floor(3, currency="USD", zone="America/New_York")
    anew = read(moved, few[-1].cursor, FRIDAY)
    assert records(anew) == records(read(moved, None, FRIDAY))
    assert anew[0].people == few[0].people
    listed = {record for census in anew[-1].census for record in census.records}
    assert listed == set(records(anew))
    assert all(record.startswith(tuple(census.prefix for census in anew[-1].census)) for record in records(few))
    assert not any(batch.census for batch in (*few, *anew[:-1])), "only a whole re-reading can tell what is gone"


def test_a_second_poll_at_the_same_instant_brings_nothing(history: list[Batch]) -> None:
    assert [list(batch.changes) for batch in read(floor(), history[-1].cursor, FRIDAY)] == [[]]


def test_a_clock_that_was_set_back_brings_nothing_and_keeps_the_cursor(history: list[Batch]) -> None:
    (batch,) = read(floor(), history[-1].cursor, FRIDAY - timedelta(hours=2))
    assert (list(batch.changes), batch.cursor) == ([], history[-1].cursor)


def test_no_fact_lies_in_the_future_and_none_outside_office_hours(history: list[Batch]) -> None:
    moments = [fact.at.astimezone(KYIV) for fact in facts(history, *Kind)]
    assert max(moments) <= FRIDAY
    assert all(time(9) <= moment.time() < time(18) for moment in moments)


def test_nothing_new_happens_in_the_evening() -> None:
    closing = read(floor(3), None, datetime(2026, 11, 20, 18, tzinfo=KYIV), date(2026, 11, 20))
    morning = read(floor(3), closing[-1].cursor, datetime(2026, 11, 21, 8, 59, tzinfo=KYIV))
    assert records(morning) == {}


def test_a_first_read_comes_in_bounded_batches_and_is_complete_with_the_last(history: list[Batch]) -> None:
    assert len(history) > 2
    assert max(len(batch.changes) for batch in history) <= 5_000
    assert [batch.as_of for batch in history] == [None] * (len(history) - 1) + [FRIDAY]


def test_the_history_is_this_month_and_three_before_and_not_more_than_was_asked_for(history: list[Batch]) -> None:
    calls = [fact.at.astimezone(KYIV).date() for fact in facts(history, Kind.CALL)]
    assert {(day.year, day.month) for day in calls} == {(2026, month) for month in (8, 9, 10, 11)}
    january = records(read(floor(3), None, FRIDAY, date(2026, 1, 1)))
    assert january == records(read(floor(3), None, FRIDAY))
    short = facts(read(floor(3), None, FRIDAY, date(2026, 11, 19)), Kind.CALL)
    assert {fact.at.astimezone(KYIV).date() for fact in short} == {date(2026, 11, 19), date(2026, 11, 20)}


@pytest.mark.parametrize(
    ("metric", "low", "high"),
    [
        ("calls", 15, 22),
        ("emails", 8, 14),
        ("invoices_issued", 2, 4),
        ("invoices_paid", 1.5, 3.5),
        ("deals_created", 1, 3),
        ("deals_won", 0.5, 1.8),
        ("meetings", 0.5, 1.2),
    ],
)
def test_a_manager_does_a_plausible_number_of_things_a_day(
    history: list[Batch], metric: str, low: float, high: float
) -> None:
    days = workdays(FIRST_DAY, date(2026, 11, 19))
    counts = month_totals(history, set(days))
    rates = [counts[str(rep), metric] / len(days) for rep in range(1, 13)]
    assert low <= mean(rates) <= high
    assert min(rates) < max(rates), "people differ"


def month_totals(batches: list[Batch], days: set[date]) -> Counter[tuple[str | None, str]]:
    """Sums by manager and metric over the facts of these days (whole currency units for money)."""
    sums = Counter[tuple[str | None, str]]()
    for fact in facts(batches, *Kind):
        if fact.at.astimezone(KYIV).date() in days:
            for metric, value in contributions(fact, 30):
                sums[fact.rep, metric.key] += int(value)
    return sums


def test_a_deal_is_won_within_every_office_hour_of_every_working_day(history: list[Batch]) -> None:
    wins = {fact.at.astimezone(KYIV) for fact in facts(history, Kind.DEAL_WON)}
    hours = {(win.date(), win.hour) for win in wins}
    days = workdays(FIRST_DAY, date(2026, 11, 19))
    assert {(day, hour) for day in days for hour in range(9, 18)} <= hours


@pytest.mark.parametrize("reps", [3, 12, 60])
def test_no_one_who_watches_waits_much_longer_than_forty_minutes_for_a_win(reps: int) -> None:
    evening = datetime(2026, 11, 19, 20, tzinfo=KYIV)
    wins = sorted(fact.at for fact in facts(read(floor(reps), None, evening, date(2026, 11, 19)), Kind.DEAL_WON))
    today = [win for win in wins if win.astimezone(KYIV).date() == evening.date()]
    assert max(later - earlier for earlier, later in pairwise(today)) <= timedelta(minutes=47)


def test_there_are_two_peaks_a_lunch_dip_and_quiet_weekends(history: list[Batch]) -> None:
    calls = [fact.at.astimezone(KYIV) for fact in facts(history, Kind.CALL)]
    hours = Counter(call.hour for call in calls)
    assert hours[13] < 0.4 * min(hours[10], hours[11], hours[15])
    weekend = sum(call.isoweekday() > 5 for call in calls)
    assert 0 < weekend < 0.03 * len(calls)


def test_calls_differ_in_length_direction_and_answer(history: list[Batch]) -> None:
    calls = facts(history, Kind.CALL)
    assert {(call.direction, call.answered) for call in calls} == {
        (direction, answered) for direction in Direction for answered in (True, False)
    }
    assert all((call.seconds or 0) > 0 for call in calls if call.answered)
    assert all(call.seconds == 0 for call in calls if not call.answered)
    assert 60 <= median(call.seconds or 0 for call in calls if call.answered) <= 180


def test_wins_are_of_natural_amounts_with_a_customer_to_name(history: list[Batch]) -> None:
    wins = facts(history, Kind.DEAL_WON)
    assert all(Decimal(8_000) <= (win.amount or 0) <= Decimal(300_000) for win in wins)
    assert {win.currency for win in wins} == {"UAH"}
    assert all(win.customer and win.customer in (win.title or "") for win in wins)


@pytest.mark.parametrize(("currency", "low", "high"), [("USD", 200, 7_500), ("JPY", 28_000, 1_050_000)])
def test_amounts_are_scaled_to_the_office_currency(currency: str, low: int, high: int) -> None:
    wins = facts(read(floor(3, currency=currency), None, FRIDAY, date(2026, 11, 19)), Kind.DEAL_WON)
    assert {win.currency for win in wins} == {currency}
    assert all(low <= (win.amount or 0) <= high for win in wins)


def test_an_invoice_is_paid_some_days_after_it_was_issued_or_not_at_all(history: list[Batch]) -> None:
    invoices = [change.facts for change in records(history).values() if change.record.startswith("invoice:")]
    paid = [two for two in invoices if len(two) == 2]
    assert all(two[0].kind is Kind.INVOICE_ISSUED and two[1].kind is Kind.INVOICE_PAID for two in paid)
    assert all(timedelta(hours=15) < two[1].at - two[0].at < timedelta(days=30) for two in paid)
    assert all(two[0].amount == two[1].amount for two in paid)
    assert 0.6 < len(paid) / len(invoices) < 0.95


def test_deals_live_on_through_stages_until_they_end(history: list[Batch]) -> None:
    deals = [change for change in records(history).values() if change.record.startswith("deal:")]
    for deal in deals:
        assert deal.facts[0].kind is Kind.DEAL_CREATED
        assert [fact.at for fact in deal.facts] == sorted(fact.at for fact in deal.facts)
        ended = [fact for fact in deal.facts if fact.kind in (Kind.DEAL_WON, Kind.DEAL_LOST)]
        assert (deal.open_deal is None) == (len(ended) == 1)
    assert all(fact.loss_reason and fact.stage for fact in facts(history, Kind.DEAL_LOST))


def test_open_deals_have_their_next_step_ahead_and_some_are_forgotten(history: list[Batch]) -> None:
    steps = [change.open_deal.next_activity for change in records(history).values() if change.open_deal]
    assert all(step > FRIDAY for step in steps if step is not None)
    assert 0.05 < steps.count(None) / len(steps) < 0.4


def test_twelve_managers_work_in_three_teams_under_names_of_three_languages(history: list[Batch]) -> None:
    people, groups = history[0].people, history[0].groups
    assert people is not None
    assert groups is not None
    assert len(people) == 12
    assert all(person.rep for person in people)
    assert Counter(person.team for person in people) == dict.fromkeys((group.id for group in groups), 4)
    assert {"Олена Коваль", "Никита Соколов", "Emma Walker"} <= {person.name for person in people}


@pytest.mark.parametrize("reps", [3, 200])
def test_any_number_of_managers_has_names_of_their_own(reps: int) -> None:
    people = read(floor(reps), None, FRIDAY, date(2026, 11, 20))[0].people
    assert people is not None
    assert len({person.name for person in people}) == len(people) == reps


def introduced(batch: Batch) -> tuple[object, object, object]:
    return batch.people, batch.groups, batch.targets


def test_only_the_first_batch_introduces_people_groups_and_targets(history: list[Batch]) -> None:
    assert {introduced(batch) for batch in history[1:]} == {(None, None, None)}
    (later,) = read(floor(), history[-1].cursor, FRIDAY + timedelta(minutes=1))
    assert introduced(later) == (None, None, None)


def test_standing_month_targets_begin_with_the_history(history: list[Batch]) -> None:
    targets = history[0].targets
    assert targets is not None
    assert {(target.scope, target.period, target.since, target.until) for target in targets} == {
        ("rep", "month", FIRST_DAY, None)
    }
    assert {target.metric for target in targets} <= set(METRICS)
    expected = 12 * len({target.metric for target in targets})
    assert len(targets) == expected - 2, "two managers have no target for one thing"


def test_a_month_ends_around_the_plan(history: list[Batch]) -> None:
    october = month_totals(history, {date(2026, 10, day) for day in range(1, 32)})
    reached = sorted(october[t.scope_id, t.metric] / float(t.value) for t in history[0].targets or ())
    assert 0.85 < median(reached) < 1.0
    assert reached[len(reached) // 10] > 0.7
    assert reached[-len(reached) // 10] < 1.15


def test_the_floor_lives_in_the_time_zone_of_the_office() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 11, 20, 12, tzinfo=zone)
    moments = [
        fact.at.astimezone(zone) for fact in facts(read(floor(3, zone=zone.key), None, now, now.date()), Kind.CALL)
    ]
    assert {moment.hour for moment in moments} == {9, 10, 11}


@pytest.mark.parametrize("reps", ["2", "201", "many", "", "٣"])
def test_a_number_of_managers_that_makes_no_floor_is_refused(reps: str) -> None:
    site = Site("demo", "Europe/Kyiv", "UAH", lambda: FRIDAY, Path("unused"), NoVault())
    with pytest.raises(OptionError, match="whole number from 3 to 200"):
        load("demo").connect({"reps": reps, "seed": "1"}, site)


def test_a_check_says_who_works_there() -> None:
    findings = floor(40).check()
    assert all(finding.good for finding in findings)
    assert findings[0].found == "40 invented managers in 3 teams"
