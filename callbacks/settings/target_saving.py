"""Saving targets: what was typed, from which day on, and which rows that makes; and taking the last save back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from callbacks.settings.target_ground import Ground, Place, as_typed, holding, line_of, lines, touches, value_of
from callbacks.settings.target_views import View
from domain.board import Period
from domain.metrics import METRICS
from domain.settings import PeriodKind
from domain.targets import Target
from domain.undoing import takes_back
from layouts import format as write
from layouts.settings.entry import EntryError, read_day, read_value
from layouts.settings.targets import OTHER_DAY
from layouts.text import Text
from storage.targets import NewTarget, StoredTarget

THIS, ALWAYS = "this", "always"


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


def read(text: Text, ground: Ground, typed: Mapping[Place, str], seen: int) -> Reading:
    """What was typed, against what its author saw stored (targets up to number `seen`)."""
    own, known = holding(ground, ground.view.periods, seen), set(places(text, ground))
    changes, problems = [], {}
    for place, entry in typed.items():
        # What nobody touched is not read: a file may have brought a target that one could not type.
        if place not in known or entry.strip() == as_typed(own, place):
            continue
        try:
            value = read_value(text, entry, METRICS[place.metric].unit)
        except EntryError as error:
            problems[place] = str(error)
            continue
        if value != value_of(own.get(place)):
            changes.append(Change(place, value))
    return Reading(tuple(changes), problems)


def places(text: Text, ground: Ground) -> list[Place]:
    """Every cell of the table."""
    firsts = [period.first for period in ground.view.periods]
    return [
        Place(metric, line.scope, line.key, first)
        for line in lines(text, ground)
        for metric in METRICS
        for first in firsts
        if ground.view.metric in (None, metric)
    ]


def overtaken(ground: Ground, changes: Sequence[Change], seen: int) -> StoredTarget | None:
    """A newer target of somebody else in one of these cells, the latest one."""
    by_first = {period.first: period for period in ground.view.periods}
    wanted: dict[tuple[str, str, str], list[Period]] = {}
    for change in changes:
        place = change.place
        wanted.setdefault((place.metric, place.scope, place.key), []).append(by_first[place.first])
    kind = ground.view.periods[0].kind
    newer = (row for row in ground.stored if row.target.order > seen and row.target.period is kind)
    found = [row for row in newer if any(touches(row, period) for period in wanted.get(line_of(row), ()))]
    return found[-1] if found else None


def new_rows(ground: Ground, changes: Sequence[Change], since: date, span: str) -> list[NewTarget]:
    """The targets to record. One that is to stand for all later periods gets a bounded twin where a bounded target
    of this period would else go on winning over it."""
    by_first, rows = {period.first: period for period in ground.view.periods}, []
    always = span == ALWAYS and ground.view.metric is None
    bounded = _bounded(ground) if always else set()
    for change in changes:
        metric, scope, key, first = change.place
        period = by_first[first]
        # In a year the chosen day lies in one of the months; the others hold from their own first day.
        start = since if period.first <= since <= period.last else period.first
        if always:
            rows.append(NewTarget(metric, scope, key, period.kind, change.value, start))
        if not always or (metric, scope, key) in bounded:
            rows.append(NewTarget(metric, scope, key, period.kind, change.value, start, period.last))
    return rows


def since_choices(text: Text, view: View, day: date) -> dict[str, str]:
    """From which day a change may hold: today in the present period, else the first day of the period."""
    present = next((each for each in view.periods if each.first < day <= each.last), None)
    now = {day.isoformat(): text.t("today, {day}", day=write.day_month(text, day))} if present else {}
    if view.metric is not None:
        return now | {view.period.first.isoformat(): text.t("the first day of each month")}
    period = view.period
    first = text.t("the first day, {day}", day=write.day_month(text, period.first))
    other = {} if period.kind is PeriodKind.DAY else {OTHER_DAY: text.t("another day")}
    return now | {period.first.isoformat(): first} | other


def chosen_day(text: Text, view: View, day: date, chosen: str, other: str) -> date:
    """The day from which the change holds: what was chosen, if it was on offer, else what is proposed.

    Raises EntryError where another day was chosen and is none of the period.
    """
    offered = list(since_choices(text, view, day))
    found = chosen if chosen in offered else offered[0]
    if found != OTHER_DAY:
        return date.fromisoformat(found)
    typed, period = read_day(text, other), view.period
    if not period.first <= typed <= period.last:
        first, last = write.short_day(text, period.first), write.short_day(text, period.last)
        raise EntryError(text.t("Choose a day from {first} to {last}", first=first, last=last))
    return typed


def span_choices(text: Text, view: View) -> dict[str, str]:
    """This period alone, or every later one too."""
    if view.metric is not None:
        return {THIS: text.t("each month by itself")}
    named = {
        PeriodKind.DAY: (text.t("this day"), text.t("every working day from then on")),
        PeriodKind.WEEK: (text.t("this week"), text.t("this week and all later ones")),
        PeriodKind.MONTH: (text.t("this month"), text.t("this month and all later ones")),
        PeriodKind.QUARTER: (text.t("this quarter"), text.t("this quarter and all later ones")),
    }
    only, always = named[view.period.kind]
    return {THIS: only, ALWAYS: always}


def last_save(ground: Ground, who: str) -> tuple[StoredTarget, ...]:
    """What this login recorded last, all of it; nothing where some of it is beyond reach, or changed since."""
    own = [row for row in ground.stored if row.author == who and row.source_id is None]
    rows = tuple(row for row in own if row.recorded_at == own[-1].recorded_at)
    return rows if rows and all(_within(ground, row) for row in rows) else ()


def overtaken_since(ground: Ground, rows: Sequence[StoredTarget]) -> StoredTarget | None:
    """A newer target in one of the places of a save, which taking it back would run over."""
    last, spans = rows[-1].target.order, dict[tuple[object, ...], list[Period]]()
    if last == ground.seen:
        return None
    for row in rows:
        target = row.target
        span = Period(target.period, target.since, target.until or date.max)
        spans.setdefault((*line_of(row), target.period), []).append(span)
    newer = (row for row in ground.stored if row.target.order > last)
    found = [r for r in newer if any(touches(r, span) for span in spans.get((*line_of(r), r.target.period), ()))]
    return found[-1] if found else None


def undoing(ground: Ground, rows: Sequence[StoredTarget]) -> list[NewTarget]:
    """The targets to record so that everything is as before those rows."""
    first = rows[0].target.order
    earlier = [row.target for row in ground.stored if row.target.order < first]
    settings = ground.settings
    return [
        _new(row) for row in takes_back([row.target for row in rows], earlier, settings.week_start, settings.year_start)
    ]


def _within(ground: Ground, row: StoredTarget) -> bool:
    scope, key = row.target.scope, row.target.scope_key
    if ground.reach.whole or scope == "company":
        return ground.reach.whole
    if scope == "team":
        return ground.reach.team(key)
    return ground.reach.person(next((rep.team for rep in ground.reps if rep.key == key), None))


def _new(row: Target) -> NewTarget:
    return NewTarget(row.metric, row.scope, row.scope_key, row.period, row.value, row.since, row.until)


def _bounded(ground: Ground) -> set[tuple[str, str, str]]:
    """The lines that have a bounded target of this kind in the period."""
    period = ground.view.period
    return {
        line_of(row)
        for row in ground.stored
        if row.target.period is period.kind and row.target.until is not None and touches(row, period)
    }
