"""Two hundred nasty names go all the way: a sheet, the poller, the store, every panel, a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from config import Config
from deps import Deps, open_deps
from domain.settings import Slot
from jobs.house import House
from jobs.poll import poll
from layouts.panels import PANELS
from storage import db as store
from storage import people, settings, sources
from storage.secrets import Secrets
from tests.wall.names import NASTY
from tests.wall.office import Running, server_of
from tests.wall.screen import RESOLUTIONS, Screen

pytestmark = pytest.mark.browser
_SCAN = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
# As many as a panel can show at once.
_TOGETHER = 40
# Titles end where the status begins, which the wall measures every second.
_ROOM_FOR_STATUS = (
    "document.getElementById('wall').style.getPropertyValue('--status')"
    " === document.querySelector('.status').offsetWidth + 'px'"
)
# Elements that only somebody else's text could have made, and what a value that is none looks like.
_STRANGE = """() => {
    const strange = [...document.getElementById('wall').querySelectorAll('script, iframe, object, svg, a, style, base,'
        + 'meta, math, [onerror], [onload], [onfocus], [href]')];
    const said = [];
    const walker = document.createTreeWalker(document.getElementById('wall'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.closest('bdi') && /\\b(NaN|None|undefined|null|Infinity|nan)\\b/.test(node.textContent))
            said.push(node.textContent);
    }
    return [window.pwned === undefined, strange.map((node) => node.outerHTML.slice(0, 80)), said];
}"""


@pytest.fixture(scope="module")
def deps(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deps]:
    """An office in which everybody has one of the names, in teams that fit on a panel."""
    sheets, folder = tmp_path_factory.mktemp("sheets"), tmp_path_factory.mktemp("store")
    teams = [f"{NASTY[at]} team {at}" for at in range(0, len(NASTY), _TOGETHER)]
    of_all = [(str(at), name, teams[at // _TOGETHER]) for at, name in enumerate(NASTY)]
    head = ("id", "rep", "title", "created_on", "closed_on", "outcome", "amount")
    _sheet(sheets / "reps.csv", ("id", "name", "team"), of_all)
    calls = [(f"{rep}-{n}", rep, "2026-11-20 10:00", "60") for rep, _, _ in of_all for n in range(int(rep) % 7)]
    _sheet(sheets / "calls.csv", ("id", "rep", "at", "seconds"), calls)
    deals = [
        (rep, rep, f"{name} deal", "2026-11-19", "2026-11-20", "won", str(1000 + int(rep))) for rep, name, _ in of_all
    ]
    _sheet(sheets / "deals.csv", head, deals)
    config = Config(data_dir, f"sqlite:///{folder / 'tablo.db'}", country="DE")
    db = store.open_db(config.database_url)
    store.migrate(db)
    house = House(db, Secrets(b"n" * 32), config, lambda: NOW)
    with store.write(db) as conn:
        sources.add(conn, house.secrets, "sheets", "files", {"path": str(sheets)}, "test", NOW)
    report = poll(house, "sheets")
    assert report is not None
    assert report.ok
    with store.read(db) as conn:
        keys = [team.key for team in people.teams(conn)]
    slots = [Slot(panel, 60, team=key, top=0) for key in sorted(keys) for panel in PANELS]
    with store.write(db) as conn:
        settings.save(conn, {"playlist": tuple(slots), "rank_top": 0}, "test", NOW)
    yield open_deps(house)
    db.dispose()


def test_there_are_two_hundred_of_them() -> None:
    assert len(NASTY) == len(set(NASTY)) == 200


def test_nothing_is_run_nothing_overflows_and_nobody_is_missing(chromium: Browser, deps: Deps) -> None:
    server = Running(server_of(deps))
    page = chromium.new_page()
    screen, strangers = Screen(page), list[str]()
    page.on("request", lambda request: strangers.append(request.url))
    try:
        page.goto(server.url)
        page.evaluate("document.fonts.ready.then(() => true)")
        screen.until("document.querySelector('.clock').textContent", "14:26")
        for width, height in RESOLUTIONS.values():
            page.set_viewport_size({"width": width, "height": height})
            screen.until(_ROOM_FOR_STATUS)
            assert page.evaluate(_SCAN) == [], (width, height)
        assert page.evaluate(_STRANGE) == [True, [], []]
        everybody = "[...new Set([...document.querySelectorAll('[data-rep]')].map((row) => row.dataset.rep))].length"
        assert page.evaluate(everybody) == len(NASTY)
        assert [url for url in strangers if not url.startswith((server.url, "data:"))] == []
        assert screen.errors == []
    finally:
        page.close()
        server.stop()


def _sheet(path: Path, head: tuple[str, ...], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
