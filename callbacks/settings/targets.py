"""The targets page at work: drawn from the address, saved all or nothing, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from sqlalchemy import Connection

from callbacks.settings import target_fill as filling
from callbacks.settings import target_import, visitor
from callbacks.settings import target_saving as saving
from callbacks.settings import target_sheet as sheets
from callbacks.settings import target_story as stories
from callbacks.settings.target_fill import Fills, Order
from callbacks.settings.target_ground import Ground, Place, grown, read_ground
from callbacks.settings.target_past import read_past
from callbacks.settings.target_sheet import Typed
from deps import Deps
from domain.reach import WHOLE, Reach
from domain.settings import PeriodKind
from layouts import format as write
from layouts import ids, words
from layouts.settings import parts, target_tools
from layouts.settings import targets as layout
from layouts.settings.entry import EntryError
from layouts.settings.targets import Sheet
from layouts.text import Text
from storage import db as store
from storage import targets
from storage.targets import StoredTarget

_MOST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form. `seen` is the number of the newest target when it was drawn."""

    typed: Mapping[Place, str]
    since: str
    span: str
    note: str
    seen: int
    day: str = ""


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE, who: str = "") -> Component:
    """The page of the view that the address names."""
    with store.read(deps.db) as conn:
        ground = read_ground(conn, deps, search, reach)
        sheet = _sheet(text, conn, ground, who)
    year = ground.view.metric is not None
    columns = {str(place): head.name for place, head in enumerate(sheet.heads)}
    kind = PeriodKind.YEAR if year else ground.view.period.kind
    tools = target_tools.filling(text, kind, columns, filling.whose_choices(text, ground))
    return layout.page(text, sheet, tools, target_import.section(text))


def save(deps: Deps, text: Text, search: str | None, who: str, form: Form,
         reach: Reach = WHOLE) -> list[Component | None]:  # fmt: skip
    """Record what was typed, all of it or nothing; the form anew, with what came of it."""
    with store.write(deps.db) as conn:
        ground = read_ground(conn, deps, search, reach)
        reading = saving.read(text, ground, form.typed, form.seen)
        try:
            since = _ready(text, ground, reading, form)
        except EntryError as error:
            kept = _sheet(text, conn, ground, who, Typed(form.typed, reading.problems, form.seen))
            return layout.form(text, kept, parts.bad(str(error)), form.since, form.span, form.note, form.day)
        rows = saving.new_rows(ground, reading.changes, since, form.span)
        targets.add(conn, rows, who, deps.clock(), form.note.strip()[:_MOST_NOTE])
        done = _sheet(text, conn, grown(conn, ground), who)
    return layout.form(text, done, parts.good(_saved(text, ground, len(reading.changes), since)))


def take_back(deps: Deps, text: Text, search: str | None, who: str, reach: Reach = WHOLE) -> list[Component | None]:
    """Let everything be as before the last save of this login; the form anew."""
    with store.write(deps.db) as conn:
        ground = read_ground(conn, deps, search, reach)
        rows = saving.last_save(ground, who)
        newer = saving.overtaken_since(ground, rows) if rows else None
        if not rows or newer:
            said = parts.bad(_overtaken(text, ground, newer) if newer else text.t("There is nothing to undo."))
            return layout.form(text, _sheet(text, conn, ground, who), said)
        targets.add(conn, saving.undoing(ground, rows), who, deps.clock(), text.t("Undone"))
        done = _sheet(text, conn, grown(conn, ground), who)
    return layout.form(text, done, parts.good(text.t("Undone: everything is as before your last save.")))


def fill(deps: Deps, text: Text, search: str | None, order: Order, reach: Reach = WHOLE) -> tuple[Component, Fills]:
    """What to write into which cells, and a sentence about it. Nothing is stored."""
    with store.read(deps.db) as conn:
        try:
            filled, said = filling.fill(text, conn, read_ground(conn, deps, search, reach), order)
        except EntryError as error:
            return parts.bad(str(error)), {}
    return parts.good(said), filled


def tell(deps: Deps, text: Text, search: str | None, place: Place, reach: Reach = WHOLE) -> Component:
    """The history of a cell."""
    with store.read(deps.db) as conn:
        return stories.tell(text, conn, read_ground(conn, deps, search, reach), place)


def read_form(cells: Any, since: Any, span: Any, note: Any, seen: Any, day: Any = None) -> Form:
    """The form out of what the browser sent, of which nothing is taken on trust.

    Raises ValueError for anything else than `read_cells` takes.
    """
    number = seen if isinstance(seen, int) else 0
    return Form(read_cells(cells), str(since or ""), str(span or ""), str(note or ""), number, str(day or ""))


def read_cells(cells: Any) -> dict[Place, str]:
    """Cells of [metric, scope, key, first day, text]. Raises ValueError for anything else."""
    return {read_place(place): str(entry) for *place, entry in cells}


def read_place(sent: Any) -> Place:
    """[metric, scope, key, first day]. Raises ValueError for anything else."""
    metric, scope, key, first = sent
    return Place(str(metric), str(scope), str(key), date.fromisoformat(str(first)))


