"""The panel of invoices issued."""

from __future__ import annotations

from layouts.panels.metric import panel

PANEL = panel("invoices_issued", amount="invoices_issued_amount")
