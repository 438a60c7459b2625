"""A won deal on real screens: each once, in order, together where many wait; never in quiet hours; and overtaking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from domain.board import Board
from domain.celebrations import Celebration, Cheer
from domain.people import Rep
from domain.settings import Celebrating, Slot
from tests import boards
from tests.wall.office import Office, Running, office, server_of
from tests.wall.screen import RESOLUTIONS, Screen

pytestmark = pytest.mark.browser

# Every celebration that came into the page, as it came.
_WATCH = """
window.beganAt = [];
window.celebrated = JSON.parse(sessionStorage.getItem("celebrated") || "[]");
new MutationObserver((all) => all.forEach((each) => each.addedNodes.forEach((node) => {
  if (node.id !== "celebration") return;
  window.celebrated.push(node.dataset.deal);
  window.beganAt.push(Date.now());
  sessionStorage.setItem("celebrated", JSON.stringify(window.celebrated));
}))).observe(document, {subtree: true, childList: true});
"""
_SHOWN = "window.celebrated.join(' | ')"
_ONE_IS_ON = "!!document.getElementById('celebration')"
QUICK = Celebrating(seconds=1)


def living() -> Board:
    """A board with the age that a wall beside a running poller has."""
    now = datetime.now(UTC)
    return replace(boards.board(), now=now, as_of=now - timedelta(seconds=8), last_win=None)


def cheer(number: int, rep: int = 1, minutes: float = 0, **more: Any) -> Cheer:
    """A deal that was won so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    win = Celebration(
        number, f"main:deal:{number}", f"main:{rep}", at, at, Decimal(240_000), "UAH", "Deal", "Rozetka Opt"
    )
    return Cheer(replace(win, **more), Rep(f"main:{rep}", boards.name_of(rep - 1)))


@pytest.fixture
def floor(data_dir: Path) -> Office:
    found = office(data_dir, living())
    found.clock = lambda: datetime.now(UTC)
    found.settings = replace(found.settings, playlist=(Slot("overview", 600),), celebrating=QUICK)
    return found


@pytest.fixture
def server(floor: Office) -> Iterator[Running]:
    running = Running(server_of(floor.deps()))
    yield running
    running.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    yield watched(context.new_page())
    context.close()


def watched(page: Page) -> Page:
    page.add_init_script(_WATCH)
    return page


