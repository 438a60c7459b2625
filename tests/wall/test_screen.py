"""A screen goes on by itself: it turns, takes new numbers without a reload, outlives the server and finds it again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from domain.board import Board
from domain.settings import Slot
from tests import boards
from tests.wall.office import Office, Running, office
from tests.wall.screen import Screen, watching

pytestmark = pytest.mark.browser
# What is tried elsewhere in another way.
LONG = pytest.mark.long
Trouble = Callable[[Page], None]
# Every pause is a thirtieth, and the clock can be put forward.
_HASTY = """
const pause = window.setTimeout, real = Date.now;
window.setTimeout = (what, ms, ...more) => pause(what, ms / 30, ...more);
window.ahead = 0;
Date.now = () => real() + window.ahead;
"""
# How long every pause was meant to be.
_NOTED = """
const pause = window.setTimeout;
window.waits = [];
window.setTimeout = (what, ms, ...more) => { window.waits.push(ms); return pause(what, ms, ...more); };
"""
TURNING = (Slot("overview", 2), Slot("calls", 2), Slot("leaderboard", 2))


def living(board: Board) -> Board:
    """The board with the age that a wall beside a running poller has."""
    now = datetime.now(UTC)
    return replace(board, now=now, as_of=now - timedelta(seconds=8), last_win=None)


@pytest.fixture
def floor(data_dir: Path) -> Office:
    found = office(data_dir, living(boards.board()))
    found.clock = lambda: datetime.now(UTC)
    found.settings = replace(found.settings, playlist=TURNING)
    return found


@pytest.fixture
def room(chromium: Browser, floor: Office) -> Iterator[tuple[Screen, Running]]:
    with watching(chromium, floor) as both:
        yield both


def test_the_panels_take_turns_and_the_dots_go_with_them(room: tuple[Screen, Running]) -> None:
    screen, _ = room
    panel = "document.getElementById('wall').dataset.panel"
    for slot in (*TURNING, TURNING[0]):
        screen.until(panel, slot.panel)
    on = "[...document.querySelectorAll('.dots i')].findIndex((dot) => dot.classList.contains('on'))"
    screen.until(panel, "calls")
    assert screen.page.evaluate(on) == 1
    assert screen.page.evaluate("document.querySelectorAll('.panel.on').length") == 1
    assert screen.errors == []


def test_new_numbers_come_without_a_reload(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    fact = "document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value"
    assert screen.page.evaluate(fact) == "172"
    version = screen.wall("version")
    screen.page.evaluate("window.stayed = true")
    floor.show(living(boards.board(3)))
    screen.until(fact, "54")
    assert screen.wall("version") != version
    assert screen.page.evaluate("window.stayed") is True
    assert screen.errors == []


# The whole program is killed and started again in test_end_to_end.py.
@LONG
def test_a_lost_server_is_noticed_and_its_return_too(room: tuple[Screen, Running]) -> None:
    screen, server = room
    state = "document.getElementById('wall').dataset.state"
    screen.until(state, "live")
    screen.page.evaluate("window.stayed = true")
    server.stop()
    screen.until(state, "offline")
    assert len(screen.panels_seen(5)) >= 3
    assert "No connection" in screen.page.inner_text(".fresh")
    server.start()
    screen.until(state, "live")
    assert "Live" in screen.page.inner_text(".fresh")
    assert screen.page.evaluate("window.stayed") is True


def test_numbers_that_went_back_during_an_entry_stay_off_the_wall_after_it(chromium: Browser, floor: Office) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("calls", 600),))
    before, after = living(boards.board()), living(boards.board(3))
    floor.show(before)
    fact = "document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value"
    with watching(chromium, floor) as (screen, _):
        first = screen.wall("version")
        screen.page.evaluate("document.querySelector('.panel.on').classList.add('enter')")
        floor.show(after)
        screen.until(f"document.getElementById('wall').dataset.version !== '{first}'")
        floor.show(before)
        screen.until("document.getElementById('wall').dataset.version", first)
        screen.page.evaluate("window.tabloWall.show(window.tabloWall.slot().id)")
        assert screen.page.evaluate(fact) == "172"


def test_a_script_that_comes_twice_runs_once(room: tuple[Screen, Running]) -> None:
    screen, _ = room
    screen.until("window.tabloWall && window.tabloWall.known.line && Boolean(window.tabloWall.told)")
    twice = """() => {
        window.first = [window.tabloWall, window.tabloWall.told];
        const again = [document.getElementById('wall-script').href, ...window.tabloWall.state().scripts];
        const plain = again.filter((address) => !address.includes('chart.js'));
        return Promise.all(plain.map((address) => new Promise((done) => {
            const script = document.createElement('script');
            script.src = address;
            script.onload = done;
            document.body.appendChild(script);
        })));
    }"""
    screen.page.evaluate(twice)
    assert screen.page.evaluate("window.tabloWall === window.first[0] && window.tabloWall.told === window.first[1]")
    assert len(screen.asked("wall/events")) == 1
    assert screen.errors == []


def test_a_wall_whose_script_does_not_come_says_when_its_numbers_were_true(chromium: Browser, floor: Office) -> None:
    def lose(page: Page) -> None:
        page.add_init_script(_HASTY)
        page.route("**/assets/tv.js*", lambda route: route.abort())

    with watching(chromium, floor, before=lose, ready="!!document.getElementById('wall')") as (screen, _):
        screen.page.evaluate("window.ahead = 20000")
        screen.until("document.getElementById('wall').dataset.state", "offline")
        assert screen.page.inner_text(".fresh").startswith("As of ")
        assert screen.page.inner_text(".clock") == ""
        screen.page.unroute("**/assets/tv.js*")
        screen.until("document.getElementById('wall').dataset.state", "live")
        assert "Live" in screen.page.inner_text(".fresh")
        # By another name: what came in its place may have been kept.
        assert any("again=" in path for path in screen.asked("assets/tv.js"))


def test_a_page_that_came_in_half_is_loaded_anew(chromium: Browser, floor: Office) -> None:
    pages: list[str] = []

    def cut(route: Route) -> None:
        pages.append(route.request.resource_type)
        if len(pages) == 1:
            whole = route.fetch().text()
            route.fulfill(content_type="text/html", body=whole[: whole.index("<footer")])
        else:
            # Longer than it takes until the page is looked at again.
            time.sleep(0.5)
            route.continue_()

    def before(page: Page) -> None:
        page.add_init_script(_HASTY)
        page.route(lambda address: address.endswith("/"), cut)

    with watching(chromium, floor, before=before) as (screen, _):
        assert screen.page.inner_text("footer")
    # The half of it, whether the server has it, and all of it.
    assert pages == ["document", "xhr", "document"]


def test_a_page_is_loaded_anew_only_where_the_server_has_it(room: tuple[Screen, Running]) -> None:
    screen, _ = room
    screen.page.evaluate("window.stayed = true")
    page = lambda address: address.endswith("/")  # noqa: E731 (a pattern to route by, and to take back)
    for status, body in ((500, "<title>Tablo</title>"), (200, "<title>Log in</title>")):
        answers: list[Route] = []

        def answer(route: Route, *, status: int = status, body: str = body, seen: list[Route] = answers) -> None:
            seen.append(route)
            route.fulfill(status=status, body=body)

        screen.page.route(page, answer)
        screen.page.evaluate("window.tabloReload()")
        while not answers:
            screen.page.wait_for_timeout(50)
        screen.page.wait_for_timeout(300)
        screen.page.unroute(page)
        assert screen.page.evaluate("window.stayed") is True
    with screen.page.expect_navigation():
        screen.page.evaluate("window.tabloReload()")


@LONG
def test_a_server_that_hangs_is_noticed_as_well(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    state = "document.getElementById('wall').dataset.state"
    screen.until("window.tabloWall.known.line")
    screen.until(state, "live")
    asked = len(screen.asked("wall/state"))
    floor.awake.clear()
    screen.until(state, "offline")
    assert len(screen.asked("wall/state")) - asked <= 2
    floor.awake.set()
    screen.until(state, "live")


def test_news_are_pushed_and_a_quiet_wall_asks_for_nothing(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    screen.until("window.tabloWall.known.line")
    screen.until_asked("wall/state")
    asked = len(screen.asked("wall/state"))
    screen.page.wait_for_timeout(4500)
    # On a busy machine a beat may be late, and the line given up: it takes more than these seconds to open another.
    has_line = "window.tabloWall.known.line"
    assert not screen.page.evaluate(has_line) or len(screen.asked("wall/state")) == asked
    floor.show(living(boards.board(3)))
    screen.until("document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value", "54")
    screen.until("document.querySelectorAll('[data-slot=leaderboard] [data-rep]').length", 3)
    assert not screen.page.evaluate(has_line) or len(screen.asked("wall/state")) == asked
    # Whoever has missed a step asks for all of it.
    screen.page.evaluate("window.tabloWall.known.etag = 'another'")
    floor.show(living(boards.board(12)))
    screen.until("document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value", "172")
    assert len(screen.asked("wall/state")) > asked


def keep_back(page: Page) -> None:
    """As a proxy does that waits for the end of an answer which has none."""
    page.route("**/wall/events", lambda route: None)


def refuse(page: Page) -> None:
    """As the server does when as many lines are open as there may be."""
    page.route("**/wall/events", lambda route: route.fulfill(status=204))


@pytest.mark.parametrize("trouble", [keep_back, pytest.param(refuse, marks=LONG)])
def test_a_screen_without_a_line_asks_by_itself(chromium: Browser, floor: Office, trouble: Trouble) -> None:
    with watching(chromium, floor, before=trouble) as (screen, server):
        screen.until_asked("wall/events")
        floor.show(living(boards.board(3)))
        screen.until("document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value", "54")
        server.stop()
        screen.until("document.getElementById('wall').dataset.state", "offline")


def test_old_numbers_lose_their_colour_and_say_their_age(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    old = datetime.now(UTC) - timedelta(minutes=19)
    floor.show(replace(living(boards.board()), as_of=old))
    screen.until("document.getElementById('wall').dataset.state", "stale")
    assert "19 min old" in screen.page.inner_text(".fresh")
    filtered = "getComputedStyle(document.querySelector('.panel.on > div > :not(.title)')).filter"
    assert "saturate" in screen.page.evaluate(filtered)


def test_a_device_that_sets_its_clock_back_shows_the_servers_time_and_asks(chromium: Browser, floor: Office) -> None:
    def ahead(page: Page) -> None:
        page.add_init_script(_HASTY.replace("ms / 30", "ms").replace("window.ahead = 0", "window.ahead = 3600000"))

    with watching(chromium, floor, before=ahead) as (screen, _):
        screen.until("window.tabloWall.known.line")
        asked, skew = len(screen.asked("wall/state")), "Math.round(window.tabloWall.known.skew / 60000)"
        screen.until(skew, -60)
        screen.page.evaluate("window.ahead = 0")
        screen.until(skew, 0)
        assert screen.wall("state") == "live"
        while len(screen.asked("wall/state")) == asked:
            screen.page.wait_for_timeout(50)
        assert "Live" in screen.page.inner_text(".fresh")


def test_another_release_is_not_kept_waiting_by_a_panel_that_stays(chromium: Browser, floor: Office) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("overview", 600),))
    with watching(chromium, floor, before=lambda page: page.add_init_script(_NOTED)) as (screen, _):
        screen.until("window.waits.some((ms) => ms > 590000)")
        screen.page.evaluate("window.waits.length = 0")
        # The state brings another build along, as after a restart with other files.
        screen.page.evaluate(
            "window.tabloWall.take(Object.assign({}, window.tabloWall.state(), {since: window.tabloWall.known.etag,"
            " mark: window.tabloWall.known.etag, build: 'another', charts: {}}), Date.now())"
        )
        screen.until("window.waits.some((ms) => ms > 200000 && ms <= 240000)")


def test_another_playlist_takes_over_without_a_reload(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    screen.page.evaluate("window.stayed = true")
    floor.settings = replace(floor.settings, playlist=(Slot("emails", 1), Slot("deals_won", 1)))
    screen.until("document.querySelectorAll('.panel').length", 2)
    assert set(screen.panels_seen(3)) == {"emails", "deals_won"}
    assert screen.page.evaluate("[window.stayed, document.querySelectorAll('.dots i').length]") == [True, 2]
    assert screen.errors == []


def test_another_release_loads_the_page_anew(room: tuple[Screen, Running], floor: Office) -> None:
    screen, _ = room
    screen.page.evaluate("window.stayed = true")

    def other_build(route: Route) -> None:
        answer = route.fetch()
        if answer.status == 304:
            route.fulfill(response=answer)
            return
        body = answer.json() | {"build": "another", "version": "another"}
        route.fulfill(response=answer, json=body)

    screen.page.route("**/wall/state", other_build)
    # A screen that is not told what is new on its line asks for all of it.
    screen.page.evaluate("window.tabloWall.known.etag = 'another'")
    with screen.page.expect_event("load", timeout=30_000):
        floor.show(living(boards.board(5)))
    assert screen.page.evaluate("window.stayed === undefined")


def test_names_are_never_executed(room: tuple[Screen, Running]) -> None:
    screen, _ = room
    screen.page.wait_for_timeout(500)
    assert screen.page.evaluate("window.pwned === undefined")
    assert "<script>" in screen.page.evaluate("document.querySelector('[data-slot=calls]').textContent")


def test_plotly_comes_last_and_its_chart_takes_the_place_of_the_columns(chromium: Browser, floor: Office) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("calls", 60),))
    with watching(chromium, floor) as (screen, _):
        assert screen.asked("_dash") == []
        screen.until("!!document.querySelector('.panel.on [data-role=actual]')")
        screen.until("document.getElementById('wall-chart-layer').classList.contains('ready')")
        assert len(screen.asked("plotly")) == 1
        assert screen.requests.index(screen.asked("plotly")[0]) > screen.requests.index(screen.asked("tv.js")[0])
        assert screen.page.evaluate("document.querySelectorAll('#wall-chart .scatterlayer .trace').length") == 4
        columns = "getComputedStyle(document.querySelector('.panel.on .columns')).visibility"
        assert screen.page.evaluate(columns) == "hidden"
        # With new numbers come new columns, which are not seen through the chart either.
        screen.page.evaluate(f"() => {{ window.tabloWall.drawn.push(() => {{ window.seen = {columns}; }}); }}")
        floor.show(living(boards.board(3)))
        screen.until("window.seen", "hidden")
        assert screen.page.evaluate("document.querySelectorAll('.modebar-btn').length") == 0
        assert screen.errors == []


@pytest.mark.parametrize(
    "lost",
    [
        "dash_renderer",
        *(
            pytest.param(part, marks=LONG)
            for part in ("chart.js", "react-dom", "_dash-layout", "_dash-dependencies", "plotly")
        ),
    ],
)
def test_the_wall_works_on_whatever_of_dash_is_lost(chromium: Browser, floor: Office, lost: str) -> None:
    def lose(page: Page) -> None:
        page.route(lambda url: lost in url, lambda route: route.abort())

    with watching(chromium, floor, before=lose) as (screen, _):
        screen.until_asked(lost)
        assert screen.wall("state") == "live"
        floor.show(living(boards.board(3)))
        screen.until("document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value", "54")
        assert len(screen.panels_seen(3)) >= 2
        assert screen.page.evaluate("document.querySelectorAll('.chart.drawn').length") == 0
