"""Odoo's currency rates as ours: what one unit of each currency is worth, straight in the office's own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from domain.facts import Rate
from sources._odoo.values import Row, calendar_day, ref, ref_name

# Odoo takes the earliest rate for the days before it.
_ALWAYS = date(2000, 1, 1)
# A currency's days and what it is worth from each of them on.
Course = list[tuple[date, Decimal]]


def read_rates(rows: Sequence[Row], company: int, base: str, office: str) -> list[Rate]:
    """Rates into the office's currency where Odoo knows it, else into the company's. `base` is the company's."""
    courses = _courses(rows, company, base)
    target = office if office in courses else base
    found = []
    for currency, course in courses.items():
        if currency == target:
            continue
        days = sorted({day for day, _ in (*course, *courses[target])})
        worth = ((day, _at(course, day) / _at(courses[target], day)) for day in days)
        found += [Rate(currency, target, day, value) for day, value in worth]
    return found


def _courses(rows: Sequence[Row], company: int, base: str) -> Mapping[str, Course]:
    found: dict[str, Course] = {base: [(_ALWAYS, Decimal(1))]}
    for row in sorted(rows, key=lambda row: (str(row.get("name")), row["id"])):
        day, currency, value = calendar_day(row.get("name")), ref_name(row.get("currency_id")), _worth(row)
        mine = ref(row.get("company_id")) in (None, company)
        if day is None or currency is None or value is None or not mine or currency == base:
            continue
        course = found.setdefault(currency, [])
        course.append((day if course else _ALWAYS, value))
    return found


def _worth(row: Row) -> Decimal | None:
    """One unit in the company's currency. `rate` is the other way round, and so is `company_rate`."""
    for name, turned in (("inverse_company_rate", False), ("company_rate", True), ("rate", True)):
        value = row.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return 1 / Decimal(str(value)) if turned else Decimal(str(value))
    return None


def _at(course: Course, day: date) -> Decimal:
    place = bisect_right(course, day, key=lambda step: step[0])
    return course[max(0, place - 1)][1]
