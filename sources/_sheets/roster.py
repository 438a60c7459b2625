"""The two tables that hold no facts: `reps`, and `targets` in their long and wide forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.facts import Person, PlannedTarget
from domain.metrics import METRICS
from sources._sheets.columns import Sheet
from sources._sheets.dates import Span, last_day
from sources._sheets.numbers import Money
from sources._sheets.people import People
from sources._sheets.records import UnfitError
from sources._sheets.tables import Complaints, Row, TableError
from sources._sheets.words import EVERYONE, key_of

_SPANS = ("day", "week", "month", "quarter", "year")
_MONTHS = tuple(f"M{month:02}" for month in range(1, 13))

# (metric, period, first day, last day or None for a standing target, value)
_Plan = tuple[str, str, date, date | None, Decimal]


def read_people(sheet: Sheet, complaints: Complaints) -> list[Person]:
    """The reps, in their order. A rep without an id goes by the name. Raises TableError without any name."""
    if not sheet.has("id", "name"):
        raise TableError("there is no column for id or name: call them so, or name them in mapping.toml")
    get = {name: sheet.get(name) for name in ("id", "name", "team", "email", "photo", "zone", "active")}
    found: dict[str, Person] = {}
    for number, row in sheet.table.rows(_told_before):
        try:
            one = {name: read(row) for name, read in get.items()}
        except LookupError:
            sheet.explain(number, row, complaints)
            continue
        identity = one["id"] or one["name"]
        if not identity or identity in found:
            complaints.refused += 1
            text = (
                f"{identity!r} is there twice: give each rep an id of its own" if identity else "write an id or a name"
            )
            complaints.row(number, "id", text)
            continue
        complaints.taken += 1
        active = one["active"] is not False
        name, team, email, photo, zone = (one[key] for key in ("name", "team", "email", "photo", "zone"))
        found[identity] = Person(identity, name or identity, team, email, photo, zone, active, rep=True)
    return list(found.values())


def read_targets(sheet: Sheet, people: People, complaints: Complaints) -> list[PlannedTarget]:
    """Every target that the rows name; a dash or an empty cell is no target. Raises TableError for a missing column."""
    _check_columns(sheet)
    targets: list[PlannedTarget] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, row in sheet.table.rows(_told_before):
        try:
            scope, identity = _scope(sheet, row, people)
            plans = list(_plans(sheet, row))
            _refuse_doubles(seen, number, [(scope, identity, *plan[:4]) for plan in plans])
        except LookupError:
            sheet.explain(number, row, complaints)
        except UnfitError as error:
            complaints.refused += 1
            complaints.row(number, error.field, str(error))
        else:
            complaints.taken += 1
            for metric, period, since, until, value in plans:
                targets.append(PlannedTarget(metric, scope, identity, period, value, since, until))
    return targets


def _told_before(number: int, text: str) -> None:
    """Rows broken as a whole were told when the columns were read."""


def _check_columns(sheet: Sheet) -> None:
    if not sheet.has("metric", *METRICS):
        raise TableError("there is no column metric, and none named like a metric (calls, deals_won_amount, …)")
    if sheet.has("metric") and not sheet.has("value", *_MONTHS):
        raise TableError("there is no column for the target's value: call it value, target or plan")
    if sheet.has(*_MONTHS) and not sheet.has("year"):
        raise TableError("columns of months need a column year, or year under constants in mapping.toml")
    if not sheet.has(*_SPANS, *_MONTHS) and not (sheet.has("period") and sheet.has("since")):
        raise TableError("there is no column for the time: month, quarter, week, day, year, or period and from")


def _scope(sheet: Sheet, row: Row, people: People) -> tuple[str, str | None]:
    """Whose target a row holds: (scope, id). A table that names neither reps nor teams is about the company."""
    rep, team = sheet.get("rep")(row), sheet.get("team")(row)
    if not sheet.has("rep", "team") or EVERYONE & {key_of(rep or ""), key_of(team or "")}:
        return "company", None
    if rep:
        if people.listed is not None and rep not in {person.id for person in people.listed}:
            raise UnfitError("rep", f"nobody in reps is called {rep!r}: write the id or the exact name")
        return "rep", rep
    if team:
        return "team", team
    raise UnfitError("rep", "nobody is named: write a rep, a team, or the word company")


def _plans(sheet: Sheet, row: Row) -> Iterator[_Plan]:
    """One row's targets: metrics as columns, months as columns, or one value."""
    if sheet.has(*_MONTHS):
        yield from _by_month(sheet, row)
        return
    named = sheet.get("metric")(row)
    columns = [(named, "value")] if sheet.has("metric") else [(key, key) for key in METRICS if sheet.has(key)]
    if named is None and sheet.has("metric"):
        raise UnfitError("metric", "it is empty: write the key of a metric")
    period, since, until = _time(sheet, row)
    for metric, column in columns:
        value = _value(sheet, row, column)
        if value is not None:
            yield metric, period, since, until, value


def _by_month(sheet: Sheet, row: Row) -> Iterator[_Plan]:
    metric, year = sheet.get("metric")(row), sheet.get("year")(row)
    if metric is None or year is None:
        raise UnfitError("metric" if metric is None else "year", "it is empty: fill it in")
    for month, column in enumerate(_MONTHS, 1):
        value = _value(sheet, row, column)
        if value is not None:
            first = date(year[0].year, month, 1)
            yield metric, "month", first, last_day(first, "month"), value


def _time(sheet: Sheet, row: Row) -> tuple[str, date, date | None]:
    """The period, its first day, and the last day on which the target holds (None = until it is changed)."""
    for unit in _SPANS:
        span: Span = sheet.get(unit)(row)
        if span is not None:
            return unit, *span
    period, since, until = (sheet.get(name)(row) for name in ("period", "since", "until"))
    if period is None or since is None:
        raise UnfitError("from" if period else "period", "the time of the target is empty: fill it in")
    if until is not None and until < since:
        raise UnfitError("until", "the target ends before it begins")
    return period, since, until


def _value(sheet: Sheet, row: Row, column: str) -> Decimal | None:
    found: Money = sheet.get(column)(row)
    if found is not None and found[0] < 0:
        raise UnfitError(column, "a target is 0 or more")
    return None if found is None else found[0]


def _refuse_doubles(seen: dict[tuple[object, ...], int], number: int, keys: list[tuple[object, ...]]) -> None:
    for key in keys:
        if seen.setdefault(key, number) != number:
            raise UnfitError(str(key[2]), f"row {seen[key]} sets the same target: keep one of them")
