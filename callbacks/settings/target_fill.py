"""Filling many cells in at once: copied, raised, split among the managers, filled down. Nothing is stored by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from callbacks.settings import target_views as views
from callbacks.settings.target_ground import Ground, Line, Place, as_typed, holding, lines
from callbacks.settings.target_past import PERIODS, sums_of_last
from callbacks.settings.target_views import Column
from domain.filling import apportion, raised
from domain.metrics import METRICS, Unit
from domain.sums import actuals
from domain.worktime import rep_calendar, workdays
from layouts.settings.entry import EntryError, read_number, read_whole, write_value
from layouts.settings.target_tools import Deed
from layouts.text import Text

COMPANY = "company"
_MOST_PERIODS = 24
_MOST_PERCENT = 1000

# Cells and what to write into them.
Fills = dict[Place, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be filled in: by which deed, in which column ("" = all) and whose ("" = everybody's).

    `typed` is what stands in the table, `weights` what stands beside the managers.
    """

    deed: str
    column: str = ""
    whose: str = ""
    percent: str = ""
    last: str = ""
    typed: Mapping[Place, str] | None = None
    weights: Mapping[str, str] | None = None


def fill(text: Text, conn: Connection, ground: Ground, order: Order) -> tuple[Fills, str]:
    """The cells that change, and a sentence about it. Raises EntryError where nothing can be filled in."""
    groups = _groups(list(lines(text, ground)), order.whose)
    chosen = {str(place): column for place, column in enumerate(ground.view.columns)}
    columns = [chosen[order.column]] if order.column in chosen else list(chosen.values())
    filled = _deed(text, conn, ground, order)(groups, columns)
    typed = order.typed or {}
    changed = {place: value for place, value in filled.items() if value != typed.get(place, "").strip()}
    if not changed:
        raise EntryError(text.t("Nothing to fill in: no cell would change."))
    return changed, text.tn(
        "Filled in {n} cell. Nothing is saved before you press Save.",
        "Filled in {n} cells. Nothing is saved before you press Save.",
        len(changed),
    )


def whose_choices(text: Text, ground: Ground) -> dict[str, str]:
    """Whose cells can be chosen: everybody's, the company's, a team's."""
    found = {"": text.t("Everybody")}
    for line in lines(text, ground):
        if line.scope == "company":
            found[COMPANY] = text.t("The whole company")
        elif line.scope == "team":
            found[line.key] = line.name
    return found


# A line that has something to share, and those among whom: a team with its managers.
_Group = tuple[Line | None, list[Line]]
_Filling = Callable[[Sequence[_Group], Sequence[Column]], Fills]


def _deed(text: Text, conn: Connection, ground: Ground, order: Order) -> _Filling:
    typed = _read(text, order.typed or {})
    if order.deed == Deed.COPY:
        return lambda groups, columns: _copied(ground, groups, columns)
    if order.deed == Deed.RAISE:
        percent = _percent(text, order.percent)
        return lambda groups, columns: _raised(typed, percent, groups, columns)
    if order.deed == Deed.DOWN:
        return lambda groups, columns: _down(typed, groups, columns)
    weigh = _weights(text, conn, ground, order)
    return lambda groups, columns: _split(text, typed, weigh, groups, columns)


def _copied(ground: Ground, groups: Sequence[_Group], columns: Sequence[Column]) -> Fills:
    found: Fills = {}
    for column in columns:
        period = views.before(ground.view, column, ground.settings)
        own = holding(ground, (period,), ground.seen)
        for line in _members(groups):
            value = as_typed(own, _place(column, line)._replace(first=period.first))
            if value:
                found[_place(column, line)] = value
    return found


def _raised(typed: Mapping[Place, Decimal], percent: Decimal, groups: Sequence[_Group],
            columns: Sequence[Column]) -> Fills:  # fmt: skip
    cells = (_place(column, line) for column in columns for line in _members(groups))
    return {cell: _written(raised(typed[cell], percent)) for cell in cells if cell in typed}


def _down(typed: Mapping[Place, Decimal], groups: Sequence[_Group], columns: Sequence[Column]) -> Fills:
    """The first manager's target of each group to all below."""
    found: Fills = {}
    for column in columns:
        for _, members in groups:
            cells = [_place(column, line) for line in members]
            top = next((place for place, cell in enumerate(cells) if cell in typed), None)
            if top is not None:
                found |= {cell: _written(typed[cells[top]]) for cell in cells[top + 1 :]}
    return found


