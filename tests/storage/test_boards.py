"""Boards out of the store: what sources that nobody reads any more still say."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from domain.board import Board, SourceHealth
from domain.facts import Batch, Change, Person
from domain.settings import PeriodKind
from storage import facts, sources
from storage.boards import LiveBoards
from storage.db import write
from tests.storage.floor import NOW, OFFICE, SECRETS, at, call, source

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
