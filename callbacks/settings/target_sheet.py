"""The table of targets: what is stored for a period, what was typed over it, and which rows that makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from callbacks.settings import target_views as views
from callbacks.settings.target_views import View
from domain.board import Period
from domain.metrics import METRICS, Unit
from domain.people import Rep, Team
from domain.plans import MetricPlan, floor, plans
from domain.reach import WHOLE, Reach
from domain.settings import PeriodKind, Settings
from domain.targets import TargetBook, in_force
from domain.worktime import today
from layouts import format as write
from layouts import words
from layouts.settings.entry import EntryError, read_value, write_value
from layouts.settings.targets import Cell, Row, Sheet
from layouts.text import Text
from storage.targets import NewTarget, StoredTarget

# Metric, scope, scope's key: one cell.
Place = tuple[str, str, str]
THIS, ALWAYS = "this", "always"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the table of a period is drawn from, all read at one instant, and how far its reader reaches."""

    view: View
    settings: Settings
    reps: tuple[Rep, ...]
    teams: tuple[Team, ...]
    stored: tuple[StoredTarget, ...]
    now: datetime
    reach: Reach = WHOLE

    @property
    def today(self) -> date:
        """The office's day."""
        return today(self.settings.timezone, self.now)

    @property
    def seen(self) -> int:
        """The number of the newest target."""
        return max((row.target.order for row in self.stored), default=0)


@dataclass(frozen=True, slots=True)
class Change:
    """What was typed into one cell."""

    place: Place
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything typed: what changes, and what is wrong in which cell."""

    changes: tuple[Change, ...]
    problems: Mapping[Place, str]


def sheet(text: Text, ground: Ground, typed: Mapping[Place, str] | None = None, seen: int | None = None,
          problems: Mapping[Place, str] | None = None) -> Sheet:  # fmt: skip
    """The table, with what was typed kept in it."""
    view = ground.view
    before, after = views.neighbours(view, ground.settings)
    own = holding(ground, ground.seen)
    dues = _dues(ground)
    whose = list(lines(text, ground))
    shown = {(scope, key) for scope, key, _ in whose}
    rows = [
        Row(scope, key, name, tuple(_cell(text, ground, own, dues, (m, scope, key), typed, problems)
                                    for m in view.metrics))
        for scope, key, name in whose
    ]  # fmt: skip
    return Sheet(
        title=views.title(text, view.period),
        kinds=views.kinds(text, view, ground.settings, ground.today),
        before=before,
        after=after,
        periods=views.around(text, view, ground.settings),
        widths=views.widths(text, view),
        heads=tuple((words.metric_name(text, key), _unit(text, key, ground.settings)) for key in view.metrics),
        rows=tuple(rows),
        since=since_choices(text, view.period, ground.today),
        span=span_choices(text, view.period),
        seen=ground.seen if seen is None else seen,
        latest=_latest(text, ground, {place: row for place, row in own.items() if place[1:] in shown}),
    )


def lines(text: Text, ground: Ground) -> Iterator[tuple[str, str, str]]:
    """Scope, key and name of every line: the company, each team with its reps, those without a team.

    What its reader does not answer for is no line, so that it is neither shown nor taken.
    """
    if ground.reach.whole:
        yield "company", "", text.t("Company")
    everybody = floor(ground.settings, ground.reps, ground.teams, ground.view.period).reps
    present = [rep for rep in everybody if ground.reach.person(rep.team)]
    teams = [team for team in ground.teams if any(rep.team == team.key for rep in present)]
    for team in teams:
        yield "team", team.key, team.name
        yield from (("rep", rep.key, rep.name) for rep in present if rep.team == team.key)
    keys = {team.key for team in teams}
    yield from (("rep", rep.key, rep.name) for rep in present if rep.team not in keys)


def read(text: Text, ground: Ground, typed: Mapping[Place, str], seen: int) -> Reading:
    """What was typed, against what its author saw stored (targets up to number `seen`)."""
    own = holding(ground, seen)
    known = {(metric, scope, key) for scope, key, _ in lines(text, ground) for metric in METRICS}
    changes, problems = [], {}
    for place, entry in typed.items():
        unit, old = METRICS[place[0]].unit if place in known else None, _value(own.get(place))
        # What nobody touched is not read: a file may have brought a target that one could not type.
        if unit is None or entry.strip() == write_value(old, unit):
            continue
        try:
            value = read_value(text, entry, unit)
        except EntryError as error:
            problems[place] = str(error)
            continue
        if value != old:
            changes.append(Change(place, value))
    return Reading(tuple(changes), problems)


def overtaken(ground: Ground, changes: Sequence[Change], seen: int) -> StoredTarget | None:
    """A newer target of somebody else in one of these cells, the latest one."""
    places, kind = {change.place for change in changes}, ground.view.period.kind
    newer = (row for row in ground.stored if row.target.order > seen and row.target.period is kind)
    found = [row for row in newer if _place(row) in places and _touches(row, ground.view.period)]
    return found[-1] if found else None


def new_rows(ground: Ground, changes: Sequence[Change], since: date, span: str) -> list[NewTarget]:
    """The targets to record. One that is to stand for all later periods gets a bounded twin where a bounded target
    of this period would else go on winning over it."""
    period, rows = ground.view.period, []
    bounded = {_place(row) for row in ground.stored if _bounds(row, period)}
    for change in changes:
        metric, scope, key = change.place
        if span == ALWAYS:
            rows.append(NewTarget(metric, scope, key, period.kind, change.value, since))
        if span != ALWAYS or change.place in bounded:
            rows.append(NewTarget(metric, scope, key, period.kind, change.value, since, period.last))
    return rows


def holding(ground: Ground, seen: int) -> dict[Place, StoredTarget]:
    """The targets of the period's own kind that hold in it, as far as number `seen`."""
    kind, by_place = ground.view.period.kind, dict[Place, dict[int, StoredTarget]]()
    for row in ground.stored:
        if row.target.period is kind and row.target.order <= seen:
            by_place.setdefault(_place(row), {})[row.target.order] = row
    found = {}
    for place, rows in by_place.items():
        best = in_force((row.target for row in rows.values()), ground.view.period, ground.today)
        if best is not None:
            found[place] = rows[best.order]
    return found


