"""Which button was pressed, when the browser reports several at once."""

from __future__ import annotations

import json
from contextvars import copy_context
from typing import Any

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate

from callbacks.settings import visitor
from layouts import ids


def asked(*changed: tuple[Any, int | None]) -> Any:
    """What `visitor.pressed` says of a request that names these buttons, each with its presses."""
    found = [{"prop_id": f"{_written(id_)}.n_clicks", "value": presses} for id_, presses in changed]

    def ask() -> Any:
        context_value.set(AttributeDict(triggered_inputs=found))
        return visitor.pressed()

    return copy_context().run(ask)


def _written(id_: Any) -> str:
    return id_ if isinstance(id_, str) else json.dumps(id_, sort_keys=True, separators=(",", ":"))


def test_the_button_that_changed_alone_is_the_pressed_one() -> None:
    assert asked((ids.source_do("edit", "office"), 1)) == ids.source_do("edit", "office")
    assert asked((ids.SOURCE_ADD, 2)) == ids.SOURCE_ADD


def test_a_press_is_found_among_buttons_that_were_just_drawn() -> None:
    drawn = [(ids.source_do(action, "office"), None) for action in ("edit", "pause", "remove")]
    assert asked(*drawn[:1], (ids.source_do("reread", "office"), 1), *drawn[1:]) == ids.source_do("reread", "office")


def test_buttons_that_were_just_drawn_are_no_press() -> None:
    with pytest.raises(PreventUpdate):
        asked((ids.source_do("edit", "office"), None), (ids.source_do("pause", "office"), None))
