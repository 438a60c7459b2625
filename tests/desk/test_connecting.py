"""Connecting sources in a real browser: from the form to numbers on the wall, and no secret on the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from domain.settings import PeriodKind
from jobs.house import House
from jobs.poll import poll
from storage import db as store
from storage import sources
from tests.desk.conftest import Desk

pytestmark = pytest.mark.browser

CANARY = "c4nary-53cret-0123456789"


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    place = tmp_path / "sheets"
    place.mkdir()
    (place / "reps.csv").write_text("id,name\n1,Olena\n2,Nikita\n", encoding="utf-8")
    calls = "".join(f"c{n},{1 + n % 2},2026-11-20,45\n" for n in range(5))
    (place / "calls.csv").write_text(f"id,rep_id,date,seconds\n{calls}", encoding="utf-8")
    return place


def house(desk: Desk) -> House:
    deps = desk.office.deps
    return House(deps.db, deps.secrets, deps.config, deps.clock)


def calls_on_the_wall(desk: Desk) -> int:
    board = desk.office.deps.boards.get(PeriodKind.DAY).board
    return int(board.metric("calls").progress.actual or 0)


def test_a_folder_of_sheets_is_tested_connected_and_on_the_wall(desk: Desk, sheets: Path) -> None:
    desk.log_in("root")
    desk.open("sources")
    page = desk.page
    page.get_by_label("Product").select_option("files")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Name", exact=True).fill("office")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.locator(".options .problem", has_text="needs path")).to_be_visible()
    page.get_by_label("path", exact=True).fill(str(sheets))
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.locator(".found")).to_contain_text("5 of 5 rows of calls")
    expect(page.locator(".options .problem", has_text="needs path")).to_have_count(0)
    with store.read(desk.office.deps.db) as conn:
        assert [row.name for row in sources.every(conn)] == ["main"]
    page.get_by_label("Name", exact=True).fill("renamed")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator(".findings .said")).to_have_text("The fields have changed since the test. Test again.")
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("#source-desk .said.good")).to_contain_text("renamed is connected.")
    expect(page.get_by_role("heading", name="renamed")).to_be_visible()
    expect(page.get_by_role("heading", name="main")).to_have_count(0)
    assert poll(house(desk), "renamed") is not None
    assert calls_on_the_wall(desk) == 5
    expect(page.locator(".source-head .state.live")).to_be_visible()
    assert desk.faults == []


def test_options_are_changed_and_a_source_is_removed_after_a_question(desk: Desk, sheets: Path) -> None:
    with store.write(desk.office.deps.db) as conn:
        options = {"path": str(sheets)}
        sources.add(conn, desk.office.deps.secrets, "office", "files", options, "test", desk.office.clock.now)
    desk.log_in("root")
    desk.open("sources")
    page = desk.page
    page.get_by_role("button", name="Options and test office").click()
    expect(page.get_by_label("path", exact=True)).to_have_value(str(sheets))
    page.get_by_text("More options").click()
    page.get_by_label("decimal", exact=True).fill("comma")
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_role("button", name="Save these options").click()
    expect(page.locator("#source-desk .said.good")).to_contain_text("Saved.")
    page.get_by_role("button", name="Pause office").click()
    expect(page.locator(".state.paused")).to_be_visible()
    page.get_by_role("button", name="Remove office").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.locator("#source-desk .said.good")).to_have_text("office is removed.")
    expect(page.get_by_role("heading", name="office")).to_have_count(0)
    assert desk.faults == []


def test_a_secret_is_typed_once_and_never_sent_to_the_browser_again(desk: Desk) -> None:
    with store.write(desk.office.deps.db) as conn:
        options = {"base_url": "https://example.kommo.com", "token": CANARY}
        sources.add(conn, desk.office.deps.secrets, "crm", "kommo", options, "test", desk.office.clock.now)
    desk.log_in("root")
    desk.open("sources")
    page = desk.page
    page.get_by_role("button", name="Options and test crm").click()
    token = page.get_by_label("token", exact=True)
    expect(token).to_have_value("")
    expect(token).to_have_attribute("type", "password")
    assert CANARY not in page.content()
    page.get_by_role("button", name="New address for events crm").click()
    shown = page.locator(".address").inner_text()
    assert shown.startswith(f"{desk.address}/api/v1/hooks/")
    page.reload()
    page.wait_for_selector(".page h1")
    desk.settle()
    assert shown.rpartition("/")[2] not in page.content()
    assert desk.faults == []
