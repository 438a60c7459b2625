"""Corrections: what batches changed in days that were over, noted with the change itself and kept for a year."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Row

from domain.corrections import Correction, CorrectionKind, Said
from domain.facts import Kind
from domain.totals import from_minor
from storage import joins
from storage.db import from_ms, many, query, to_ms
from storage.joins import Joins
from storage.rows import AMOUNT, ANSWERED, AT, CURRENCY, DAY, DETAIL, DIRECTION, KIND, REP, SECONDS, Calendar, FactRow

# So long, and so many, are kept.
KEPT = timedelta(days=400)
MOST = 20_000
_UNCOUNTED = "stage_entered"
_OUTCOMES = ("deal_won", "deal_lost")
# Telephones and mail servers hand over late what happened in time.
_LATE_BY_NATURE = ("call", "email")

# What a number knows of a fact: kind, day, whose it is, amount, currency, seconds, direction, answered.
_Seen = tuple[str, int, str, int | None, str | None, int | None, str | None, bool | None]
_Fact = tuple[_Seen, FactRow]


@dataclass(slots=True)
class Journal:
    """Compares what records said with what they say. Days before `over` (ordinals) are over; days before `settled`
    do not fill up by themselves any more. Not `uploads`: a new record of a settled day is a correction."""

    calendar: Calendar
    over: int
    settled: int
    uploads: bool
    found: list[tuple[Any, ...]] = field(default_factory=list)

    def look(self, record: str, before: Sequence[FactRow], owner: str | None, after: Sequence[FactRow],
             new_owner: str | None, gone: bool, who: str | None) -> None:  # fmt: skip
        """Note what a record says otherwise; `gone`: it was deleted, `who`: by whom it was changed."""
        # Nearly all that comes is new, or of today.
        limit = self.over if before else self.settled
        if all(row[DAY] >= limit for row in before) and all(row[DAY] >= limit for row in after):
            return
        was, now = self._facts(before, owner), self._facts(after, new_owner)
        for old, new in _changed(was, now):
            kind = self._kind(old, new, gone, known=bool(before))
            if kind is not None:
                self._note(record, kind, old, new, who)

    def _facts(self, rows: Sequence[FactRow], owner: str | None) -> list[_Fact]:
        return [(self._seen(row, owner), row) for row in rows if row[KIND] != _UNCOUNTED]

    def _seen(self, row: FactRow, owner: str | None) -> _Seen:
        rep = self.calendar.credited(row[KIND], row[REP], owner)
        answered = None if row[ANSWERED] is None else bool(row[ANSWERED])
        return row[KIND], row[DAY], rep, row[AMOUNT], row[CURRENCY], row[SECONDS], row[DIRECTION], answered

    def _kind(self, old: _Fact | None, new: _Fact | None, gone: bool, known: bool) -> CorrectionKind | None:
        """What kind of correction it is, None for none."""
        if old is None:
            return self._late(new, known)
        kind, day, rep, amount, currency, *_ = old[0]
        if new is None:
            if day >= self.over:
                return None
            if gone:
                return CorrectionKind.DELETED
            return CorrectionKind.REOPENED if kind in _OUTCOMES else CorrectionKind.TAKEN_BACK
        if min(day, new[0][1]) >= self.over:
            return None
        if rep != new[0][2]:
            return CorrectionKind.REASSIGNED
        if day != new[0][1]:
            return CorrectionKind.MOVED
        if (amount, currency) != new[0][3:5]:
            return CorrectionKind.AMOUNT
        return CorrectionKind.CHANGED if day < self.settled else None

    def _late(self, new: _Fact | None, known: bool) -> CorrectionKind | None:
        """Something new on a day that was settled."""
        if new is None or new[0][0] in _LATE_BY_NATURE or (self.uploads and not known):
            return None
        return CorrectionKind.BACKDATED if new[0][1] < self.settled else None

    def _note(self, record: str, kind: CorrectionKind, old: _Fact | None, new: _Fact | None, who: str | None) -> None:
        sides = [fact[0] for fact in (old, new) if fact is not None]
        (_, day, rep, *_), (_, _, new_rep, *_) = sides[0], sides[-1]
        self.found.append((record, kind.value, rep, new_rep, day, _json(old), _json(new), who))


@dataclass(frozen=True, slots=True)
class Search:
    """Which corrections are wanted. `people` and `within` are keys (None = no matter): somebody before or after is
    among them; `first` and `last` are days whose numbers changed."""

    people: Collection[str] | None = None
    within: Collection[str] | None = None
    kind: CorrectionKind | None = None
    first: date | None = None
    last: date | None = None


def note(conn: Connection, source_id: int, found: Iterable[tuple[Any, ...]], at: datetime) -> None:
    """Write down what a Journal has found."""
    many(
        conn,
        """INSERT INTO corrections (noted_at, source_id, record, kind, rep, new_rep, day, before, after, who)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [(to_ms(at), source_id, *each) for each in found],
    )


