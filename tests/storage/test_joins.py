"""One person known to several sources counts once, under the main key, and is two again when separated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, Engine, update

from domain.board import Board, Period
from domain.deliveries import Named, Told
from domain.facts import Batch, Fact, Kind, Person
from domain.people import Absence, Rep
from domain.records import RecordPage
from domain.settings import PeriodKind
from storage import absences, audit, deliveries, facts, joining, joins, mine, people, sources, targets, totals
from storage.boards import LiveBoards
from storage.db import StoreError, read, write
from storage.tables import people as people_table
from storage.targets import NewTarget
from tests.storage.floor import FIRST, LAST, NOW, OFFICE, SECRETS, at, call, store, win

DAY = date(2026, 11, 20)


@pytest.fixture
def crm(db: Engine) -> int:
    """A CRM with three people: Anna and Ivan sell, Max does not."""
    number = add(db, "crm", "files")
    everybody = [
        Person("1", "Anna", email="Anna@Example.com ", rep=True, team="north"),
        Person("2", "Ivan", email="ivan@example.com", rep=True),
        Person("3", "Max"),
    ]
    list_people(db, number, *everybody)
    return number


@pytest.fixture
def pbx(db: Engine, crm: int) -> int:
    """Their telephony, which knows them by extensions and has calls of each, one of Anna's before her last deal."""
    number = add(db, "pbx", "hook")
    told = [(1, "101", 9), (2, "101", 10), (3, "102", 9), (4, "103", 9)]
    take(db, number, *(phoned(n, Named(extension=extension), hour) for n, extension, hour in told))
    return number


def add(db: Engine, name: str, kind: str) -> int:
    with write(db) as conn:
        return sources.add(conn, SECRETS, name, kind, {}, "test", NOW)


def list_people(db: Engine, source_id: int, *listed: Person) -> None:
    facts.apply(db, source_id, Batch((), "c", NOW, people=listed), settings=OFFICE)


def phoned(number: int, by: Named, hour: int = 9) -> Told:
    return Told(Kind.CALL, str(number), Fact(Kind.CALL, at(20, hour), None, seconds=60), by)


def take(db: Engine, hook: int, *told: Told) -> None:
    deliveries.take(db, hook, told, (), settings=OFFICE, now=NOW)


def join(db: Engine, key: str, other: str) -> None:
    with write(db) as conn:
        joining.join(conn, key, other, "lead", NOW)


def separate(db: Engine, key: str) -> None:
    with write(db) as conn:
        joining.separate(conn, key, "lead", NOW)


def mains(db: Engine) -> dict[str, str]:
    with read(db) as conn:
        return dict(joins.read(conn).mains)


def board(db: Engine, period: PeriodKind = PeriodKind.DAY) -> Board:
    return LiveBoards(db, lambda: OFFICE, lambda: NOW, 30).get(period, DAY).board


def by_rep(shown: Board, metric: str) -> dict[str, int]:
    return {row.rep: int(row.progress.actual or 0) for row in shown.metric(metric).reps}


def entries(db: Engine) -> list[tuple[str, str, object]]:
    with read(db) as conn:
        return [(each.who, each.subject, each.after) for each in audit.latest(conn, 50) if each.what == "person"]


def test_one_address_in_two_sources_is_one_person_and_the_audit_says_so(db: Engine, crm: int, pbx: int) -> None:
    take(db, pbx, phoned(5, Named("101", email="anna@example.com")))
    assert mains(db) == {"pbx:101": "crm:1"}
    assert entries(db) == [("tablo", "pbx:101", {"same_as": "crm:1"})]
    assert by_rep(board(db), "calls") == {"crm:1": 3, "crm:2": 0}
    take(db, pbx, phoned(6, Named("101", email="anna@example.com")))
    assert len(entries(db)) == 1


def test_it_does_not_matter_which_source_comes_first(db: Engine) -> None:
    hook = add(db, "pbx", "hook")
    take(db, hook, phoned(1, Named("101", email="anna@example.com")))
    list_people(db, add(db, "crm", "files"), Person("1", "Anna", email="ANNA@example.com"))
    assert mains(db) == {"pbx:101": "crm:1"}


