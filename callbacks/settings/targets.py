"""The targets page at work: drawn from the address, saved all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from sqlalchemy import Connection

from callbacks.settings import target_sheet as sheets
from callbacks.settings import visitor
from callbacks.settings.target_sheet import Ground, Place
from callbacks.settings.target_views import read_view
from deps import Deps
from domain.board import Period
from domain.reach import WHOLE, Reach
from domain.worktime import today
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts
from layouts.settings import targets as layout
from layouts.text import Text
from storage import db as store
from storage import people, targets
from storage.targets import StoredTarget


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form. `seen` is the number of the newest target when it was drawn."""

    typed: Mapping[Place, str]
    since: str
    span: str
    note: str
    seen: int


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> Component:
    """The page of the period that the address names."""
    with store.read(deps.db) as conn:
        ground = read_ground(conn, deps, search, reach)
    return layout.page(text, sheets.sheet(text, ground))


def save(deps: Deps, text: Text, search: str | None, who: str, form: Form,
         reach: Reach = WHOLE) -> list[Component | None]:  # fmt: skip
    """Record what was typed, all of it or nothing; the form anew, with what came of it."""
    with store.write(deps.db) as conn:
        ground = read_ground(conn, deps, search, reach)
        reading = sheets.read(text, ground, form.typed, form.seen)
        newer = sheets.overtaken(ground, reading.changes, form.seen)
        since = chosen_day(text, ground.view.period, ground.today, form.since)
        refusal = _refusal(text, ground, reading.problems, newer, bool(reading.changes))
        if refusal is None:
            rows = sheets.new_rows(ground, reading.changes, since, form.span)
            targets.add(conn, rows, who, deps.clock(), form.note.strip()[:200])
            done = read_ground(conn, deps, search, reach)
    if refusal is not None:
        kept = sheets.sheet(text, ground, form.typed, form.seen, reading.problems)
        return layout.form(text, kept, parts.bad(refusal), since.isoformat(), form.span, form.note)
    said = parts.good(_saved(text, len(reading.changes), since))
    return layout.form(text, sheets.sheet(text, done), said)


def read_ground(conn: Connection, deps: Deps, search: str | None, reach: Reach = WHOLE) -> Ground:
    """Everything that the table of the address's period needs."""
    settings, now = deps.settings(), deps.clock()
    view = read_view(search, settings, today(settings.timezone, now))
    return Ground(
        view=view,
        settings=settings,
        reps=tuple(people.reps(conn)),
        teams=tuple(people.teams(conn)),
        stored=tuple(targets.current(conn)),
        now=now,
        reach=reach,
    )


def chosen_day(text: Text, period: Period, day: date, chosen: str) -> date:
    """The day from which the change holds: what was chosen, if it was on offer, else what is proposed."""
    offered = list(sheets.since_choices(text, period, day))
    return next((each for each in offered if each.isoformat() == chosen), offered[0])


def read_form(cells: Any, since: Any, span: Any, note: Any, seen: Any) -> Form:
    """The form out of what the browser sent, of which nothing is taken on trust. A cell is [metric, scope, key, text].

    Raises ValueError for anything else.
    """
    typed = {(str(metric), str(scope), str(key)): str(entry) for metric, scope, key, entry in cells}
    return Form(typed, str(since or ""), str(span or ""), str(note or ""), seen if isinstance(seen, int) else 0)


def register(app: Dash, deps: Deps) -> None:
    """Wire Save: the desk's script collects the cells that were changed, and the store of them sets off the save."""
    wire: Any = app.clientside_callback
    wire(
        ClientsideFunction("desk", "collect"),
        Output(ids.TARGETS_TYPED, "data"),
        Input(ids.TARGETS_SAVE, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.TARGETS_FORM, "children"),
        Input(ids.TARGETS_TYPED, "data"),
        State(ids.PLACE, "search"),
        State(ids.TARGETS_SINCE, "value"),
        State(ids.TARGETS_SPAN, "value"),
        State(ids.TARGETS_NOTE, "value"),
        State(ids.TARGETS_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_save(typed: Any, search: str | None, *form: Any) -> list[Component | None]:
        if not typed:
            raise PreventUpdate
        user = visitor.user()
        return save(deps, visitor.words(deps), search, user.login, read_form(typed["cells"], *form), user.reach)


def _refusal(
    text: Text, ground: Ground, problems: Mapping[Place, str], newer: StoredTarget | None, changed: bool
) -> str | None:
    """Why nothing is saved, None when it can be."""
    if problems:
        return text.tn(
            "Nothing is saved: {n} cell cannot be read.", "Nothing is saved: {n} cells cannot be read.", len(problems)
        )
    if newer is not None:
        return text.t(
            "Nothing is saved: {who} changed “{metric}” in one of these cells at {when}. Reload the page to see it.",
            who=newer.author,
            metric=words.metric_name(text, newer.target.metric),
            when=write.clock(text, newer.recorded_at, ground.settings.timezone),
        )
    return None if changed else text.t("Nothing to save: no target has changed.")


def _saved(text: Text, count: int, since: date) -> str:
    return text.tn(
        "Saved {n} target, from {day}. The wall shows it in a moment.",
        "Saved {n} targets, from {day}. The wall shows them in a moment.",
        count,
        day=write.day_month(text, since),
    )
