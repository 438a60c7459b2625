"""Boards out of the store: what sources that nobody reads any more still say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from domain.board import Board, SourceHealth
from domain.facts import Batch, Change, Person
from domain.settings import DayShape, PeriodKind, Settings
from storage import facts, sources, targets
from storage.boards import LiveBoards
from storage.db import write
from storage.targets import NewTarget
from tests.storage.floor import NOW, OFFICE, SECRETS, at, call, source, win

LATER = NOW + timedelta(hours=1)


def board(db: Engine) -> Board:
    return LiveBoards(db, lambda: OFFICE, lambda: LATER, 30).get(PeriodKind.DAY).board


def read_until(db: Engine, number: int, when: datetime, *changes: Change) -> None:
    people = [Person("olena", "Olena", rep=True)]
    facts.apply(db, number, Batch(changes, "c", when, people=people), settings=OFFICE)


def calls(found: Board) -> tuple[bool, int]:
    metric = found.metric("calls")
    return metric.available, int(metric.progress.actual or 0)


def test_the_numbers_of_a_paused_source_stay_and_are_as_old_as_the_pause(db: Engine) -> None:
    with source(db) as main:
        read_until(db, main, NOW, call(1, at(20, 9)))
        with write(db) as conn:
            sources.enable(conn, main, False, "root", NOW)
        found = board(db)
    assert calls(found) == (True, 1)
    assert (found.as_of, [each.health for each in found.sources]) == (NOW, [SourceHealth.STALE])


def test_a_source_that_was_paused_before_it_was_ever_read_has_no_say(db: Engine) -> None:
    with source(db) as main:
        with write(db) as conn:
            sources.enable(conn, main, False, "root", NOW)
        assert board(db).sources == ()


def test_the_numbers_of_a_closed_source_count_beside_those_that_are_read(db: Engine) -> None:
    with source(db, "old") as old, source(db, "new") as new:
        read_until(db, old, NOW, call(1, at(20, 9)))
        read_until(db, new, LATER, call(2, at(20, 9)))
        with write(db) as conn:
            sources.close(conn, SECRETS, old, "root", NOW)
        found = board(db)
    assert calls(found) == (True, 2)
    assert (found.as_of, [each.name for each in found.sources]) == (LATER, ["new"])


def test_what_is_dated_ahead_counts_when_its_day_comes(db: Engine) -> None:
    now = LATER

    def month() -> tuple[int, str | None]:
        found = boards.get(PeriodKind.MONTH).board
        return int(found.metric("deals_won").progress.actual or 0), found.leaderboard.rows[0].name

    boards = LiveBoards(db, lambda: OFFICE, lambda: now, 30)
    people = [Person("olena", "Olena", rep=True), Person("nikita", "Nikita", rep=True)]
    told = [win(1, at(20, 9), "nikita"), win(2, at(25, 9), "olena", amount="9000"), win(3, at(20, 20), "nikita", "1")]
    with source(db) as main:
        facts.apply(db, main, Batch(told, "c", NOW, people=people), settings=OFFICE)
        # Later today counts at once: only the day is looked at.
        assert month() == (2, "Nikita")
        assert boards.get(PeriodKind.DAY, date(2026, 11, 25)).board.metric("deals_won").progress.actual == 0
        now = at(25, 0)
        assert month() == (3, "Olena")


def test_the_usual_curve_is_there_as_soon_as_a_source_has_told_its_past(db: Engine) -> None:
    """Then it is looked at once an hour: what is told late of a week ago takes as long."""
    now, week = LATER, timedelta(days=7)

    def usually() -> list[int]:
        return [int(point.y) for curve in (boards.get(PeriodKind.DAY).board.metric("calls").curve,) if curve
                for point in curve.usual[-1:]]  # fmt: skip

    boards = LiveBoards(db, lambda: OFFICE, lambda: now, 30)
    past = [call(number, at(20, 9) - week * number) for number in range(1, 5)]
    with source(db) as main:
        # A first read that goes on.
        facts.apply(db, main, Batch(past[:1], "c", None, people=[Person("olena", "Olena", rep=True)]), settings=OFFICE)
        assert usually() == []
        read_until(db, main, NOW, *past)
        assert usually() == [1]
        read_until(db, main, NOW, *(call(10 + number, at(20, 10) - week * number) for number in range(1, 5)))
        assert usually() == [1]
        now += timedelta(hours=1)
        assert usually() == [2]


def test_the_usual_day_is_learned_from_what_is_stored(db: Engine) -> None:
    days = [NOW.astimezone(ZoneInfo("Europe/Kyiv")) - timedelta(days=back) for back in range(1, 29)]
    minutes = (0, 10, 20, 40)
    # From 9 to 10 in Kyiv, on every day of four weeks.
    told = [
        call(number * 10 + place, day.replace(hour=9, minute=minute))
        for number, day in enumerate(days)
        for place, minute in enumerate(minutes)
    ]
    usual = replace(OFFICE, day_shape=DayShape.USUAL, country=None)
    plan = NewTarget("calls", "company", "", PeriodKind.DAY, Decimal(40), date(2026, 11, 1), None)
    now = at(20, 7, 30)

    def expected(settings: Settings) -> Decimal | None:
        found = LiveBoards(db, lambda: settings, lambda: now, 30).get(PeriodKind.DAY).board
        return found.metric("calls").progress.expected

    with source(db) as main:
        read_until(db, main, NOW, *told)
        with write(db) as conn:
            targets.add(conn, [plan], "lead", NOW)
        # At half past nine it is half of them: within an hour it goes evenly.
        assert expected(usual) == 20
        assert expected(replace(usual, day_shape=DayShape.HOURS)) == Decimal("2.5")
