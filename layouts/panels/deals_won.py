"""The panel of won deals."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("deals_won", amount="deals_won_amount", extras=("average_deal",))
