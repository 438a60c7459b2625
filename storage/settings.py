"""The office's settings: one JSON value a key; what was never changed stays at its default."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from domain.settings import AfterHours, Celebrating, Credit, DayShape, Hours, PeriodKind, Settings, Slot, Theme
from storage import audit, slots, state
from storage.db import StoreError, many
from storage.tables import settings as table


def load(conn: Connection, defaults: Settings) -> Settings:
    """The settings as they are now."""
    stored = {row.key: json.loads(row.value) for row in conn.execute(select(table))}
    return replace(defaults, **{key: _decode(key, value) for key, value in stored.items() if key in _KEYS})


def save(conn: Connection, changes: Mapping[str, object], who: str, at: datetime) -> None:
    """Store new values by the names of Settings' fields, with an audit entry each, and show them.

    The caller goes on with `facts.rebuild` in the same transaction where `facts.out_of_date` says so.
    Raises StoreError for a name that is no setting.
    """
    for key in changes:
        if key not in _KEYS:
            raise StoreError(f"There is no setting called {key!r}. Settings: {', '.join(sorted(_KEYS))}.")
    stored = {row.key: json.loads(row.value) for row in conn.execute(select(table))}
    for key, value in changes.items():
        audit.add(conn, who, "setting", key, stored.get(key), _encode(value), at)
    many(
        conn,
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [(key, json.dumps(_encode(value))) for key, value in changes.items()],
    )
    state.bump(conn)


def _encode(value: object) -> Any:
    if isinstance(value, frozenset):
        return sorted(_encode(each) for each in value)
    if isinstance(value, tuple):
        return [_encode(each) for each in value]
    if isinstance(value, Slot):
        return slots.encode([value])[0]
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _encode(each) for key, each in asdict(value).items()}
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _dates(value: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(each) for each in value)


def _hours(value: dict[str, str]) -> Hours:
    return Hours(**{key: time.fromisoformat(each) for key, each in value.items()})


def _celebrating(value: dict[str, Any]) -> Celebrating:
    return Celebrating(**{key: _CELEBRATING.get(key, _same)(each) for key, each in value.items()})


def _pairs(value: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, each) for key, each in value)


def _points(value: list[list[str]]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((key, Decimal(points)) for key, points in value)


def _same(value: Any) -> Any:
    return value


def _decode(key: str, value: Any) -> Any:
    return _DECODERS[key](value) if key in _DECODERS else value


_KEYS = frozenset(field.name for field in fields(Settings))
_CELEBRATING: dict[str, Callable[[Any], Any]] = {
    "quiet_from": time.fromisoformat,
    "quiet_to": time.fromisoformat,
    "team_sounds": _pairs,
    "rep_sounds": _pairs,
}
_DECODERS: dict[str, Callable[[Any], object]] = {
    "hours": _hours,
    "workdays": frozenset,
    "holidays_added": _dates,
    "holidays_removed": _dates,
    "workdays_added": _dates,
    "credit": Credit,
    "rank_period": PeriodKind,
    "rank_points": _points,
    "metrics_hidden": frozenset,
    "day_shape": DayShape,
    "playlist": slots.decode,
    "celebrating": _celebrating,
    "theme": Theme,
    "after_hours": AfterHours,
}
