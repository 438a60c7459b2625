"""Rates of exchange: the office's own word, which wins over what the sources say, and what is left without any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, select

from domain.facts import Rate
from domain.metrics import SUMS, Measure
from domain.totals import RateBook
from storage import audit, state, totals
from storage.db import StoreError, query
from storage.tables import office_rates as table
from storage.tally import month_of

_WHAT = "rate"
_AMOUNTS = tuple(metric.key for metric in SUMS if metric.measure is Measure.AMOUNT)
_MARKS = ", ".join("?" * len(_AMOUNTS))


@dataclass(frozen=True, slots=True)
class Unrated:
    """A currency with records on days for which there is no rate: how many, and in which months (first days)."""

    currency: str
    records: int
    first: date
    last: date


def book(conn: Connection, base: str) -> RateBook:
    """The rates into one currency: the office's own, and those of the sources where it has none."""
    return RateBook(base, totals.rates(conn), own(conn))


def own(conn: Connection) -> list[Rate]:
    """The office's own rates, by currency and day."""
    rows = conn.execute(select(table).order_by(table.c.currency, table.c.base, table.c.day))
    return [Rate(row.currency, row.base, date.fromordinal(row.day), Decimal(row.value)) for row in rows]


def keep(conn: Connection, rate: Rate, who: str, at: datetime) -> Decimal | None:
    """From its day on one unit of the currency is worth that. What was said for that very day before."""
    before = _on(conn, rate.currency, rate.base, rate.day)
    query(
        conn,
        "INSERT INTO office_rates (currency, base, day, value) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (currency, base, day) DO UPDATE SET value = excluded.value",
        (rate.currency, rate.base, rate.day.toordinal(), f"{rate.value:f}"),
    )
    _note(conn, rate.currency, rate.base, rate.day, before, rate.value, who, at)
    return before


def remove(conn: Connection, currency: str, base: str, day: date, who: str, at: datetime) -> None:
    """Take back what the office said for that day: the rate before it holds on.

    Raises StoreError where it said nothing.
    """
    before = _on(conn, currency, base, day)
    if before is None:
        raise StoreError(f"The office has no rate of {currency} from {day} on.")
    conn.execute(
        delete(table).where(table.c.currency == currency, table.c.base == base, table.c.day == day.toordinal())
    )
    _note(conn, currency, base, day, before, None, who, at)


def unrated(conn: Connection, rates: RateBook) -> list[Unrated]:
    """The currencies that occur without a rate, the most frequent first; whole months are summed, not facts."""
    sql = f"""SELECT currency, month, sum(n) FROM month_totals WHERE metric IN ({_MARKS})
        AND currency NOT IN ('', ?) GROUP BY currency, month ORDER BY currency, month"""  # noqa: S608 (constants)
    counts: dict[str, dict[int, int]] = {}
    for currency, month, records in query(conn, sql, (*_AMOUNTS, rates.base)):
        since = rates.since(currency)
        if since is None or month < month_of(since.toordinal()):
            counts.setdefault(currency, {})[month] = int(records)
        elif month == month_of(since.toordinal()) and (rest := _before(conn, currency, since)):
            counts.setdefault(currency, {})[month] = rest
    found = [Unrated(name, sum(of.values()), _first_of(min(of)), _first_of(max(of))) for name, of in counts.items()]
    return sorted(found, key=lambda each: (-each.records, each.currency))


def _before(conn: Connection, currency: str, day: date) -> int:
    """Records of that currency in the day's month, before the day."""
    first = day.replace(day=1).toordinal()
    sql = f"""SELECT coalesce(sum(n), 0) FROM day_totals WHERE day BETWEEN ? AND ? AND metric IN ({_MARKS})
        AND currency = ?"""  # noqa: S608 (constants)
    return int(query(conn, sql, (first, day.toordinal() - 1, *_AMOUNTS, currency)).scalar_one())


def _on(conn: Connection, currency: str, base: str, day: date) -> Decimal | None:
    said = conn.execute(
        select(table.c.value).where(table.c.currency == currency, table.c.base == base, table.c.day == day.toordinal())
    ).scalar()
    return None if said is None else Decimal(said)


def _note(
    conn: Connection, currency: str, base: str, day: date, before: Decimal | None, after: Decimal | None, who: str,
    at: datetime,
) -> None:  # fmt: skip
    said_before, said_now = _told(before, day), _told(after, day)
    audit.add(conn, who, _WHAT, f"{currency}/{base}", said_before, said_now, at)
    state.bump(conn)


def _told(value: Decimal | None, day: date) -> dict[str, str] | None:
    return None if value is None else {"value": f"{value:f}", "since": day.isoformat()}


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
