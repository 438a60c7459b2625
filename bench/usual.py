"""The usual live page in Dash, to compare the wall with: a `dcc.Interval` of two seconds, a figure and a `dcc.Graph`.

    python -m bench.usual PORT FILE

FILE is an SQLite database with a table `calls` of twelve managers; the page shows their sum and a bar for each.
"""

from __future__ import annotations

import sqlite3
import sys

import waitress
from dash import Dash, Input, Output, dcc, html
from plotly.graph_objects import Bar, Figure

MANAGERS = 12
# Beside it a page that no other can be quicker than: a heading, and nothing else at all.
BARE = "bare"
_HEADING = '<!DOCTYPE html><html lang="en"><title>bare</title><h1 id="figure">1200</h1></html>'
_EVERY_MS = 2000
_THREADS = 16


def prepare(file: str) -> None:
    """A new database with the same hundred calls for everybody."""
    with sqlite3.connect(file) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("CREATE TABLE calls (manager TEXT PRIMARY KEY, count INTEGER)")
        conn.executemany("INSERT INTO calls VALUES (?, 100)", [(f"Manager {each}",) for each in range(MANAGERS)])
    conn.close()


def add_call(file: str) -> None:
    """One call more."""
    with sqlite3.connect(file) as conn:
        conn.execute("UPDATE calls SET count = count + 1 WHERE manager = 'Manager 3'")
    conn.close()


def page(file: str) -> Dash:
    """The application, as the first chapters of most tutorials have it."""
    # Not with the scripts and styles of the folder in which it is started, which are Tablo's.
    app = Dash("usual", include_assets_files=False)
    app.layout = html.Div(
        [html.H1(id="figure"), dcc.Graph(id="bars"), dcc.Interval(id="tick", interval=_EVERY_MS)], id="usual"
    )

    app.server.add_url_rule(f"/{BARE}", view_func=lambda: _HEADING)

    @app.callback(Output("figure", "children"), Output("bars", "figure"), Input("tick", "n_intervals"))
    def show(_: int | None) -> tuple[str, Figure]:
        conn = sqlite3.connect(file)
        rows = conn.execute("SELECT manager, count FROM calls").fetchall()
        conn.close()
        bars = Bar(x=[count for _, count in rows], y=[manager for manager, _ in rows], orientation="h")
        return str(sum(count for _, count in rows)), Figure(bars)

    return app


if __name__ == "__main__":
    waitress.serve(page(sys.argv[2]).server, host="127.0.0.1", port=int(sys.argv[1]), threads=_THREADS)
