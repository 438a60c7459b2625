"""The sources page at work: read from the store, nothing is changed here yet."""

from __future__ import annotations

from dash.development.base_component import Component

from deps import Deps
from domain import freshness
from domain.board import SourceHealth
from domain.facts import Kind
from domain.metrics import SUMS
from layouts import format as write
from layouts import words
from layouts.settings import sources as layout
from layouts.settings.sources import Connection
from layouts.text import Text
from storage import db as store
from storage import sources
from storage.sources import SourceRow

_FAULTS = (SourceHealth.THROTTLED, SourceHealth.NEEDS_LOGIN, SourceHealth.ERROR)


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with every connection."""
    with store.read(deps.db) as conn:
        rows = sources.every(conn)
    return layout.page(text, [connection(deps, text, row) for row in rows])


def connection(deps: Deps, text: Text, row: SourceRow) -> Connection:
    """One connection in words."""
    fault = row.health if row.health in _FAULTS else None
    fresh = freshness.Connection(row.name, row.kind, row.as_of, deps.config.poll_seconds, fault)
    return Connection(
        name=row.name,
        kind=words.BRANDS.get(row.kind, row.kind),
        health=freshness.state(fresh, deps.clock()).health,
        as_of=_as_of(deps, text, row),
        progress=_progress(text, row),
        problem=row.problem,
        problems=[(each.where, each.text, each.count) for each in row.problems],
        missing=[(_metrics(text, kind), why) for kind, why in row.missing.items()],
    )


def _as_of(deps: Deps, text: Text, row: SourceRow) -> str:
    if row.as_of is None:
        return text.t("The first read is under way.")
    zone = deps.settings().timezone
    return text.t("Complete up to {when}. Requests so far: {count}.", when=write.instant(text, row.as_of, zone),
                  count=write.number(text, row.requests))  # fmt: skip


def _progress(text: Text, row: SourceRow) -> str | None:
    if row.first_read_done or row.done is None:
        return None
    done = write.number(text, row.done)
    if row.total is None:
        return text.t("{done} records read", done=done)
    return text.t("{done} of {total} records read", done=done, total=write.number(text, row.total))


def _metrics(text: Text, kind: Kind) -> str:
    """The metrics that need this kind of fact."""
    return ", ".join(words.metric_name(text, metric.key) for metric in SUMS if metric.kind is kind)