def test_each_win_is_celebrated_once_on_each_screen_whatever_restarts(
    chromium: Browser, floor: Office, server: Running, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layouts.celebration.APART_S", 4)
    other = chromium.new_context()
    screens = [Screen(page), Screen(watched(other.new_page()))]
    floor.wins = [cheer(1, minutes=3)]
    for screen in screens:
        screen.page.goto(server.url)
    floor.wins.append(cheer(2, rep=2))
    for screen in screens:
        # What was won before the screen came for the first time is no news to it.
        screen.until(_SHOWN, "main:deal:2")
    server.stop()
    server.start()
    screens[0].page.reload()
    screens[0].until(_ONE_IS_ON, False)
    floor.wins.append(cheer(3, rep=3))
    screens[1].page.reload()
    for screen in screens:
        screen.until(_SHOWN, "main:deal:2 | main:deal:3", within=60)
        screen.until(_ONE_IS_ON, False)
    for screen in screens:
        screen.requests.clear()
        screen.page.reload()
        screen.until_asked("wall/state")
    assert [screen.page.evaluate(_SHOWN) for screen in screens] == ["main:deal:2 | main:deal:3"] * 2
    other.close()


def test_what_waits_is_shown_together_fifteen_seconds_later(floor: Office, server: Running, page: Page) -> None:
    page.clock.install()
    screen = Screen(page)
    page.goto(server.url)

    def after(seconds: float) -> None:
        page.clock.run_for(int(seconds * 1000))
        page.wait_for_timeout(150)

    def until(shown: str) -> None:
        for _ in range(40):
            if page.evaluate(_SHOWN) == shown:
                return
            after(0.5)
        raise AssertionError(page.evaluate(_SHOWN))

    after(1)
    floor.wins = [cheer(number, rep=number) for number in range(1, 9)]
    first = " ".join(f"main:deal:{number}" for number in range(1, 7))
    until(first)
    assert page.inner_text("#celebration .won").lower() == "6 deals won"
    assert page.locator("#celebration .card").count() == 6
    until(f"{first} | main:deal:7 main:deal:8")
    # Its clock goes on in steps; what is fetched meanwhile takes time of its own.
    assert 15 <= round(page.evaluate("window.beganAt[1] - window.beganAt[0]") / 1000) < 60
    assert screen.errors == []


def test_nothing_in_quiet_hours_nothing_old_and_nothing_when_it_is_switched_off(
    floor: Office, server: Running, page: Page
) -> None:
    quiet = Celebrating(seconds=1, quiet_from=time(0), quiet_to=time(23, 59, 59))
    floor.settings = replace(floor.settings, celebrating=quiet)
    screen = Screen(page)
    page.goto(server.url)
    floor.wins = [cheer(1), cheer(2, minutes=31)]
    client = server_of(floor.deps()).test_client()
    assert '"celebrations":[]' in client.get("/wall/state").text
    floor.settings = replace(floor.settings, celebrating=replace(QUICK, on=False))
    assert '"celebrations":[]' in client.get("/wall/state").text
    floor.settings = replace(floor.settings, celebrating=QUICK)
    screen.until(_SHOWN, "main:deal:1")


def test_names_are_text_and_a_browser_that_blocks_sound_is_marked_until_it_plays(
    chromium: Browser, floor: Office, server: Running, page: Page
) -> None:
    # As a browser says it that wants a hand first; the machine of the tests lets every page play.
    page.add_init_script("""
      let touched = false;
      window.addEventListener("keydown", () => { touched = true; }, true);
      window.played = [];
      HTMLMediaElement.prototype.play = function () {
        window.played.push(new URL(this.src).pathname);
        return touched ? Promise.resolve() : Promise.reject(new DOMException("a hand first", "NotAllowedError"));
      };
    """)
    floor.settings = replace(floor.settings, celebrating=Celebrating(seconds=14))
    screen = Screen(page)
    page.goto(server.url)
    mark = "!!document.getElementById('sound-mark')"
    screen.until(mark)
    floor.wins = [cheer(1, rep=11, customer=boards.HOSTILE)]
    screen.until(_ONE_IS_ON)
    assert page.inner_text("#celebration .winner") == boards.HOSTILE
    assert page.inner_text("#celebration .customer") == boards.HOSTILE
    assert page.evaluate("[window.pwned === undefined, document.querySelectorAll('#celebration script').length]") == [
        True,
        0,
    ]
    assert page.evaluate("window.played") == ["/sounds/silence", "/sounds/fanfare"]
    page.keyboard.press("Enter")
    screen.until(mark, False)
    assert screen.errors == []


@pytest.mark.parametrize(("size", "language"), [("720p", "uk"), ("1080p", "en"), ("4K", "ru")])
def test_everything_fits_however_long_it_is(
    floor: Office, server: Running, page: Page, size: str, language: str
) -> None:
    long = "Товариство з обмеженою відповідальністю «Надзвичайно довга назва підприємства з Кам'янця-Подільського»"
    floor.settings = replace(floor.settings, language=language, celebrating=Celebrating(seconds=14))
    floor.wins = [cheer(1, rep=6, amount=Decimal("412345678901"), customer=long)]
    page.set_viewport_size({"width": RESOLUTIONS[size][0], "height": RESOLUTIONS[size][1]})
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script("localStorage.setItem('tablo-celebrated', '{\"began\": 0, \"deals\": {}}')")
    screen = Screen(page)
    page.goto(server.url)
    screen.until(_ONE_IS_ON)
    out = """
    () => [...document.querySelectorAll("#celebration .toast > *, #celebration .foot > *")].filter((node) => {
      const box = node.getBoundingClientRect();
      return box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight;
    }).map((node) => node.className)
    """
    assert page.evaluate(out) == []
    # The chart has a layer of its own over the wall.
    screen.until("getComputedStyle(document.getElementById('wall-chart-layer')).visibility", "hidden")
    assert page.evaluate("document.querySelectorAll('.pieces').length") == 0, "reduced motion: no confetti"


def test_overtaking_is_shown_moving(floor: Office, server: Running, page: Page) -> None:
    def ranked(*sums: int) -> Board:
        ranks = boards.leaderboard(4, sums=sums)
        rows = sorted(ranks.rows, key=lambda row: row.place)
        return replace(living(), leaderboard=replace(ranks, rows=tuple(rows)))

    floor.settings = replace(floor.settings, playlist=(Slot("leaderboard", 600),))
    floor.show(ranked(900, 800, 700, 600))
    screen = Screen(page)
    page.goto(server.url)
    marked = "[...document.querySelectorAll('.overtook')].map((row) => row.dataset.rep).join()"
    order = "[...document.querySelectorAll('.panel.on [data-rep]')].map((row) => row.dataset.rep).join(' ')"
    screen.until(order, "main:1 main:2 main:3 main:4")
    floor.show(ranked(900, 800, 700, 850))
    screen.until(order, "main:1 main:4 main:2 main:3")
    screen.until(marked, "main:4")
    moving = "document.querySelectorAll('.panel.on .row').length && [...document.querySelectorAll('.panel.on .row')]"
    sliding = f"{moving}.filter((row) => row.getAnimations().some((each) => !each.animationName)).length"
    assert page.evaluate(sliding) == 3
    screen.until("document.querySelectorAll('.overtook').length", 0)
    page.emulate_media(reduced_motion="reduce")
    floor.show(ranked(900, 800, 990, 850))
    screen.until(order, "main:3 main:1 main:4 main:2")
    screen.until(marked, "main:3")
    assert page.evaluate(sliding) == 0
    # What a celebration covers is seen when it is over.
    screen.until(marked, "")
    floor.wins = [cheer(1)]
    floor.show(ranked(900, 1200, 990, 850))
    screen.until(_ONE_IS_ON)
    screen.until(order, "main:2 main:3 main:1 main:4")
    page.wait_for_timeout(700)
    assert page.evaluate(f"{_ONE_IS_ON} && {marked}") == ""
    screen.until(marked, "main:2")
    assert not page.evaluate(_ONE_IS_ON)
    assert screen.errors == []
