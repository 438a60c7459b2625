"""The office's own rates: they win from their day on, sums follow at once, and what has no rate is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.facts import Batch, Change, Fact, Kind, Rate
from domain.settings import Settings
from domain.totals import RateBook
from storage import audit, facts, rates, sources, state
from storage.db import StoreError, read, write
from storage.rates import Unrated
from storage.secrets import Secrets

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
VALUES = st.decimals("0.01", "100", places=2)
OF_EUR = st.lists(st.builds(Rate, st.just("EUR"), st.just("UAH"), DAYS, VALUES), max_size=6, unique_by=lambda r: r.day)


def eur(day: date, value: str) -> Rate:
    return Rate("EUR", "UAH", day, Decimal(value))


def paid(record: str, currency: str, day: int, month: int = 11) -> Change:
    at = datetime(2026, month, day, 10, tzinfo=UTC)
    return Change(record, (Fact(Kind.INVOICE_PAID, at, "1", amount=Decimal(10), currency=currency),), revision=1)


@given(OF_EUR, OF_EUR, DAYS)
def test_the_offices_own_rate_wins_from_its_first_day_on_and_not_before(
    told: list[Rate], own: list[Rate], day: date
) -> None:
    said = RateBook("UAH", told, own).value("EUR", day)
    if any(rate.day <= day for rate in own):
        assert said == max((rate for rate in own if rate.day <= day), key=lambda rate: rate.day).value
    else:
        assert said == RateBook("UAH", told).value("EUR", day)


@given(OF_EUR, OF_EUR)
def test_before_its_first_rate_a_currency_has_none(told: list[Rate], own: list[Rate]) -> None:
    book = RateBook("UAH", told, own)
    since = book.since("EUR")
    assert since == min((rate.day for rate in (*told, *own)), default=None)
    if since is not None:
        assert book.value("EUR", since) is not None
        assert book.value("EUR", date.fromordinal(since.toordinal() - 1)) is None


def test_a_rate_is_kept_changed_and_taken_back_with_who_and_when(db: Engine) -> None:
    with write(db) as conn:
        version = state.version(conn)
        assert rates.keep(conn, eur(date(2026, 11, 1), "48.50"), "lead", NOW) is None
        assert state.version(conn) != version
        assert rates.keep(conn, eur(date(2026, 11, 1), "49"), "lead", NOW) == Decimal("48.50")
        assert rates.own(conn) == [eur(date(2026, 11, 1), "49")]
        assert rates.book(conn, "UAH").value("EUR", date(2026, 11, 2)) == 49
        rates.remove(conn, "EUR", "UAH", date(2026, 11, 1), "root", NOW)
        assert rates.own(conn) == []
        with pytest.raises(StoreError, match="no rate of EUR from 2026-11-01"):
            rates.remove(conn, "EUR", "UAH", date(2026, 11, 1), "root", NOW)
        noted = [(entry.who, entry.what, entry.subject, entry.before, entry.after) for entry in audit.latest(conn, 3)]
    first, second = ({"value": value, "since": "2026-11-01"} for value in ("48.50", "49"))
    assert noted == [
        ("root", "rate", "EUR/UAH", second, None),
        ("lead", "rate", "EUR/UAH", first, second),
        ("lead", "rate", "EUR/UAH", None, first),
    ]


def test_currencies_without_a_rate_are_counted_by_their_records(db: Engine) -> None:
    with write(db) as conn:
        source = sources.add(conn, Secrets(b"k" * 32), "main", "demo", {}, "test", NOW)
    told = [paid("a", "EUR", 3, 9), paid("b", "EUR", 5), paid("c", "EUR", 9), paid("d", "EUR", 19),
            paid("e", "USD", 5), paid("f", "UAH", 5)]  # fmt: skip
    facts.apply(db, source, Batch(told, "c", NOW), settings=Settings())
    with read(db) as conn:
        assert rates.unrated(conn, rates.book(conn, "UAH")) == [
            Unrated("EUR", 4, date(2026, 9, 1), date(2026, 11, 1)),
            Unrated("USD", 1, date(2026, 11, 1), date(2026, 11, 1)),
        ]
    with write(db) as conn:
        rates.keep(conn, eur(date(2026, 11, 9), "48"), "lead", NOW)
        rates.keep(conn, Rate("USD", "UAH", date(2026, 1, 1), Decimal(41)), "lead", NOW)
        assert rates.unrated(conn, rates.book(conn, "UAH")) == [
            Unrated("EUR", 2, date(2026, 9, 1), date(2026, 11, 1)),
        ]
