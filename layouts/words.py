"""The names of what Tablo knows: metrics, panels, periods, sources; each a message for the catalogs."""

from __future__ import annotations

from domain.board import SourceState
from domain.connections import SourceKind
from domain.points import POINTS
from domain.settings import PeriodKind
from layouts.text import Text, mark

METRICS = {
    "calls": mark("Calls"),
    "productive_calls": mark("Productive calls"),
    "call_seconds": mark("Talk time"),
    "missed_calls": mark("Missed calls"),
    "emails": mark("Emails"),
    "invoices_issued": mark("Invoices issued"),
    "invoices_issued_amount": mark("Invoices issued, amount"),
    "invoices_paid": mark("Invoices paid"),
    "invoices_paid_amount": mark("Invoices paid, amount"),
    "deals_created": mark("New deals"),
    "deals_won": mark("Won deals"),
    "deals_won_amount": mark("Won deals, amount"),
    "deals_lost": mark("Lost deals"),
    "average_deal": mark("Average deal"),
    "win_rate": mark("Win rate"),
    "meetings": mark("Meetings"),
    "tasks_done": mark("Tasks done"),
    "leads_created": mark("New leads"),
    "offers_sent": mark("Offers sent"),
}
PANELS = {
    "overview": mark("At a glance"),
    "leaderboard": mark("Leaderboard"),
    "phone": mark("On your phone"),
    **METRICS,
}
PERIODS = {
    PeriodKind.DAY: mark("Day"),
    PeriodKind.WEEK: mark("Week"),
    PeriodKind.MONTH: mark("Month"),
    PeriodKind.QUARTER: mark("Quarter"),
    PeriodKind.YEAR: mark("Year"),
}
# Makers' own names, the same in every language.
BRANDS = {"bitrix24": "Bitrix24", "kommo": "Kommo", "odoo": "Odoo", "s2": "S2 CRM", "aspro": "Aspro.Cloud"}


def metric_name(text: Text, key: str) -> str:
    """What people call a metric."""
    return text.t(METRICS[key])


def ranked_name(text: Text, key: str) -> str:
    """What a leaderboard compares: a metric, or points."""
    return text.t("Points") if key == POINTS else metric_name(text, key)


def panel_name(text: Text, key: str) -> str:
    """The title of a panel."""
    return text.t(PANELS[key])


def period_name(text: Text, kind: PeriodKind) -> str:
    """What people call a kind of period."""
    return text.t(PERIODS[kind])


def product_name(text: Text, kind: SourceKind) -> str:
    """A product in the list of what can be connected."""
    return text.t("{product} (beta)", product=kind.label) if kind.beta else kind.label


def source_name(text: Text, source: SourceState) -> str:
    """A connection as people in the room know it: the product, or the name that it was given."""
    if source.kind == "demo":
        return text.t("Demo")
    return BRANDS.get(source.kind, source.name)
