"""The models that Tablo reads, and the fields of each that it wants; an Odoo without one of them is read without it."""

from __future__ import annotations

from collections.abc import Mapping

LEAD, MOVE, ACTIVITY, MESSAGE, ORDER = "crm.lead", "account.move", "mail.activity", "mail.message", "sale.order"
TRACKING, TYPE = "mail.tracking.value", "mail.activity.type"
PARTIAL, LINE, PAYMENT = "account.partial.reconcile", "account.move.line", "account.payment"
WANTED: Mapping[str, tuple[str, ...]] = {
    LEAD: (
        *("name", "type", "active", "user_id", "team_id", "stage_id", "won_status", "probability", "expected_revenue"),
        *("company_currency", "company_id", "partner_id", "create_date", "date_conversion", "date_closed"),
        *("date_last_stage_update", "lost_reason_id", "activity_date_deadline", "write_date", "write_uid"),
    ),
    MOVE: (
        *("name", "move_type", "state", "payment_state", "invoice_date", "invoice_user_id", "partner_id"),
        *("currency_id", "company_id", "amount_total", "amount_residual", "write_date", "write_uid"),
    ),
    ACTIVITY: (
        *("activity_type_id", "activity_category", "user_id", "active", "date_done", "res_model", "res_id"),
        "write_date",
    ),
    MESSAGE: ("date", "author_id", "mail_activity_type_id", "res_id"),
    ORDER: ("name", "state", "user_id", "partner_id", "currency_id", "company_id", "amount_total", "write_date"),
    # Called `field` up to version 16.
    TRACKING: ("field_id", "field"),
    TYPE: ("name", "category", "keep_done"),
}
APPLICATION = {LEAD: "CRM", MOVE: "Invoicing", ACTIVITY: "Discuss", MESSAGE: "Discuss", ORDER: "Sales"}