_Weigh = Callable[[Column, Sequence[Line]], list[Decimal]]


def _split(text: Text, typed: Mapping[Place, Decimal], weigh: _Weigh, groups: Sequence[_Group],
           columns: Sequence[Column]) -> Fills:  # fmt: skip
    found: Fills = {}
    without = []
    for column in columns:
        for head, members in groups:
            whole = typed.get(_place(column, head)) if head else None
            if head is None or whole is None or not members:
                continue
            # Everybody is to reach a ratio: there is nothing to divide.
            if METRICS[column.metric].unit is Unit.RATIO or column.metric == "average_deal":
                shares: Sequence[Decimal] | None = [whole] * len(members)
            else:
                shares = apportion(whole, weigh(column, members))
            if shares is None:
                without.append(head.name)
                continue
            found |= {_place(column, line): _written(share) for line, share in zip(members, shares, strict=True)}
    if without:
        names = ", ".join(dict.fromkeys(without))
        raise EntryError(text.t("Nothing to divide by: every weight is 0 ({names}).", names=names))
    if not found:
        raise EntryError(text.t("Nothing to split: type the target of a team, or of the company, first."))
    return found


def _weights(text: Text, conn: Connection, ground: Ground, order: Order) -> _Weigh:
    """How much each of several managers gets in a column."""
    if order.deed == Deed.BY_DAYS:
        reps = {rep.key: rep_calendar(ground.settings, rep) for rep in ground.reps}
        return lambda column, members: [
            Decimal(len(workdays(reps[line.key], column.period.first, column.period.last))) for line in members
        ]
    if order.deed == Deed.BY_PAST:
        count = read_whole(text, order.last or str(PERIODS), 1, _MOST_PERIODS)
        sums = sums_of_last(conn, ground, count)
        return lambda column, members: [
            max(value or Decimal(0), Decimal(0))
            for value in actuals(column.metric, sums, [line.key for line in members])
        ]
    if order.deed == Deed.BY_WEIGHT:
        given = {key: read_number(text, value) for key, value in (order.weights or {}).items()}
        return lambda _, members: [Decimal(1) if (w := given.get(line.key)) is None else w for line in members]
    return lambda _, members: [Decimal(1)] * len(members)


def _groups(whose: Sequence[Line], chosen: str) -> list[_Group]:
    """The chosen teams with their managers; the company with all of them where it is chosen."""
    company = next((line for line in whose if line.scope == "company"), None)
    reps = [line for line in whose if line.scope == "rep"]
    if chosen == COMPANY and company:
        return [(company, reps)]
    teams = [line for line in whose if line.scope == "team" and chosen in ("", line.key)]
    found: list[_Group] = [(team, [rep for rep in reps if rep.team == team.key]) for team in teams]
    if not chosen:
        found += [(company, [])] if company else []
        found += [(None, [rep for rep in reps if not rep.team])]
    return found


def _members(groups: Iterable[_Group]) -> Iterator[Line]:
    for head, members in groups:
        if head:
            yield head
        yield from members


def _place(column: Column, line: Line) -> Place:
    return Place(column.metric, line.scope, line.key, column.period.first)


def _read(text: Text, typed: Mapping[Place, str]) -> dict[Place, Decimal]:
    """What stands in the cells; what cannot be read is told on saving."""
    found = {}
    for place, entry in typed.items():
        try:
            value = read_number(text, entry)
        except EntryError:
            continue
        if value is not None:
            found[place] = value
    return found


def _percent(text: Text, typed: str) -> Decimal:
    plain = typed.strip().removesuffix("%").strip()
    lower = plain.startswith(("-", "−"))
    number = read_number(text, plain[1:] if lower else plain.removeprefix("+"))
    if number is None or number > _MOST_PERCENT or (lower and number > 100):
        raise EntryError(text.t("Type by how many per cent, from -100 to {most}", most=_MOST_PERCENT))
    return -number if lower else number


def _written(value: Decimal) -> str:
    return write_value(value, Unit.COUNT)
