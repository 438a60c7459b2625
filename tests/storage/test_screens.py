"""A TV is bound by a code: Olena's screen in the hall, a second one in the kitchen, and a stranger's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from domain.settings import Slot
from storage import audit, playlists, screens
from storage.db import StoreError, read, write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HALL, KITCHEN = screens.new_cookie(), screens.new_cookie()


def test_a_screen_is_known_by_its_cookie_once_its_code_was_typed(db: Engine) -> None:
    code = _offer(db, HALL)
    assert len(code) == 6
    assert code.isdigit()
    with write(db) as conn:
        assert screens.bound(conn).get(screens.digest(HALL)) is None
        screens.bind(conn, f" {code[:3]} {code[3:]} ", "Hall", "olena", NOW)
    with read(db) as conn:
        found = screens.bound(conn).get(screens.digest(HALL))
        assert found is not None
        assert found.name == "Hall"
        assert screens.bound(conn).get(screens.digest(KITCHEN)) is None
        assert [entry.subject for entry in audit.latest(conn, 5)] == ["Hall"]


def test_the_code_stays_for_ten_minutes_and_is_another_one_after(db: Engine) -> None:
    code = _offer(db, HALL)
    assert _offer(db, HALL, NOW + timedelta(minutes=9)) == code
    with write(db) as conn, pytest.raises(StoreError, match="No screen"):
        screens.bind(conn, code, "Hall", "olena", NOW + timedelta(minutes=10))
    assert _offer(db, HALL, NOW + timedelta(minutes=11)) != code


def test_a_code_works_once(db: Engine) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        screens.bind(conn, code, "Hall", "olena", NOW)
        with pytest.raises(StoreError, match="No screen"):
            screens.bind(conn, code, "Again", "olena", NOW)


def test_a_revoked_screen_is_a_stranger_at_once_and_the_wall_stays_closed(db: Engine) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        assert not screens.ever_bound(conn)
        number = screens.bind(conn, code, "Hall", "olena", NOW).id
        screens.revoke(conn, number, "olena", NOW)
        assert screens.bound(conn).get(screens.digest(HALL)) is None
        assert screens.ever_bound(conn)
        with pytest.raises(StoreError, match="not bound"):
            screens.revoke(conn, number, "olena", NOW)


def test_two_screens_never_bear_one_name(db: Engine) -> None:
    first, second = _offer(db, HALL), _offer(db, KITCHEN)
    with write(db) as conn:
        screens.bind(conn, first, "Hall", "olena", NOW)
        with pytest.raises(StoreError, match="already"):
            screens.bind(conn, second, "Hall", "olena", NOW)
        number = screens.bind(conn, second, "Kitchen", "olena", NOW).id
        with pytest.raises(StoreError, match="already"):
            screens.rename(conn, number, "Hall", "olena", NOW)
        screens.rename(conn, number, "Canteen", "olena", NOW)
        assert [screen.name for screen in screens.every(conn)] == ["Canteen", "Hall"]


def test_what_a_screen_does_not_tell_stays_as_it_was(db: Engine) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        screen = screens.bind(conn, code, "Hall", "olena", NOW)
        screens.seen(conn, screen, screens.Report("Chromium", "calls", 4_000_000, 0), NOW)
        screens.seen(conn, screen, screens.Report("Chromium", None), NOW + timedelta(minutes=2))
        known = screens.bound(conn).get(screens.digest(HALL))
        assert known is not None
        assert (known.seen_at, known.showing, known.heap) == (NOW + timedelta(minutes=2), "calls", 4_000_000)


def test_a_screen_has_a_playlist_and_a_language_of_its_own_or_the_offices(db: Engine) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        screen = screens.bind(conn, code, "Hall", "olena", NOW)
        assert (screen.playlist, screen.language) == (None, None)
        own = playlists.add(conn, "Hall", (Slot("calls", 9),), "olena", NOW)
        screens.choose(conn, screen.id, own.id, "uk", "olena", NOW)
        known = screens.bound(conn).get(screens.digest(HALL))
        assert known is not None
        assert (known.playlist, known.language) == (own.id, "uk")
        with pytest.raises(StoreError, match="not there"):
            screens.choose(conn, screen.id, own.id + 1, "uk", "olena", NOW)


def test_a_command_is_due_until_the_screen_has_taken_it(db: Engine) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        screen = screens.bind(conn, code, "Hall", "olena", NOW)
        assert screen.due is None
        first = screens.command(conn, screen.id, "reload")
        second = screens.command(conn, screen.id, "show calls-day")
        assert second.number > first.number
        # A late word about the first does not take the second away.
        screens.obeyed(conn, screen, first.number)
        assert _due(conn) == second
        screens.obeyed(conn, screen, second.number)
        assert _due(conn) is None
        assert screens.command(conn, screen.id, "reload").number > second.number


@pytest.mark.parametrize("do", ["show x\ny", "show x\r", "show дзвінки"])
def test_a_command_that_no_header_takes_is_refused(db: Engine, do: str) -> None:
    code = _offer(db, HALL)
    with write(db) as conn:
        screen = screens.bind(conn, code, "Hall", "olena", NOW)
        with pytest.raises(StoreError, match="can be told"):
            screens.command(conn, screen.id, do)
        assert _due(conn) is None


def test_a_screen_gets_no_number_that_another_had_which_was_ended(db: Engine) -> None:
    codes = [_offer(db, cookie) for cookie in (HALL, "kitchen", "board room")]
    with write(db) as conn:
        screens.bind(conn, codes[0], "Hall", "olena", NOW)
        kitchen = screens.bind(conn, codes[1], "Kitchen", "olena", NOW)
        screens.revoke(conn, kitchen.id, "olena", NOW)
        room = screens.bind(conn, codes[2], "Board room", "olena", NOW)
        # A page drawn before that still has the kitchen's button.
        with pytest.raises(StoreError, match="not bound any more"):
            screens.revoke(conn, kitchen.id, "olena", NOW)
        assert [each.name for each in screens.every(conn)] == [room.name, "Hall"]


def test_whoever_asks_for_codes_without_end_pushes_out_the_oldest_only(db: Engine) -> None:
    with write(db) as conn:
        codes = [screens.offer(conn, f"cookie {number}", "", NOW + timedelta(seconds=number)) for number in range(203)]
        assert len(set(codes)) == 203
        with pytest.raises(StoreError, match="No screen"):
            screens.bind(conn, codes[0], "Hall", "olena", NOW)
        screens.bind(conn, codes[-1], "Hall", "olena", NOW)


def _offer(db: Engine, cookie: str, at: datetime = NOW) -> str:
    with write(db) as conn:
        return screens.offer(conn, cookie, "TV", at)


def _due(conn: Connection) -> screens.Command | None:
    known = screens.bound(conn).get(screens.digest(HALL))
    assert known is not None
    return known.due