def test_who_sells_is_the_main_one_then_who_is_asked_then_the_older_source(db: Engine) -> None:
    first, second = add(db, "a", "files"), add(db, "b", "files")
    list_people(db, first, Person("1", "x", email="x@e.com"), Person("2", "y", email="y@e.com"))
    list_people(db, second, Person("1", "x", email="x@e.com", rep=True), Person("2", "y", email="y@e.com"))
    assert mains(db) == {"a:1": "b:1", "b:2": "a:2"}


def test_an_address_that_two_people_of_a_source_share_joins_nobody(db: Engine, crm: int) -> None:
    other = add(db, "erp", "files")
    sales = "sales@example.com"
    list_people(db, other, Person("1", "A", email=sales), Person("2", "B", email=sales), Person("3", "C", email=""))
    list_people(db, crm, Person("7", "Sales", email=sales), Person("8", "None", email=""))
    assert mains(db) == {}


def test_who_was_separated_is_not_joined_by_address_again(db: Engine, crm: int, pbx: int) -> None:
    take(db, pbx, phoned(5, Named("101", email="anna@example.com")))
    separate(db, "pbx:101")
    take(db, pbx, phoned(6, Named("101", email="anna@example.com", name="Anna")))
    assert mains(db) == {}
    join(db, "pbx:101", "crm:1")
    assert mains(db) == {"pbx:101": "crm:1"}
    assert entries(db)[:2] == [
        ("lead", "pbx:101", {"same_as": "crm:1"}),
        ("lead", "pbx:101", {"same_as": ""}),
    ]


def test_everything_that_counts_by_rep_sees_one_person_and_two_again(db: Engine, crm: int, pbx: int) -> None:
    store(db, crm, call(1, at(20, 8), "1"), win(1, at(20, 11), "1"), win(2, at(20, 11, 30), "2"), call(2, at(19), "3"))
    before = numbers(db)
    join(db, "pbx:101", "crm:1")
    join(db, "pbx:102", "crm:2")
    shown = board(db)
    assert by_rep(shown, "calls") == {"crm:1": 3, "crm:2": 1}
    assert shown.metric("calls").progress.actual == 4
    assert (shown.unmapped.people, shown.unmapped.facts) == (1, 1)
    curve = shown.metric("calls").curve
    assert curve is not None
    assert curve.actual[-1].y == 4
    month = board(db, PeriodKind.MONTH).metric("calls")
    assert month.progress.actual == 4
    assert month.curve is not None
    assert month.curve.actual[-1].y == 4
    assert [row.rep for row in shown.leaderboard.rows] == ["crm:1", "crm:2"]
    with read(db) as conn:
        assert totals.strangers(conn, DAY, DAY, {"crm:1", "crm:2"})[0].rep == "pbx:103"
        assert {t.rep for t in totals.reps_by_day(conn, "calls", DAY, DAY)} == {"crm:1", "crm:2", "pbx:103"}
        reached = facts.last_at(conn, ["crm:1"], "calls", FIRST, LAST, 30)
        whole, first = joined_records(conn, ""), joined_records(conn, "", 1)
        rest = joined_records(conn, first.more or "")
    assert reached == {"crm:1": at(20, 10)}
    assert [row.fact.at for row in whole.records] == [at(20, 10), at(20, 9), at(20, 8)]
    assert (*first.records, *rest.records) == whole.records
    whose = [row.rep for row in facts.facts(db, DAY, DAY, Kind.CALL)]
    assert sorted(map(str, whose)) == ["crm:1", "crm:1", "crm:1", "crm:2", "pbx:103"]
    separate(db, "pbx:101")
    separate(db, "pbx:102")
    assert numbers(db) == before
    assert facts.drift(db, OFFICE) == 0


def joined_records(conn: Connection, after: str, limit: int = 9) -> RecordPage:
    return mine.records(conn, OFFICE, Rep("crm:1", "One"), "calls", Period(PeriodKind.DAY, DAY, DAY), limit, after)


