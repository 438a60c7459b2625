"""What a screen shows when its page could not be made: it asks again by itself, where scripts run and where not."""

from __future__ import annotations

from dash import html

from layouts.html import write
from layouts.text import Text
from layouts.wall import TITLE


def page(text: Text, styles: str, script: str, seconds: int) -> str:
    """The whole document. `script` asks for the page; without scripts it is loaded anew after so many seconds."""
    said = html.P(text.t("The wall cannot be shown just now. It comes back by itself."))
    body = html.Main([html.P("Tablo", className="brand"), said])
    return (
        f'<!DOCTYPE html><html lang="{text.locale.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{TITLE}</title><link rel="icon" href="data:,">'
        f'<noscript><meta http-equiv="refresh" content="{seconds}"></noscript><style>{styles}</style></head>'
        f"<body>{write(body)}<script>{script}</script></body></html>"
    )
