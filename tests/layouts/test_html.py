"""The HTML writer escapes everything and refuses what is no plain HTML."""

from __future__ import annotations

import pytest
from dash import dcc, html

from layouts.html import data, write


def test_text_and_attributes_are_escaped() -> None:
    tree = html.B("<script>alert('x')</script>", title='"><img>')
    assert write(tree) == ('<b title="&quot;&gt;&lt;img&gt;">&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;</b>')


def test_attributes_are_spelt_as_html_spells_them() -> None:
    tree = html.Label(["a", html.Br(), 2], htmlFor="x", className="y", hidden=True, **data(big_one=1, on=True))
    assert write([tree, None, ("b",)]) == (
        '<label class="y" data-big-one="1" data-on="true" hidden for="x">a<br>2</label>b'
    )


def test_a_style_sets_custom_properties_and_nothing_else() -> None:
    assert write(html.I(style={"--a": ".82"})) == '<i style="--a:.82"></i>'
    for style in ({"color": "red"}, {"--a": "1;color:red"}):
        with pytest.raises(ValueError, match="custom properties"):
            write(html.I(style=style))


def test_an_input_is_html_and_a_graph_is_not() -> None:
    assert write(dcc.Input(name="code", type="text", autoComplete="off")) == (
        '<input autocomplete="off" name="code" type="text">'
    )
    with pytest.raises(ValueError, match="Graph is no plain HTML"):
        write(dcc.Graph())
