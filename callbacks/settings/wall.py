"""The wall page at work: the panels of a playlist are added, moved and set in the form, and saved together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import playlists as lists
from callbacks.settings import slots as form
from callbacks.settings import visitor
from deps import Deps
from domain.points import earning
from domain.rotation import round_seconds
from domain.settings import Slot
from layouts import ids, showing
from layouts.settings import parts
from layouts.settings import wall as layout
from layouts.settings.slots import Offer, Row
from layouts.settings.wall import Round, Sheet
from layouts.text import Text
from storage import db as store
from storage import people, playlists, slots
from storage import settings as saved
from storage.db import StoreError

_EVERY_FIELD = [State(ids.slot(name, ALL, ALL), "value") for name in form.FIELDS]
_MOVES = {ids.slot("up", 0, "")["type"]: -1, ids.slot("down", 0, "")["type"]: 1}
_REMOVE = ids.slot("remove", 0, "")["type"]


@dataclass(frozen=True, slots=True)
class Form:
    """The rows as they stand in the browser, of which playlist, and the text of the one that they were drawn from."""

    rows: tuple[Row, ...]
    number: int | None
    seen: str


def page(deps: Deps, text: Text, search: str | None) -> Component:
    """The page with a playlist as it is: the one of the address, else the shared one."""
    given = parse_qs((search or "").removeprefix("?")).get("playlist", [""])[0]
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    with store.read(deps.db) as conn:
        number = number if playlists.find(conn, number) else None
        chosen = stored(deps, conn, number)
    sheet = _sheet(deps, text, Form(form.rows_of(text, chosen), number, mark(chosen)), changed=False)
    header = lists.content(deps, text, number, None)
    return layout.page(text, header, sheet, turn(deps, chosen), preview(chosen))


def stored(deps: Deps, conn: Connection, number: int | None) -> tuple[Slot, ...]:
    """The slots of a playlist, None = the shared one. Raises StoreError for one that is gone."""
    return deps.settings().playlist if number is None else playlists.get(conn, number).slots


def answer(deps: Deps, text: Text, who: str, pressed: Any, given: Form, more: Mapping[str, Any]) -> Any:
    """The form after a button, or after a row was dragged. `more`: the panel to add, the order to take."""
    if pressed == ids.WALL_SAVE:
        return save(deps, text, who, given)
    return layout.form(text, _sheet(deps, text, _changed(given, pressed, more), changed=True), None)


def save(deps: Deps, text: Text, who: str, given: Form) -> list[Component | None]:
    """Store the playlist, or say why not; the form anew."""
    rows, chosen = form.read(text, given.rows)
    try:
        with store.write(deps.db) as conn:
            refusal = _refusal(text, stored(deps, conn, given.number), rows, chosen, given.seen)
            if refusal is None:
                _store(conn, deps, who, given.number, chosen)
    except StoreError:
        refusal = text.t("Nothing is saved: this playlist is not there any more.")
    if refusal is not None:
        kept = Form(rows, given.number, given.seen)
        return layout.form(text, _sheet(deps, text, kept, changed=True), parts.bad(refusal))
    done = Form(rows, given.number, mark(chosen))
    return layout.form(
        text, _sheet(deps, text, done, changed=False), parts.good(text.t("Saved. The wall shows it in a moment."))
    )


def mark(chosen: Sequence[Slot]) -> str:
    """A text that differs when the playlist does."""
    return json.dumps(slots.encode(chosen), sort_keys=True)


def preview(chosen: Sequence[Slot]) -> str:
    """The address of the wall with this playlist, whether it is saved or not."""
    return f"/?preview={quote(json.dumps(slots.encode(chosen), separators=(',', ':')), safe='')}"


def turn(deps: Deps, chosen: Sequence[Slot]) -> Round:
    """How long one round takes; the panels that the wall skips now take no time of it."""
    if not chosen:
        return Round(0, 0)
    scenes = showing.scenes(chosen, deps.settings(), deps.clock(), lambda slot: form.board_of(deps, slot))
    return Round(round_seconds(chosen), round_seconds(slot for slot, _ in scenes))


def read_form(keys: Sequence[Mapping[str, Any]], *fields: Any, seen: Any) -> Form:
    """The form out of what the browser sent."""
    number = seen.get("list") if isinstance(seen, dict) else None
    text = seen.get("seen") if isinstance(seen, dict) else ""
    return Form(form.typed(keys, fields), number if isinstance(number, int) else None, str(text))


def register(app: Dash, deps: Deps) -> None:
    """Wire the rows, Save, the length of a round and the miniature."""
    lists.register(app, deps)
    keys = State(ids.slot("seconds", ALL, ALL), "id")
    changes = [Input(ids.slot(name, ALL, ALL), "value") for name in form.FIELDS]

    @app.callback(
        Output(ids.WALL_ROWS, "children"),
        Input(ids.WALL_SAVE, "n_clicks"),
        Input(ids.WALL_ADD, "n_clicks"),
        Input(ids.slot("up", ALL, ALL), "n_clicks"),
        Input(ids.slot("down", ALL, ALL), "n_clicks"),
        Input(ids.slot("remove", ALL, ALL), "n_clicks"),
        Input(ids.WALL_ORDER, "data"),
        State(ids.WALL_PANEL, "value"),
        State(ids.WALL_SEEN, "data"),
        keys,
        *_EVERY_FIELD,
        prevent_initial_call=True,
    )
    def on_press(_s: Any, _a: Any, _u: Any, _d: Any, _r: Any, order: Any, panel: Any, seen: Any, *of: Any) -> Any:
        more = {"panel": panel, "order": order}
        given = read_form(*of, seen=seen)
        return answer(deps, visitor.words(deps), visitor.user().login, visitor.pressed(), given, more)

    @app.callback(Output(ids.WALL_CYCLE, "children"), *changes, keys)
    def on_typing(*of: Any) -> str:
        return layout.cycle(visitor.words(deps), turn(deps, _readable(visitor.words(deps), *of)))

    @app.callback(Output(ids.WALL_PREVIEW, "src"), *changes, keys, prevent_initial_call=True)
    def on_change(*of: Any) -> str:
        return preview(_readable(visitor.words(deps), *of))


def _readable(text: Text, *of: Any) -> tuple[Slot, ...]:
    """The slots of the rows in which nothing is wrong; the browser sends the rows' ids last."""
    return form.read(text, form.typed(of[-1], of[:-1]))[1]


