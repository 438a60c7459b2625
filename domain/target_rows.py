"""Targets as rows of a table (an import file, a pasted sheet): every mistake is named by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from domain.board import Period
from domain.facts import PlannedTarget
from domain.metrics import METRICS
from domain.people import Rep, Team
from domain.periods import period_of
from domain.settings import PeriodKind

COLUMNS = ("metric", "scope", "who", "period", "since", "until", "value")
_NEEDED = ("metric", "period", "since", "value")
_SCOPES = ("company", "team", "rep")
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Mistake:
    """One cell that cannot be taken. `row` is the line in the file, the header being 1."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.text}"


class _CellError(Exception):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.mistake = (column, text)


@dataclass(frozen=True, slots=True)
class Office:
    """Whom a row may name, and how its weeks and years begin."""

    reps: Sequence[Rep]
    teams: Sequence[Team]
    week_start: int = 1
    year_start: int = 1


def read_rows(
    header: Sequence[object], rows: Iterable[tuple[int, Sequence[object]]], office: Office
) -> tuple[list[PlannedTarget], list[Mistake]]:
    """Targets out of numbered rows under a header. With any mistake nothing should be stored.

    `since` is a day of the first period, `until` a day of the last one, or empty for that one period; `always` lets
    the target stand. `who` is a rep's or a team's name or key.
    """
    names = [_text(cell).lower() for cell in header]
    mistakes = [Mistake(1, name, "the column is missing") for name in _NEEDED if name not in names]
    mistakes += [
        Mistake(1, name or "(empty)", f"there is no such column; known are {', '.join(COLUMNS)}")
        for name in names
        if name not in (*COLUMNS, "name")
    ]
    if mistakes:
        return [], mistakes
    targets: list[PlannedTarget] = []
    for number, cells in rows:
        row = dict(zip(names, map(_text, cells), strict=False))
        if any(row.values()):
            try:
                targets.append(_target(row, office))
            except _CellError as error:
                mistakes.append(Mistake(number, *error.mistake))
    return targets, mistakes


def write_rows(targets: Iterable[PlannedTarget], names: Mapping[str, str]) -> list[list[object]]:
    """The same table the other way: header first. `names` gives a key's name for the reader's eye."""
    rows: list[list[object]] = [[*COLUMNS, "name"]]
    for each in targets:
        until = "always" if each.until is None else each.until
        who = each.scope_id or ""
        rows.append([each.metric, each.scope, who, each.period, each.since, until, each.value, names.get(who, "")])
    return rows


def _target(row: Mapping[str, str], office: Office) -> PlannedTarget:
    metric = row["metric"]
    if metric not in METRICS:
        raise _CellError("metric", f"{metric!r} is no metric; known are {', '.join(METRICS)}")
    scope = row.get("scope") or ("rep" if row.get("who") else "company")
    if scope not in _SCOPES:
        raise _CellError("scope", f"{scope!r} is not one of {', '.join(_SCOPES)}")
    kind = _kind(row["period"])
    since = _period(row["since"], "since", kind, office)
    return PlannedTarget(
        metric=metric,
        scope=scope,
        scope_id=None if scope == "company" else _who(scope, row.get("who", ""), office),
        period=kind,
        value=_value(row["value"]),
        since=since.first,
        until=_until(row.get("until", ""), since, kind, office),
    )


def _kind(text: str) -> PeriodKind:
    try:
        return PeriodKind(text.lower())
    except ValueError:
        raise _CellError("period", f"{text!r} is not one of {', '.join(PeriodKind)}") from None


def _period(text: str, column: str, kind: PeriodKind, office: Office) -> Period:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise _CellError(column, f"{text!r} is not a day like 2026-11-01") from None
    return period_of(kind, day, office.week_start, office.year_start)


def _until(text: str, since: Period, kind: PeriodKind, office: Office) -> date | None:
    if text.lower() == "always":
        return None
    last = _period(text, "until", kind, office).last if text else since.last
    if last < since.first:
        raise _CellError("until", f"{text} lies before the beginning ({since.first})")
    return last


def _who(scope: str, text: str, office: Office) -> str:
    people: Sequence[Rep] | Sequence[Team] = office.reps if scope == "rep" else office.teams
    keys = [each.key for each in people if text in (each.key, each.name)]
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise _CellError("who", f"{text!r} is the name of several; write the key: {', '.join(keys)}")
    known = ", ".join(sorted(each.name for each in people)[:20]) or "nobody yet"
    raise _CellError("who", f"{text!r} is no {scope}; known are {known}")


def _value(text: str) -> Decimal:
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    try:
        value = Decimal(plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain)
    except InvalidOperation:
        raise _CellError("value", f"{text!r} is not a number") from None
    if not value.is_finite() or not 0 <= value <= _LARGEST:
        raise _CellError("value", f"{text} is not between 0 and {_LARGEST:.0f}")
    return value


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
