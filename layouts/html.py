"""Writes a tree of Dash's html components as HTML text; everything that came from people is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from typing import Any

from dash import dcc
from dash.development.base_component import Component

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
# React's names for attributes that HTML spells otherwise; every other name only loses its capitals.
_NAMES = {"className": "class", "htmlFor": "for"}
# What only Dash reads, and what it keeps beside the properties that were given.
_OURS = frozenset(
    ("children", "key", "n_clicks", "n_clicks_timestamp", "disable_n_clicks",
     "available_properties", "available_wildcard_properties")
)  # fmt: skip
_ALSO = frozenset((dcc.Input,))

Tree = Component | str | int | float | list[Any] | tuple[Any, ...] | None


def write(tree: Tree) -> str:
    """The tree as HTML. Raises ValueError for a component that is no plain HTML, or a style that is no `--property`."""
    return "".join(_pieces(tree))


def data(**values: object) -> dict[str, Any]:
    """Keyword arguments for `data-…` attributes: `data(slot="calls")` gives `data-slot`."""
    return {f"data-{name.replace('_', '-')}": value for name, value in values.items()}


def aria(**values: object) -> dict[str, Any]:
    """The same for `aria-…` attributes."""
    return {f"aria-{name}": value for name, value in values.items()}


def _pieces(tree: Tree) -> Iterator[str]:
    if tree is None:
        return
    if isinstance(tree, list | tuple):
        for part in tree:
            yield from _pieces(part)
    elif isinstance(tree, Component):
        yield from _element(tree)
    else:
        yield escape(str(tree))


def _element(component: Component) -> Iterator[str]:
    # Dash's own way to the properties tries each of the hundred that an element may have.
    tag, props = _tag(type(component)), vars(component)
    yield f"<{tag}{''.join(_attributes(props))}>"
    if tag not in _VOID:
        yield from _pieces(props.get("children"))
        yield f"</{tag}>"


@cache
def _tag(kind: type[Component]) -> str:
    """The tag of an html component; dcc.Input counts as one, since Dash has no other `<input>`."""
    if kind.__module__.startswith("dash.html.") or kind in _ALSO:
        return kind.__name__.lower()
    raise ValueError(f"{kind.__module__} is no plain HTML.")


def _attributes(props: Mapping[str, Any]) -> Iterator[str]:
    # Dash hands properties over in no certain order, and the same tree must give the same bytes.
    for name, value in sorted(props.items()):
        if name in _OURS or name.startswith("_") or value is None or value is False:
            continue
        written = _NAMES.get(name) or name.lower()
        if value is True and not name.startswith(("aria-", "data-")):
            yield f" {written}"
        else:
            yield f' {written}="{escape(_style(value) if name == "style" else _plain(value))}"'


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _style(value: Mapping[str, object]) -> str:
    """Custom properties only: what they do is written in the CSS."""
    for name, given in value.items():
        if not name.startswith("--") or any(sign in str(given) for sign in ";{}<>\"'\\"):
            raise ValueError(f"style may only set custom properties to plain values, not {name}: {given}")
    return ";".join(f"{name}:{given}" for name, given in value.items())
