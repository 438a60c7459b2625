"""The panel of new deals."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("deals_created")
