"""An old television: the same figures without grid, Dash or a modern script, and the same promises."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Response, request
from playwright.sync_api import Browser, expect

from domain.settings import PLAYLIST, Slot
from layouts import pairing
from layouts.lite import plain
from layouts.text import Text
from routes import guard
from tests import boards
from tests.wall.office import Office, Running, office, server_of
from tests.wall.screen import Screen

FIGURES = re.compile(r'data-(?:role="\w+" data-value|rep="[^"]*" data-value)="([^"]*)"')
# Every panel in turn: nothing leaves the screen or its card, and nothing is smaller than 16 px on 720 lines.
LOOK = """() => {
  const bad = [], wall = document.getElementById("wall");
  for (const panel of document.querySelectorAll(".panel")) {
    document.querySelectorAll(".panel").forEach((each) => { each.className = each === panel ? "panel on" : "panel"; });
    panel.querySelectorAll("*").forEach((node) => {
      const box = node.getBoundingClientRect(), card = node.closest(".hero, .reps, .podium, .rows");
      const words = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
      // A long name is cut by an ellipsis.
      if (!words || !box.width || node.closest(".name, .names, .title")) return;
      const size = parseFloat(getComputedStyle(node).fontSize), edge = (card || wall).getBoundingClientRect();
      if (size && size < 16) bad.push([panel.dataset.id, node.className, size]);
      const leaves = box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
      if (size && leaves) bad.push([panel.dataset.id, node.className, node.textContent, "leaves"]);
    });
  }
  return bad;
}"""

# Its seconds are a tenth as long.
HURRY = "const wait = window.setTimeout; window.setTimeout = (then, ms) => wait(then, ms / 10);"


@pytest.fixture
def floor(data_dir: Path) -> Office:
    now = datetime.now(UTC)
    found = office(data_dir, replace(boards.board(), now=now, as_of=now - timedelta(seconds=8)))
    found.clock = lambda: datetime.now(UTC)
    return found


def test_without_any_script_each_panel_leads_to_the_next(floor: Office) -> None:
    client = server_of(floor.deps()).test_client()
    last = len(PLAYLIST) - 1
    for at, following in ((0, 1), (last, 0)):
        page = client.get(f"/tv-lite?at={at}").text
        refresh = f'<meta http-equiv="refresh" content="{PLAYLIST[at].seconds};url=/tv-lite?at={following}">'
        assert f"<noscript>{refresh}</noscript>" in page
        assert re.findall(r'class="panel on" data-slot="(\w+)"', page) == [PLAYLIST[at].panel]
        assert "--" not in "".join(re.findall(r'style="[^"]*"', page))


def test_the_script_comes_with_the_page_and_may_run_in_every_engine(floor: Office) -> None:
    client = server_of(floor.deps()).test_client()
    page = client.get("/tv-lite")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    assert not [about for about, _ in scripts if "src" in about]
    allowed = re.findall("script-src ([^;]*)", page.headers["Content-Security-Policy"])[0]
    assert guard.script_hash(scripts[-1][1]) in allowed
    # Where hashes are understood this counts for nothing; the engines of 2014 to 2016 understand nothing else.
    assert "'unsafe-inline'" in allowed
    assert "'unsafe-inline'" not in client.get("/").headers["Content-Security-Policy"].split("style-src")[0]


def test_the_figures_are_those_of_the_wall(floor: Office) -> None:
    client = server_of(floor.deps()).test_client()
    state: dict[str, Any] = client.get("/wall/state").get_json()
    page = client.get("/tv-lite").text
    assert FIGURES.findall(page) == [figure for panel in state["panels"] for figure in FIGURES.findall(panel["html"])]
    assert len(FIGURES.findall(page)) > 50


def test_nothing_new_is_told_without_a_body(floor: Office) -> None:
    client = server_of(floor.deps()).test_client()
    first = client.get("/tv-lite/inside")
    again = client.get("/tv-lite/inside", query_string={"version": first.headers["Tablo-Version"]})
    assert (again.status_code, again.data) == (204, b"")
    assert again.headers["Tablo-As-Of"] == first.headers["Tablo-As-Of"]


def test_another_hour_or_language_or_patience_asks_for_another_page(floor: Office) -> None:
    def mark() -> str:
        client = server_of(deps).test_client()
        page, inside = client.get("/tv-lite"), client.get("/tv-lite/inside").headers["Tablo-Build"]
        assert f'data-build="{inside}"' in page.text
        return inside

    deps, winter, summer = (
        floor.deps(),
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 1, tzinfo=UTC),
    )
    floor.show(replace(boards.board(), now=winter))
    marks = [mark()]
    floor.show(replace(boards.board(3), now=winter))
    assert mark() == marks[0]
    floor.show(replace(boards.board(), now=summer))
    marks.append(mark())
    floor.settings = replace(floor.settings, language="uk")
    marks.append(mark())
    deps = replace(deps, config=replace(deps.config, poll_seconds=600))
    marks.append(mark())
    assert len(set(marks)) == 4


def test_shares_become_widths_and_places() -> None:
    assert plain('<i style="--a:0.5059"></i><s style="--p:1"></s>') == (
        '<i style="width:50.59%"></i><s style="left:100.00%"></s>'
    )


@pytest.mark.browser
def test_it_turns_takes_news_outlives_the_server_and_finds_it_again(chromium: Browser, floor: Office) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("overview", 1), Slot("calls", 1), Slot("leaderboard", 1)))
    server = Running(server_of(floor.deps()))
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    screen, state = Screen(page), "document.getElementById('wall').dataset.state"
    try:
        # Nothing but the page itself has to come.
        page.route("**/assets/**", lambda route: route.abort())
        page.goto(f"{server.url}tv-lite")
        page.evaluate("window.stayed = true")
        page.evaluate("document.body.setAttribute('onclick', 'window.stayed = false')")
        page.evaluate("document.body.click()")
        assert len(screen.panels_seen(4)) >= 3
        now = datetime.now(UTC)
        floor.show(replace(boards.board(3), now=now, as_of=now))
        screen.until("document.querySelector('[data-slot=calls] [data-role=actual]').dataset.value", "54")
        assert "Live" in page.inner_text(".fresh")
        server.stop()
        screen.until(state, "offline")
        assert "No connection" in page.inner_text(".fresh")
        assert len(screen.panels_seen(4)) >= 3
        server.start()
        screen.until(state, "live")
        assert page.evaluate("window.stayed") is True
    finally:
        page.close()
        server.stop()


@pytest.mark.browser
def test_no_answer_ends_its_asking_and_it_leaves_only_for_a_page_that_is_there(
    chromium: Browser, floor: Office
) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("overview", 2), Slot("calls", 2)))
    app, instead = server_of(floor.deps()), dict[str, Response]()

    @app.before_request
    def answer() -> Response | None:
        # What was done is not asked for again.
        if "done" in request.args:
            instead.clear()
        return instead.get(request.path)

    server = Running(app)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    screen, state = Screen(page), "document.getElementById('wall').dataset.state"
    try:
        page.add_init_script(HURRY)
        page.goto(f"{server.url}tv-lite")
        told = {key: value for key, value in app.test_client().get("/tv-lite/inside").headers if "Tablo" in key}
        with page.expect_navigation():
            instead["/tv-lite/inside"] = Response(status=204, headers=told | {"Tablo-Command": "1 reload"})
        # An answer that nothing can be made of.
        instead["/tv-lite/inside"] = Response("", headers=told)
        page.evaluate("window.stayed = true")
        screen.until(state, "offline")
        assert "Live" not in page.inner_text(".fresh")
        instead.clear()
        screen.until(state, "live")
        # Another language: the page is in it as soon as the server gives the page.
        instead["/tv-lite"] = Response("Bad gateway", status=502)
        floor.settings = replace(floor.settings, language="uk")
        screen.requests.clear()
        screen.until_asked("tv-lite?")
        instead["/tv-lite"] = Response("Welcome to the guest network")
        screen.requests.clear()
        screen.until_asked("tv-lite?")
        assert len(screen.panels_seen(0.5)) >= 2
        assert page.evaluate("window.stayed") is True
        instead.clear()
        expect(page.locator("html")).to_have_attribute("lang", "uk")
        # The screen is one of the office no more: its code, at once and not at the next turn.
        floor.settings = replace(floor.settings, playlist=(Slot("overview", 3600),))
        expect(page.locator(".panel")).to_have_count(1)
        instead["/tv-lite"] = Response(pairing.page(Text("uk"), "123456", "address", ""), mimetype="text/html")
        instead["/tv-lite/inside"] = Response(status=401)
        expect(page.locator(".code")).to_have_attribute("data-code", "123456")
        assert "Nikita" not in page.content()
    finally:
        page.close()
        server.stop()


@pytest.mark.browser
@pytest.mark.parametrize("reps", [3, 12, 40])
def test_everything_fits_in_the_longest_language(chromium: Browser, data_dir: Path, reps: int) -> None:
    floor = office(data_dir, boards.board(reps), "uk")
    server = Running(server_of(floor.deps()))
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    try:
        page.goto(f"{server.url}tv-lite")
        assert page.evaluate(LOOK) == []
    finally:
        page.close()
        server.stop()
