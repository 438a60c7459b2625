"""Wiring: every id that a callback names is on a page, every id that a page has for one is used, and all are ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from dash import Dash
from dash.development.base_component import Component
from flask import Flask

from callbacks import desk as desk_callbacks
from callbacks.settings import people
from callbacks.settings.frame import PAGES, PERSONAL
from callbacks.settings.visitor import Seat
from layouts import ids
from layouts.settings import frame
from layouts.text import LANGUAGES, Text
from routes import desk, guard
from storage import db as store
from storage import users
from tests.desk.office import NOW, Office, furnish

# Buttons beside things that an office may have none of.
ON_DEMAND = {"team-remove:key", "link-end:key", "login-remove-now:name", "login-code-off:name", "login-withdraw:name",
             "screen-do:action,number", "screen-field:name,number", "screen-facts:number", "sound-remove:number",
             "rate-remove:currency,day",
             *(f"person-{part}:key" for part in ("separate", "join", "pair")),
             *(f"source-{part}" for part in (
    "do:about,action", "test:about,mode", "field:name", "problem:name", "proof:about", "findings",
))}  # fmt: skip
# On the page for the eye, the style sheet, the script or a plain form alone.
NOT_WIRED = {ids.NAV, ids.SEEK, "calendar-grid", "person-zones", "audit-field:name", "correction-field:name",
             "office-zones", "office-currencies", "rate-currencies"}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


def wired(office: Office) -> Dash:
    server = Flask("wiring", static_folder=None)
    guard.register(server, office.deps)
    app = desk.register(server, office.deps)
    desk_callbacks.register(app, office.deps)
    return app


def general(key: Any) -> str:
    """An id, or its pattern: `{"type": "target", …}` with its other parts left open."""
    key = json.loads(key) if isinstance(key, str) and key.startswith("{") else key
    return key if isinstance(key, str) else f"{key['type']}:{','.join(sorted(set(key) - {'type'}))}"


def pages(office: Office, text: Text) -> Iterator[Component]:
    yield from (page(office.deps, text, None) for page in PAGES.values())
    yield from (page(office.deps, text, None, root(office)) for page in PERSONAL.values())
    yield people.page(office.deps, text, "?who=main:1")


def root(office: Office) -> Seat:
    """An administrator, who has a session here and another one elsewhere."""
    with store.write(office.deps.db) as conn:
        user = next(each for each in users.every(conn) if each.login == "root")
        users.begin(conn, user, "elsewhere", NOW, timedelta(hours=1))
        cookie = users.begin(conn, user, "here", NOW, timedelta(hours=1))
        found = users.look_up(conn, cookie, NOW, {})
    assert found
    return Seat(user, found.id)


def on_pages(office: Office, text: Text) -> Iterator[str]:
    trees = [frame.frame(text, "root", admin=True, whole=True), *pages(office, text)]
    for tree in cast(list[Any], trees):
        for component in (tree, *(each for each in tree._traverse() if isinstance(each, Component))):
            if getattr(component, "id", None):
                yield general(component.id)


def in_callbacks(app: Dash) -> Iterator[str]:
    for output, callback in app.callback_map.items():
        yield general(guard.first_output(output))
        yield from (general(each["id"]) for each in (*callback["inputs"], *callback["state"]))


def test_what_callbacks_name_is_there_and_what_is_there_is_named(office: Office) -> None:
    used, there = set(in_callbacks(wired(office))), set(on_pages(office, Text("en")))
    assert used - ON_DEMAND == there - ON_DEMAND - NOT_WIRED


def test_every_callback_writes_to_one_component(office: Office) -> None:
    assert [output for output in wired(office).callback_map if output.startswith("..")] == []


def test_every_page_of_the_menu_can_be_drawn(office: Office) -> None:
    assert set(PAGES) | set(PERSONAL) == set(ids.PAGES) == set(frame.TITLES) | {"account"}
    assert not set(PAGES) & set(PERSONAL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_drawn_in_every_language(office: Office, language: str) -> None:
    text = Text(language)
    search = "?period=week&day=2026-11-20&metrics=all"
    for page in PAGES.values():
        assert isinstance(page(office.deps, text, search), Component)
    for personal in PERSONAL.values():
        assert isinstance(personal(office.deps, text, search, root(office)), Component)
