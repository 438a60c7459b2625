"""Tools of the targets page in a real browser: filled in, split by weights, undone, taken out of the history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import Desk
from tests.desk.judging import judge

pytestmark = pytest.mark.browser

OLENA, NIKITA = "Олена Коваль", "Nikita Orlov"


def test_a_team_is_split_saved_undone_and_a_value_taken_from_the_history(desk: Desk) -> None:
    desk.log_in()
    desk.open("targets")
    page, olena, nikita = desk.page, desk.cell(OLENA, "Calls"), desk.cell(NIKITA, "Calls")
    desk.office.clock.turn(timedelta(minutes=5))
    desk.cell("North", "Calls").fill("300")
    page.get_by_text("Fill in many at once").click()
    page.locator("#targets-do").select_option("Split by own weights")
    page.get_by_label(f"{OLENA}, Weight").fill("2")
    page.get_by_role("button", name="Fill in").click()
    expect(page.locator(".tools .said.good")).to_contain_text("Filled in 2 cells.")
    expect(olena).to_have_value("200")
    expect(nikita).to_have_value("100")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.locator("#targets-grid table").evaluate("table => table.classList.add('drawn-once')")
    nikita.fill("many")
    nikita.press("Control+s")
    expect(page.locator("#targets-form .said")).to_contain_text("Nothing is saved: 1 cell cannot be read.")
    expect(page.locator("#targets-grid .problem")).to_have_count(1)
    expect(nikita).to_have_attribute("aria-invalid", "true")
    nikita.fill("100")
    nikita.press("Control+s")
    expect(page.locator("#targets-form .said.good")).to_contain_text("Saved 3 targets")
    expect(page.locator("#targets-grid :is(.problem, .changed, [aria-invalid])")).to_have_count(0)
    expect(page.locator(".about")).to_contain_text("Set by lead")
    expect(nikita).to_be_focused()
    page.get_by_role("button", name="Undo my last save").click()
    expect(page.locator("#targets-form .said.good")).to_contain_text("Undone")
    expect(olena).to_have_value("400")
    expect(nikita).to_have_value("")
    expect(page.locator("#targets-grid table.drawn-once")).to_be_visible()
    olena.focus()
    expect(page.locator(".about")).to_contain_text("Set by lead")
    olena.press("F2")
    expect(page.get_by_role("heading", name=OLENA)).to_be_focused()
    assert judge(page) == []
    page.get_by_role("button", name="Take 200").click()
    expect(olena).to_have_value("200")
    expect(olena).to_be_focused()
    nikita.fill("50")
    nikita.press("Control+d")
    expect(olena).to_have_value("50")
    page.get_by_text("Import and export").click()
    plan = b"metric,who,period,since,until,value\ncalls,3,month,2026-11-01,,90\n"
    page.locator("#targets-upload input").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": plan})
    record = page.get_by_role("button", name="Record this 1 change")
    expect(record).to_be_visible()
    assert judge(page) == []
    record.click()
    expect(page.get_by_text("Recorded 1 target.")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Keep all as CSV").click()
    assert kept.value.suggested_filename == "targets-2026-11-20.csv"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Show them in the table").click()
    expect(desk.cell("Dasha Lewis", "Calls")).to_have_value("90")
    assert desk.faults == []
