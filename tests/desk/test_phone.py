"""A manager's phone in a real browser: from the link that the lead makes to the link that is ended."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from domain.facts import Batch, Change, Direction, Fact, Kind
from domain.settings import PeriodKind
from layouts.panels.parts import plain
from routes import visits
from storage import db as store
from storage import facts, settings, sources
from tests.desk.conftest import Desk
from tests.desk.judging import judge
from tests.desk.office import NOW, PEOPLE

pytestmark = pytest.mark.browser

OLENA, PIN = "main:1", "4917"
PHONE: ViewportSize = {"width": 390, "height": 844}


def phone(desk: Desk) -> Page:
    """A phone that has never been here."""
    browser = desk.page.context.browser
    assert browser is not None
    page = browser.new_context(viewport=PHONE, has_touch=True, locale="en-US").new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: desk.faults.append(str(error)))
    return page


def calls(desk: Desk, first: int, count: int) -> None:
    """So many calls of Olena's, told by the source just now."""
    with store.read(desk.office.deps.db) as conn:
        source = sources.every(conn)[0].id
    made = [Change(f"call:{number}", (_call(number),), 1) for number in range(first, first + count)]
    facts.apply(desk.office.deps.db, source, Batch(made, "n", NOW), settings=desk.office.deps.settings())


def marry(desk: Desk) -> None:
    """The source has another name for Olena."""
    with store.read(desk.office.deps.db) as conn:
        source = sources.every(conn)[0].id
    crew = [replace(each, name="Олена Шевченко") if each.id == "1" else each for each in PEOPLE]
    batch = Batch([], "m", NOW, people=crew)
    facts.apply(desk.office.deps.db, source, batch, settings=desk.office.deps.settings())


def _call(number: int) -> Fact:
    at = NOW - timedelta(minutes=number % 60)
    return Fact(Kind.CALL, at, "1", seconds=65, direction=Direction.OUT, answered=True)


def board_says(desk: Desk, kind: PeriodKind) -> str:
    metric = desk.office.deps.boards.get(kind).board.metric("calls")
    actual: Decimal | None = next(line for line in metric.reps if line.rep == OLENA).progress.actual
    return plain(actual)


def type_pin(page: Page, pin: str, again: str | None = None) -> None:
    page.fill("#pin", pin)
    if again is not None:
        page.fill("#again", again)
    page.get_by_role("button", name="Open my page").click()


def test_from_the_link_to_the_page_to_the_second_device_to_the_end(desk: Desk) -> None:
    with store.write(desk.office.deps.db) as conn:
        settings.save(conn, {"public_address": desk.address}, "lead", NOW)
    calls(desk, 100, 12)
    desk.log_in()
    desk.open("people")
    desk.page.get_by_role("button", name="Make a link Олена Коваль").click()
    link = desk.page.locator(".handed").inner_text()
    expect(desk.page.get_by_role("img", name="The same link as a QR code")).to_be_visible()
    desk.page.reload()
    expect(desk.page.get_by_role("button", name="Renew the link Олена Коваль")).to_be_visible()
    assert link not in desk.page.content()

    first = phone(desk)
    first.goto(link)
    assert first.url == f"{desk.address}/me"
    type_pin(first, "1234", "1234")
    expect(first.get_by_role("alert")).to_contain_text("anybody would try")
    type_pin(first, PIN, PIN)
    expect(first.get_by_role("heading", level=1)).to_have_text("Олена Коваль")
    today = first.locator('[data-card="today"] [data-metric="calls"]')
    month = first.locator('[data-card="month"] [data-metric="calls"]')
    expect(today).to_have_attribute("data-value", board_says(desk, PeriodKind.DAY))
    expect(month).to_have_attribute("data-value", board_says(desk, PeriodKind.MONTH))
    expect(first.locator("#me")).to_have_attribute("data-state", "live")
    first.get_by_role("link", name="Calls", exact=True).click()
    expect(first.locator(".records li")).to_have_count(12)
    first.get_by_text("Day by day").click()
    assert judge(first) == []

    # A new record, and the page follows by itself, with what is open left open and the finger's last place kept.
    first.evaluate("window.never_reloaded = true")
    days = first.locator('[data-details="days"] > summary')
    expect(days).to_be_focused()
    drawn = first.locator('[data-card="days"]').inner_html()
    calls(desk, 200, 3)
    expect(today).to_have_attribute("data-value", "15", timeout=30_000)
    assert board_says(desk, PeriodKind.DAY) == "15"
    expect(first.locator('[data-details="days"]')).to_have_attribute("open", "")
    assert first.locator('[data-card="days"]').inner_html() != drawn
    expect(days).to_be_focused()
    expect(first.locator(".records li")).to_have_count(15)
    assert first.evaluate("window.never_reloaded") is True
    assert first.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # Another device comes by the code on the wall: wrong PINs are slowed, the right one opens.
    second = phone(desk)
    second.goto(f"{desk.address}/me?w={visits.wall_code(desk.office.deps, 0)}")
    assert second.url == f"{desk.address}/me"
    for _ in range(3):
        second.select_option("#who", OLENA)
        type_pin(second, "7391")
        expect(second.get_by_role("alert")).to_have_text("This is not the PIN.")
    type_pin(second, PIN)
    expect(second.get_by_role("alert")).to_have_text(re.compile("Try again in 1 second"))
    desk.office.clock.turn(timedelta(seconds=1))
    type_pin(second, PIN)
    expect(second.get_by_role("heading", level=1)).to_have_text("Олена Коваль")

    # A page that stays open has the new month, and the new name, in its head too.
    expect(first.locator(".about")).to_contain_text("November")
    marry(desk)
    desk.office.clock.turn(timedelta(days=14))
    first.evaluate("window.dispatchEvent(new Event('online'))")
    expect(first.locator(".about")).to_contain_text("December")
    expect(first.get_by_role("heading", level=1)).to_have_text("Олена Шевченко")
    expect(first).to_have_title("Олена Шевченко · Tablo")
    assert first.evaluate("window.never_reloaded") is True
    desk.office.clock.turn(-timedelta(days=14))

    # The link is ended: the open page closes by itself, and neither link nor cookie opens it again.
    desk.page.get_by_role("button", name="End it Олена Коваль").click()
    expect(desk.page.get_by_text("is ended, on every phone")).to_be_visible()
    first.evaluate("window.dispatchEvent(new Event('online'))")
    expect(first.get_by_role("heading", level=1)).to_have_text("Your numbers")
    first.goto(link)
    expect(first.get_by_role("alert")).to_contain_text("does not open anything any more")
    assert "data-card" not in second.request.get(f"{desk.address}/me").text()
    assert desk.faults == []
    for page in (first, second):
        page.context.close()
