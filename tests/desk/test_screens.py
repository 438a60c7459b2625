"""A TV and a desk side by side: bound, given a playlist and a language, told what to do, ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from domain.settings import PeriodKind, Slot
from storage import db as store
from storage import playlists
from tests.desk.conftest import DESKTOP, Desk, serving
from tests.desk.judging import judge
from tests.desk.office import NOW, furnish

pytestmark = pytest.mark.browser

# Each stays until it is told to go.
LONG = 600
HALL = (Slot("overview", LONG), Slot("emails", LONG, start=time(9), end=time(14, 30)), Slot("calls", LONG))


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    """The whole program, for many machines; at 14:26."""
    office = furnish(tmp_path, host="0.0.0.0")
    with store.write(office.deps.db) as conn:
        playlists.add(conn, "Hall", HALL, "test", NOW)
    with serving(create_app(office.deps)) as address:
        context = chromium.new_context(viewport=DESKTOP)
        page, faults = context.new_page(), list[str]()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield Desk(office, address, page, faults)
        context.close()


@pytest.fixture
def tv(desk: Desk, chromium: Browser) -> Iterator[Page]:
    """A television in the hall."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: desk.faults.append(str(error)))
    page.goto(desk.address)
    yield page
    context.close()


def test_a_tv_is_bound_shows_its_own_playlist_obeys_and_is_ended(desk: Desk, tv: Page) -> None:
    code = tv.locator("[data-role=code]").inner_text()
    assert judge(tv) == []
    desk.log_in()
    desk.open("screens")
    page = desk.page
    page.get_by_label("Code on the screen").fill(code)
    page.get_by_label("Name").fill("TV in the hall")
    page.get_by_role("button", name="Bind").click()
    expect(page.locator(".said.good")).to_contain_text("TV in the hall is bound")
    expect(tv.locator("#wall .panel")).to_have_count(8)

    card = page.locator(".screen")
    card.get_by_label("Playlist").select_option(label="Hall")
    card.get_by_label("Language").select_option(label="Українська")
    card.get_by_role("button", name="Save").click()
    expect(page.locator(".said.good")).to_contain_text("Saved.")
    expect(tv.locator("html")).to_have_attribute("lang", "uk")
    expect(tv.locator("#wall .panel")).to_have_count(3)
    expect(tv.locator("#wall")).to_have_attribute("data-panel", "overview")

    tv.evaluate("window.stayed = true")
    desk.office.clock.turn(timedelta(minutes=4))
    expect(tv.locator("#wall .panel")).to_have_count(2)

    card.get_by_label("Name").fill("TV in the kitchen")
    choice = card.get_by_label("Show this panel now")
    choice.select_option(label="Emails · Day")
    card.get_by_role("button", name="Show").click()
    expect(page.locator(".said.bad")).to_contain_text("cannot show that panel now")
    expect(choice.locator("option", has_text="Emails")).to_have_count(0)
    choice.select_option(label="Calls · Day")
    card.get_by_role("button", name="Show").click()
    expect(page.locator(".said.good")).to_contain_text("The screen shows it in a moment.")
    expect(card.get_by_label("Name")).to_have_value("TV in the kitchen")
    expect(tv.locator("#wall")).to_have_attribute("data-panel", "calls")
    tv.evaluate("window.tabloWall.show('emails-day')")
    assert tv.locator("#wall").get_attribute("data-panel") == "calls", "what is not there is not shown, nor the first"
    assert tv.evaluate("window.stayed") is True

    with tv.expect_event("load", timeout=20_000):
        card.get_by_role("button", name="Reload").click()
    expect(tv.locator("#wall")).to_have_attribute("data-panel", "overview")
    desk.open("screens")
    expect(card.locator(".state")).to_have_text("On")
    expect(card.locator(".facts")).to_contain_text("Chromium")
    expect(card.get_by_text("Waiting")).to_have_count(0)

    card.get_by_role("button", name="End").click()
    expect(tv.locator("[data-role=code]")).to_be_visible()
    assert desk.faults == []


def test_a_playlist_is_copied_dragged_into_order_set_and_seen_before_it_is_saved(desk: Desk) -> None:
    desk.log_in()
    desk.open("wall")
    page, rows = desk.page, desk.page.locator(".slot")
    seen = page.frame_locator(".miniature iframe").locator("#wall .panel.on h1")
    expect(seen).to_have_text("The day at a glance")
    page.get_by_text("New playlist, name, delete").click()
    page.get_by_label("Name of the new playlist").fill("Kitchen")
    page.get_by_role("button", name="Copy this one").click()
    page.get_by_role("link", name="Open it").click()
    expect(page.locator(".step.here")).to_have_text("Kitchen")
    expect(rows).to_have_count(8)

    grip, first = rows.nth(2).locator(".grip").bounding_box(), rows.nth(0).bounding_box()
    assert grip is not None
    assert first is not None
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(first["x"] + 40, first["y"] + 3, steps=4)
    page.mouse.up()
    names = page.locator(".slot strong")
    expect(names.nth(0)).to_have_text("Emails")
    expect(names.nth(1)).to_have_text("At a glance")
    expect(seen).to_have_text("Emails")

    rows.nth(0).get_by_label("Team").select_option(label="North")
    rows.nth(0).get_by_text("Every day, all day").click()
    rows.nth(0).get_by_label("From").fill("8:00")
    rows.nth(0).get_by_label("To", exact=True).fill("14:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#wall-rows .said.good")).to_be_visible()
    expect(rows.nth(0)).to_contain_text("Not at this hour")
    expect(page.get_by_text("With the panels that are on now: 1 min 30 s.")).to_be_visible()
    expect(seen).to_have_text("The day at a glance")
    with store.read(desk.office.deps.db) as conn:
        kitchen = next(each for each in playlists.every(conn) if each.name == "Kitchen")
    assert kitchen.slots[0] == Slot("emails", 12, PeriodKind.DAY, team="main:n", start=time(8), end=time(14))
    assert desk.faults == []
