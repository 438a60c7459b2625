"""The history of one cell: every change with who and when, and what was reached in earlier periods."""

from __future__ import annotations

from decimal import Decimal

from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import target_past as pasts
from callbacks.settings import target_views as views
from callbacks.settings.target_ground import Ground, Place, holding, line_of, lines, touches, value_of
from domain.board import Period
from domain.metrics import METRICS
from domain.targets import in_force
from layouts import format as write
from layouts import words
from layouts.settings import parts, target_tools
from layouts.settings.entry import write_value
from layouts.settings.target_tools import Saying
from layouts.text import Text
from storage.targets import StoredTarget


def tell(text: Text, conn: Connection, ground: Ground, place: Place) -> Component:
    """What is known about a cell; a cell that its reader does not have is told as unknown."""
    line = next((each for each in lines(text, ground) if (each.scope, each.key) == (place.scope, place.key)), None)
    period = next((each for each in ground.view.periods if each.first == place.first), None)
    if line is None or period is None or place.metric not in ground.view.metrics:
        return parts.bad(text.t("There is no such cell on this page any more. Reload it."))
    past = pasts.read_past(conn, ground)
    series = pasts.values(ground, past, [line])[line.scope, line.key][place.metric]
    figures = [(name, value) for name, value in zip(pasts.names(text, past), series, strict=True) if value is not None]
    title = f"{line.name} · {words.metric_name(text, place.metric)} · {views.title(text, period)}"
    own = holding(ground, (period,), ground.seen)
    return target_tools.story(
        text,
        title,
        figures,
        _reached(text, place, value_of(own.get(place)), [value for _, value in figures]),
        _sayings(text, ground, place, period),
        [place.metric, place.scope, place.key, place.first.isoformat()],
    )


def _reached(text: Text, place: Place, value: Decimal | None, figures: list[str]) -> str:
    if value is None or not figures:
        return ""
    metric = METRICS[place.metric]
    plan = write_value(value, metric.unit)
    plain, values = Decimal(plan), [Decimal(each) for each in figures]
    good = [each >= plain if metric.higher_is_better else each <= plain for each in values]
    return text.t("{value}: reached {n} of {of}").format(value=plan, n=sum(good), of=len(figures))


def _sayings(text: Text, ground: Ground, place: Place, period: Period) -> list[Saying]:
    """Every change that touches the cell, the newest first."""
    line, kind = (place.metric, place.scope, place.key), period.kind
    rows = [r for r in ground.stored if line_of(r) == line and r.target.period is kind and touches(r, period)]
    now = in_force((row.target for row in rows), period, ground.today)
    found = []
    for number, row in enumerate(rows):
        before = in_force((each.target for each in rows[:number]), period, max(row.target.since, period.first))
        holds = now is not None and now.order == row.target.order
        found.append(_saying(text, ground, row, before.value if before else None, holds))
    return found[::-1]


def _saying(text: Text, ground: Ground, row: StoredTarget, before: Decimal | None, now: bool) -> Saying:
    unit, target = METRICS[row.target.metric].unit, row.target
    since = write.short_day(text, target.since)
    holds = (
        text.t("from {day} on", day=since)
        if target.until is None
        else f"{since} – {write.short_day(text, target.until)}"
    )
    value = write_value(target.value, unit)
    return Saying(
        before=write_value(before, unit),
        after=value,
        holds=holds,
        who=row.author,
        when=write.instant(text, row.recorded_at, ground.settings.timezone),
        note=row.note,
        take=value,
        now=now,
    )
