"""Playlists of one's own: the hall's, the kitchen's, and what older and newer versions wrote."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import Engine

from domain.settings import PeriodKind, Slot
from storage import audit, playlists, screens, slots
from storage.db import StoreError, read, write
from storage.names import TakenNameError, UnfitNameError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NIGHT = Slot("leaderboard", 20, PeriodKind.WEEK, "calls", "main:n", 3, frozenset((5, 6)), time(22), time(6))
PLAIN = Slot("emails", 12)


def test_a_playlist_comes_back_as_it_was_saved(db: Engine) -> None:
    with write(db) as conn:
        made = playlists.add(conn, " Hall ", (NIGHT, PLAIN), "lead", NOW)
        playlists.add(conn, "Bar", (PLAIN,), "lead", NOW)
    with read(db) as conn:
        assert playlists.every(conn) == [playlists.Playlist(2, "Bar", (PLAIN,)), made]
        assert made == playlists.Playlist(1, "Hall", (NIGHT, PLAIN))
        assert playlists.find(conn, None) is None
        assert playlists.find(conn, 77) is None


def test_a_playlist_is_changed_renamed_and_removed_and_all_is_recorded(db: Engine) -> None:
    with write(db) as conn:
        number = playlists.add(conn, "Hall", (PLAIN,), "lead", NOW).id
        playlists.save(conn, number, (NIGHT,), "olena", NOW)
        playlists.rename(conn, number, "Big hall", "olena", NOW)
        assert playlists.get(conn, number).slots == (NIGHT,)
        playlists.remove(conn, number, "olena", NOW)
        assert playlists.every(conn) == []
        told = [(entry.who, entry.subject, entry.after) for entry in audit.latest(conn, 3)]
        with pytest.raises(StoreError, match="not there"):
            playlists.save(conn, number, (NIGHT,), "olena", NOW)
    assert told[0] == ("olena", "Big hall", None)
    assert told[1] == ("olena", "Hall", {"name": "Big hall"})


def test_a_playlist_gets_no_number_that_another_had_which_was_removed(db: Engine) -> None:
    with write(db) as conn:
        gone = playlists.add(conn, "Hall", (PLAIN,), "lead", NOW)
        playlists.remove(conn, gone.id, "lead", NOW)
        assert playlists.add(conn, "Kitchen", (PLAIN,), "lead", NOW).id != gone.id
        with pytest.raises(StoreError, match="not there"):
            playlists.rename(conn, gone.id, "Big hall", "lead", NOW)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_is_neither_empty_nor_endless(db: Engine, name: str) -> None:
    with write(db) as conn, pytest.raises(UnfitNameError):
        playlists.add(conn, name, (PLAIN,), "lead", NOW)


def test_two_playlists_never_bear_one_name(db: Engine) -> None:
    with write(db) as conn:
        playlists.add(conn, "Hall", (PLAIN,), "lead", NOW)
        bar = playlists.add(conn, "Bar", (PLAIN,), "lead", NOW)
        with pytest.raises(TakenNameError):
            playlists.rename(conn, bar.id, " Hall", "lead", NOW)
        playlists.rename(conn, bar.id, "Bar", "lead", NOW)


def test_a_playlist_that_a_screen_shows_stays(db: Engine) -> None:
    with write(db) as conn:
        number = playlists.add(conn, "Hall", (PLAIN,), "lead", NOW).id
        screen = screens.bind(conn, screens.offer(conn, "cookie", "", NOW), "TV in the hall", "lead", NOW)
        screens.choose(conn, screen.id, number, None, "lead", NOW)
        with pytest.raises(playlists.InUseError) as refused:
            playlists.remove(conn, number, "lead", NOW)
        assert refused.value.shown_by == ("TV in the hall",)
        screens.choose(conn, screen.id, None, None, "lead", NOW)
        playlists.remove(conn, number, "lead", NOW)


def test_what_an_older_version_stored_is_read_and_what_a_newer_one_adds_is_left_out() -> None:
    old = {"panel": "calls", "seconds": 9, "period": "month"}
    assert slots.decode([old]) == (Slot("calls", 9, PeriodKind.MONTH),)
    assert slots.decode([old | {"sparkle": True}]) == slots.decode([old])
    assert slots.encode(slots.decode([old])) == [old]