def since_choices(text: Text, period: Period, day: date) -> dict[date, str]:
    """From which day a change may hold: today in the present period, else the first day of the period."""
    first = text.t("the first day, {day}", day=write.day_month(text, period.first))
    if period.first < day <= period.last:
        return {day: text.t("today, {day}", day=write.day_month(text, day)), period.first: first}
    return {period.first: first}


def span_choices(text: Text, period: Period) -> dict[str, str]:
    """This period alone, or every later one too."""
    named = {
        PeriodKind.DAY: (text.t("this day"), text.t("every working day from then on")),
        PeriodKind.WEEK: (text.t("this week"), text.t("this week and all later ones")),
        PeriodKind.MONTH: (text.t("this month"), text.t("this month and all later ones")),
        PeriodKind.QUARTER: (text.t("this quarter"), text.t("this quarter and all later ones")),
    }
    only, always = named[period.kind]
    return {THIS: only, ALWAYS: always}


def _cell(text: Text, ground: Ground, own: Mapping[Place, StoredTarget], dues: Mapping[Place, Decimal], place: Place,
          typed: Mapping[Place, str] | None, problems: Mapping[Place, str] | None) -> Cell:  # fmt: skip
    unit, row = METRICS[place[0]].unit, own.get(place)
    shown = write_value(_value(row), unit)
    return Cell(
        metric=place[0],
        shown=shown,
        typed=(typed or {}).get(place, shown),
        due=_due(text, dues.get(place), unit),
        history=_history(text, row, ground.settings) if row else "",
        problem=(problems or {}).get(place),
    )


def _dues(ground: Ground) -> dict[Place, Decimal]:
    """What is due from everybody in the period, however it came to be."""
    book = TargetBook(row.target for row in ground.stored)
    found: dict[Place, Decimal] = {}
    for scope, key in (("company", ""), *(("team", team.key) for team in ground.teams)):
        on = floor(ground.settings, ground.reps, ground.teams, ground.view.period, key or None)
        days = tuple(today(calendar.zone, ground.now) for calendar in on.calendars)
        for metric, plan in plans(book, on, days).items():
            found |= {(metric, "rep", rep): due.target for rep, due in plan.reps.items()}
            total = _total(plan)
            if total is not None:
                found[metric, scope, key] = total
    return found


def _total(plan: MetricPlan) -> Decimal | None:
    parts = [*(due.target for due in plan.own), *(plan.reps[rep].target for rep in plan.summed)]
    return sum(parts, Decimal(0)) if parts else None


def _due(text: Text, value: Decimal | None, unit: Unit) -> str:
    if value is None:
        return ""
    typed = Decimal(write_value(value.quantize(Decimal("0.0001")), unit))
    return write.number(text, typed, 1)


def _history(text: Text, row: StoredTarget, settings: Settings) -> str:
    said = text.t(
        "Set by {who}, {when}. Holds from {day}.",
        who=row.author,
        when=write.instant(text, row.recorded_at, settings.timezone),
        day=write.short_day(text, row.target.since),
    )
    return f"{said} {row.note}".rstrip()


def _latest(text: Text, ground: Ground, own: Mapping[Place, StoredTarget]) -> str | None:
    if not own:
        return None
    row = max(own.values(), key=lambda row: row.target.order)
    when = write.instant(text, row.recorded_at, ground.settings.timezone)
    return text.t("Last change of these targets: {who}, {when}", who=row.author, when=when)


def _unit(text: Text, metric: str, settings: Settings) -> str:
    signs = {
        Unit.COUNT: "",
        Unit.MONEY: write.symbol(settings.currency),
        Unit.SECONDS: text.tp("unit", "minutes"),
        Unit.RATIO: "%",
    }
    return signs[METRICS[metric].unit]


def _place(row: StoredTarget) -> Place:
    return row.target.metric, row.target.scope, row.target.scope_key


def _value(row: StoredTarget | None) -> Decimal | None:
    return row.target.value if row else None


def _touches(row: StoredTarget, period: Period) -> bool:
    return row.target.since <= period.last and (row.target.until is None or row.target.until >= period.first)


def _bounds(row: StoredTarget, period: Period) -> bool:
    return row.target.period is period.kind and row.target.until is not None and _touches(row, period)
