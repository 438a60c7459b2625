"""Numbers, money, clock and dates as the reader's language writes them, through Babel."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import dates, numbers

from domain.metrics import Unit
from layouts.text import Text

# What people of the country write, where Babel's English and its neighbours would print the ISO code.
_SYMBOLS = {
    "UAH": "₴",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "RUB": "₽",
    "KZT": "₸",
    "PLN": "zł",
    "CZK": "Kč",
    "GEL": "₾",
    "TRY": "₺",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "BYN": "Br",
    "RON": "lei",
}
_DAY = Decimal(86400)
_MOST = Decimal("9.99")
# Above these, the exact figure says less at eight metres than the rounded one.
_COMPACT_COUNT = Decimal(100_000)
_COMPACT_MONEY = Decimal(10_000)


def number(text: Text, value: Decimal | int, digits: int = 0) -> str:
    """A number with at most `digits` decimals: 1,184,000 · 1 184 000."""
    return _digits(text, Decimal(value), digits)


def money(text: Text, value: Decimal, currency: str, digits: int = 0) -> str:
    """Whole units with the symbol where the language puts it: ₴1,184,000 · 1 184 000 ₴."""
    return _with_symbol(text, _digits(text, value, digits), currency)


def compact_money(text: Text, value: Decimal, currency: str) -> str:
    """Money at three figures: ₴412K · 412 тис. ₴ · ₴3.1M. Below ten thousand, in full."""
    return _with_symbol(text, _compact(text, value, _COMPACT_MONEY), currency)


def percent(text: Text, value: Decimal, digits: int = 0) -> str:
    """A share as per cent; what falls short of 100 % never reads 100 %, and ten times the plan is enough."""
    if value > _MOST:
        return f">{percent(text, _MOST)}"
    step = Decimal(1).scaleb(-digits)
    rounded = (value * 100).quantize(step, ROUND_HALF_EVEN)
    if value < 1 <= rounded / 100:
        rounded = 100 - step
    return numbers.format_percent(rounded / 100, format=_percent_pattern(text, digits), locale=text.locale)


def symbol(currency: str) -> str:
    """The currency's sign, or its ISO code."""
    return _SYMBOLS.get(currency, currency)


def amount(text: Text, value: Decimal, unit: Unit, currency: str) -> str:
    """A metric's value in full, by its unit."""
    if unit is Unit.MONEY:
        return money(text, value, currency)
    return points(text, value) if unit is Unit.POINTS else _plain(text, value, unit)


def points(text: Text, value: Decimal) -> str:
    """1 point, 12.5 points; a fraction takes the form of few."""
    counted = int(value) if value == value.to_integral_value() else 2
    return text.tn("{points} point", "{points} points", counted, points=_digits(text, value, 1))


def short_amount(text: Text, value: Decimal, unit: Unit, currency: str) -> str:
    """A metric's value where room is short."""
    if unit is Unit.MONEY:
        return compact_money(text, value, currency)
    if unit is Unit.COUNT or (unit is Unit.POINTS and abs(value) >= _COMPACT_COUNT):
        return _compact(text, value, _COMPACT_COUNT)
    return _plain(text, value, unit)


def bare_amount(text: Text, value: Decimal, unit: Unit) -> str:
    """A short amount without its currency, in a list where everything is money."""
    return _compact(text, value, _COMPACT_MONEY) if unit is Unit.MONEY else short_amount(text, value, unit, "")


def rate(text: Text, value: Decimal, unit: Unit, currency: str) -> str:
    """What is needed per hour or day: counts rounded up, since nobody makes 8.3 calls; one decimal below one."""
    if unit is Unit.COUNT:
        step = Decimal("0.1") if value < 1 else Decimal(1)
        return _digits(text, value.quantize(step, ROUND_CEILING), 1)
    if unit is Unit.MONEY:
        return compact_money(text, value.quantize(Decimal(1), ROUND_CEILING), currency)
    return _plain(text, value, unit)


