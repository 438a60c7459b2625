"""A figure in a real browser: from the table to its records, its plan, its days, and what changed afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import expect

from domain.facts import Batch, Change, Fact, Kind
from storage import facts
from tests.desk.conftest import Desk
from tests.desk.office import NOW, Office


def sell(office: Office, revision: int, amount: int, live: bool) -> None:
    """Eighty deals of Olena's, one every two hours back from now."""
    changes = [
        Change(
            f"deal:{n}",
            (Fact(Kind.DEAL_WON, NOW - timedelta(hours=2 * n), "1", amount=Decimal(amount), currency="UAH",
                  title=f"Deal {n}"),),
            revision,
            url=f"https://crm.example/deal/{n}",
        )
        for n in range(80)
    ]  # fmt: skip
    batch = Batch(changes, "c", NOW)
    facts.apply(office.deps.db, 1, batch, settings=office.deps.settings(), live_at=NOW if live else None)


def test_a_figure_is_followed_down_to_its_records_and_its_corrections(desk: Desk) -> None:
    sell(desk.office, 1, 100, live=False)
    sell(desk.office, 2, 90, live=True)
    page = desk.page
    desk.log_in()
    desk.open("numbers?period=month&day=2026-11-20")
    page.get_by_role("link", name=re.compile("^Company, Won deals, amount")).press("Enter")
    expect(page.locator("h1")).to_have_text("Won deals, amount · Company")
    total = page.locator("[data-role=actual]")
    expect(total).to_have_text("₴7,200")
    expect(page.locator("[data-role=sum]")).to_have_text("₴7,200")
    page.get_by_role("link", name="Show older ones").click()
    expect(page.get_by_role("link", name="Deal 79")).to_be_visible()
    expect(page.locator("[data-role=sum]")).to_have_text("₴7,200")
    outwards = page.get_by_role("link", name="Deal 79")
    assert outwards.get_attribute("rel") == "noopener noreferrer"
    page.get_by_role("link", name="All numbers").click()
    page.get_by_role("link", name=re.compile("^Олена Коваль, Calls")).click()
    expect(page.locator("[data-role=target]")).to_have_text("400")
    expect(page.locator("[data-role=target-sum]")).to_have_text("400")
    expected = page.locator("[data-role=expected]").inner_text()
    expect(page.locator("[data-role=expected-sum]")).to_have_text(expected)
    page.get_by_role("link", name="What changed afterwards").click()
    expect(page.locator("h1")).to_have_text("Corrections")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("₴90")
    desk.settle()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "tablo-corrections.csv"
    page.get_by_label("What").select_option("deleted")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No correction fits the search.")).to_be_visible()
    assert desk.faults == []


def test_on_a_phone_nothing_sticks_out(desk: Desk) -> None:
    sell(desk.office, 1, 100, live=False)
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.log_in()
    figure = "numbers?period=month&day=2026-11-20&metric=deals_won_amount&scope=rep&key=main:1"
    for place in ("numbers?period=month&day=2026-11-20", figure, "corrections"):
        desk.open(place)
        width = desk.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, place
    assert desk.faults == []
