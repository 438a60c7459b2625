"""The panel of invoices paid."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("invoices_paid", amount="invoices_paid_amount")
