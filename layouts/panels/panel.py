"""What a panel is: a view made from the board, the drawing of that view, and the figure of its chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dash.development.base_component import Component

from domain.board import Board
from domain.settings import Slot
from layouts.text import Text

View = TypeVar("View")
# A Plotly figure as JSON: data without colours and sizes, which the screen takes from its CSS.
Figure = dict[str, Any]


def no_figure(view: object) -> Figure | None:
    """For a panel that has no chart."""
    return None


def never(board: Board) -> bool:
    """For a panel that always has something to show."""
    return False


@dataclass(frozen=True, slots=True)
class Panel(Generic[View]):
    """One panel of the wall. `view` decides what is said, `render` only draws it; `empty` = nothing to show."""

    key: str
    view: Callable[[Board, Slot, Text], View]
    render: Callable[[View], Component]
    figure: Callable[[View], Figure | None] = no_figure
    empty: Callable[[Board], bool] = never
