"""The wall page at work: panels move up and down in the form, and are saved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.settings import visitor
from deps import Deps
from domain.settings import PeriodKind, Settings, Slot
from layouts import ids, words
from layouts.settings import parts
from layouts.settings import wall as layout
from layouts.settings.entry import EntryError, read_whole
from layouts.settings.wall import Row
from layouts.text import Text
from storage import db as store
from storage import settings as saved

SHORTEST_S, LONGEST_S = 3, 600
_USUAL_S = 12


@dataclass(frozen=True, slots=True)
class Form:
    """The panels in their order, and the playlist from which they were drawn."""

    rows: tuple[Row, ...]
    seen: str


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with the playlist as it is."""
    settings = deps.settings()
    rows = rows_of(settings)
    return layout.page(text, rows, mark(settings), cycle_seconds([row.seconds for row in rows], _shown(rows)))


def rows_of(settings: Settings) -> tuple[Row, ...]:
    """The panels of the playlist, then those that are not shown."""
    shown = {slot.panel: Row(slot.panel, str(slot.seconds), slot.period.value, True) for slot in settings.playlist}
    hidden = [Row(key, str(_USUAL_S), PeriodKind.DAY.value, False) for key in words.PANELS if key not in shown]
    return (*(row for row in shown.values() if row.panel in words.PANELS), *hidden)


def move(rows: Sequence[Row], panel: str, by: int) -> tuple[Row, ...]:
    """The rows with one of them moved; beyond either end it stays."""
    order = list(rows)
    place = next((place for place, row in enumerate(order) if row.panel == panel), None)
    if place is None or not 0 <= place + by < len(order):
        return tuple(order)
    order.insert(place + by, order.pop(place))
    return tuple(order)


def cycle_seconds(typed: Sequence[str | None], shown: Sequence[bool | None]) -> int:
    """How long one round takes; what is no number yet counts nothing."""
    pairs = zip(typed, shown, strict=True)
    return sum(int(each) for each, on in pairs if on and each and each.isascii() and each.isdigit())


def save(deps: Deps, text: Text, who: str, form: Form) -> list[Component | None]:
    """Store the playlist, or say why not; the form anew."""
    with store.write(deps.db) as conn:
        old = deps.settings()
        rows, slots = read(text, form.rows)
        refusal = _refusal(text, old, rows, slots, form.seen)
        if refusal is None:
            saved.save(conn, {"playlist": slots}, who, deps.clock())
    if refusal is not None:
        return layout.form(text, rows, form.seen, parts.bad(refusal))
    said = parts.good(text.t("Saved. The wall shows it in a moment."))
    return layout.form(text, rows, mark(replace(old, playlist=slots)), said)


def read(text: Text, rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Slot, ...]]:
    """The rows with what is wrong in them, and the playlist of those that are shown."""
    checked, slots = [], []
    for row in rows:
        try:
            seconds = read_whole(text, row.seconds, SHORTEST_S, LONGEST_S)
        except EntryError as error:
            checked.append(replace(row, problem=str(error)))
            continue
        checked.append(replace(row, problem=None))
        if row.shown:
            slots.append(Slot(row.panel, seconds, PeriodKind(row.period)))
    return tuple(checked), tuple(slots)


def mark(settings: Settings) -> str:
    """A text that differs when the playlist does."""
    return ";".join(f"{slot.panel}:{slot.seconds}:{slot.period}" for slot in settings.playlist)


def read_form(seconds: Sequence[Any], keys: Sequence[Mapping[str, Any]], periods: Sequence[Any],
              shown: Sequence[Any], seen: Any) -> Form:  # fmt: skip
    """The form out of what the browser sent; panels and periods that do not exist are left out."""
    rows = [
        Row(str(key["panel"]), str(typed or ""), str(period), bool(on))
        for typed, key, period, on in zip(seconds, keys, periods, shown, strict=True)
        if key["panel"] in words.PANELS and period in set(PeriodKind)
    ]
    return Form(tuple(rows), str(seen))


def answer(deps: Deps, text: Text, who: str, pressed: Any, form: Form) -> list[Component | None]:
    """The form after a button: Save, or the arrow of a panel."""
    if pressed == ids.WALL_SAVE:
        return save(deps, text, who, form)
    by = -1 if pressed["type"] == ids.slot("up", "")["type"] else 1
    return layout.form(text, move(form.rows, str(pressed["panel"]), by), form.seen, None)


def register(app: Dash, deps: Deps) -> None:
    """Wire the arrows, Save, and the length of a round."""
    seconds, shown = ids.slot("seconds", ALL), ids.slot("shown", ALL)

    @app.callback(
        Output(ids.WALL_ROWS, "children"),
        Input(ids.WALL_SAVE, "n_clicks"),
        Input(ids.slot("up", ALL), "n_clicks"),
        Input(ids.slot("down", ALL), "n_clicks"),
        State(seconds, "value"),
        State(seconds, "id"),
        State(ids.slot("period", ALL), "value"),
        State(shown, "value"),
        State(ids.WALL_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_press(_save: Any, _up: Any, _down: Any, *form: Any) -> list[Component | None]:
        return answer(deps, visitor.words(deps), visitor.user().login, visitor.pressed(), read_form(*form))

    @app.callback(Output(ids.WALL_CYCLE, "children"), Input(seconds, "value"), Input(shown, "value"))
    def on_typing(typed: list[str | None], on: list[bool | None]) -> str:
        return layout.cycle(visitor.words(deps), cycle_seconds(typed, on))


def _shown(rows: Sequence[Row]) -> list[bool]:
    return [row.shown for row in rows]


def _refusal(text: Text, old: Settings, rows: Sequence[Row], slots: Sequence[Slot], seen: str) -> str | None:
    wrong = sum(row.problem is not None for row in rows)
    if wrong:
        return text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                       wrong)  # fmt: skip
    if not slots:
        return text.t("Nothing is saved: the wall needs at least one panel.")
    if seen != mark(old):
        return text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
    return None if tuple(slots) != old.playlist else text.t("Nothing to save: nothing has changed.")