def find(conn: Connection, wanted: Search, before: int | None = None, limit: int = MOST) -> list[Correction]:
    """What fits, the newest first, older than the correction `before` where one is given."""
    known = joins.read(conn)
    where, values = ["c.id < ?"] if before is not None else [], [before] if before is not None else list[Any]()
    for keys in (wanted.people, wanted.within):
        if keys is not None:
            faces = known.faces(sorted(keys)) or [""]
            marks = ", ".join("?" * len(faces))
            where.append(f"(s.name || ':' || c.rep IN ({marks}) OR s.name || ':' || c.new_rep IN ({marks}))")
            values += [*faces, *faces]
    for sql, value in (
        ("c.kind = ?", wanted.kind and wanted.kind.value),
        ("c.day >= ?", wanted.first and wanted.first.toordinal()),
        ("c.day <= ?", wanted.last and wanted.last.toordinal()),
    ):
        if value is not None:
            where.append(sql)
            values.append(value)
    sql = f"""SELECT c.id, c.noted_at, s.name AS source, c.record, c.kind, c.before, c.after, c.who, r.url
        FROM corrections c JOIN sources s ON s.id = c.source_id
        LEFT JOIN records r ON r.source_id = c.source_id AND r.record = c.record
        {"WHERE " + " AND ".join(where) if where else ""} ORDER BY c.id DESC LIMIT ?"""  # noqa: S608 (our own words)
    return [_correction(row, known) for row in query(conn, sql, (*values, limit))]


def thin(conn: Connection, now: datetime) -> None:
    """Forget what is older than KEPT, and the oldest of more than MOST."""
    query(conn, "DELETE FROM corrections WHERE noted_at < ?", (to_ms(now - KEPT),))
    sql = "SELECT id FROM corrections ORDER BY id DESC LIMIT 1 OFFSET ?"
    last = query(conn, sql, (MOST,)).scalar()
    if last is not None:
        query(conn, "DELETE FROM corrections WHERE id <= ?", (last,))


def _changed(was: list[_Fact], now: list[_Fact]) -> Iterator[tuple[_Fact | None, _Fact | None]]:
    """What is not the same on both sides, in pairs of the same kind, by time."""
    left = list(now)
    gone: list[_Fact] = []
    for fact in was:
        same = next((each for each in left if each[0] == fact[0]), None)
        if same is None:
            gone.append(fact)
        else:
            left.remove(same)
    for kind in dict.fromkeys(fact[0][0] for fact in (*gone, *left)):
        pair = ([fact for fact in side if fact[0][0] == kind] for side in (gone, left))
        yield from zip_longest(*(sorted(side, key=_when) for side in pair))


def _when(fact: _Fact) -> Any:
    return fact[1][AT]


def _json(fact: _Fact | None) -> str:
    if fact is None:
        return "null"
    (kind, day, rep, amount, currency, seconds, *_), row = fact
    whole = None if amount is None or currency is None else format(from_minor(amount, currency), "f")
    said = {"fact": kind, "rep": rep, "day": day, "amount": whole, "currency": currency, "seconds": seconds}
    detail = json.loads(row[DETAIL]) if row[DETAIL] else {}
    return json.dumps(said | {name: detail.get(name) for name in ("title", "customer")}, ensure_ascii=False)


def _correction(row: Row[Any], known: Joins) -> Correction:
    return Correction(
        id=row.id,
        noted_at=from_ms(row.noted_at),
        source=row.source,
        record=row.record,
        kind=CorrectionKind(row.kind),
        before=_said(row.before, row.source, known),
        after=_said(row.after, row.source, known),
        who=known.main(f"{row.source}:{row.who}") if row.who else None,
        url=row.url,
    )


def _said(text: str, source: str, known: Joins) -> Said | None:
    said = json.loads(text)
    if said is None:
        return None
    return Said(
        fact=Kind(said["fact"]),
        rep=known.main(f"{source}:{said['rep']}") if said["rep"] else None,
        day=date.fromordinal(said["day"]),
        amount=None if said["amount"] is None else Decimal(said["amount"]),
        currency=said["currency"],
        seconds=said["seconds"],
        title=said["title"],
        customer=said["customer"],
    )
