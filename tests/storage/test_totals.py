"""Totals read back: right for any span of days, and never by looking at what the span does not hold."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from domain.facts import Batch, Change, Fact, Kind, Person, Rate
from storage import facts, people, totals
from storage.db import read, write
from tests.storage.floor import NOW, OFFICE, at, call, gone, of, source, store, sums, win

DAY = date(2026, 11, 20)
_BEGIN = date(2026, 1, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_span_is_the_sum_of_its_days(db: Engine, data: st.DataObject) -> None:
    days = data.draw(st.lists(st.integers(0, 200), min_size=1, max_size=15))
    start, length = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 120))
    first = _BEGIN + timedelta(days=start)
    last = first + timedelta(days=length)
    with source(db) as crm:
        store(
            db,
            crm,
            *(call(n, datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)) for n, day in enumerate(days)),
        )
        inside = sum(start <= day <= start + length for day in days)
        assert of(db, crm, "calls", first, last) == ({"olena": inside} if inside else {})


def test_foreign_money_comes_day_by_day_and_the_offices_own_in_one_sum(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, win(1, at(3)), win(2, at(4)), win(3, at(3), currency="USD"), win(4, at(4), currency="USD"))
        with read(db) as conn:
            found = totals.read(conn, date(2026, 11, 1), date(2026, 11, 30), "UAH")
        amounts = {(t.currency, t.day): t.value for t in found if t.metric == "deals_won_amount"}
        assert amounts == {
            ("UAH", None): 200000,
            ("USD", date(2026, 11, 3)): 100000,
            ("USD", date(2026, 11, 4)): 100000,
        }


def test_curves_by_day_and_hour_are_of_everybody_or_of_a_team(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, call(1, at(19, 9), "olena"), call(2, at(20, 9), "olena"), call(3, at(20, 9, 5), "nikita"))
        with read(db) as conn:
            everyone = totals.by_day(conn, date(2026, 11, 1), DAY)
            team = totals.by_day(conn, date(2026, 11, 1), DAY, ["main:nikita", "gone:1"])
            nobody = totals.by_day(conn, date(2026, 11, 1), DAY, [])
            hours = totals.by_hour(conn, [DAY])
            team_hours = totals.by_hour(conn, [DAY], ["main:nikita"])
        calls = [(row.day.day, row.value) for row in everyone if row.metric == "calls"]
        assert calls == [(19, 1), (20, 2)]
        assert [(row.day.day, row.value) for row in team if row.metric == "calls"] == [(20, 1)]
        assert nobody == []
        assert [(row.hour, row.value) for row in hours if row.metric == "calls"] == [(11, 2)]
        assert [(row.hour, row.value) for row in team_hours if row.metric == "call_seconds"] == [(11, 60)]


def test_the_hours_of_a_day_add_up_to_the_day(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, *(call(n, at(20, n), seconds=n) for n in range(20)), win(1, at(20)), win(2, at(20, 15)))
        with read(db) as conn:
            hours = Counter[str]()
            for row in totals.by_hour(conn, [DAY]):
                hours[row.metric] += row.value
            days = {row.metric: row.value for row in totals.by_day(conn, DAY, DAY)}
        assert hours == days


def test_facts_without_a_time_are_in_no_hour(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, Change("invoice:1", (Fact(Kind.INVOICE_ISSUED, at(20), "olena", on=DAY),)))
        with read(db) as conn:
            assert totals.by_hour(conn, [DAY]) == []
            assert [row.metric for row in totals.by_day(conn, DAY, DAY)] == ["invoices_issued"]


def test_a_reps_days_come_one_by_one(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, win(1, at(19)), win(2, at(20)), win(3, at(20), "nikita"))
        with read(db) as conn:
            found = totals.reps_by_day(conn, "deals_won", date(2026, 11, 1), date(2026, 11, 30))
        assert [(t.day and t.day.day, t.rep, t.value) for t in found] == [
            (19, "main:olena", 1),
            (20, "main:nikita", 1),
            (20, "main:olena", 1),
        ]


def test_people_who_are_no_reps_are_counted_each_fact_once(db: Engine) -> None:
    with source(db, "main") as crm:
        batch = Batch(
            [call(1, at(20), "olena"), call(2, at(20), "tom"), win(1, at(20), "tom"), call(3, at(20), None)],
            "c",
            NOW,
            people=[Person("olena", "Olena", rep=True), Person("tom", "Tom")],
        )
        facts.apply(db, crm, batch, settings=OFFICE)
        with read(db) as conn:
            assert totals.unmapped(conn, date(2026, 11, 1), date(2026, 11, 30), _reps(conn)) == (1, 4)
            assert totals.unmapped(conn, DAY, DAY, _reps(conn)) == (1, 3)
            assert [s.rep for s in totals.strangers(conn, DAY, DAY, _reps(conn))] == ["main:tom", "main:"]
        with write(db) as conn:
            people.set_rep(conn, "main:tom", True, "test", NOW)
            assert totals.unmapped(conn, DAY, DAY, _reps(conn)) == (0, 1)


def test_a_total_that_lost_all_its_facts_is_gone(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm, call(1, at(20)), win(1, at(20)))
        store(db, crm, gone("call:1"), gone("deal:1"))
        assert sums(db, crm) == {}
        with read(db) as conn:
            for table in ("day_totals", "month_totals", "hour_totals", "facts"):
                assert conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_rates_are_kept_exactly(db: Engine) -> None:
    with source(db, "main") as crm:
        given = [Rate("USD", "UAH", DAY, Decimal("41.123456789")), Rate("EUR", "UAH", DAY, Decimal("1E-7"))]
        facts.apply(db, crm, Batch((), "c", NOW, rates=given), settings=OFFICE)
        with read(db) as conn:
            assert {(rate.currency, rate.value) for rate in totals.rates(conn)} == {
                ("USD", Decimal("41.123456789")),
                ("EUR", Decimal("0.0000001")),
            }


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_reading_looks_through_facts_or_the_totals_of_other_days(db: Engine) -> None:
    """What SQLite says it will do: every statement searches by key, none scans a table that grows with history."""
    with source(db, "main") as crm:
        store(db, crm, win(1, at(3)), win(2, at(3), currency="USD"), call(1, at(20)))
        asked: list[tuple[str, object]] = []

        def listen(_conn: object, _cursor: object, statement: str, values: object, *_: object) -> None:
            asked.append((statement, values))

        event.listen(db, "before_cursor_execute", listen)
        with read(db) as conn:
            totals.read(conn, date(2026, 10, 5), date(2026, 12, 6), "UAH")
            totals.by_day(conn, date(2026, 11, 1), DAY, ["main:olena"])
            totals.by_hour(conn, [DAY])
            totals.reps_by_day(conn, "calls", date(2026, 11, 1), DAY)
            totals.unmapped(conn, date(2026, 11, 1), DAY, _reps(conn))
            facts.recent_wins(conn, at(3), 5)
            facts.last_at(conn, ["main:olena"], "calls", DAY, DAY, 30)
            people.reps(conn)
        list(facts.facts(db, DAY, DAY))
        event.remove(db, "before_cursor_execute", listen)
        plans = []
        with read(db) as conn:
            for statement, values in asked:
                if statement.startswith("SELECT"):
                    plans += [
                        (row[3], statement)
                        for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as the driver got them
                    ]
        assert any("facts" in step for step, _ in plans)
        grown = re.compile(r"\b(f|t|facts|day_totals|month_totals|hour_totals|records)\b")
        assert [(step, said) for step, said in plans if step.startswith("SCAN") and grown.search(step)] == []


def _reps(conn: Connection) -> set[str]:
    return {rep.key for rep in people.reps(conn)}
