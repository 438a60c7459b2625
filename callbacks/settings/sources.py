"""The sources page at work: every connection in words, drawn anew while something moves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from sqlalchemy import Connection as Connected

from callbacks.settings import connection as desk
from callbacks.settings import visitor
from deps import Deps
from domain import freshness
from domain.board import SourceHealth
from domain.connections import TOLD, LoginResult
from domain.facts import Lack
from domain.metrics import SUMS, needs_of
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts
from layouts.settings import sources as layout
from layouts.settings.sources import Connection
from layouts.text import Text, mark
from storage import db as store
from storage import sources, wishes
from storage.sources import SourceRow

_FAULTS = (SourceHealth.THROTTLED, SourceHealth.NEEDS_LOGIN, SourceHealth.ERROR)
_DEMO = "demo"
_LOGINS: dict[str, str] = {
    LoginResult.DONE: mark("{name} is authorised. Its numbers come in a moment."),
    LoginResult.DECLINED: mark("{name} is not authorised: the CRM sent you back without its consent."),
    LoginResult.EXPIRED: mark("{name} is not authorised: too much time passed, or it was begun elsewhere. Try again."),
    LoginResult.FAILED: mark("{name} is not authorised: the CRM refused. The reason stands below."),
    LoginResult.IMPOSSIBLE: mark("{name} needs no authorisation in the browser."),
}


def page(deps: Deps, text: Text, search: str | None) -> Component:
    """The page with every connection, and what came of an authorisation that the browser is just back from."""
    kinds = {kind.key: words.product_name(text, kind) for kind in deps.connections.kinds()}
    return layout.page(text, read(deps, text), kinds, _came_back(deps, text, search))


def read(deps: Deps, text: Text) -> list[Connection]:
    """Every connection in words."""
    found = []
    with store.read(deps.db) as conn:
        for row in sources.every(conn):
            # One that is removed at this moment is not there any more.
            with suppress(store.StoreError):
                found.append(connection(deps, conn, text, row))
    return found


def content(deps: Deps, text: Text, seen: str | None) -> list[Component | None] | None:
    """The list anew; None while it is what was `seen`."""
    found = read(deps, text)
    now = fingerprint(found)
    return None if now == seen else layout.content(text, found, now)


def fingerprint(connections: Sequence[Connection]) -> str:
    """A text that differs when anything on the page does."""
    return hashlib.sha256(repr(connections).encode()).hexdigest()[:16]


def connection(deps: Deps, conn: Connected, text: Text, row: SourceRow) -> Connection:
    """One connection in words."""
    fault = row.health if row.health in _FAULTS else None
    fresh = freshness.Connection(row.name, row.kind, row.as_of, deps.config.poll_seconds, fault)
    return Connection(
        name=row.name,
        kind=text.t("Incoming hook") if row.kind in TOLD else words.BRANDS.get(row.kind, row.kind),
        health=_health(row, fresh, deps),
        as_of=_as_of(deps, text, row),
        progress=_progress(deps, conn, text, row),
        problem=row.problem,
        problems=[(each.where, each.text, each.count) for each in row.problems],
        # Of a hook it is not expected that it gives everything.
        missing=[(_metrics(text, lack), why) for lack, why in row.missing.items() if row.kind not in TOLD],
        actions=_actions(deps, row),
        login=row.kind != _DEMO and deps.connections.kept(row.name).login,
        reading=row.as_of is None and fault is None and row.enabled and row.kind not in TOLD,
    )


def _health(row: SourceRow, fresh: freshness.Connection, deps: Deps) -> SourceHealth | None:
    """None = paused."""
    if row.health is SourceHealth.CLOSED:
        return SourceHealth.CLOSED
    return freshness.state(fresh, deps.clock()).health if row.enabled else None


def register(app: Dash, deps: Deps) -> None:
    """Wire the list; what is done with a connection is wired in its own file."""

    @app.callback(
        Output(ids.SOURCES_LIST, "children"),
        Input(ids.SOURCES_TICK, "n_intervals"),
        Input(ids.SOURCE_CHANGED, "data"),
        State(ids.SOURCES_SEEN, "data"),
    )
    def on_tick(_ticks: Any, _change: Any, seen: str | None) -> list[Component | None]:
        return _or_nothing(content(deps, visitor.words(deps), seen))

    desk.register(app, deps)


def _or_nothing(drawn: list[Component | None] | None) -> list[Component | None]:
    if drawn is None:
        raise PreventUpdate
    return drawn


def _came_back(deps: Deps, text: Text, search: str | None) -> Component | None:
    given = parse_qs((search or "").removeprefix("?"))
    result, name = given.get("login", [""])[0], given.get("source", [""])[0]
    with store.read(deps.db) as conn:
        names = {row.name for row in sources.every(conn)}
    if result not in _LOGINS or name not in names:
        return None
    sentence = text.t(_LOGINS[result], name=name)
    return parts.good(sentence) if result == LoginResult.DONE else parts.bad(sentence)


def _actions(deps: Deps, row: SourceRow) -> tuple[str, ...]:
    """The demo sales floor comes and goes by itself."""
    if row.kind == _DEMO:
        return ()
    if row.health is SourceHealth.CLOSED:
        return ("remove",)
    events = next((kind.events for kind in deps.connections.kinds() if kind.key == row.kind), False)
    if row.kind in TOLD:
        return ("edit", "pause" if row.enabled else "resume", "hook", "remove")
    steer = ("hurry", "pause") if row.enabled else ("resume",)
    return ("edit", *steer, "reread", *(("hook",) if events else ()), "remove")


def _as_of(deps: Deps, text: Text, row: SourceRow) -> str:
    zone = deps.settings().timezone
    if row.kind in TOLD:
        heard = row.as_of and text.t("Last heard {when}.", when=write.instant(text, row.as_of, zone))
        return heard or text.t("Nothing has been sent yet.")
    if row.as_of is None:
        return text.t("The first read is under way.") if row.enabled else text.t("Nothing has been read yet.")
    return text.t("Complete up to {when}. Requests so far: {count}.", when=write.instant(text, row.as_of, zone),
                  count=write.number(text, row.requests))  # fmt: skip


def _progress(deps: Deps, conn: Connected, text: Text, row: SourceRow) -> str | None:
    """How far a read from the beginning has come, and how long it takes at its present rate."""
    again, began = wishes.to_reread(conn, row.id), sources.began(conn, row.id)
    if again is not None:
        return text.t("Will be read again from {day} on.", day=write.short_day(text, again))
    if began is None or row.done is None or (row.as_of is not None and row.as_of >= began):
        return None
    done = write.number(text, row.done)
    if row.total is None:
        return text.t("{done} records read", done=done)
    said = text.t("{done} of {total} records read", done=done, total=write.number(text, row.total))
    left = time_left(row.done, row.total, deps.clock() - began)
    if left is None:
        return said
    rest = text.t("about {time} left", time=write.duration(text, left))
    return f"{said} · {rest}"


def time_left(done: int, total: int, passed: timedelta) -> int | None:
    """Seconds until the rest is read at the rate so far, in steps that do not flicker; None = too early to say."""
    seconds = passed.total_seconds()
    if done <= 0 or seconds < 5:
        return None
    left = int(seconds * max(total - done, 0) / done)
    return left if left < 10 else round(left, -1)


def _metrics(text: Text, lack: Lack) -> str:
    """The metrics that need what is lacking."""
    return ", ".join(words.metric_name(text, metric.key) for metric in SUMS if lack in needs_of(metric.key))
