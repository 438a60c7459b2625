"""People: the source's word, the office's word over it, and who is a rep."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from domain.facts import Batch, Group, Person
from domain.people import Absence, Rep, Team
from storage import absences, audit, facts, people
from storage.db import StoreError, read, write
from tests.storage.floor import NOW, OFFICE, at, call, source, store

DAY = date(2026, 11, 20)


def list_people(db: Engine, source_id: int, *listed: Person, groups: list[Group] | None = None) -> None:
    facts.apply(db, source_id, Batch((), "c", NOW, people=listed, groups=groups), settings=OFFICE)


def reps(db: Engine) -> dict[str, Rep]:
    with read(db) as conn:
        return {rep.key: rep for rep in people.reps(conn)}


def test_the_offices_word_on_who_sells_wins_over_the_sources(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True), Person("2", "Nikita"), Person("3", "Dasha", rep=False))
        assert set(reps(db)) == {"main:1"}
        with write(db) as conn:
            people.set_rep(conn, "main:1", False, "lead", NOW)
            people.set_rep(conn, "main:2", True, "lead", NOW)
        assert set(reps(db)) == {"main:2"}
        list_people(db, crm, Person("1", "Olena", rep=True), Person("2", "Nikita Ivanov"))
        assert {key: rep.name for key, rep in reps(db).items()} == {"main:2": "Nikita Ivanov"}
        with write(db) as conn:
            people.set_rep(conn, "main:1", None, "lead", NOW)
        assert set(reps(db)) == {"main:1", "main:2"}


def test_what_the_office_decided_stays_when_the_source_is_read_again(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "О. Коваль", team="a", rep=True, zone="Europe/Kyiv"))
        terms: dict[str, object] = {"name_shown": "Олена", "team_override": "main:b", "zone_override": "Europe/Warsaw"}
        terms |= {"workdays": frozenset((1, 2)), "joined": date(2026, 11, 2), "left": date(2026, 12, 1)}
        with write(db) as conn:
            people.change(conn, "main:1", terms, "lead", NOW)
        list_people(db, crm, Person("1", "О. Коваль-Петренко", team="c", rep=True, zone="Europe/Kyiv"))
        assert reps(db)["main:1"] == Rep(
            "main:1", "Олена", "main:b", None, "Europe/Warsaw", frozenset((1, 2)), date(2026, 11, 2), date(2026, 12, 1)
        )


def test_who_left_the_crm_stays_for_the_past_and_has_left_that_day(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True), Person("2", "Nikita", rep=True))
        list_people(db, crm, Person("1", "Olena", rep=True, active=False))
        assert {key: rep.left for key, rep in reps(db).items()} == {"main:1": DAY, "main:2": DAY}
        list_people(db, crm, Person("1", "Olena", rep=True), Person("2", "Nikita", rep=True))
        assert {key: rep.left for key, rep in reps(db).items()} == {"main:1": None, "main:2": None}


def test_who_was_gone_before_tablo_came_left_on_the_day_of_the_last_fact(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True, active=False), Person("2", "Tom", rep=True, active=False))
        store(db, crm, call(1, at(3), "1"), call(2, at(5), "1"))
        assert {key: rep.left for key, rep in reps(db).items()} == {"main:1": date(2026, 11, 5), "main:2": date.min}


def test_teams_are_those_of_the_sources_and_those_that_people_name(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", team="South"), groups=[Group("7", "North")])
        with read(db) as conn:
            assert people.teams(conn) == [Team("main:7", "North"), Team("main:South", "South")]


def test_absences_come_with_the_rep_and_can_be_taken_back(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True))
        leave = Absence(date(2026, 11, 23), date(2026, 11, 27), lowers=False)
        with write(db) as conn:
            number = absences.add(conn, "main:1", leave, "lead", NOW)
        assert reps(db)["main:1"].absences == (leave,)
        with write(db) as conn:
            absences.remove(conn, number, "lead", NOW)
            with pytest.raises(StoreError, match="not there"):
                absences.remove(conn, number, "lead", NOW)
        assert reps(db)["main:1"].absences == ()
        with read(db) as conn:
            kinds = [(entry.who, entry.what) for entry in audit.latest(conn, 2)]
        assert kinds == [("lead", "absence")] * 2


def test_an_absence_that_ends_before_it_begins_is_refused(db: Engine) -> None:
    with source(db, "main"), write(db) as conn, pytest.raises(StoreError, match="before it begins"):
        absences.add(conn, "main:1", Absence(date(2026, 11, 2), date(2026, 11, 1)), "lead", NOW)


@pytest.mark.parametrize("key", ["nobody", "main:", "other:1"])
def test_a_key_that_names_nobody_is_refused(db: Engine, key: str) -> None:
    with source(db, "main"), write(db) as conn, pytest.raises(StoreError, match="names nobody"):
        people.set_rep(conn, key, True, "lead", NOW)


def test_an_unknown_term_is_refused(db: Engine) -> None:
    with source(db, "main"), write(db) as conn, pytest.raises(StoreError, match="salary"):
        people.change(conn, "main:1", {"salary": 1}, "lead", NOW)


def test_a_zone_that_does_not_exist_is_the_offices_from_a_source_and_refused_from_a_person(db: Engine) -> None:
    with source(db, "main") as crm:
        list_people(db, crm, Person("1", "Olena", rep=True, zone="Kyiv/Europe"))
        assert store(db, crm, call(1, at(20), "1")).added == 1
        assert reps(db)["main:1"].zone is None
        with write(db) as conn, pytest.raises(StoreError, match="Mars"):
            people.change(conn, "main:1", {"zone_override": "Mars"}, "lead", NOW)
