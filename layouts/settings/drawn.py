"""Long lists as one attribute, which the desk's script draws: hundreds of rows of components would take seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.html import data


@dataclass(frozen=True, slots=True)
class Act:
    """A button of a row. `spoken` tells whose it is; a press puts `action` and `key` into the store `into`."""

    words: str
    spoken: str
    action: str
    key: str
    into: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, which may lead to an address of ours, with smaller ones below it; or buttons."""

    text: str = ""
    href: str = ""
    small: Sequence[str] = ()
    acts: Sequence[Act] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row and what it is found by."""

    cells: Sequence[Cell]
    find: str


def table(heads: Sequence[str], rows: Sequence[Row]) -> Component:
    """A list with several facts a row."""
    lines = [{"find": row.find.casefold(), "cells": [_cell(each) for each in row.cells]} for row in rows]
    return place({"heads": [{"text": each} for each in heads], "rows": lines})


def place(given: Mapping[str, object], name: str = "") -> Component:
    """Where the script draws; `name` is an id for the eye and the tests."""
    more: dict[str, Any] = {"id": name} if name else {}
    return html.Div(className="scroll", **more, **data(drawn=json.dumps(given, ensure_ascii=False)))


def pressed(sent: object) -> tuple[str, str]:
    """Action and key of a press, out of what the browser sent."""
    given = sent if isinstance(sent, dict) else {}
    return str(given.get("action") or ""), str(given.get("key") or "")


def _cell(each: Cell) -> dict[str, object]:
    acts = [
        {"words": act.words, "spoken": act.spoken, "action": act.action, "key": act.key, "into": act.into}
        for act in each.acts
    ]
    full = {"text": each.text, "href": each.href, "small": list(each.small), "acts": acts}
    return {name: value for name, value in full.items() if value}
