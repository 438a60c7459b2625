"""What a screen gets: a page whose numbers need no script, and a state that costs next to nothing while unchanged."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from domain.board import SourceHealth
from domain.celebrations import Celebration, Cheer
from domain.people import Rep
from domain.settings import PLAYLIST, Slot
from layouts import ids
from layouts.wall import news
from routes.fonts import PARTS
from tests import boards
from tests.wall.office import Office, office, server_of


@pytest.fixture
def floor(tmp_path: Path) -> Office:
    (tmp_path / "fonts").mkdir()
    for part in PARTS:
        (tmp_path / "fonts" / part.name).write_bytes(b"wOF2")
    return office(tmp_path)


@pytest.fixture
def screen(floor: Office) -> FlaskClient:
    return server_of(floor.deps()).test_client()


def state(screen: FlaskClient) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(screen.get("/wall/state").data)
    return body


def cheer(rep: int) -> Cheer:
    """A deal that was just won."""
    win = Celebration(1, "main:deal:1", f"main:{rep}", boards.NOW, boards.NOW, Decimal(240_000), "UAH", "Deal", None)
    return Cheer(win, Rep(f"main:{rep}", boards.name_of(rep - 1)))


def test_what_is_new_makes_the_state_before_the_state_now(floor: Office, screen: FlaskClient) -> None:
    before = state(screen)
    floor.show(boards.board(3))
    now = state(screen)
    told = news(before, now)
    had = {panel["id"]: panel for panel in before["panels"]}
    assert told["since"] == f'"{before["version"]}-{before["build"]}"'
    assert told["mark"] == f'"{now["version"]}-{now["build"]}"'
    panels = [had[each["id"]] | each for each in told["panels"]]
    charts = before["charts"] | told["charts"]
    made = before | {key: told[key] for key in told if key not in ("since", "mark")}
    assert made | {"panels": panels, "charts": charts} == now


def test_a_celebration_tells_of_the_offices_own_leaderboard_whatever_the_panels_rank_by(
    floor: Office, screen: FlaskClient
) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("leaderboard", 20, metric="calls"), Slot("calls", 20)))
    floor.wins, floor.others = [cheer(7)], {"calls": boards.board(3)}
    (told,) = state(screen)["celebrations"]
    assert "Place 7" in told["html"]
    assert "planned this month" in told["html"]


def test_a_screen_of_teams_alone_tells_of_its_own_team_around_and_celebrates_for_all(
    floor: Office, screen: FlaskClient
) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("calls", 20, team="north"),))
    floor.wins = [cheer(7)]
    assert "Олена Коваль" in state(screen)["frame"]["line"]
    floor.others = {"north": replace(boards.board(3), team="north", team_name="North", last_win=None)}
    floor.version += 1
    told = state(screen)
    assert "Олена Коваль" not in told["frame"]["line"]
    assert "Place 7" in told["celebrations"][0]["html"]


def test_a_country_whose_holidays_nobody_knows_darkens_no_wall(floor: Office, screen: FlaskClient) -> None:
    rules = replace(floor.settings.celebrating, workdays_only=True)
    floor.settings = replace(floor.settings, country="XX", celebrating=rules)
    floor.wins = [cheer(1)]
    assert screen.get("/").status_code == screen.get("/wall/state").status_code == 200


def test_what_stays_is_not_told_again(screen: FlaskClient) -> None:
    now = state(screen)
    first, *others = now["panels"]
    told = news(now, now | {"panels": [first | {"html": "<p>1</p>", "mark": "1"}, *others]})
    assert [panel["id"] for panel in told["panels"]] == [panel["id"] for panel in now["panels"]]
    assert [panel["id"] for panel in told["panels"] if "html" in panel] == [first["id"]]
    assert set(told) == {"since", "mark", "panels", "charts", "now", "as_of"}
    assert told["charts"] == {}


def test_the_page_has_its_first_panel_drawn_and_the_others_in_waiting(screen: FlaskClient) -> None:
    page = screen.get("/").text
    drawn, waiting = page.split(f'<script type="application/json" id="{ids.BOOT}">')
    assert re.findall(r'data-slot="(\w+)"', drawn) == [PLAYLIST[0].panel]
    assert 'data-role="actual" data-value="172"' in drawn
    boot = json.loads(waiting.split("</script>")[0])
    fetched = state(screen)["panels"]
    assert boot["panels"] == [{key: fetched[0][key] for key in fetched[0] if key != "html"}, *fetched[1:]]


def test_nothing_that_is_fetched_stands_before_the_first_paint(screen: FlaskClient) -> None:
    """Neither a script, a style sheet nor a font: those come when the first panel has been painted."""
    page = screen.get("/").text
    awake = page.split("<template")[0]
    assert re.findall(r"<script[^>]* src=|<link[^>]*stylesheet|@import", awake) == []
    assert "@font-face" not in page[: page.index(f'<style id="{ids.DRESS}" media="not all">')]


def test_dash_sleeps_in_a_template_and_tells_no_versions(screen: FlaskClient) -> None:
    page = screen.get("/").text
    awake, asleep = page.split("<template")
    assert "/_dash-component-suites/" not in awake
    assert "dash_renderer" in asleep
    assert not re.search(r"dash_table|bootstrap|plotly\.min", asleep)
    assert "python_version" not in page
    assert "plotly_version" not in page


def test_every_inline_script_is_allowed_by_its_hash(screen: FlaskClient) -> None:
    answer = screen.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' 'sha256-" in policy
    inline = re.findall(r"<script>", answer.text.split("<template")[0])
    assert len(inline) == 1


def test_a_hostile_name_is_text_in_the_page_and_in_the_state(screen: FlaskClient) -> None:
    assert boards.HOSTILE not in screen.get("/").text
    assert "<script>window" not in screen.get("/").text
    assert boards.HOSTILE not in screen.get("/wall/state").text


def test_an_unchanged_refresh_is_smaller_than_four_hundred_bytes(screen: FlaskClient) -> None:
    first = screen.get("/wall/state")
    again = screen.get("/wall/state", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    lines = "".join(f"{name}: {value}\r\n" for name, value in again.headers.items())
    assert len("HTTP/1.1 304 NOT MODIFIED\r\n" + lines + "\r\n") <= 400
    assert again.headers["Tablo-As-Of"] == str(int(boards.JUST_NOW.timestamp() * 1000))


def test_newer_polls_of_the_same_numbers_change_nothing_but_the_age(floor: Office, screen: FlaskClient) -> None:
    etag = screen.get("/wall/state").headers["ETag"]
    later = boards.NOW + timedelta(minutes=1)
    floor.clock = lambda: later
    floor.show(replace(floor.get(PLAYLIST[0].period).board, as_of=later))
    floor.boards = {period: replace(board, as_of=later) for period, board in office(floor.folder).boards.items()}
    again = screen.get("/wall/state", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.headers["Tablo-Now"] == again.headers["Tablo-As-Of"] == str(int(later.timestamp() * 1000))


def test_other_numbers_are_another_version(floor: Office, screen: FlaskClient) -> None:
    before = state(screen)
    floor.show(boards.board(3))
    after = state(screen)
    assert before["version"] != after["version"]
    assert before["build"] == after["build"]
    assert [panel["key"] for panel in after["panels"]] == [slot.panel for slot in PLAYLIST]


def test_another_playlist_is_shown_and_an_unknown_panel_is_not(floor: Office, screen: FlaskClient) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("emails", 7), Slot("weather", 9)))
    assert [(panel["key"], panel["seconds"]) for panel in state(screen)["panels"]] == [("emails", 7)]
    floor.settings = replace(floor.settings, playlist=())
    assert [panel["key"] for panel in state(screen)["panels"]] == ["overview"]


def test_the_leaderboard_shows_as_many_places_as_the_settings_say(floor: Office, screen: FlaskClient) -> None:
    floor.settings = replace(floor.settings, playlist=(Slot("leaderboard", 9),), rank_top=4)
    assert state(screen)["panels"][0]["html"].count("data-rep=") == 4
    floor.settings = replace(floor.settings, rank_top=0)
    assert state(screen)["panels"][0]["html"].count("data-rep=") == 10


def test_another_language_is_another_wall(floor: Office, screen: FlaskClient) -> None:
    floor.settings = replace(floor.settings, language="uk")
    now = state(screen)
    assert now["language"] == "uk"
    assert now["words"]["live"] == "Наживо · {age} тому"
    assert '<html lang="uk">' in screen.get("/").text


def test_a_source_that_fails_is_named_at_the_foot(floor: Office, screen: FlaskClient) -> None:
    since = boards.NOW - timedelta(minutes=19)
    floor.show(replace(boards.board(), as_of=since, sources=(boards.source(SourceHealth.ERROR, since),)))
    now = state(screen)
    assert now["state"] == "stale"
    line = re.sub(r"<[^>]+>", "", now["frame"]["line"])
    assert line == "Bitrix24 has not answered since 14:07 · trying again every 30 s"


def test_a_first_reading_shows_no_numbers(floor: Office, screen: FlaskClient) -> None:
    floor.show(replace(boards.board(), as_of=None, sources=(boards.source(SourceHealth.STALE, None),)))
    page = screen.get("/").text
    assert "Reading Bitrix24 for the first time" in page
    assert "data-value" not in page
    assert screen.get("/wall/state").headers["Tablo-As-Of"] == ""


def test_demo_and_replay_are_always_said(floor: Office) -> None:
    floor.shift = timedelta(days=1)
    floor.show(replace(boards.board(), demo=True))
    badges = state(server_of(floor.deps()).test_client())["frame"]["badges"]
    assert re.findall(r">(\w+)<", badges) == ["Demo", "Replay"]


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_what_goes_out_is_packed_as_the_browser_likes(screen: FlaskClient, coding: str, unpack: Any) -> None:
    plain = screen.get("/wall/state").data
    packed = screen.get("/wall/state", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert unpack(packed.data) == plain
    assert len(packed.data) < len(plain) / 4


def test_a_script_of_a_build_is_kept_for_a_year(screen: FlaskClient) -> None:
    source = re.search(r'href="(/assets/tv.js\?v=\w+)"', screen.get("/").text)
    assert source is not None
    with screen.get(source[1]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with screen.get(source[1].replace("tv.js", "none.js")) as answer:
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store", "a file that comes a moment later would never be seen"


def test_before_the_first_panel_goes_less_than_a_fifth_of_the_budget(screen: FlaskClient) -> None:
    packed = {"Accept-Encoding": "br"}
    with screen.get("/", headers=packed) as page:
        assert len(page.data) < 20_000
