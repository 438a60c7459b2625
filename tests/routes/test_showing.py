"""Each screen its own: playlist, language, hours, what it is told to do; and the preview, which is no screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from domain.facts import Batch, Kind
from domain.settings import PeriodKind, Settings, Slot
from routes import fonts
from storage import db as store
from storage import facts, playlists, screens, settings, slots
from tests.desk.office import NOW, ORIGIN, PASSWORD, Office, furnish

CALLS, EMAILS = Slot("calls", 9), Slot("emails", 9)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The server in earnest, with numbers that have come."""
    made = furnish(tmp_path)
    folder = made.deps.config.data_dir / "fonts"
    folder.mkdir()
    for part in fonts.PARTS:
        (folder / part.name).touch()
    made.server = create_app(made.deps)
    return made


@pytest.fixture
def tv(office: Office) -> FlaskClient:
    """A bound screen, "Hall"."""
    with store.write(office.deps.db) as conn:
        screens.bind(conn, screens.offer(conn, "cookie", "TV", NOW), "Hall", "lead", NOW)
    client = office.server.test_client()
    client.set_cookie("tablo_screen", "cookie")
    return client


def panels(answer: TestResponse) -> list[str]:
    body: dict[str, Any] = json.loads(answer.data)
    return [panel["key"] for panel in body["panels"]]


def give(office: Office, *chosen: Slot, language: str | None = None) -> None:
    """Give the screen a playlist of its own."""
    with store.write(office.deps.db) as conn:
        own = playlists.add(conn, f"List {len(playlists.every(conn))}", chosen, "lead", NOW)
        screens.choose(conn, 1, own.id, language, "lead", NOW)


def test_a_screen_shows_its_own_playlist_in_its_own_language(office: Office, tv: FlaskClient) -> None:
    assert len(panels(tv.get("/wall/state"))) == len(Settings().playlist)
    give(office, CALLS, EMAILS, language="uk")
    answer = tv.get("/wall/state")
    assert panels(answer) == ["calls", "emails"]
    assert json.loads(answer.data)["language"] == "uk"
    page = tv.get("/").text
    assert '<html lang="uk">' in page
    assert "Дзвінки" in page
    assert len(panels(office.login().get("/wall/state"))) == len(Settings().playlist)


def test_screens_with_one_playlist_and_language_get_the_same_bytes(office: Office, tv: FlaskClient) -> None:
    give(office, CALLS)
    with store.write(office.deps.db) as conn:
        second = screens.bind(conn, screens.offer(conn, "other", "TV", NOW), "Bar", "lead", NOW)
        screens.choose(conn, second.id, 1, None, "lead", NOW)
    bar = office.server.test_client()
    bar.set_cookie("tablo_screen", "other")
    first, other = tv.get("/wall/state?panel=calls&heap=1"), bar.get("/wall/state")
    assert first.data == other.data
    assert first.headers["ETag"] == other.headers["ETag"]


def test_a_playlist_that_is_gone_leaves_the_shared_one(office: Office, tv: FlaskClient) -> None:
    give(office, CALLS)
    with store.write(office.deps.db) as conn:
        conn.exec_driver_sql("DELETE FROM playlists")
    assert len(panels(tv.get("/wall/state"))) == len(Settings().playlist)


def test_panels_come_and_go_with_their_hours(office: Office, tv: FlaskClient) -> None:
    morning = Slot("emails", 9, start=time(9), end=time(14, 30))
    friday_night = Slot("deals_won", 9, weekdays=frozenset((5,)), start=time(22), end=time(2))
    give(office, CALLS, morning, friday_night)
    # 14:26 in Kyiv.
    before = tv.get("/wall/state")
    assert panels(before) == ["calls", "emails"]
    office.clock.turn(timedelta(minutes=4))
    after = tv.get("/wall/state", headers={"If-None-Match": before.headers["ETag"]})
    assert panels(after) == ["calls"]
    office.clock.now = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    assert panels(tv.get("/wall/state")) == ["calls", "deals_won"]


def test_a_wall_without_a_panel_for_this_hour_shows_the_overview(office: Office, tv: FlaskClient) -> None:
    give(office, Slot("calls", 9, start=time(3), end=time(4)))
    assert panels(tv.get("/wall/state")) == ["overview"]


