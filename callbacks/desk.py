"""The desk: every callback of the settings, on the Dash app of routes/desk.py."""

from __future__ import annotations

from dash import Dash

from callbacks.settings import (
    audit,
    calendar,
    celebrations,
    corrections,
    frame,
    links,
    look,
    metrics,
    office,
    people,
    person,
    rates,
    screens,
    sources,
    targets,
    users,
    wall,
)
from deps import Deps


def register(app: Dash, deps: Deps) -> None:
    """Wire the pages, and let the frame be the layout of whoever asks."""
    # A function: a layout that is a tree would be drawn once, and be the same for everybody.
    app.layout = lambda: frame.draw(deps)
    for part in (
        frame,
        audit,
        targets,
        office,
        metrics,
        wall,
        look,
        celebrations,
        corrections,
        screens,
        people,
        person,
        calendar,
        links,
        rates,
        sources,
        users,
    ):
        part.register(app, deps)
