"""What is one rep's own, read back: its records add up to the number, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from domain.board import Period
from domain.days import DayKind
from domain.people import Rep
from domain.records import RecordPage
from domain.settings import Credit, PeriodKind, Settings
from storage import facts, mine, targets
from storage.db import read, write
from storage.targets import NewTarget
from tests.storage.floor import NOW, at, call, of, source, store, win

MONTH = Period(PeriodKind.MONTH, date(2026, 11, 1), date(2026, 11, 30))
OFFICE = Settings(country=None)
OLENA = Rep("main:olena", "Olena")


@pytest.fixture
def main(db: Engine) -> Iterator[int]:
    with source(db, "main") as source_id:
        calls = [call(n, at(2 + n % 15, 8 + n % 5, n % 60)) for n in range(30)]
        others = [call(100 + n, at(2 + n), rep="nikita") for n in range(5)]
        short = [call(200, at(9), seconds=3)]
        wins = [replace(win(n, at(3 + n, 14), amount="1500.50"), url=f"https://crm.example/deal/{n}") for n in range(4)]
        store(db, source_id, *calls, *others, *short, *wins, call(300, at(30, month=10)), settings=OFFICE)
        yield source_id


def pages(db: Engine, metric: str, limit: int, settings: Settings = OFFICE, rep: str = OLENA.key) -> list[RecordPage]:
    found = []
    after: str | None = ""
    while after is not None:
        with read(db) as conn:
            found.append(mine.records(conn, settings, Rep(rep, rep), metric, MONTH, limit, after))
        after = found[-1].more
    return found


def instants(found: list[RecordPage]) -> list[datetime]:
    return [record.fact.at for page in found for record in page.records]


def test_the_records_of_a_count_are_as_many_as_it_says_in_pages_of_any_size(db: Engine, main: int) -> None:
    counted = of(db, main, "calls", MONTH.first, MONTH.last)["olena"]
    for limit in (1, 7, 31, 100):
        found = pages(db, "calls", limit)
        assert len(instants(found)) == counted == 31
        assert instants(found) == sorted(instants(found), reverse=True)
        assert all(len(page.records) == limit for page in found[:-1])


def test_what_the_metric_leaves_out_is_not_listed(db: Engine, main: int) -> None:
    assert len(instants(pages(db, "productive_calls", 50))) == 30


def test_the_records_of_money_add_up_to_it_and_lead_into_the_crm(db: Engine, main: int) -> None:
    page = pages(db, "deals_won_amount", 50)[0]
    assert sum(record.fact.amount or 0 for record in page.records) == Decimal("6002")
    assert [record.url for record in page.records] == [f"https://crm.example/deal/{n}" for n in (3, 2, 1, 0)]
    assert [record.fact.title for record in page.records][:1] == ["Deal 3"]
    assert len(pages(db, "average_deal", 50)[0].records) == 4


def test_where_the_present_owner_is_credited_the_records_are_theirs(db: Engine, main: int) -> None:
    rules = replace(OFFICE, credit=Credit.CURRENT_OWNER)
    facts.rebuild(db, rules)
    store(db, main, replace(win(0, at(3, 14), amount="1500.50", revision=2), owner="nikita"), settings=rules)
    assert len(pages(db, "deals_won", 50, rules)[0].records) == 3
    assert len(pages(db, "deals_won", 50, rules, "main:nikita")[0].records) == 1
    assert len(instants(pages(db, "calls", 50, rules))) == 31


def test_a_place_that_cannot_be_read_begins_anew(db: Engine, main: int) -> None:
    for after in ("x", "1.2", "1.2.3.", "9" * 40 + ".1.1.a", "-1.2.3.call:1", "１.2.3.a"):
        with read(db) as conn:
            assert len(mine.records(conn, OFFICE, OLENA, "calls", MONTH, 5, after).records) == 5


def test_the_days_hold_what_the_number_is_made_of(db: Engine, main: int) -> None:
    with write(db) as conn:
        wanted = NewTarget("calls", "rep", OLENA.key, PeriodKind.MONTH, Decimal(42), MONTH.first, MONTH.last)
        targets.add(conn, [wanted], "lead", NOW - timedelta(days=30))
    with read(db) as conn:
        days = mine.days(conn, OFFICE, OLENA, "calls", MONTH, NOW)
        money = mine.days(conn, OFFICE, OLENA, "deals_won_amount", MONTH, NOW)
        last = mine.reached(conn, OFFICE, OLENA.key, ["calls"], MONTH)
    assert sum(day.actual or 0 for day in days) == 31
    assert sum(day.target or 0 for day in days) == 42
    assert {day.day.day: day.kind for day in days}[16] is DayKind.MADE
    assert sum(day.actual or 0 for day in money) == Decimal("6002")
    assert last == at(16, 12, 29)


def test_somebody_without_records_has_none(db: Engine, main: int) -> None:
    with read(db) as conn:
        assert mine.records(conn, OFFICE, Rep("main:nobody", "Nobody"), "calls", MONTH, 5) == RecordPage((), None)
        assert mine.records(conn, OFFICE, Rep("elsewhere:1", "One"), "calls", MONTH, 5) == RecordPage((), None)
        assert mine.reached(conn, OFFICE, "main:nobody", ["calls"], MONTH) is None
