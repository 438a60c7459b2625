"""Every panel of the wall, one line each."""

from __future__ import annotations

from typing import Any

from domain.metrics import METRICS
from layouts.panels import (
    calls,
    deals_created,
    deals_won,
    emails,
    invoices_issued,
    invoices_paid,
    leaderboard,
    metric,
    overview,
    phone,
)
from layouts.panels.panel import Panel

# Metrics with a panel file, which says what stands beside their big figure; every other has a plain panel.
_OWN = ("calls", "emails", "invoices_issued", "invoices_paid", "deals_created", "deals_won")
# Each panel has a view of its own kind, which nobody but the panel looks into.
_ALL: tuple[Panel[Any], ...] = (
    overview.PANEL,
    calls.PANEL,
    emails.PANEL,
    invoices_issued.PANEL,
    invoices_paid.PANEL,
    deals_created.PANEL,
    deals_won.PANEL,
    leaderboard.PANEL,
    phone.PANEL,
    *(metric.panel(key) for key in METRICS if key not in _OWN),
)
PANELS: dict[str, Panel[Any]] = {panel.key: panel for panel in _ALL}
