"""What people type into the desk: read the way they mean it, or refused with the reason."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.metrics import Unit
from layouts.settings.entry import EntryError, read_clock, read_day, read_value, read_whole, write_value
from layouts.text import Text

EN, UK = Text("en"), Text("uk")


@pytest.mark.parametrize(
    ("text", "typed", "value"),
    [
        (EN, "400", "400"),
        (EN, " 1 184 000 ", "1184000"),
        (EN, "1,184,000", "1184000"),
        (EN, "1,200", "1200"),
        (EN, "12.5", "12.5"),
        (EN, "12,5", "12.5"),
        (UK, "1\u00a0184\u202f000,50", "1184000.5"),
        (UK, "1.184.000", "1184000"),
        (UK, "0", "0"),
    ],
)
def test_a_number_is_read_with_spaces_and_either_decimal_sign(text: Text, typed: str, value: str) -> None:
    assert read_value(text, typed, Unit.MONEY) == Decimal(value)


@pytest.mark.parametrize("typed", ["", "  ", None])
def test_an_empty_cell_is_no_target_and_not_zero(typed: str | None) -> None:
    assert read_value(EN, typed, Unit.COUNT) is None


@pytest.mark.parametrize(
    ("text", "typed", "why"),
    [
        (EN, "many", "Not a number"),
        (EN, "1e3", "Not a number"),
        (EN, "²", "Not a number"),
        (EN, "٤٠", "Not a number"),
        (EN, "12.5.1", "Not a number"),
        (EN, "NaN", "Not a number"),
        (EN, "-5", "Cannot be negative"),
        (EN, "−5", "Cannot be negative"),
        (EN, "1.2345", "Two decimals at most"),
        (EN, "9" * 15, "Too large"),
        (EN, "1.200", "Can be read in two ways: write 1200 without a sign"),
        (Text("de"), "1,200", "Can be read in two ways: write 1200 without a sign"),
    ],
)
def test_what_is_no_plain_number_is_refused_with_the_reason(text: Text, typed: str, why: str) -> None:
    with pytest.raises(EntryError, match=f"^{why}$"):
        read_value(text, typed, Unit.COUNT)


def test_talk_time_is_typed_in_minutes_and_a_ratio_in_per_cent() -> None:
    assert read_value(EN, "90", Unit.SECONDS) == 5400
    assert read_value(EN, "25", Unit.RATIO) == Decimal("0.25")
    with pytest.raises(EntryError, match="100 % at most"):
        read_value(EN, "100.1", Unit.RATIO)
    assert write_value(Decimal(5400), Unit.SECONDS) == "90"
    assert write_value(Decimal("0.255"), Unit.RATIO) == "25.5"


@given(
    st.sampled_from(("en", "uk", "ru")),
    st.sampled_from(tuple(Unit)),
    st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False),
)
def test_what_is_shown_in_a_cell_reads_back_as_the_same_value(language: str, unit: Unit, typed: Decimal) -> None:
    text = Text(language)
    value = read_value(text, str(min(typed, Decimal(100)) if unit is Unit.RATIO else typed), unit)
    assert read_value(text, write_value(value, unit), unit) == value


def test_a_stored_value_finer_than_one_can_type_is_shown_in_full() -> None:
    assert write_value(Decimal("10.5553"), Unit.COUNT) == "10.5553"
    assert write_value(Decimal("1E+3"), Unit.COUNT) == "1000"
    assert write_value(None, Unit.COUNT) == ""


@pytest.mark.parametrize("typed", ["2026-11-20", "20.11.2026", " 20.11.2026 "])
def test_a_day_is_read_in_either_order(typed: str) -> None:
    assert read_day(EN, typed) == date(2026, 11, 20)


@pytest.mark.parametrize("typed", ["", None, "31.02.2026", "11/20/2026", "20.11.26", "tomorrow"])
def test_what_is_no_day_is_refused(typed: str | None) -> None:
    with pytest.raises(EntryError):
        read_day(EN, typed)


def test_a_time_of_day_is_read_with_or_without_the_leading_zero() -> None:
    assert read_clock(EN, "9:30") == read_clock(EN, "09:30") == time(9, 30)


@pytest.mark.parametrize("typed", ["", "24:00", "12:60", "noon", "9"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(EntryError):
        read_clock(EN, typed)


@pytest.mark.parametrize("typed", ["", "2", "601", "12.5", "x"])
def test_a_whole_number_keeps_to_its_bounds(typed: str) -> None:
    with pytest.raises(EntryError):
        read_whole(EN, typed, 3, 600)
