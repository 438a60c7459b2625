"""When the room may be interrupted, and by which sound."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from domain.celebrations import Celebration, Cheer, due, is_quiet, sound_of, until
from domain.people import Rep
from domain.settings import Celebrating, Hours, Settings

# A Friday, 14:26 in Kyiv.
NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NIGHT = Celebrating(quiet_from=time(20), quiet_to=time(8))
LUNCH = Celebrating(quiet_from=time(13), quiet_to=time(14))
WORKDAYS = Celebrating(workdays_only=True)


def office(rules: Celebrating) -> Settings:
    return replace(Settings(), celebrating=rules)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 in Kyiv."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


def won(at: datetime, noted_at: datetime | None = None) -> Cheer:
    win = Celebration(1, "main:deal:1", "main:1", at, noted_at or at, Decimal(1), "UAH", None, None)
    return Cheer(win, Rep("main:1", "Олена Коваль"))


@pytest.mark.parametrize(
    ("rules", "at", "quiet"),
    [
        (Celebrating(), local(20, 3), False),
        (NIGHT, local(20, 19, 59), False),
        (NIGHT, local(20, 20), True),
        (NIGHT, local(21, 0), True),
        (NIGHT, local(20, 7, 59), True),
        (NIGHT, local(20, 8), False),
        (LUNCH, local(20, 13, 30), True),
        (LUNCH, local(20, 14), False),
        (WORKDAYS, local(20, 12), False),
        (WORKDAYS, local(21, 12), True),
        (WORKDAYS, local(22, 12), True),
    ],
)
def test_quiet_hours_and_days_off(rules: Celebrating, at: datetime, quiet: bool) -> None:
    assert is_quiet(office(rules), at) is quiet


@pytest.mark.parametrize(("day", "quiet"), [(20, False), (21, False), (22, True), (23, True)])
def test_the_small_hours_of_a_night_shift_are_those_of_the_evening_before(day: int, quiet: bool) -> None:
    settings = replace(office(WORKDAYS), hours=Hours(time(22), time(6)))
    assert is_quiet(settings, local(day, 2)) is quiet


def test_a_holiday_is_a_day_off_too() -> None:
    settings = replace(office(WORKDAYS), holidays_added=frozenset((NOW.date(),)))
    assert is_quiet(settings, NOW)


def test_what_is_due() -> None:
    fresh, old = won(NOW - MINUTE), won(NOW - 30 * MINUTE, NOW)
    assert due([fresh, old], office(Celebrating()), NOW) == (fresh,)
    assert due([fresh], office(Celebrating(on=False)), NOW) == ()
    assert due([fresh], office(replace(LUNCH, quiet_to=time(15))), NOW) == ()


def test_what_was_won_in_quiet_hours_stays_quiet_when_they_end() -> None:
    in_lunch = won(local(20, 13, 59))
    after = won(local(20, 14, 1))
    assert due([in_lunch, after], office(LUNCH), local(20, 14, 2)) == (after,)


def test_a_screen_that_was_away_knows_until_when() -> None:
    win = won(local(20, 19, 50)).win
    assert until(win, office(Celebrating()), win.at) == local(20, 20, 20)
    assert until(win, office(NIGHT), win.at) == local(20, 20)


def test_a_rep_may_have_an_own_sound_and_so_may_a_team() -> None:
    rules = Celebrating(sound="bell", team_sounds=(("main:n", "rocket"),), rep_sounds=(("main:2", ""), ("main:3", "9")))
    assert sound_of(rules, "main:1", None) == "bell"
    assert sound_of(rules, "main:1", "main:n") == "rocket"
    assert sound_of(rules, "main:2", "main:n") == ""
    assert sound_of(rules, "main:3", None) == "9"
