"""The wall is kind to eyes and panels: themes, a wandering picture, rest by the calendar, no movement where none is
wished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from domain.settings import AfterHours, Settings, Slot, Theme
from tests import boards
from tests.wall.office import Office, office, server_of
from tests.wall.screen import Screen, watching

pytestmark = pytest.mark.browser
_SCAN = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
# In Kyiv, two hours ahead: a Friday at 14:26, the same evening, the Monday after.
WORKING = boards.NOW
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
PORTRAIT, SMALL, LARGE = (1080, 1920), (1024, 768), (3840, 2160)

# A graphics card of that name ('' = none that draws well), and what was animated by style so far.
_DRAWN_BY = """
(function () {
  const told = { UNMASKED_RENDERER_WEBGL: 1 };
  const card = { getExtension: (name) => name.includes("debug") ? told : null, getParameter: () => "NAME" };
  const others = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind) {
    return kind !== "webgl" ? others.apply(this, arguments) : "NAME" ? card : null;
  };
})();
"""
_MOVED = """
window.__moved = [];
document.addEventListener("animationstart", (event) => { window.__moved.push(event.animationName); });
"""
# Where something of the picture stands, minute by minute: a change of the screen's size has it placed anew.
_WALK = """query => [...Array(92)].map(() => {
    window.ahead += 60000;
    window.dispatchEvent(new Event('resize'));
    const place = new DOMMatrix(document.querySelector(query).style.transform);
    return [place.e, place.f];
})"""
REST = "document.documentElement.dataset.rest || ''"
SEEN = "id => { const node = document.getElementById(id); return !!node && node.getClientRects().length > 0; }"


def at(moment: datetime, folder: Path, **wishes: object) -> Office:
    """An office at an instant, whose numbers are fresh."""
    found = office(folder, replace(boards.board(), now=moment, as_of=moment - timedelta(seconds=8)))
    found.clock = lambda: moment
    found.settings = replace(found.settings, **wishes)  # type: ignore[arg-type]  # each test names real settings
    return found


def clock(page: Page) -> None:
    """A browser whose clock can be put forward, while its timers run as always."""
    page.add_init_script("const real = Date.now; window.ahead = 0; Date.now = () => real() + window.ahead;")


def forward(screen: Screen, hours: float) -> None:
    screen.page.evaluate("hours => { window.ahead += hours * 3600000; }", hours)


def tone(screen: Screen, name: str) -> str:
    return str(screen.page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", name))


def test_another_theme_takes_over_without_a_reload_and_the_chart_follows(chromium: Browser, data_dir: Path) -> None:
    floor = at(datetime.now(UTC), data_dir, playlist=(Slot("calls", 60),), theme=Theme.LIGHT)
    line = (
        "getComputedStyle(document.querySelector('#wall-chart .scatterlayer .trace:nth-child(3) path.js-line')).stroke"
    )
    with watching(chromium, floor) as (screen, _):
        assert tone(screen, "--card") == "#ffffff"
        screen.until("document.getElementById('wall-chart-layer').classList.contains('ready')")
        screen.until(line, "rgb(0, 117, 96)")
        screen.page.evaluate("window.stayed = true")
        floor.settings = replace(floor.settings, theme=Theme.DARK)
        screen.until(line, "rgb(75, 230, 198)")
        assert tone(screen, "--card") == "#131c36"
        assert screen.page.evaluate("window.stayed") is True
        assert screen.errors == []


@pytest.mark.parametrize("size", [PORTRAIT, SMALL, LARGE])
def test_the_picture_wanders_a_step_a_minute_and_is_never_cut(
    chromium: Browser, data_dir: Path, size: tuple[int, int]
) -> None:
    with watching(chromium, at(WORKING, data_dir), size, clock) as (screen, _):
        screen.until("!!document.getElementById('wall').style.transform")
        steps: list[list[int]] = screen.page.evaluate(_WALK, "#wall")
        assert max(abs(x) for x, _ in steps) <= 0.015 * size[0]
        assert max(abs(y) for _, y in steps) <= 0.015 * size[1]
        assert len({(x, y) for x, y in steps}) > 60
        jumps = [abs(a - c) + abs(b - d) for (a, b), (c, d) in pairwise(steps)]
        assert 0 < max(jumps) <= 0.003 * sum(size)
        utmost = max(abs(x) for x, _ in steps), max(abs(y) for _, y in steps)
        for corner in ((1, 1), (-1, -1)):
            shift = f"translate({corner[0] * utmost[0]}px, {corner[1] * utmost[1]}px)"
            screen.page.evaluate("shift => { document.getElementById('wall').style.transform = shift; }", shift)
            found = [each[3] for each in screen.page.evaluate(_SCAN)]
            assert [why for why in found if why in ("scrolls", "leaves the screen")] == []


def test_after_hours_the_wall_sleeps_and_wakes_by_itself_even_without_a_server(
    chromium: Browser, data_dir: Path
) -> None:
    floor = at(WORKING, data_dir, after_hours=AfterHours.SLEEP)
    with watching(chromium, floor, before=clock) as (screen, server):
        screen.until(REST, "")
        floor.clock = lambda: EVENING
        # The wall hears of the other hour with other numbers.
        floor.show(boards.board(3))
        screen.until(REST, "sleep")
        assert [screen.page.evaluate(SEEN, each) for each in ("wall", "sleep")] == [False, True]
        screen.until("document.querySelector('#sleep .hour').textContent", "20:00")
        assert screen.page.inner_text("#sleep .back") == "Back on Monday 23 November at 08:30"
        assert screen.page.evaluate("document.getAnimations().length") == 0
        server.stop()
        forward(screen, 60)
        screen.until("document.querySelector('#sleep .back').textContent", "Back at 08:30")
        forward(screen, 0.5)
        screen.until(REST, "")
        assert [screen.page.evaluate(SEEN, each) for each in ("wall", "sleep")] == [True, False]
        assert screen.wall("state") in ("offline", "stale")


def test_a_sleeping_wall_is_shown_to_whoever_presses_a_key(chromium: Browser, data_dir: Path) -> None:
    with watching(chromium, at(EVENING, data_dir, after_hours=AfterHours.SLEEP), before=clock) as (screen, _):
        screen.until(REST, "sleep")
        screen.page.keyboard.press("Space")
        screen.until(REST, "")
        forward(screen, 0.09)
        screen.until(REST, "sleep")


@pytest.mark.parametrize("size", [(1280, 720), PORTRAIT, LARGE])
def test_wherever_the_clock_of_a_sleeping_wall_wanders_it_is_on_the_screen(
    chromium: Browser, data_dir: Path, size: tuple[int, int]
) -> None:
    floor = at(EVENING, data_dir, after_hours=AfterHours.SLEEP, language="uk")
    outside = """() => [...document.querySelectorAll('#sleep p')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight || !box.width;
    }).length"""
    with watching(chromium, floor, size, clock) as (screen, _):
        screen.until(REST, "sleep")
        walk = screen.page.evaluate(_WALK, "#sleep > div")
        for x, y in ((max, max), (min, min)):
            far = f"translate({x(step[0] for step in walk)}px, {y(step[1] for step in walk)}px)"
            screen.page.evaluate("far => { document.querySelector('#sleep > div').style.transform = far; }", far)
            assert screen.page.evaluate(outside) == 0, far


def test_a_dimmed_wall_is_a_dark_one_under_a_veil(chromium: Browser, data_dir: Path) -> None:
    floor = at(EVENING, data_dir, after_hours=AfterHours.DIM, theme=Theme.LIGHT)
    with watching(chromium, floor) as (screen, _):
        screen.until(REST, "dim")
        assert screen.page.evaluate("getComputedStyle(document.body, '::after').opacity") == "0.36"
        assert tone(screen, "--card") == "#131c36"
        assert screen.page.evaluate(SEEN, "wall")
        floor.clock = lambda: WORKING
        floor.show(boards.board(3))
        screen.until(REST, "")
        assert tone(screen, "--card") == "#ffffff"
        assert screen.page.evaluate("getComputedStyle(document.body, '::after').content") == "none"


def test_the_wall_stays_on_where_its_hours_are_not_known(chromium: Browser, data_dir: Path) -> None:
    floor = at(EVENING, data_dir, after_hours=AfterHours.SLEEP)
    with watching(chromium, floor, before=clock) as (screen, server):
        screen.until(REST, "sleep")
        server.stop()
        forward(screen, 500)
        screen.until(REST, "")


@pytest.mark.parametrize(
    ("drawn_by", "glides"),
    [
        ("ANGLE (Broadcom, V3D 7.1)", True),
        *(
            pytest.param(processor, False, marks=pytest.mark.long)
            for processor in ("SwiftShader driver", "llvmpipe", "")
        ),
    ],
)
def test_panels_glide_where_a_graphics_card_draws_them_and_movement_is_wished(
    chromium: Browser, data_dir: Path, drawn_by: str, glides: bool
) -> None:
    floor = at(WORKING, data_dir, playlist=(Slot("overview", 2), Slot("calls", 2), Slot("leaderboard", 2)))

    def before(page: Page) -> None:
        page.emulate_media(reduced_motion="no-preference")
        page.add_init_script(_DRAWN_BY.replace("NAME", drawn_by))
        page.add_init_script(_MOVED)

    def moved(screen: Screen, *panels: str) -> set[str]:
        for panel in panels:
            screen.until("document.getElementById('wall').dataset.panel", panel)
        screen.until("document.querySelector('.panel.on').className", "panel on")
        return set(screen.page.evaluate("window.__moved"))

    with watching(chromium, floor, before=before) as (screen, _):
        found = moved(screen, "calls", "leaderboard", "overview")
        assert found >= {"appear", "rise", "fill", "grow"} if glides else not found
        screen.page.emulate_media(reduced_motion="reduce")
        screen.page.evaluate("window.__moved.length = 0")
        assert not moved(screen, "calls", "leaderboard")


def test_what_the_office_hides_is_not_in_what_its_screens_get(data_dir: Path) -> None:
    floor = at(WORKING, data_dir, first_names_only=True, hide_amounts=True, hide_ranking=True)
    client = server_of(floor.deps()).test_client()
    for page in (client.get("/").text, client.get("/wall/state").text):
        assert "Орлов" not in page
        assert "Orlov" not in page
        assert "₴" not in page
        assert 'data-slot="leaderboard"' not in page
    floor.settings = Settings()
    assert "Orlov" in client.get("/wall/state").text
