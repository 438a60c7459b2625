"""The cells of a table of targets: metric, period, day, year, value; and what may be wrong with each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from domain.metrics import METRICS, Unit
from domain.settings import PeriodKind

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_LARGEST = Decimal(10) ** 15
_NONE = ("-", "–", "—", "−")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_PERIODS = {
    "day": "день", "week": "тиждень|неделя", "month": "місяць|месяц", "quarter": "квартал", "year": "рік|год",
}  # fmt: skip
_PERIOD_WORDS = {word: key for key, words in _PERIODS.items() for word in (key, *words.split("|"))}


class Flaw(StrEnum):
    """What may be wrong. layouts/mistakes.py has the sentences."""

    NO_COLUMN = "no_column"
    STRANGE_COLUMN = "strange_column"
    COLUMN_TWICE = "column_twice"
    MIXED = "mixed"
    TOO_MANY = "too_many"
    BROKEN = "broken"
    NO_METRIC = "no_metric"
    METRIC = "metric"
    SCOPE = "scope"
    NOBODY = "nobody"
    NO_REP = "no_rep"
    NO_TEAM = "no_team"
    SEVERAL = "several"
    COMPANY_NAMED = "company_named"
    BEYOND = "beyond"
    NO_PERIOD = "no_period"
    PERIOD = "period"
    NO_DAY = "no_day"
    DAY = "day"
    NO_SUCH_DAY = "no_such_day"
    FAR_DAY = "far_day"
    BACKWARDS = "backwards"
    YEAR = "year"
    NO_VALUE = "no_value"
    NUMBER = "number"
    FORMULA = "formula"
    IS_DAY = "is_day"
    NEGATIVE = "negative"
    LARGE = "large"
    TWO_WAYS = "two_ways"
    SHARE = "share"
    TWICE = "twice"


class FlawError(ValueError):
    """A cell that cannot be taken: its column, what stands there, and what could."""

    def __init__(self, column: str, flaw: Flaw, given: str = "", known: str = "") -> None:
        super().__init__(f"{column}: {flaw}")
        self.column, self.flaw, self.given, self.known = column, flaw, given, known


def read_metric(typed: str, words: Mapping[str, str]) -> str:
    """The key of a metric, by key or by what it is called (`words`, small letters). Raises FlawError."""
    if not typed:
        raise FlawError("metric", Flaw.NO_METRIC, known=", ".join(METRICS))
    found = typed if typed in METRICS else words.get(typed.lower())
    if found is None:
        raise FlawError("metric", Flaw.METRIC, typed, ", ".join(METRICS))
    return found


def read_period(typed: str) -> PeriodKind:
    """A kind of period. Raises FlawError."""
    if not typed:
        raise FlawError("period", Flaw.NO_PERIOD, known=", ".join(PeriodKind))
    if typed.lower() not in _PERIOD_WORDS:
        raise FlawError("period", Flaw.PERIOD, typed, ", ".join(PeriodKind))
    return PeriodKind(_PERIOD_WORDS[typed.lower()])


def read_day(typed: str, column: str) -> date:
    """A day as 2026-11-20 or 20.11.2026. Raises FlawError."""
    if not typed:
        raise FlawError(column, Flaw.NO_DAY)
    dotted = _DOTTED.fullmatch(typed)
    if not dotted and not _ISO.fullmatch(typed):
        raise FlawError(column, Flaw.DAY, typed)
    try:
        day = date(int(dotted[3]), int(dotted[2]), int(dotted[1])) if dotted else date.fromisoformat(typed[:10])
    except ValueError:
        raise FlawError(column, Flaw.NO_SUCH_DAY, typed) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise FlawError(column, Flaw.FAR_DAY, typed, f"{_FIRST_YEAR}–{_LAST_YEAR}")
    return day


def read_year(typed: str) -> int:
    """A year. Raises FlawError."""
    if not typed.isascii() or not typed.isdigit() or not _FIRST_YEAR <= int(typed[:9]) <= _LAST_YEAR:
        raise FlawError("year", Flaw.YEAR, typed, f"{_FIRST_YEAR}–{_LAST_YEAR}")
    return int(typed)


def read_value(cell: object, column: str, metric: str) -> Decimal | None:
    """A target in the metric's own unit, None for `-`. A Decimal is a workbook's number. Raises FlawError."""
    typed = str(cell).strip() if cell is not None else ""
    if not typed:
        raise FlawError(column, Flaw.NO_VALUE)
    if typed in _NONE:
        return None
    ratio = METRICS[metric].unit is Unit.RATIO
    value = cell if isinstance(cell, Decimal) else _number(typed, column, ratio)
    if value < 0:
        raise FlawError(column, Flaw.NEGATIVE, typed)
    if not value.is_finite() or value > _LARGEST:
        raise FlawError(column, Flaw.LARGE, typed, f"{_LARGEST:.0f}")
    if ratio and value > 1:
        raise FlawError(column, Flaw.SHARE, typed)
    return value


def _number(typed: str, column: str, ratio: bool) -> Decimal:
    if typed.startswith(("=", "#")):
        raise FlawError(column, Flaw.FORMULA, typed)
    if _ISO.fullmatch(typed) or _DOTTED.fullmatch(typed):
        raise FlawError(column, Flaw.IS_DAY, typed)
    plain = _SPACES.sub("", typed).replace("−", "-")
    percent = ratio and plain.endswith("%")
    plain = plain.removesuffix("%") if percent else plain
    grouped = _GROUPED.fullmatch(plain)
    if grouped and sum(plain.count(sign) for sign in ".,") == 1:
        raise FlawError(column, Flaw.TWO_WAYS, typed, re.sub(r"[.,]", "", plain))
    plain = plain.replace(grouped[1], "") if grouped else plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise FlawError(column, Flaw.NUMBER, typed) from None
    if not value.is_finite():
        raise FlawError(column, Flaw.NUMBER, typed)
    return value / 100 if percent else value
