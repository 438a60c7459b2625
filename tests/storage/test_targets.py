"""Targets: a list that only grows, with who, when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from domain.facts import Batch, PlannedTarget
from domain.settings import PeriodKind
from storage import audit, facts, state, targets
from storage.db import read, write
from storage.targets import NewTarget
from tests.storage.floor import NOW, OFFICE, source

MONTH = NewTarget("calls", "rep", "main:1", PeriodKind.MONTH, Decimal("300"), date(2026, 11, 1))


def test_a_change_is_a_new_row_and_the_old_one_stays(db: Engine) -> None:
    with write(db) as conn:
        targets.add(conn, [MONTH], "lead", NOW, "plan of the year")
        targets.add(conn, [replace(MONTH, value=Decimal("330.5"))], "admin", NOW + timedelta(days=1))
    with read(db) as conn:
        found = targets.current(conn)
        assert [(row.target.value, row.author, row.note) for row in found] == [
            (Decimal("300"), "lead", "plan of the year"),
            (Decimal("330.5"), "admin", ""),
        ]
        assert found[0].target.order < found[1].target.order == targets.last_change(conn)
        newest = audit.latest(conn, 1)[0]
    assert (newest.who, newest.what, newest.before, newest.after) == ("admin", "target", "300", "330.5")


def test_saving_a_target_is_seen_on_the_wall(db: Engine) -> None:
    with write(db) as conn:
        before = state.version(conn)
        targets.add(conn, [MONTH], "lead", NOW)
        assert state.version(conn) == before + 1
        targets.add(conn, [], "lead", NOW)
        assert state.version(conn) == before + 1


def test_a_withdrawn_target_and_one_of_zero_are_not_the_same(db: Engine) -> None:
    with write(db) as conn:
        targets.add(conn, [replace(MONTH, value=None), replace(MONTH, value=Decimal(0))], "lead", NOW)
        assert [row.target.value for row in targets.current(conn)] == [None, Decimal(0)]


def test_only_what_can_matter_to_the_days_is_read(db: Engine) -> None:
    october = replace(MONTH, since=date(2026, 10, 1), until=date(2026, 10, 31))
    later = replace(MONTH, since=date(2026, 12, 1))
    with write(db) as conn:
        targets.add(conn, [MONTH, october, later], "lead", NOW)
        found = targets.current(conn, date(2026, 11, 1), date(2026, 11, 30))
    assert [row.target.since for row in found] == [date(2026, 11, 1)]


def test_a_sources_own_targets_are_recorded_only_when_they_change(db: Engine) -> None:
    calls = PlannedTarget("calls", "rep", "1", "month", Decimal("300"), date(2026, 11, 1))
    wins = PlannedTarget("deals_won", "company", None, "month", Decimal("9"), date(2026, 11, 1))

    def read_plan(*plan: PlannedTarget) -> list[tuple[str, str, Decimal | None]]:
        facts.apply(db, crm, Batch((), "c", NOW, targets=plan), settings=OFFICE)
        with read(db) as conn:
            return [(row.target.metric, row.target.scope_key, row.target.value) for row in targets.current(conn)]

    with source(db, "main") as crm:
        first = [("calls", "main:1", Decimal("300")), ("deals_won", "", Decimal("9"))]
        assert read_plan(calls, wins) == first
        assert read_plan(wins, replace(calls, value=Decimal("300.00"))) == first
        raised = [*first, ("calls", "main:1", Decimal("310"))]
        assert read_plan(replace(calls, value=Decimal("310")), wins) == raised
        assert read_plan(replace(calls, value=Decimal("310"))) == [*raised, ("deals_won", "", None)]
        assert read_plan(replace(calls, value=Decimal("310"))) == [*raised, ("deals_won", "", None)]