def numbers(db: Engine) -> object:
    shown = board(db, PeriodKind.MONTH)
    reps = {metric.key: [(row.rep, row.progress.actual) for row in metric.reps] for metric in shown.metrics.values()}
    return reps, shown.unmapped, shown.leaderboard.rows, [(row.record, row.rep) for row in facts.facts(db, FIRST, LAST)]


def test_the_last_win_is_told_of_the_main_one(db: Engine, crm: int, pbx: int) -> None:
    won = Told(Kind.DEAL_WON, "9", Fact(Kind.DEAL_WON, at(20, 12), None, amount=Decimal(5)), Named(extension="101"))
    take(db, pbx, won)
    assert board(db).last_win is None
    join(db, "pbx:101", "crm:1")
    last = board(db).last_win
    assert last is not None
    assert (last.rep, last.name) == ("crm:1", "Anna")


def test_name_team_plan_and_absences_are_those_of_the_main_one_and_gaps_are_filled(
    db: Engine, crm: int, pbx: int
) -> None:
    with write(db) as conn:
        absences.add(conn, "pbx:102", Absence(DAY, DAY), "lead", NOW)
        people.change(conn, "pbx:102", {"team_override": "crm:south"}, "lead", NOW)
        row = NewTarget("calls", "rep", "pbx:102", PeriodKind.MONTH, Decimal(40), FIRST)
        targets.add(conn, [row], "lead", NOW)
    join(db, "pbx:102", "crm:2")
    with read(db) as conn:
        ivan = next(rep for rep in people.reps(conn) if rep.key == "crm:2")
        assert [each.target.scope_key for each in targets.current(conn)] == ["crm:2"]
    assert (ivan.name, ivan.team, ivan.absences) == ("Ivan", "crm:south", (Absence(DAY, DAY),))
    rows = {row.rep: row.progress.target for row in board(db, PeriodKind.MONTH).metric("calls").reps}
    assert (rows["crm:2"] or 0) > 0
    with write(db) as conn:
        row = NewTarget("calls", "rep", "crm:2", PeriodKind.MONTH, Decimal(0), FIRST)
        targets.add(conn, [row], "lead", NOW)
    rows = {row.rep: row.progress.target for row in board(db, PeriodKind.MONTH).metric("calls").reps}
    assert rows["crm:2"] == 0


def test_a_joined_person_sells_when_one_of_them_does_unless_the_main_one_is_said_not_to(
    db: Engine, crm: int, pbx: int
) -> None:
    join(db, "crm:1", "crm:3")
    with read(db) as conn:
        assert {rep.key for rep in people.reps(conn)} == {"crm:2", "crm:3"}
    with write(db) as conn:
        people.set_rep(conn, "crm:3", False, "lead", NOW)
        assert {rep.key for rep in people.reps(conn)} == {"crm:2"}


def test_joins_lead_to_one_end_and_a_circle_to_none(db: Engine, crm: int, pbx: int) -> None:
    join(db, "pbx:101", "pbx:102")
    join(db, "pbx:102", "crm:1")
    join(db, "pbx:103", "pbx:101")
    assert mains(db) == dict.fromkeys(("pbx:101", "pbx:102", "pbx:103"), "crm:1")
    for key, other in (("crm:1", "pbx:103"), ("pbx:101", "crm:1"), ("crm:2", "crm:2")):
        with pytest.raises(StoreError, match="one person already"):
            join(db, key, other)
    with pytest.raises(StoreError, match="nobody"):
        join(db, "crm:2", "crm:99")
    with write(db) as conn:
        # What a restored or edited store may hold.
        conn.execute(update(people_table).where(people_table.c.id == "1").values(same_as="pbx:103"))
    assert mains(db) == {}


def test_with_its_main_one_gone_a_person_stands_alone(db: Engine, crm: int, pbx: int) -> None:
    join(db, "pbx:101", "crm:1")
    facts.remove(db, crm)
    assert mains(db) == {}
    list_people(db, add(db, "crm", "files"), Person("1", "Somebody else", rep=True))
    assert mains(db) == {}
