"""Every panel of the wall, one line each."""

from __future__ import annotations

from typing import Any

from layouts.panels import (
    calls,
    deals_created,
    deals_won,
    emails,
    invoices_issued,
    invoices_paid,
    leaderboard,
    overview,
)
from layouts.panels.panel import Panel

# Each panel has a view of its own kind, which nobody but the panel looks into.
PANELS: dict[str, Panel[Any]] = {
    panel.key: panel
    for panel in (
        overview.PANEL,
        calls.PANEL,
        emails.PANEL,
        invoices_issued.PANEL,
        invoices_paid.PANEL,
        deals_created.PANEL,
        deals_won.PANEL,
        leaderboard.PANEL,
    )
}
