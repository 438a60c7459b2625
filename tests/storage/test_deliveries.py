"""Deliveries of a hook in the store: replaced by (kind, id), whole or not at all, its people found or made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from domain.deliveries import Named, Told
from domain.facts import Fact, Kind, Lack
from storage import deliveries, facts, people, sources, totals
from storage.db import StoreError, read, write
from storage.facts import Applied
from storage.tables import people as people_table
from tests.storage.floor import FIRST, LAST, NOW, OFFICE, SECRETS, at, of, sums

_NUMBERS = count()


@pytest.fixture
def pbx(db: Engine) -> int:
    """A hook of that name."""
    return add(db, "pbx")


def add(db: Engine, name: str) -> int:
    with write(db) as conn:
        hook = sources.add(conn, SECRETS, name, "hook", {}, "test", NOW)
        deliveries.settle(conn, hook, (), settings=OFFICE)
    return hook


def call(number: object, by: Named | None = None, seconds: int = 60, revision: int = 0) -> Told:
    return Told(Kind.CALL, str(number), Fact(Kind.CALL, at(20), None, seconds=seconds), by, revision)


def take(db: Engine, hook: int, *told: Told) -> Applied:
    return deliveries.take(db, hook, told, (), settings=OFFICE, now=NOW)


def members(db: Engine, hook: int) -> dict[str, tuple[str, str | None, str | None]]:
    query = select(people_table).where(people_table.c.source_id == hook)
    with read(db) as conn:
        return {row.id: (row.name, row.email, row.extension) for row in conn.execute(query)}


def test_what_is_sent_again_replaces_itself(db: Engine, pbx: int) -> None:
    anna = Named("anna")
    assert take(db, pbx, call(1, anna), call(2, anna)).added == 2
    assert take(db, pbx, call(1, anna), call(2, anna)) == Applied(0, 0, 2, 0, 0, [])
    assert take(db, pbx, call(1, Named("ivan"), seconds=90)).added == 1
    assert of(db, pbx, "call_seconds") == {"anna": 60, "ivan": 90}
    assert facts.drift(db, OFFICE) == 0


def test_the_same_id_of_another_kind_or_hook_is_another_fact(db: Engine, pbx: int) -> None:
    second = add(db, "pbx2")
    take(db, pbx, call(1, Named("anna")), Told(Kind.EMAIL, "1", Fact(Kind.EMAIL, at(20), None), Named("anna")))
    take(db, second, call(1, Named("anna")))
    assert (of(db, pbx, "calls"), of(db, pbx, "emails"), of(db, second, "calls")) == ({"anna": 1},) * 3


def test_a_fact_is_taken_back_and_one_that_never_was_may_be_too(db: Engine, pbx: int) -> None:
    take(db, pbx, call(1, Named("anna")))
    assert take(db, pbx, Told(Kind.CALL, "1", None), Told(Kind.CALL, "9", None)).removed == 1
    assert sums(db, pbx) == {}
    take(db, pbx, call(1, Named("anna")))
    assert of(db, pbx, "calls") == {"anna": 1}


def test_an_older_revision_that_comes_late_is_left_out(db: Engine, pbx: int) -> None:
    take(db, pbx, call(1, Named("anna"), seconds=90, revision=2))
    assert take(db, pbx, call(1, Named("anna"), seconds=5, revision=1)).ignored == 1
    assert of(db, pbx, "call_seconds") == {"anna": 90}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), max_size=12), st.randoms())
def test_deliveries_that_are_cut_and_repeated_anyhow_come_to_the_same(
    db: Engine, items: list[tuple[int, int, bool]], dice: random.Random
) -> None:
    """Each delivery is sent once, or several times in a row: as a sender does that got no answer."""
    told = [
        Told(Kind.CALL, str(number), None)
        if gone
        else call(number, Named(f"r{rep}", extension=str(rep)), seconds=10 * rep)
        for number, rep, gone in items
    ]
    # The store of a test serves all of its examples, and one that was broken off leaves its sources there.
    once, often = (add(db, f"{name}{next(_NUMBERS)}") for name in ("once", "often"))
    take(db, once, *told)
    for delivery in _cut(told, dice):
        for _ in range(dice.randint(1, 3)):
            take(db, often, *delivery)
    assert sums(db, once) == sums(db, often)
    assert members(db, once) == members(db, often)
    for hook in (once, often):
        facts.remove(db, hook)


def _cut(told: Sequence[Told], dice: random.Random) -> list[Sequence[Told]]:
    ends = sorted(dice.sample(range(len(told) + 1), min(2, len(told) + 1)))
    return [told[start:end] for start, end in zip([0, *ends], [*ends, len(told)], strict=True)]


def test_somebody_is_found_by_id_by_email_or_by_extension(db: Engine, pbx: int) -> None:
    take(db, pbx, call(1, Named("7", "anna@example.com", "101", "Anna")))
    take(db, pbx, call(2, Named(email="anna@example.com")), call(3, Named(extension="101")))
    take(db, pbx, call(4, Named(email="new@example.com")), call(5, Named(extension="105")), call(6))
    assert of(db, pbx, "calls") == {"7": 3, "new@example.com": 1, "105": 1, "": 1}
    assert members(db, pbx) == {
        "7": ("Anna", "anna@example.com", "101"),
        "new@example.com": ("new@example.com", "new@example.com", None),
        "105": ("105", None, "105"),
    }


def test_an_extension_belongs_to_whoever_had_it_last_and_old_facts_stay(db: Engine, pbx: int) -> None:
    take(db, pbx, call(1, Named("anna", extension="101")), call(2, Named(extension="101")))
    take(db, pbx, call(3, Named("ivan", extension="101")), call(4, Named(extension="101")))
    assert of(db, pbx, "calls") == {"anna": 2, "ivan": 2}
    assert members(db, pbx) == {"anna": ("anna", None, None), "ivan": ("ivan", None, "101")}


def test_people_of_a_hook_wait_to_be_mapped_with_their_counts(db: Engine, pbx: int) -> None:
    take(db, pbx, call(1, Named("anna")), call(2, Named("anna")), call(3, Named("ivan")), call(4))
    with read(db) as conn:
        assert {member.key: member.sells for member in people.everybody(conn)} == {"pbx:anna": False, "pbx:ivan": False}
        found = totals.strangers(conn, FIRST, LAST, ())
    assert [(each.rep, each.facts) for each in found] == [("pbx:anna", 2), ("pbx:", 1), ("pbx:ivan", 1)]


def test_only_kinds_that_came_or_are_named_count_as_given(db: Engine, pbx: int) -> None:
    def missing() -> set[Lack]:
        with read(db) as conn:
            return set(sources.get(conn, "pbx").missing)

    assert missing() == set(Kind)
    take(db, pbx, call(1))
    take(db, pbx, Told(Kind.EMAIL, "1", None))
    assert missing() == set(Kind) - {Kind.CALL}
    take(db, pbx, Told(Kind.CALL, "1", None))
    assert missing() == set(Kind) - {Kind.CALL}
    with write(db) as conn:
        deliveries.settle(conn, pbx, {Kind.MEETING}, settings=OFFICE)
    assert missing() == set(Kind) - {Kind.CALL, Kind.MEETING}


def test_a_delivery_that_breaks_off_leaves_nothing(db: Engine, pbx: int) -> None:
    # No reader lets such a number through, and no database takes it.
    with pytest.raises((OverflowError, SQLAlchemyError)):
        take(db, pbx, call(1, Named("anna")), call(2, Named("ivan"), seconds=2**80))
    assert sums(db, pbx) == {}
    assert members(db, pbx) == {}
    with read(db) as conn:
        assert sources.get(conn, "pbx").as_of is None


def test_nothing_is_a_sign_of_life(db: Engine, pbx: int) -> None:
    assert take(db, pbx) == Applied(0, 0, 0, 0, 0, [])
    later = NOW + timedelta(minutes=1)
    deliveries.take(db, pbx, (), (), settings=OFFICE, now=later)
    with read(db) as conn:
        assert sources.get(conn, "pbx").as_of == later


def test_a_hook_that_is_gone_takes_nothing(db: Engine) -> None:
    with pytest.raises(StoreError, match="removed"):
        take(db, 999, call(1))


def test_deliveries_at_the_same_moment_take_turns(db: Engine, pbx: int) -> None:
    with ThreadPoolExecutor(6) as many:
        sent = [many.submit(take, db, pbx, *(call(n, Named(f"r{k}"), k) for n in range(20))) for k in range(1, 13)]
        assert len([each.result() for each in sent]) == 12
    assert sum(of(db, pbx, "calls").values()) == 20
    assert len(of(db, pbx, "calls")) == 1
    assert facts.drift(db, OFFICE) == 0
