"""Looking at a tree of components as a reader would."""

from __future__ import annotations

import json
from typing import Any, cast

from dash.development.base_component import Component

Tree = Component | list[Component | None]
# What the script needs and nobody reads.
_UNREAD = frozenset(("find", "href", "action", "key", "into", "look", "kind", "marks"))


def parts(tree: Tree) -> list[Any]:
    """Every component in it, from the top down."""
    found: list[Any] = []
    for each in tree if isinstance(tree, list) else [tree]:
        if isinstance(each, Component):
            found += [each, *cast(Any, each)._traverse()]
    return found


def words(tree: Tree) -> str:
    """All that can be read in it."""
    said = []
    for part in parts(tree):
        if isinstance(part, str):
            said.append(part)
        elif hasattr(part, "data-drawn"):
            said += _drawn(json.loads(getattr(part, "data-drawn")))
        elif isinstance(getattr(part, "children", None), str):
            said.append(part.children)
        elif isinstance(getattr(part, "label", None), str):
            said.append(part.label)
    return " | ".join(dict.fromkeys(said))


def _drawn(given: Any) -> list[str]:
    """Every text in what the script draws."""
    if isinstance(given, dict):
        return [text for key, each in given.items() if key not in _UNREAD for text in _drawn(each)]
    if isinstance(given, list):
        return [text for each in given for text in _drawn(each)]
    return [given] if isinstance(given, str) and given else []


def values(tree: Tree) -> dict[str, Any]:
    """Every control's value by its id."""
    return {str(part.id): part.value for part in parts(tree) if hasattr(part, "id") and hasattr(part, "value")}


def classed(tree: Tree, name: str) -> list[str]:
    """What stands in the elements of a class."""
    return [words(part) for part in parts(tree) if name in str(getattr(part, "className", "")).split()]
