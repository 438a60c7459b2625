"""The currencies page: what has no rate is told, a rate of one's own counts at once, and can be taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from callbacks.settings import rates as page
from domain.board import Board
from domain.facts import Batch, Change, Fact, Kind, Rate
from domain.settings import PeriodKind
from layouts.settings.rates import Typed
from layouts.text import Text
from storage import db as store
from storage import facts, rates, sources
from tests.callbacks.reading import Tree, classed, words
from tests.desk.office import NOW, PEOPLE, Office


@pytest.fixture
def board(office: Office) -> Board:
    """Olena was paid 100 euros today, and no source knows what a euro is worth."""
    with store.read(office.deps.db) as conn:
        source = sources.get(conn, "main").id
    fact = Fact(Kind.INVOICE_PAID, NOW, "1", amount=Decimal(100), currency="EUR")
    batch = Batch([Change("inv:1", (fact,), revision=1)], "d", NOW, people=PEOPLE)
    facts.apply(office.deps.db, source, batch, settings=office.deps.settings())
    return office.deps.boards.get(PeriodKind.DAY).board


def save(office: Office, text: Text, currency: str = "eur", day: str = "2026-11-01", value: str = "48,5") -> Tree:
    return page.save(office.deps, text, "lead", Typed(currency, day, value))


def paid(office: Office) -> Decimal | None:
    return office.deps.boards.get(PeriodKind.DAY).board.metric("invoices_paid_amount").progress.actual


def test_a_currency_without_a_rate_is_told_and_counts_as_soon_as_it_has_one(
    office: Office, text: Text, board: Board
) -> None:
    assert [(each.code, each.where) for each in board.problems] == [("no_rate", "EUR")]
    drawn = words(page.page(office.deps, text, None))
    assert "1 record is in no sum" in drawn
    assert "November 2026" in drawn
    # What is missing stands in the form already.
    typed = page.read(office.deps, text).typed
    assert (typed.currency, typed.day) == ("EUR", "2026-11-01")
    assert paid(office) == 0
    tree = save(office, text)
    assert classed(tree, "good") == ["Saved: 1 EUR = 48.5 UAH from 1 Nov 2026 on. The wall shows it in a moment."]
    assert "is in no sum" not in words(tree)
    assert paid(office) == 4850
    assert not office.deps.boards.get(PeriodKind.DAY).board.problems


def test_the_newest_rate_that_has_begun_is_marked_and_the_history_tells_who(office: Office, text: Text) -> None:
    save(office, text)
    save(office, text, day="2026-11-15", value="49")
    tree = save(office, text, day="2026-12-01", value="50")
    shown = page.read(office.deps, text)
    assert [(each.value, each.holds) for each in shown.own] == [
        ("1 EUR = 50 UAH", False),
        ("1 EUR = 49 UAH", True),
        ("1 EUR = 48.5 UAH", False),
    ]
    assert [(each.who, each.pair, each.after) for each in shown.history][:2] == [
        ("lead", "EUR/UAH", "50 from 1 Dec 2026 on"),
        ("lead", "EUR/UAH", "49 from 15 Nov 2026 on"),
    ]
    assert "holds now" in words(tree)
    page.remove(office.deps, text, "lead", "EUR", "2026-11-15")
    assert [each.holds for each in page.read(office.deps, text).own] == [False, True]
    assert "not there any more" in classed(page.remove(office.deps, text, "lead", "EUR", "2026-11-15"), "bad")[0]
    assert "not there any more" in classed(page.remove(office.deps, text, "lead", "EUR", "soon"), "bad")[0]


def test_a_leap_asks_whether_it_is_the_right_way_round(office: Office, text: Text) -> None:
    save(office, text)
    assert "Before it was 48.5. Is it the right way round?" in classed(save(office, text, value="0.0206"), "good")[0]


def test_what_a_source_says_is_shown_and_that_it_is_beaten(office: Office, text: Text) -> None:
    with store.read(office.deps.db) as conn:
        source = sources.get(conn, "main").id
    told = [Rate("EUR", "UAH", date(2026, 10, 1), Decimal("47.9")), Rate("USD", "UAH", date(2026, 10, 1), Decimal(41))]
    facts.apply(office.deps.db, source, Batch([], "d", NOW, rates=told), settings=office.deps.settings())
    drawn = words(page.page(office.deps, text, None))
    assert "1 EUR = 47.9 UAH" in drawn
    assert "our own holds" not in drawn
    save(office, text)
    assert [each.beaten for each in page.read(office.deps, text).told] == [True, False]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (Typed("XYZ", "2026-11-01", "1"), "Choose one of the list"),
        (Typed("uah", "2026-11-01", "1"), "This is the currency of the office itself"),
        (Typed("EUR", "yesterday", "1"), "Write a day like 20.11.2026"),
        (Typed("EUR", "2026-11-01", ""), "Write a rate like 41.25, with eight decimals at most"),
        (Typed("EUR", "2026-11-01", "-41"), "Write a rate like 41.25, with eight decimals at most"),
        (Typed("EUR", "2026-11-01", "1e9"), "Write a rate like 41.25, with eight decimals at most"),
        (Typed("EUR", "2026-11-01", "0,000000001"), "Write a rate like 41.25, with eight decimals at most"),
        (Typed("EUR", "2026-11-01", "0"), "Must be more than 0"),
        (Typed("EUR", "2026-11-01", "9999999999999"), "Too large"),
    ],
)
def test_what_cannot_be_a_rate_is_told_beside_it_and_nothing_is_stored(
    office: Office, text: Text, typed: Typed, why: str
) -> None:
    assert classed(page.save(office.deps, text, "lead", typed), "problem") == [why]
    with store.read(office.deps.db) as conn:
        assert rates.own(conn) == []
