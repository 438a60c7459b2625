"""Teams of the office's own, and who was in which when: past numbers stay those of the people of then."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from domain.board import Board
from domain.facts import Batch, Fact, Group, Kind, Person
from domain.people import Stint, Team
from domain.settings import PeriodKind
from domain.teams import team_on
from storage import audit, facts, people, targets, teams
from storage.boards import LiveBoards
from storage.db import StoreError, read, write
from storage.people import Member
from storage.targets import NewTarget
from tests.storage.floor import NOW, OFFICE, at, call, source, win

ALWAYS, DAY = date.min, date(2026, 11, 20)
NAMES = ("1", "2", "3", "4", "5")
NORTH, SOUTH = "main:n", "main:s"


def list_people(db: Engine, crm: int, *listed: Person) -> None:
    groups = [Group("n", "North"), Group("s", "South")]
    facts.apply(db, crm, Batch((), "c", NOW, people=listed, groups=groups), settings=OFFICE)


def member(db: Engine, key: str = "main:1") -> Member:
    with read(db) as conn:
        return next(each for each in people.everybody(conn) if each.key == key)


def assign(db: Engine, team: str | None, since: date | None, follow: bool = False) -> Member:
    with write(db) as conn:
        teams.assign(conn, member(db), team, since, "lead", NOW, follow)
    return member(db)


def test_who_changes_teams_is_in_the_old_one_until_then(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", team="n", rep=True))
        moved = assign(db, SOUTH, DAY)
        assert (moved.team, moved.stints) == (SOUTH, (Stint(ALWAYS, NORTH), Stint(DAY, SOUTH)))
        # Earlier by a week after all, and then never mind.
        moved = assign(db, SOUTH, DAY - timedelta(days=7))
        assert moved.stints == (Stint(ALWAYS, NORTH), Stint(DAY - timedelta(days=7), SOUTH))
        with write(db) as conn:
            teams.take_back(conn, moved, DAY - timedelta(days=7), "lead", NOW)
        assert (member(db).team, member(db).stints, member(db).team_override) == (NORTH, (), None)
        with write(db) as conn, pytest.raises(StoreError, match="not there any more"):
            teams.take_back(conn, moved, DAY, "lead", NOW)
        with read(db) as conn:
            assert {entry.what for entry in audit.latest(conn, 8)} >= {"membership", "person"}


def test_the_offices_word_on_the_team_holds_until_it_is_left_to_the_source_again(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", team="n", rep=True))
        assert assign(db, None, None).team is None
        list_people(db, crm, Person("1", "Olena", team="s", rep=True))
        assert member(db).team is None
        left = assign(db, None, DAY, follow=True)
        assert (left.team, left.stints) == (SOUTH, (Stint(ALWAYS, None), Stint(DAY, SOUTH)))
        assert assign(db, None, None, follow=True).stints == ()


def test_a_move_in_the_crm_counts_from_the_day_on_which_it_is_seen(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", team="n", rep=True), Person("2", "Nikita", team="n", rep=True))
        list_people(db, crm, Person("1", "Olena", team="s", rep=True), Person("2", "Nikita", team="n", rep=True))
        assert member(db).stints == (Stint(ALWAYS, NORTH), Stint(DAY, SOUTH))
        assert member(db, "main:2").stints == ()


def test_a_team_of_the_offices_own_is_made_named_and_removed_while_nobody_was_in_it(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", team="n", rep=True))
        make_and_remove(db)


def make_and_remove(db: Engine) -> None:
    with write(db) as conn:
        key = teams.add(conn, "  Key   accounts ", "lead", NOW)
        teams.rename(conn, NORTH, "Kyiv", "lead", NOW)
        known = [Team(key, "Key accounts"), Team(NORTH, "Kyiv"), Team(SOUTH, "South")]
        assert people.teams(conn) == known
        for name, why in (("", "1 to 60"), ("x" * 61, "1 to 60"), ("Kyiv", "already")):
            with pytest.raises(StoreError, match=why):
                teams.add(conn, name, "lead", NOW)
        teams.rename(conn, NORTH, "", "lead", NOW)
        assert [team.name for team in people.teams(conn)] == ["Key accounts", "North", "South"]
        olena = next(each for each in people.everybody(conn) if each.key == "main:1")
        teams.assign(conn, olena, key, None, "lead", NOW)
        with pytest.raises(StoreError, match="its numbers need it"):
            teams.remove(conn, key, "lead", NOW)
        teams.assign(conn, olena, NORTH, None, "lead", NOW)
        teams.remove(conn, key, "lead", NOW)
        with pytest.raises(StoreError, match="not there any more"):
            teams.remove(conn, NORTH, "lead", NOW)


@pytest.mark.parametrize(("seed", "third"), [(0, None), (1, ":1"), (2, ":1")])
def test_a_day_counts_for_the_team_of_that_day_and_the_teams_sum_to_the_company(
    db: Engine, seed: int, third: str | None
) -> None:
    rng = random.Random(seed)
    with source(db, "main") as crm:
        list_people(db, crm, *(Person(name, f"Rep {name}", team=rng.choice("ns"), rep=True) for name in NAMES))
        done = [call(n, at(rng.randint(1, 20), rng.randint(6, 12)), rng.choice(NAMES)) for n in range(120)]
        done += [win(n, at(rng.randint(1, 20)), rng.choice(NAMES), str(rng.randint(1, 9999))) for n in range(30)]
        facts.apply(db, crm, Batch(done, "c", NOW), settings=OFFICE)
        with write(db) as conn:
            teams.add(conn, "Third", "lead", NOW)
            targets.add(conn, [_month(name, rng.randint(20, 400)) for name in NAMES], "lead", NOW)
            for name, day in ((name, day) for name in NAMES for day in sorted(rng.sample(range(2, 21), 2))):
                who = next(each for each in people.everybody(conn) if each.key == f"main:{name}")
                to = rng.choice((NORTH, SOUTH, third))
                teams.assign(conn, who, to, date(2026, 11, day), "lead", NOW)
            reps = {rep.key: rep for rep in people.reps(conn)}
        assert sum(len(rep.stints) > 1 for rep in reps.values()) > 2
        boards = LiveBoards(db, lambda: OFFICE, lambda: NOW, 30)
        credited = [(fact, team_on(reps[f"main:{fact.rep}"], fact.at.date())) for each in done for fact in each.facts]
        for kind in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH):
            company = boards.get(kind, DAY).board
            parts = {team: boards.get(kind, DAY, team).board for team in (NORTH, SOUTH, ":1")}
            for team, board in parts.items():
                mine = [fact for fact, of in credited if of == team and _within(fact, company)]
                calls = sum(fact.kind is Kind.CALL for fact in mine)
                won = sum((fact.amount or 0 for fact in mine if fact.kind is Kind.DEAL_WON), Decimal(0))
                assert board.metric("calls").progress.actual == calls, (kind, team)
                assert board.metric("deals_won_amount").progress.actual == won, (kind, team)
                assert sum(row.progress.actual or 0 for row in board.metric("calls").reps) == calls, (kind, team)
                assert _curve_end(board) == calls, (kind, team)
            if third is not None:
                assert sum(_planned(board) for board in parts.values()) == _planned(company)
                assert sum(_called(board) for board in parts.values()) == _called(company)


def test_who_is_hidden_is_neither_celebrated_nor_named_as_the_last_win(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True))
        facts.apply(db, crm, Batch([], "c", NOW), settings=OFFICE)
        facts.apply(db, crm, Batch([win(1, at(20, 12), "1")], "c", NOW), settings=OFFICE, live_at=NOW)
        boards = LiveBoards(db, lambda: OFFICE, lambda: NOW, 30)
        seen = boards.get(PeriodKind.DAY).board.last_win
        assert seen is not None
        assert (seen.rep, [cheer.rep.key for cheer in boards.cheers()]) == ("main:1", ["main:1"])
        with write(db) as conn:
            people.change(conn, "main:1", {"hidden": True}, "lead", NOW)
        board = boards.get(PeriodKind.DAY).board
        assert (board.last_win, boards.cheers()) == (None, ())
        assert board.metric("deals_won").progress.actual == 1


def _month(name: str, value: int) -> NewTarget:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    return NewTarget("calls", "rep", f"main:{name}", PeriodKind.MONTH, Decimal(value), first, last)


def _within(fact: Fact, board: Board) -> bool:
    return board.period.first <= fact.at.date() <= board.period.last


def _planned(board: Board) -> Decimal:
    return board.metric("calls").progress.target or Decimal(0)


def _called(board: Board) -> Decimal:
    return board.metric("calls").progress.actual or Decimal(0)


def _curve_end(board: Board) -> int:
    curve = board.metric("calls").curve
    assert curve is not None
    return int(curve.actual[-1].y) if curve.actual else 0
