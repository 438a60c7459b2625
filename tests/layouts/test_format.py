"""Numbers, money, durations and dates read as people of each language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.metrics import Unit
from layouts import format
from layouts.text import Text

EN, UK, RU = Text("en"), Text("uk"), Text("ru")
GAP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("value", ["-0", "0", "-0.3"])
def test_nought_has_no_sign_whatever_it_came_from(value: str) -> None:
    assert format.number(EN, Decimal(value)) == "0"


def test_money_carries_the_sign_where_the_language_puts_it() -> None:
    written = [format.money(text, Decimal(1184000), "UAH").replace(GAP, " ") for text in (EN, UK, RU)]
    assert written == ["₴1,184,000", "1 184 000 ₴", "1 184 000 ₴"]


@pytest.mark.parametrize(
    ("value", "english"),
    [("9800", "₴9,800"), ("98000", "₴98K"), ("412300", "₴412K"), ("3100000", "₴3.1M"), ("999999", "₴1M")],
)
def test_compact_money_keeps_at_most_three_figures(value: str, english: str) -> None:
    assert format.compact_money(EN, Decimal(value), "UAH") == english


def test_a_debt_keeps_its_minus_before_the_sign() -> None:
    assert format.money(EN, Decimal(-5000), "USD") == "-$5,000"
    assert format.money(EN, Decimal(5000), "XYZ") == f"XYZ{GAP}5,000"


def test_an_unmet_plan_never_reads_as_met() -> None:
    shares = [Decimal("0.9999"), Decimal("0.567"), Decimal(1), Decimal("1.06")]
    assert [format.percent(EN, share) for share in shares] == ["99%", "57%", "100%", "106%"]
    assert format.percent(EN, Decimal("0.9999"), 1) == "99.9%"


def test_many_times_the_plan_is_said_in_few_letters() -> None:
    assert format.percent(EN, Decimal("124.7")) == ">999%"


def test_a_needed_rate_of_counts_is_rounded_up() -> None:
    assert format.rate(EN, Decimal("8.2"), Unit.COUNT, "UAH") == "9"
    assert format.rate(EN, Decimal("0.32"), Unit.COUNT, "UAH") == "0.4"


def test_a_duration_names_its_two_largest_units() -> None:
    seconds = [45, 19 * 60, 12_345, 7200, 90_000, 86_400 * 2]
    assert [format.duration(EN, s) for s in seconds] == ["45 s", "19 min", "3 h 25 min", "2 h", "1 d 1 h", "2 d"]


def test_the_clock_is_the_offices() -> None:
    assert format.clock(EN, datetime(2026, 11, 20, 12, 26, tzinfo=UTC), "Europe/Kyiv") == "14:26"


def test_a_day_is_written_in_the_order_of_the_language() -> None:
    day = date(2026, 11, 20)
    assert format.long_day(EN, day) == "Friday 20 November"
    assert format.long_day(RU, day) == "пятница, 20 ноября"
    assert format.month(UK, day) == "листопад"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Олена Коваль", "ОК"), ("Nikita", "N"), ("<b>x</b>", "B"), ("😀 😀", "?"), ("Ana de la Cruz", "AC")],
)
def test_initials_are_letters(name: str, letters: str) -> None:
    assert format.initials(name) == letters