def register(app: Dash, deps: Deps) -> None:
    """Wire the page: the script collects and draws the cells, everything else is done here."""
    _wire_script(app)
    target_import.register(app, deps)

    @app.callback(
        Output(ids.TARGETS_FORM, "children"),
        Input(ids.TARGETS_TYPED, "data"),
        Input(ids.TARGETS_UNDO, "n_clicks"),
        State(ids.PLACE, "search"),
        State(ids.TARGETS_SINCE, "value"),
        State(ids.TARGETS_SPAN, "value"),
        State(ids.TARGETS_NOTE, "value"),
        State(ids.TARGETS_SEEN, "data"),
        State(ids.TARGETS_DAY, "value"),
        prevent_initial_call=True,
    )
    def on_save(typed: Any, _undo: int, search: str | None, *form: Any) -> list[Component | None]:
        user, text = visitor.user(), visitor.words(deps)
        if visitor.pressed() == ids.TARGETS_UNDO:
            return take_back(deps, text, search, user.login, user.reach)
        return save(deps, text, search, user.login, read_form(typed["cells"], *form), user.reach)

    @app.callback(
        Output(ids.TARGETS_FILLED, "children"),
        Input(ids.TARGETS_ORDER, "data"),
        State(ids.PLACE, "search"),
        State(ids.TARGETS_DO, "value"),
        State(ids.TARGETS_COLUMN, "value"),
        State(ids.TARGETS_WHOSE, "value"),
        State(ids.TARGETS_PERCENT, "value"),
        State(ids.TARGETS_LAST, "value"),
        prevent_initial_call=True,
    )
    def on_fill(sent: Any, search: str | None, deed: Any, *chosen: Any) -> list[Component | None]:
        if not sent:
            raise PreventUpdate
        weights = {str(key): str(value) for key, value in sent["weights"].items()}
        column, whose, percent, last = map(parts.chosen, chosen)
        order = Order(str(deed), column, whose, percent, last, read_cells(sent["cells"]), weights)
        said, filled = fill(deps, visitor.words(deps), search, order, visitor.user().reach)
        cells = [[*place[:3], place.first.isoformat(), value] for place, value in filled.items()]
        return target_tools.filled(said, {"cells": cells, "press": sent["press"]})

    @app.callback(
        Output(ids.TARGETS_STORY, "children"),
        Input(ids.TARGETS_ASKED, "data"),
        State(ids.PLACE, "search"),
        prevent_initial_call=True,
    )
    def on_ask(asked: Any, search: str | None) -> Component:
        if not asked:
            raise PreventUpdate
        return tell(deps, visitor.words(deps), search, read_place(asked["place"]), visitor.user().reach)


def _wire_script(app: Dash) -> None:
    wire: Any = app.clientside_callback
    wire(
        ClientsideFunction("targets", "collect"),
        Output(ids.TARGETS_TYPED, "data"),
        Input(ids.TARGETS_SAVE, "n_clicks"),
        prevent_initial_call=True,
    )
    wire(
        ClientsideFunction("targets", "order"),
        Output(ids.TARGETS_ORDER, "data"),
        Input(ids.TARGETS_FILL, "n_clicks"),
        prevent_initial_call=True,
    )
    wire(ClientsideFunction("targets", "draw"), Output(ids.TARGETS_GRID, "className"), Input(ids.TARGETS_SHEET, "data"))
    wire(ClientsideFunction("targets", "take"), Output(ids.TARGETS_FILL, "className"), Input(ids.TARGETS_FILLS, "data"))


def _sheet(text: Text, conn: Connection, ground: Ground, who: str, typed: Typed | None = None) -> Sheet:
    return sheets.sheet(text, ground, read_past(conn, ground), typed, _undo(text, ground, who))


def _undo(text: Text, ground: Ground, who: str) -> str | None:
    """What would be taken back, None where there is nothing."""
    rows = saving.last_save(ground, who)
    if not rows or saving.overtaken_since(ground, rows):
        return None
    when = write.instant(text, rows[0].recorded_at, ground.settings.timezone)
    return text.tn("{n} target, {when}", "{n} targets, {when}", len(rows), when=when)


def _ready(text: Text, ground: Ground, reading: saving.Reading, form: Form) -> date:
    """From which day on it may be saved. Raises EntryError where it may not."""
    if reading.problems:
        raise EntryError(
            text.tn(
                "Nothing is saved: {n} cell cannot be read.",
                "Nothing is saved: {n} cells cannot be read.",
                len(reading.problems),
            )
        )
    newer = saving.overtaken(ground, reading.changes, form.seen)
    if newer is not None:
        raise EntryError(_overtaken(text, ground, newer))
    if not reading.changes:
        raise EntryError(text.t("Nothing to save: no target has changed."))
    return saving.chosen_day(text, ground.view, ground.today, form.since, form.day)


def _overtaken(text: Text, ground: Ground, newer: StoredTarget) -> str:
    return text.t(
        "Nothing is saved: {who} changed “{metric}” in one of these cells at {when}. Reload the page to see it.",
        who=newer.author,
        metric=words.metric_name(text, newer.target.metric),
        when=write.clock(text, newer.recorded_at, ground.settings.timezone),
    )


def _saved(text: Text, ground: Ground, count: int, since: date) -> str:
    if ground.view.metric is not None:
        return text.tn(
            "Saved {n} target. The wall shows it in a moment.",
            "Saved {n} targets. The wall shows them in a moment.",
            count,
        )
    return text.tn(
        "Saved {n} target, from {day}. The wall shows it in a moment.",
        "Saved {n} targets, from {day}. The wall shows them in a moment.",
        count,
        day=write.day_month(text, since),
    )
