"""Every page of the menu by keyboard alone, in every language and both looks, and what axe-core says of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from storage import db as store
from storage import invitations, links
from tests.desk.conftest import Desk
from tests.desk.judging import judge
from tests.desk.office import NOW, PASSWORD

pytestmark = pytest.mark.browser

# All that the Tab key has to reach in a page.
CONTROLS = """[...document.querySelectorAll("main :is(a[href],button,input,select,textarea,[tabindex])")].filter(
  each => !each.disabled && each.tabIndex >= 0 && each.checkVisibility({visibilityProperty: true}))"""
# Notes what has had the focus, and where it could not be seen. The browser draws it inside of players and frames.
WATCH = """document.addEventListener("focusin", event => {
  const here = event.target;
  here.dataset.reached = "1";
  if (!["IFRAME", "AUDIO"].includes(here.tagName) && getComputedStyle(here).outlineStyle === "none") {
    window.unseen = [...(window.unseen || []), here.outerHTML.slice(0, 160)];
  }
})"""
MOST_STEPS, AT_ONCE = 600, 10


def go(page: Page, address: str) -> None:
    """Tab on to a link and follow it."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == address:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"The Tab key does not lead to {address}.")


def walk(page: Page) -> None:
    """Tab through the page: everything is reached, and it is seen where one is."""
    left: list[str] = []
    for _ in range(MOST_STEPS // AT_ONCE):
        for _ in range(AT_ONCE):
            page.keyboard.press("Tab")
        left = page.evaluate(f"() => {CONTROLS}.filter(each => !each.dataset.reached).map(each => each.outerHTML)")
        if not left:
            break
    assert left == []
    assert page.evaluate("window.unseen || []") == []


@pytest.mark.parametrize(
    ("language", "who", "scheme"),
    [
        ("uk", "root", "dark"),
        pytest.param("en", "lead", "light", marks=pytest.mark.long),
        pytest.param("ru", "root", "light", marks=pytest.mark.long),
    ],
)
def test_every_page_is_walked_through_by_keyboard_and_has_no_serious_fault(
    desk: Desk, language: str, who: str, scheme: Any
) -> None:
    desk.speak(language)
    page = desk.page
    page.add_init_script(WATCH)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{desk.address}/login")
    assert judge(page) == []
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(who)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".page h1")).to_be_visible()
    menu = [str(link.get_attribute("href")) for link in page.locator("#desk-nav a").all()]
    assert len(menu) > 9
    for address in (*menu, "/settings/account"):
        go(page, address)
        expect(page).to_have_url(f"{desk.address}{address}")
        expect(page.locator(".page h1")).to_be_visible()
        desk.settle()
        assert judge(page) == [], address
        walk(page)
    assert page.locator("html").get_attribute("lang") == language
    assert desk.faults == []


def test_a_search_and_a_download_need_no_mouse(desk: Desk) -> None:
    desk.log_in("root")
    desk.open("audit")
    page = desk.page
    page.get_by_label("Words").focus()
    page.keyboard.type("target")
    page.keyboard.press("Enter")
    expect(page.locator(".audit tbody tr")).to_have_count(1)
    assert "text=target" in page.url
    page.get_by_role("button", name="Download as CSV").focus()
    with page.expect_download() as waited:
        page.keyboard.press("Enter")
    lines = Path(waited.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2026-11-17 14:26:00+02:00,lead,Target,Calls")
    assert desk.faults == []


def test_the_doors_have_no_serious_fault(desk: Desk) -> None:
    with store.write(desk.office.deps.db) as conn:
        secret = invitations.invite(conn, "olena", "team_lead", None, "root", NOW)
        link = links.renew(conn, "main:1", "root", NOW)
    page = desk.page
    for address in (f"/invited/{secret}", "/invited/none", f"/me/{link}", "/me"):
        page.goto(f"{desk.address}{address}")
        assert judge(page) == [], address
    desk.log_in("root")
    for address in ("/second-step", "/password"):
        page.goto(f"{desk.address}{address}")
        assert judge(page) == [], address
    assert [each for each in desk.faults if "404" not in each] == []


def test_a_file_that_is_too_large_is_told_and_not_sent(desk: Desk, tmp_path: Path) -> None:
    large, small = tmp_path / "large.mp3", tmp_path / "small.mp3"
    large.write_bytes(b"ID3" + bytes(2 * 1024 * 1024))
    small.write_bytes(b"ID3" + bytes(1024 * 1024))
    desk.log_in()
    desk.open("celebrations")
    page = desk.page
    page.set_input_files("#party-upload input[type=file]", large)
    expect(page.get_by_text("This file is too large")).to_be_visible()
    desk.settle()
    expect(page.locator(".said")).to_have_count(0)
    page.set_input_files("#party-upload input[type=file]", small)
    expect(page.get_by_text("This is no WAV, MP3 or OGG of 1 MB at most.")).to_be_visible()
    expect(page.get_by_text("This file is too large")).to_be_hidden()
    assert desk.faults == []
