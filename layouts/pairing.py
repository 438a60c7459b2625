"""What a screen shows before it is bound: a code, and where to type it. Readable across a room."""

from __future__ import annotations

from dash import html

from layouts.html import data, write
from layouts.text import Text


def page(text: Text, code: str, address: str, script: str) -> str:
    """The whole document. `address` is where the settings are; `script` asks whether the screen has been bound."""
    body = html.Main(
        [
            html.P("Tablo", className="brand"),
            html.H1(text.t("This screen is not bound yet")),
            html.P(grouped(code), className="code", **data(role="code", code=code)),
            html.P(text.t("Open the settings on a computer or phone, choose Screens, and type this code.")),
            html.P(address, className="address"),
            html.P(text.t("Trying to reach the server …"), className="away"),
        ]
    )
    return (
        f'<!DOCTYPE html><html lang="{text.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Tablo</title><link rel="icon" href="data:,">'
        '<noscript><meta http-equiv="refresh" content="10"></noscript>'
        '<link rel="stylesheet" href="/assets/pairing.css">'
        f"</head><body>{write(body)}<script>{script}</script></body></html>"
    )


def grouped(code: str) -> str:
    """Three and three digits are read out without a mistake."""
    return f"{code[:3]} {code[3:]}"
