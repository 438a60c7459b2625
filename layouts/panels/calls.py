"""The calls panel."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("calls", extras=("productive_calls", "call_seconds"))
