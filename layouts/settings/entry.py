"""Numbers and days as people type them into the desk, and as the desk writes them back."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal

from domain.metrics import Unit
from layouts.text import Text

# What one typed unit is worth: talk time is typed in minutes, a ratio in per cent.
_WORTH = {
    Unit.COUNT: Decimal(1),
    Unit.MONEY: Decimal(1),
    Unit.POINTS: Decimal(1),
    Unit.SECONDS: Decimal(60),
    Unit.RATIO: Decimal("0.01"),
}
_LARGEST = Decimal(10) ** 12
_WHOLE = 100
_DECIMALS = 2
_RATE_DECIMALS = 8
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(\1\d{3})*")
_PLAIN = re.compile(r"(\d+)(?:[.,](\d*))?")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class EntryError(ValueError):
    """What was typed cannot be taken; the sentence is in the reader's language."""


def read_value(text: Text, typed: str | None, unit: Unit) -> Decimal | None:
    """A target's value in the metric's own unit, None for an empty cell. Raises EntryError."""
    number = read_number(text, typed)
    if number is None:
        return None
    if number > _LARGEST:
        raise EntryError(text.t("Too large"))
    if unit is Unit.RATIO and number > _WHOLE:
        raise EntryError(text.t("100 % at most"))
    return (number * _WORTH[unit]).normalize() + 0


def read_number(text: Text, typed: str | None) -> Decimal | None:
    """A number that is not negative, with either decimal sign; None for nothing. Raises EntryError."""
    plain = _SPACES.sub("", typed or "")
    if not plain:
        return None
    if plain.startswith(("-", "−")):
        raise EntryError(text.t("Cannot be negative"))
    if _GROUPED.fullmatch(plain):
        return _grouped(text, plain)
    found = _PLAIN.fullmatch(plain)
    if not found or not plain.isascii():
        raise EntryError(text.t("Not a number"))
    if len(found[2] or "") > _DECIMALS:
        raise EntryError(text.t("Two decimals at most"))
    return Decimal(f"{found[1]}.{found[2] or 0}")


def read_rate(text: Text, typed: str | None) -> Decimal:
    """What one unit of a currency is worth in another: more than nothing, up to eight decimals. Raises EntryError."""
    plain = _SPACES.sub("", typed or "")
    found = _PLAIN.fullmatch(plain) if plain.isascii() else None
    if not found or len(found[2] or "") > _RATE_DECIMALS:
        raise EntryError(text.t("Write a rate like 41.25, with eight decimals at most"))
    rate = Decimal(f"{found[1]}.{found[2] or 0}")
    if not rate:
        raise EntryError(text.t("Must be more than 0"))
    if rate > _LARGEST:
        raise EntryError(text.t("Too large"))
    return rate.normalize() + 0


def read_whole(text: Text, typed: str | None, low: int, high: int) -> int:
    """A whole number between two bounds. Raises EntryError."""
    number = read_number(text, typed)
    if number is None or number != number.to_integral_value() or not low <= number <= high:
        raise EntryError(text.t("A whole number from {low} to {high}", low=low, high=high))
    return int(number)


def read_day(text: Text, typed: str | None) -> date:
    """A day as 2026-11-20 or 20.11.2026. Raises EntryError."""
    plain = (typed or "").strip()
    found = _DAY.fullmatch(plain)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(plain)
    except ValueError:
        raise EntryError(text.t("Write a day like 20.11.2026")) from None


def read_clock(text: Text, typed: str | None) -> time:
    """A time of day as 9:30. Raises EntryError."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", (typed or "").strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise EntryError(text.t("Write a time like 09:30"))
    return time(int(found[1]), int(found[2]))


def write_value(value: Decimal | None, unit: Unit) -> str:
    """A target's value as it is typed: no grouping, so that it can be edited and copied."""
    if value is None:
        return ""
    typed = value / _WORTH[unit]
    rounded = typed.quantize(Decimal(1).scaleb(-_DECIMALS))
    plain = f"{rounded:f}" if rounded == typed else f"{typed.normalize():f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _grouped(text: Text, plain: str) -> Decimal:
    """Digits in threes: 1,184,000 is plain, but 1.184 may be one thousand or one and a bit."""
    signs = [sign for sign in plain if sign in ".,"]
    if len(signs) == 1 and (signs[0], text.language) != (",", "en"):
        whole = plain.replace(signs[0], "")
        raise EntryError(text.t("Can be read in two ways: write {whole} without a sign", whole=whole))
    return Decimal(plain.replace(signs[0], ""))