def _changed(given: Form, pressed: Any, more: Mapping[str, Any]) -> Form:
    rows = given.rows
    if pressed == ids.WALL_ADD:
        rows = form.one_more(rows, str(more["panel"]))
    elif pressed == ids.WALL_ORDER:
        rows = form.arranged(rows, (more["order"] or {}).get("order", ()))
    elif pressed["type"] == _REMOVE:
        rows = tuple(row for row in rows if row.key != pressed["row"])
    else:
        rows = form.move(rows, int(pressed["row"]), _MOVES[pressed["type"]])
    return Form(rows, given.number, given.seen)


def _sheet(deps: Deps, text: Text, given: Form, changed: bool) -> Sheet:
    with store.read(deps.db) as conn:
        teams = {team.key: team.name for team in people.teams(conn)}
    settings = deps.settings()
    offer = Offer(teams, settings.metrics_hidden, bool(earning(settings.rank_points)))
    return Sheet(given.number, form.noted(deps, text, given.rows), offer, given.seen, changed)


def _store(conn: Connection, deps: Deps, who: str, number: int | None, chosen: tuple[Slot, ...]) -> None:
    if number is None:
        saved.save(conn, {"playlist": chosen}, who, deps.clock())
    else:
        playlists.save(conn, number, chosen, who, deps.clock())


def _refusal(text: Text, old: Sequence[Slot], rows: Sequence[Row], chosen: Sequence[Slot], seen: str) -> str | None:
    wrong = sum(len(row.problems) for row in rows)
    if wrong:
        return text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                       wrong)  # fmt: skip
    if not chosen:
        return text.t("Nothing is saved: the wall needs at least one panel.")
    if seen != mark(old):
        return text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
    return None if tuple(chosen) != tuple(old) else text.t("Nothing to save: nothing has changed.")
