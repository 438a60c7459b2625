"""Whatever the order, the repetition and the cutting into batches: the same totals, always equal to a recount."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from domain.facts import Batch, Census, Change, Direction, Fact, Kind, OpenDeal
from domain.metrics import contributions
from domain.settings import Credit
from domain.totals import to_minor
from storage import facts, sources
from storage.db import read
from tests.storage.floor import FIRST, LAST, NOW, OFFICE, source, split, sums

# The store of a test serves all of its examples: each makes a source of its own and removes it.
few = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
OWNERS = replace(OFFICE, credit=Credit.CURRENT_OWNER)

reps = st.sampled_from([None, "olena", "nikita", "dasha"])
instants = st.integers(0, 40 * 24 * 4).map(
    lambda quarters: datetime(2026, 10, 10, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)
amounts = st.none() | st.integers(0, 10**6).map(lambda pennies: Decimal(pennies) / 100)


@st.composite
def some_fact(draw: st.DrawFn, as_seen: bool = False) -> Fact:
    kind = draw(st.sampled_from([Kind.CALL, Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST, Kind.INVOICE_PAID]))
    when = draw(instants)
    money = kind in (Kind.DEAL_WON, Kind.INVOICE_PAID)
    return Fact(
        kind,
        when,
        draw(reps),
        on=draw(st.none() | st.just(when.date())),
        amount=draw(amounts) if money else None,
        currency=draw(st.sampled_from([None, "UAH", "USD", "JPY"])) if money else None,
        seconds=draw(st.sampled_from([None, 0, 29, 30, 400])) if kind is Kind.CALL else None,
        direction=draw(st.sampled_from([None, *Direction])) if kind is Kind.CALL else None,
        answered=draw(st.sampled_from([None, True, False])) if kind is Kind.CALL else None,
        owner_as_seen=as_seen and draw(st.booleans()),
    )


@st.composite
def some_change(draw: st.DrawFn, as_seen: bool = False) -> Change:
    return Change(
        f"{draw(st.sampled_from(['deal', 'call']))}:{draw(st.integers(1, 3))}",
        tuple(draw(st.lists(some_fact(as_seen), max_size=3))),
        revision=draw(st.integers(0, 3)),
        owner=draw(reps),
        open_deal=draw(st.none() | instants.map(lambda created: OpenDeal("olena", created))),
    )


def distinct(changes: Sequence[Change]) -> list[Change]:
    """One content for each version of a record, as a CRM has it."""
    return list({(change.record, change.revision): change for change in changes}.values())


def expected(changes: Sequence[Change], credit: Credit) -> dict[tuple[str, str, str], int]:
    """The totals of the latest versions, counted without a store."""
    latest: dict[str, Change] = {}
    for change in changes:
        if change.record not in latest or change.revision >= latest[change.record].revision:
            latest[change.record] = change
    totals: Counter[tuple[str, str, str]] = Counter()
    for change in latest.values():
        for fact in change.facts:
            day = fact.on or fact.at.astimezone(ZoneInfo("Europe/Kyiv")).date()
            assert FIRST <= day <= LAST
            owned = credit is Credit.CURRENT_OWNER and fact.kind.startswith(("deal", "invoice"))
            rep = (owned and change.owner) or fact.rep or ""
            for metric, value in contributions(fact, OFFICE.productive_seconds):
                if isinstance(value, Decimal):
                    currency = fact.currency or "UAH"
                    totals[rep, metric.key, currency] += to_minor(value, currency)
                else:
                    totals[rep, metric.key, ""] += value
    return {key: value for key, value in totals.items() if value}


@few
@given(data=st.data(), changes=st.lists(some_change(), min_size=1, max_size=12).map(distinct))
def test_replayed_and_reordered_changes_give_the_totals_of_the_latest_versions(
    db: Engine, data: st.DataObject, changes: list[Change]
) -> None:
    stream = data.draw(st.permutations([*changes, *data.draw(st.lists(st.sampled_from(changes), max_size=6))]))
    cuts = data.draw(st.lists(st.integers(0, 20), max_size=5))
    rules = data.draw(st.sampled_from([OFFICE, OWNERS]))
    facts.rebuild(db, rules)
    with source(db) as crm:
        for part in split(stream, cuts):
            facts.apply(db, crm, Batch(part, "c", NOW), settings=rules)
        assert sums(db, crm) == expected(changes, rules.credit)
        assert facts.drift(db, rules) == 0


@few
@given(
    changes=st.lists(some_change(as_seen=True), max_size=12),
    one=st.lists(st.integers(0, 20), max_size=6),
    two=st.lists(st.integers(0, 20), max_size=6),
)
def test_any_split_into_polls_gives_the_same_totals(
    db: Engine, changes: list[Change], one: list[int], two: list[int]
) -> None:
    found = []
    for cuts in (one, two):
        with source(db) as crm:
            for part in split(changes, cuts):
                facts.apply(db, crm, Batch(part, "c", NOW), settings=OFFICE)
            found.append(sums(db, crm))
    assert found[0] == found[1]


@few
@given(data=st.data(), batches=st.lists(st.lists(some_change(as_seen=True), max_size=5), max_size=5))
def test_totals_equal_a_recount_after_anything(db: Engine, data: st.DataObject, batches: list[list[Change]]) -> None:
    rules = data.draw(st.sampled_from([OFFICE, OWNERS]))
    facts.rebuild(db, rules)
    names = st.frozensets(st.sampled_from([f"{kind}:{n}" for kind in ("deal", "call") for n in (1, 2, 3)]))
    with source(db) as crm:
        for part in batches:
            census = Census(
                data.draw(st.sampled_from(["deal:", "call:"])),
                data.draw(names),
                data.draw(st.none() | instants),
                data.draw(st.sampled_from([None, 0.2, 0.5])),
            )
            facts.apply(db, crm, Batch(part, "c", NOW, census=(census,)), settings=rules)
            assert facts.drift(db, rules) == 0
        before = sums(db, crm)
        facts.rebuild(db, rules)
        assert sums(db, crm) == before


@few
@given(changes=st.lists(some_change(as_seen=True), max_size=8))
def test_counting_anew_by_other_rules_is_as_if_they_had_always_held(db: Engine, changes: list[Change]) -> None:
    other = replace(OFFICE, timezone="America/New_York", productive_seconds=300, credit=Credit.CURRENT_OWNER)
    with source(db) as crm:
        facts.rebuild(db, OFFICE)
        facts.apply(db, crm, Batch(changes, "c", NOW), settings=OFFICE)
        facts.rebuild(db, other)
        rebuilt = [sums(db, crm, day, day) for day in (date(2026, 10, 31), date(2026, 11, 1))], sums(db, crm)
    with source(db) as crm:
        facts.apply(db, crm, Batch(changes, "c", NOW), settings=other)
        assert rebuilt == ([sums(db, crm, day, day) for day in (date(2026, 10, 31), date(2026, 11, 1))], sums(db, crm))


class PowerCut(Exception):
    """Raised where the power went."""


@contextmanager
def power_cut(db: Engine, after: int) -> Iterator[None]:
    """The power goes instead of the statement that follows `after` others."""
    left = itertools.count(after, -1)

    def cut(*_: object) -> None:
        if next(left) == 0:
            raise PowerCut

    event.listen(db, "before_cursor_execute", cut)
    try:
        yield
    finally:
        event.remove(db, "before_cursor_execute", cut)


@few
@given(data=st.data(), changes=st.lists(some_change(as_seen=True), min_size=1, max_size=10))
def test_a_sync_that_is_cut_off_and_begun_again_from_its_cursor_loses_nothing(
    db: Engine, data: st.DataObject, changes: list[Change]
) -> None:
    parts = list(split(changes, data.draw(st.lists(st.integers(0, 20), max_size=4))))
    with source(db) as crm:
        for part in parts:
            facts.apply(db, crm, Batch(part, "c", NOW), settings=OFFICE)
        whole = sums(db, crm)
    with source(db) as crm:
        for number, part in enumerate(parts):
            before = sums(db, crm)
            with suppress(PowerCut), power_cut(db, data.draw(st.integers(1, 25))):
                facts.apply(db, crm, Batch(part, str(number), NOW), settings=OFFICE)
            if cursor(db, crm) != str(number):
                assert sums(db, crm) == before
                facts.apply(db, crm, Batch(part, str(number), NOW), settings=OFFICE)
        assert sums(db, crm) == whole
        assert facts.drift(db, OFFICE) == 0


def cursor(db: Engine, source_id: int) -> str | None:
    with read(db) as conn:
        return next(row.cursor for row in sources.every(conn) if row.id == source_id)