def test_empty_panels_are_skipped(office: Office, tv: FlaskClient) -> None:
    batch = Batch([], "c", NOW, missing={Kind.EMAIL: "The sheets have no emails."})
    facts.apply(office.deps.db, 1, batch, settings=Settings())
    ghosts, north = Slot("calls", 9, team="main:gone"), Slot("calls", 9, team="main:n")
    give(office, EMAILS, CALLS, ghosts, north)
    assert panels(tv.get("/wall/state")) == ["calls", "calls"]


def test_a_team_has_its_own_board_and_a_leaderboard_its_own_metric(office: Office, tv: FlaskClient) -> None:
    south = Slot("calls", 9, team="main:s")
    by_calls = Slot("leaderboard", 9, PeriodKind.WEEK, metric="calls", top=2)
    give(office, south, by_calls)
    drawn = json.loads(tv.get("/wall/state").data)["panels"]
    assert "South · Today" in drawn[0]["html"]
    assert 'data-rep="main:3"' in drawn[0]["html"]
    assert 'data-rep="main:1"' not in drawn[0]["html"]
    assert "Calls · This week" in drawn[1]["html"]
    assert drawn[1]["html"].count("data-rep=") == 2


def test_a_command_is_told_to_its_screen_alone_until_it_was_taken(office: Office, tv: FlaskClient) -> None:
    first = tv.get("/wall/state")
    assert "Tablo-Command" not in first.headers
    with store.write(office.deps.db) as conn:
        screens.command(conn, 1, "show emails-day")
    again = tv.get("/wall/state", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Tablo-Command"]) == (304, "1 show emails-day")
    assert "Tablo-Command" not in office.login().get("/wall/state").headers
    # Another server on the same store goes on telling it: a restart loses nothing.
    restarted = create_app(office.deps).test_client()
    restarted.set_cookie("tablo_screen", "cookie")
    assert restarted.get("/wall/state").headers["Tablo-Command"] == "1 show emails-day"
    assert "Tablo-Command" not in restarted.get("/wall/state?done=1").headers
    assert "Tablo-Command" not in tv.get("/wall/state").headers


def test_the_address_under_which_a_screen_reads_its_wall_is_known(office: Office, tv: FlaskClient) -> None:
    with store.read(office.deps.db) as conn:
        hall = screens.every(conn)[0]
    assert office.deps.sightings.address_of(hall) == ""
    tv.set_cookie("tablo_screen", "cookie", domain="192.168.1.20")
    assert tv.get("/wall/state", base_url="http://192.168.1.20:8050").status_code == 200
    assert office.deps.sightings.address_of(hall) == "http://192.168.1.20:8050/"


def test_an_open_line_hears_of_a_command_a_playlist_and_its_end(office: Office, tv: FlaskClient) -> None:
    with tv.get("/wall/events", buffered=False) as line:
        said = (part.decode() for part in line.iter_encoded())
        first = next(said)
        with store.write(office.deps.db) as conn:
            screens.command(conn, 1, "reload")
        told = next(each for each in said if "change" in each)
        assert (told != first, told.split()[-1]) == (True, "1")
        give(office, CALLS)
        assert next(each for each in said if "change" in each) not in (first, told)
        with store.write(office.deps.db) as conn:
            screens.revoke(conn, 1, "lead", NOW)
        # A line that ends is asked for anew, and refused.
        assert [each for each in said if "change" in each] == []
    assert tv.get("/wall/events").status_code == 401


def test_a_preview_is_for_a_login_and_never_counts_as_a_screen(office: Office, tv: FlaskClient) -> None:
    draft = quote(json.dumps(slots.encode([EMAILS])))
    nobody, lead = office.server.test_client(), office.server.test_client()
    lead.post("/login", data={"login": "lead", "password": PASSWORD}, headers=ORIGIN)
    lead.set_cookie("tablo_screen", "cookie")
    for address in (f"/?preview={draft}", f"/wall/state?preview={draft}"):
        assert nobody.get(address).status_code == 401
        assert tv.get(address).status_code == 401
        assert lead.get(address).status_code == 200
    assert panels(lead.get(f"/wall/state?preview={draft}")) == ["emails"]
    assert len(panels(lead.get("/wall/state?preview=nonsense"))) == len(Settings().playlist)
    with store.read(office.deps.db) as conn:
        assert screens.every(conn)[0].seen_at is None


def test_the_offices_language_holds_where_a_screen_has_none(office: Office, tv: FlaskClient) -> None:
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"language": "ru"}, "lead", NOW)
    assert json.loads(tv.get("/wall/state").data)["language"] == "ru"