def duration(text: Text, seconds: Decimal | int) -> str:
    """A length of time: 45 s · 19 min · 3 h 20 min · 2 d 4 h."""
    whole = int(seconds)
    if whole < 60:
        return text.t("{n} s", n=whole)
    if whole < 3600:
        return text.t("{n} min", n=whole // 60)
    if whole < _DAY:
        return _two(text.t("{n} h", n=whole // 3600), text.t("{n} min", n=whole % 3600 // 60), whole % 3600 // 60)
    days, hours = divmod(whole // 3600, 24)
    return _two(text.t("{n} d", n=days), text.t("{n} h", n=hours), hours)


def clock(text: Text, at: datetime | time, zone: str | None = None) -> str:
    """Hours and minutes of a day, 24-hour; an aware datetime in the zone of the reader."""
    local = at.astimezone(ZoneInfo(zone)).time() if isinstance(at, datetime) and zone else at
    return dates.format_time(local, "HH:mm", locale=text.locale)


def weekday(text: Text, day: date) -> str:
    """Thursday."""
    return dates.format_date(day, "EEEE", locale=text.locale)


def short_weekday(text: Text, day: date) -> str:
    """Th, as it stands over a column."""
    return str(dates.get_day_names("short", "stand-alone", text.locale)[day.weekday()])


def day_month(text: Text, day: date) -> str:
    """20 November."""
    return dates.format_date(day, "d MMMM", locale=text.locale)


def long_day(text: Text, day: date) -> str:
    """Thursday 20 November, in the order of the language."""
    return dates.format_date(day, "EEEE, d MMMM" if text.language != "en" else "EEEE d MMMM", locale=text.locale)


def short_day(text: Text, day: date) -> str:
    """20.11.2026 or 20 Nov 2026, for tables."""
    return dates.format_date(day, "d MMM y" if text.language == "en" else "dd.MM.y", locale=text.locale)


def month(text: Text, day: date) -> str:
    """November, as it stands alone (листопад, not листопада)."""
    return dates.format_date(day, "LLLL", locale=text.locale)


def instant(text: Text, at: datetime, zone: str) -> str:
    """Day and clock in the office's zone, for tables."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{short_day(text, local.date())}, {clock(text, local.time())}"


def initials(name: str) -> str:
    """Two letters that stand for a name: the first of its first and its last word."""
    words = [letters for word in name.split() if (letters := "".join(filter(str.isalpha, word)))]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def short_name(name: str) -> str:
    """A name where room is short: the first word, and the first letter of the last."""
    words = name.split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 and words[-1][0].isalpha() else name


def _plain(text: Text, value: Decimal, unit: Unit) -> str:
    if unit is Unit.SECONDS:
        return duration(text, value)
    if unit is Unit.RATIO:
        return percent(text, value)
    return _digits(text, value, 1)


def _digits(text: Text, value: Decimal, digits: int) -> str:
    return _written(str(text.locale), value, digits)


# A board is written again with every commit, and most of its figures are those of the last one.
@lru_cache(maxsize=8192)
def _written(locale: str, value: Decimal, digits: int) -> str:
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    # Plus nought, because what is rounded to minus nought, or equals it, is written without a sign.
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN) + 0
    return numbers.format_decimal(rounded, format=pattern, locale=locale)


def _compact(text: Text, value: Decimal, limit: Decimal) -> str:
    if abs(value) < limit:
        return _digits(text, value, 0 if abs(value) >= 100 else 1)
    # Three figures first, so that 999,999 becomes 1M and not 1000K; 412K needs no decimal, 41.2K and 3.1M do.
    rounded = Decimal(f"{value:.2e}")
    digits = 0 if len(str(int(abs(rounded)))) % 3 == 0 else 1
    return numbers.format_compact_decimal(rounded, fraction_digits=digits, locale=text.locale)


def _with_symbol(text: Text, figure: str, currency: str) -> str:
    sign = symbol(currency)
    before = text.locale.currency_formats["standard"].pattern.startswith("¤")
    minus, figure = ("-", figure[1:]) if before and figure.startswith("-") else ("", figure)
    gap = "\N{NO-BREAK SPACE}" if not before or sign[-1].isalpha() else ""
    return f"{minus}{sign}{gap}{figure}" if before else f"{figure}{gap}{sign}"


def _percent_pattern(text: Text, digits: int) -> str:
    pattern = str(text.locale.percent_formats[None].pattern)
    return pattern.replace("#,##0", "#,##0." + "#" * digits) if digits else pattern


def _two(large: str, small: str, rest: int) -> str:
    return f"{large} {small}" if rest else large
