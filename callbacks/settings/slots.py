"""Rows of the form and slots of a playlist: from one to the other, and what is wrong in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from deps import Deps
from domain.metrics import METRICS
from domain.points import POINTS
from domain.rotation import is_on
from domain.settings import PeriodKind, Slot
from layouts import format as write
from layouts import words
from layouts.settings import parts
from layouts.settings.entry import EntryError, read_clock, read_whole
from layouts.settings.slots import RANKED, Row
from layouts.showing import hides_ranking, is_empty, is_hidden
from layouts.text import Text
from storage.boards import Snapshot

SHORTEST_S, LONGEST_S = 3, 600
USUAL_S = 12
MOST_MANAGERS = 99
# What the browser sends of each row, in this order.
FIELDS = ("seconds", "period", "team", "metric", "top", "days", "start", "end")
_ENDLESS = ("24:00", "00:00", "0:00")


def rows_of(text: Text, slots: Iterable[Slot]) -> tuple[Row, ...]:
    """The rows of the panels there are."""
    return tuple(_row(text, key, slot) for key, slot in enumerate(slots) if slot.panel in words.PANELS)


def read(text: Text, rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Slot, ...]]:
    """The rows with what is wrong in them, and the slots of those in which nothing is."""
    checked, slots = [], []
    for row in rows:
        slot, problems = _slot(text, row)
        checked.append(replace(row, problems=problems))
        slots += [slot] if slot else []
    return tuple(checked), tuple(slots)


def typed(keys: Sequence[Mapping[str, Any]], fields: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """The rows out of what the browser sent, `fields` as in FIELDS; panels that do not exist are left out."""
    rows = []
    for key, values in zip(keys, zip(*fields, strict=True), strict=True):
        given = dict(zip(FIELDS, values, strict=True))
        days = tuple(sorted(int(day) for day in given.pop("days") or () if day in range(1, 8)))
        plain: dict[str, Any] = {name: parts.chosen(value).strip() for name, value in given.items()}
        if key["panel"] in words.PANELS:
            rows.append(Row(key=int(key["row"]), panel=str(key["panel"]), days=days, **plain))
    return tuple(rows)


def move(rows: Sequence[Row], key: int, by: int) -> tuple[Row, ...]:
    """The rows with one of them moved; beyond either end it stays."""
    order = list(rows)
    place = next((place for place, row in enumerate(order) if row.key == key), None)
    if place is None or not 0 <= place + by < len(order):
        return tuple(order)
    order.insert(place + by, order.pop(place))
    return tuple(order)


def arranged(rows: Sequence[Row], keys: Sequence[Any]) -> tuple[Row, ...]:
    """The rows in the order of their keys; those that are not named come last."""
    places = {key: place for place, key in enumerate(keys)}
    return tuple(sorted(rows, key=lambda row: places.get(row.key, len(places))))


def one_more(rows: Sequence[Row], panel: str) -> tuple[Row, ...]:
    """The rows and a new one at their end."""
    if panel not in words.PANELS:
        return tuple(rows)
    return (*rows, Row(max((row.key for row in rows), default=-1) + 1, panel, str(USUAL_S)))


def noted(deps: Deps, text: Text, rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with what keeps them off the wall just now."""
    return tuple(replace(row, note=_note(deps, text, row)) for row in rows)


def board_of(deps: Deps, slot: Slot) -> Snapshot:
    """The board that a slot is drawn from. Raises KeyError where its team or metric is not there any more."""
    return deps.boards.get(slot.period, team=slot.team, ranked_by=slot.metric)


def _note(deps: Deps, text: Text, row: Row) -> str:
    slot, _ = _slot(text, row)
    if slot is None:
        return ""
    if not is_on(slot, deps.clock().astimezone(ZoneInfo(deps.settings().timezone))):
        return text.t("Not at this hour")
    if hides_ranking(slot, deps.settings()):
        return text.t("The ranking is hidden: see Look")
    if is_hidden(slot, deps.settings()):
        return text.t("The metric is hidden: see Metrics")
    return text.t("Nothing to show: skipped") if _has_nothing(deps, slot) else ""


def _has_nothing(deps: Deps, slot: Slot) -> bool:
    try:
        return is_empty(slot, board_of(deps, slot).board)
    except KeyError:
        return True


def _row(text: Text, key: int, slot: Slot) -> Row:
    return Row(
        key=key,
        panel=slot.panel,
        seconds=str(slot.seconds),
        period=slot.period.value,
        team=slot.team or "",
        metric=slot.metric or "",
        top="" if slot.top is None else str(slot.top),
        days=tuple(sorted(slot.weekdays)),
        start=write.clock(text, slot.start) if slot.start else "",
        end=write.clock(text, slot.end) if slot.end else "",
    )


def _slot(text: Text, row: Row) -> tuple[Slot | None, dict[str, str]]:
    """The slot of a row; None and the problems by field where something cannot be read."""
    problems: dict[str, str] = {}

    def take(name: str, how: Callable[[str], Any]) -> Any:
        try:
            return how(getattr(row, name))
        except EntryError as error:
            problems[name] = str(error)
            return None

    slot = Slot(
        panel=row.panel,
        seconds=take("seconds", lambda given: read_whole(text, given, SHORTEST_S, LONGEST_S)) or 0,
        period=PeriodKind(row.period) if row.period in set(PeriodKind) else PeriodKind.DAY,
        metric=row.metric if row.panel == RANKED and row.metric in (*METRICS, POINTS) else None,
        team=row.team or None,
        top=take("top", lambda given: read_whole(text, given, 0, MOST_MANAGERS) if given else None),
        weekdays=frozenset(row.days),
        start=take("start", lambda given: _clock(text, given)),
        end=take("end", lambda given: _clock(text, given)),
    )
    return (None if problems else slot), problems


def _clock(text: Text, given: str) -> time | None:
    """A time of day; midnight is the end that is left open."""
    return None if not given or given in _ENDLESS else read_clock(text, given)
