"""The e-mails panel."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("emails")
