"""Targets as rows of a table (an import file, a pasted sheet): every mistake is named by row and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.people import Rep, Team
from domain.periods import period_of
from domain.settings import PeriodKind
from domain.target_cells import Flaw, FlawError, read_day, read_metric, read_period, read_value, read_year
from domain.targets import COMPANY, REP, TEAM, Target

COLUMNS = ("metric", "scope", "who", "period", "since", "until", "value")
MOST_ROWS = 20_000
# What our columns are called in files of others, written small and without blanks, `_` and `-`.
_ALSO = {
    "metric": "metric|kpi|показник|показатель",
    "scope": "scope|рівень|уровень",
    "who": "who|rep|repid|manager|managerid|employee|employeeid|seller|salesperson|хто|менеджер|працівник|співробітник|"
    "продавець|кто|сотрудник|продавец",
    "period": "period|період|период",
    "since": "since|from|від|з|с|от",
    "until": "until|to|до|по",
    "value": "value|target|plan|значення|план|значение",
    "year": "year|рік|год",
    "": "name|note|імя|ім'я|имя",
}
_KNOWN = {name: column for column, names in _ALSO.items() for name in names.split("|")}
_MONTH = re.compile(r"m?(0?[1-9]|1[0-2])")
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """One cell that cannot be taken. `row` is the line in the file, the header being 1; no `column`: the whole row.

    `given` is what stands there, `known` what could.
    """

    row: int
    column: str
    flaw: Flaw
    given: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """Whom a row may name, and how its weeks and years begin.

    `reps` and `teams` are those within reach, `whole`: the company is too. `words` are what metrics are called, small.
    `metric` is what a file without a column of metrics is about.
    """

    reps: Sequence[Rep]
    teams: Sequence[Team]
    week_start: int = 1
    year_start: int = 1
    whole: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    metric: str = ""


Rows = Iterable[tuple[int, Sequence[object]]]


def read_rows(header: Sequence[object], rows: Rows, office: Office) -> tuple[list[Target], list[Mistake]]:
    """Targets out of numbered rows under a header; their `order` is the row. With any mistake nothing should be stored.

    A long table has a target a row: `since` is a day of the first period, `until` a day of the last one, or empty for
    that one period, `always` lets the target stand. A wide one has a column for every month of the `year`, M01 to M12.
    `who` is a rep's or a team's name, key or id. The value `-` says that there is none: what holds is withdrawn.
    """
    names = [_column(cell) for cell in header]
    mistakes = list(_wrong_columns(header, names, office))
    if mistakes:
        return [], mistakes
    reading = _Reading(office, tuple(names))
    for count, (number, cells) in enumerate(rows):
        if count == MOST_ROWS:
            reading.mistakes.append(Mistake(number, "", Flaw.TOO_MANY, known=str(MOST_ROWS)))
            break
        reading.take(number, cells)
    return reading.targets, reading.mistakes


def write_rows(targets: Iterable[Target], names: Mapping[str, str]) -> list[list[object]]:
    """The same table the other way: header first. `names` gives a key's name for the reader's eye."""
    rows: list[list[object]] = [[*COLUMNS, "name"]]
    for each in targets:
        until = "always" if each.until is None else each.until
        name = names.get(each.scope_key, "")
        rows.append([each.metric, each.scope, each.scope_key, each.period.value, each.since, until, each.value, name])
    return rows


def _column(cell: object) -> str:
    """Our name of a column: "m01" to "m12" for a month, "" for one that is for the eye, "?" for an unknown one."""
    plain = re.sub(r"[\s_\-]", "", _text(cell).lower())
    month = _MONTH.fullmatch(plain)
    return f"m{int(month[1]):02}" if month and plain[0] == "m" else _KNOWN.get(plain, "?")


def _wrong_columns(header: Sequence[object], names: Sequence[str], office: Office) -> Iterator[Mistake]:
    wide = any(map(_is_month, names))
    needed = ("year",) if wide else ("period", "since", "value")
    for name in ("metric", *needed):
        if name not in names and not (name == "metric" and office.metric):
            yield Mistake(1, name, Flaw.NO_COLUMN)
    for place, (cell, name) in enumerate(zip(header, names, strict=True)):
        title = _text(cell)
        if name == "?":
            yield Mistake(1, title, Flaw.STRANGE_COLUMN, known=", ".join((*COLUMNS, "year", "M01", "…", "M12")))
        elif name and name in names[:place]:
            yield Mistake(1, title, Flaw.COLUMN_TWICE, title)
        elif wide and name in ("period", "since", "until", "value"):
            yield Mistake(1, title, Flaw.MIXED, title)


@dataclass(slots=True)
class _Reading:
    """The rows as they are read one after another."""

    office: Office
    names: tuple[str, ...]
    targets: list[Target] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    _first: dict[tuple[object, ...], int] = field(default_factory=dict)
    _whose: dict[tuple[str, str], str] = field(default_factory=dict)

    def take(self, number: int, cells: Sequence[object]) -> None:
        row = {name: cell for name, cell in zip(self.names, cells, strict=False) if name}
        if not any(_text(cell) for cell in row.values()):
            return
        read = self._wide if any(map(_is_month, self.names)) else self._long
        try:
            for column, target in read(number, row):
                self._add(number, column, target)
        except FlawError as error:
            self._refuse(number, error)

    def _refuse(self, number: int, error: FlawError) -> None:
        self.mistakes.append(Mistake(number, error.column, error.flaw, error.given, error.known))

    def _add(self, number: int, column: str, target: Target) -> None:
        place = (target.metric, target.scope, target.scope_key, target.period, target.since, target.until)
        first = self._first.setdefault(place, number)
        if first != number:
            self.mistakes.append(Mistake(number, column, Flaw.TWICE, known=str(first)))
            return
        self.targets.append(replace(target, order=number))

    def _long(self, _: int, row: Mapping[str, object]) -> Iterator[tuple[str, Target]]:
        metric, scope, key = self._line(row)
        kind = read_period(_text(row["period"]))
        week, year = self.office.week_start, self.office.year_start
        since = period_of(kind, read_day(_text(row["since"]), "since"), week, year)
        typed = _text(row.get("until"))
        until: date | None = since.last
        if typed.lower() in ("always", "завжди", "всегда"):
            until = None
        elif typed:
            until = period_of(kind, read_day(typed, "until"), week, year).last
            if until < since.first:
                raise FlawError("until", Flaw.BACKWARDS, typed, since.first.isoformat())
        value = read_value(row["value"], "value", metric)
        yield "value", Target(metric, scope, key, kind, value, since.first, until, 0)

    def _wide(self, number: int, row: Mapping[str, object]) -> Iterator[tuple[str, Target]]:
        metric, scope, key = self._line(row)
        year = read_year(_text(row["year"]))
        for name, cell in row.items():
            if not _is_month(name) or not _text(cell):
                continue
            month = period_of(PeriodKind.MONTH, date(year, int(name[1:]), 1))
            try:
                value = read_value(cell, name.upper(), metric)
            except FlawError as error:
                # Of several bad months of a row each is named.
                self._refuse(number, error)
                continue
            yield name.upper(), Target(metric, scope, key, PeriodKind.MONTH, value, month.first, month.last, 0)

    def _line(self, row: Mapping[str, object]) -> tuple[str, str, str]:
        metric = read_metric(_text(row["metric"]) if "metric" in row else self.office.metric, self.office.words)
        scope, who = _text(row.get("scope")).lower(), _text(row.get("who"))
        scope = scope or (REP if who else COMPANY)
        if scope not in (COMPANY, TEAM, REP):
            raise FlawError("scope", Flaw.SCOPE, scope, ", ".join((COMPANY, TEAM, REP)))
        if scope != COMPANY:
            return metric, scope, self._key(scope, who)
        if who:
            raise FlawError("who", Flaw.COMPANY_NAMED, who)
        if not self.office.whole:
            raise FlawError("scope", Flaw.BEYOND)
        return metric, scope, ""

    def _key(self, scope: str, who: str) -> str:
        if (scope, who) not in self._whose:
            self._whose[scope, who] = _key_of(scope, who, self.office)
        return self._whose[scope, who]


def _key_of(scope: str, who: str, office: Office) -> str:
    if not who:
        raise FlawError("who", Flaw.NOBODY)
    people: Sequence[Rep] | Sequence[Team] = office.reps if scope == REP else office.teams
    exact = [each.key for each in people if who == each.key]
    keys = exact or [each.key for each in people if who in (each.name, each.key.partition(":")[2])]
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise FlawError("who", Flaw.SEVERAL, who, ", ".join(keys))
    known = sorted(each.name for each in people)
    raise FlawError("who", Flaw.NO_REP if scope == REP else Flaw.NO_TEAM, who, ", ".join(known[:_LISTED]))


def _is_month(name: str) -> bool:
    return len(name) == len("m01") and name[0] == "m" and name[1:].isdigit()


def _text(cell: object) -> str:
    if isinstance(cell, Decimal):
        return format(cell.normalize() if cell == cell.to_integral_value() else cell, "f")
    return "" if cell is None else str(cell).strip()
