"""A team lead says what counts: points, a hidden metric, a rate of the office's own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from domain.facts import Rate
from storage import db as store
from storage import rates
from tests.desk.conftest import Desk


def test_a_lead_ranks_by_points_hides_a_metric_and_gives_a_rate(desk: Desk) -> None:
    page, deps = desk.page, desk.office.deps
    desk.log_in()
    desk.open("metrics")
    page.get_by_label("Compares").select_option("points")
    page.get_by_label("Emails", exact=True).uncheck()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#metrics-form .said.bad")).to_have_text("Nothing is saved: 1 field cannot be read.")
    expect(page.locator(".problem")).to_have_text("Give points to at least one metric in the table")
    # What was typed is still there.
    expect(page.get_by_label("Emails", exact=True)).not_to_be_checked()
    page.get_by_label("Points for Won deals", exact=True).fill("50")
    page.get_by_label("Points for Calls", exact=True).fill("1,5")
    desk.settle()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#metrics-form .said.good")).to_be_visible()
    assert deps.settings().rank_points == (("calls", Decimal("1.5")), ("deals_won", Decimal(50)))
    assert deps.settings().metrics_hidden == {"emails"}

    desk.open("wall")
    expect(page.locator("#wall-panel option[value=calls]")).to_have_count(1)
    expect(page.locator("#wall-panel option[value=emails]")).to_have_count(0)
    expect(page.get_by_text("The metric is hidden: see Metrics")).to_have_count(1)
    ranked = page.locator("li.slot", has_text="Leaderboard").get_by_label("Ranked by")
    assert "Points" in ranked.locator("option").all_inner_texts()

    desk.open("rates")
    page.get_by_label("Currency", exact=True).fill("eur")
    page.get_by_label("One unit is worth, in UAH").fill("48,5")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#rates-all .said.good")).to_contain_text("1 EUR = 48.5 UAH")
    with store.read(deps.db) as conn:
        assert rates.own(conn) == [Rate("EUR", "UAH", date(2026, 11, 20), Decimal("48.5"))]
    desk.settle()
    page.get_by_role("button", name="Remove EUR").click()
    expect(page.get_by_text("None yet: the rates of the sources hold.")).to_be_visible()
    page.get_by_text("History", exact=True).click()
    expect(page.get_by_role("rowheader", name="EUR/UAH")).to_have_count(2)
    assert desk.faults == []
