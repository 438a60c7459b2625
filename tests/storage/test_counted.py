"""What a figure is made of: the records, counted one by one and in piles, come to what stands on the board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from domain.board import Board, Period
from domain.counting import Count, Outside, Whose, count, sums_of, value
from domain.facts import Batch, Change, Direction, Fact, Group, Kind, Person, Rate
from domain.metrics import METRICS, Reason
from domain.people import Stint
from domain.records import Pile, Record
from domain.settings import Credit, PeriodKind, Settings
from domain.targets import COMPANY, REP, TEAM
from domain.totals import RateBook
from storage import counted, facts, joining, memberships, people, rates
from storage.boards import LiveBoards
from storage.db import read, write
from tests.storage.floor import NOW, at, call, source, win

MONTH = Period(PeriodKind.MONTH, date(2026, 11, 1), date(2026, 11, 30))
OFFICE = Settings(country=None)
OWNERS = replace(OFFICE, credit=Credit.CURRENT_OWNER)
NORTH, SOUTH = Group("n", "North"), Group("s", "South")
PEOPLE = (
    Person("olena", "Olena", team="n", email="olena@example.org", rep=True),
    Person("nikita", "Nikita", team="n", rep=True),
    Person("dasha", "Dasha", team="s", rep=True),
    Person("exchange", "Exchange"),
)
SCOPES = (None, "main:n", "main:s")


@pytest.fixture(params=[OFFICE, OWNERS], ids=["at the event", "present owner"])
def office(request: pytest.FixtureRequest, db: Engine) -> Iterator[Settings]:
    """A CRM and a telephone exchange in which Olena is known by another number."""
    settings: Settings = request.param
    with source(db, "main") as main, source(db, "phone") as phone:
        rates = [Rate("EUR", "UAH", date(2026, 11, 5), Decimal("41.3333"))]
        brought = Batch(list(records()), "c", NOW, people=PEOPLE, groups=(NORTH, SOUTH), rates=rates)
        facts.apply(db, main, brought, settings=settings)
        calls = [call(n, at(3 + n % 10, 9, n), rep="101", seconds=20 + n) for n in range(20)]
        facts.apply(db, phone, Batch(calls, "c", NOW, people=[Person("101", "Olena")]), settings=settings)
        with write(db) as conn:
            joining.join(conn, "phone:101", "main:olena", "test", NOW)
            memberships.begin(conn, "main:nikita", Stint(date(2026, 11, 9), "main:s"), "main:n", "test", NOW)
        yield settings


def records() -> Iterator[Change]:
    """Something of every kind, and of everything that a metric leaves out."""
    who = ("olena", "nikita", "dasha", "exchange", None)
    for n in range(40):
        rep, when = who[n % 5], at(2 + n % 17, 8 + n % 9, n)
        direction = (Direction.OUT, Direction.IN)[n % 2]
        yield Change(f"call:{n}", (Fact(Kind.CALL, when, rep, seconds=n * 3, direction=direction,
                                        answered=bool(n % 3)),))  # fmt: skip
        yield Change(f"email:{n}", (Fact(Kind.EMAIL, when, rep, direction=direction),))
        yield replace(win(n, when, rep, f"{n * 333}.{n:02}", ("UAH", "EUR", "XBT")[n % 3]), owner="dasha",
                      url=f"https://crm.example/deal/{n}")  # fmt: skip
        for kind in (Kind.INVOICE_ISSUED, Kind.INVOICE_PAID):
            amount = None if n % 7 == 0 else Decimal(n) * 10
            yield Change(f"{kind}:{n}", (Fact(kind, when, rep, on=when.date(), amount=amount, currency="EUR",
                                              direction=direction),))  # fmt: skip
        for kind in (Kind.DEAL_LOST, Kind.MEETING, Kind.TASK_DONE, Kind.LEAD_CREATED, Kind.OFFER_SENT):
            yield Change(f"{kind}:{n}", (Fact(kind, when, rep),))


def board(db: Engine, settings: Settings, team: str | None = None) -> Board:
    return LiveBoards(db, lambda: settings, lambda: NOW, 30).get(PeriodKind.MONTH, None, team).board


def read_piles(db: Engine, settings: Settings, key: str) -> tuple[list[Pile], RateBook]:
    with read(db) as conn:
        kinds = dict.fromkeys(metric.kind for metric in sums_of(key))
        piles = [pile for kind in kinds for pile in counted.piles(conn, settings, kind, MONTH)]
        return piles, rates.book(conn, settings.currency)


def everybody(db: Engine, scope: str = COMPANY, key: str = "", only: Sequence[str] | None = None) -> Whose:
    with read(db) as conn:
        return Whose(scope, key, tuple(rep for rep in people.reps(conn) if only is None or rep.key in only))


def counts(db: Engine, settings: Settings, key: str) -> list[Count]:
    piles, rates = read_piles(db, settings, key)
    company = everybody(db)
    return [count(metric, piles, company, company.keys, rates, MONTH.last) for metric in sums_of(key)]


def listed(db: Engine, settings: Settings, key: str, whose: Whose, limit: int) -> list[Record]:
    found: list[Record] = []
    after: str | None = ""
    while after is not None:
        with read(db) as conn:
            page = counted.records(conn, settings, whose, sums_of(key)[0], MONTH, limit, after)
        found, after = [*found, *page.records], page.more
    return found


def test_the_records_of_every_metric_come_to_the_figure_of_company_teams_and_reps(db: Engine, office: Settings) -> None:
    boards = {team: board(db, office, team) for team in SCOPES}
    for key in METRICS:
        piles, rates = read_piles(db, office, key)
        for team, shown in boards.items():
            lines = shown.metric(key).reps
            scope = COMPANY if team is None else TEAM
            whose = everybody(db, scope, team or "", [line.rep for line in lines])
            assert value(key, piles, whose, rates) == shown.metric(key).progress.actual, (key, team)
            for line in lines:
                if team is None:
                    one = everybody(db, REP, line.rep, [line.rep])
                    assert value(key, piles, one, rates) == line.progress.actual, (key, line.rep)
        assert boards[None].metric(key).progress.actual not in (0, None), key


def test_as_many_records_are_listed_as_are_counted_in_pages_of_any_size(db: Engine, office: Settings) -> None:
    company = everybody(db)
    for key in ("calls", "productive_calls", "deals_won", "invoices_issued_amount", "missed_calls"):
        whole = listed(db, office, key, company, 500)
        unrated = sum(left.count for left in counts(db, office, key)[0].left_out if left.why is Outside.NO_RATE)
        assert len(whole) == counts(db, office, key)[0].records + unrated, key
        assert listed(db, office, key, company, 7) == whole
        assert [record.fact.at for record in whole] == sorted((record.fact.at for record in whole), reverse=True)
        assert {record.rep for record in whole} <= company.keys
    assert {
        record.source for record in listed(db, office, "calls", everybody(db, REP, "main:olena", ["main:olena"]), 50)
    } == {"main", "phone"}


def test_what_is_left_out_is_named_and_nothing_is_missing_between(db: Engine, office: Settings) -> None:
    company = everybody(db)
    everything = len([pile for pile in read_piles(db, office, "calls")[0] for _ in range(pile.count)])
    for key in ("calls", "productive_calls", "missed_calls"):
        found = counts(db, office, key)[0]
        reasons = {left.why for left in found.left_out}
        assert Outside.UNMAPPED in reasons
        strange = [p for p in read_piles(db, office, key)[0] if p.rep not in company.keys]
        ours = sum(left.count for left in found.left_out if left.why is not Outside.UNMAPPED)
        assert found.records + ours + sum(pile.count for pile in strange) == everything
    assert {Reason.MISSED, Reason.SHORT} <= {left.why for left in counts(db, office, "productive_calls")[0].left_out}
    money = {left.why: left for left in counts(db, office, "invoices_issued_amount")[0].left_out}
    assert {Outside.NO_RATE, Reason.NO_AMOUNT} <= set(money)
    assert money[Outside.NO_RATE].currency == "EUR"
    assert money[Outside.NO_RATE].amount > 0


def test_the_present_owner_is_credited_where_the_office_says_so(db: Engine, office: Settings) -> None:
    whose = {record.rep for record in listed(db, office, "deals_won", everybody(db), 100)}
    assert whose == ({"main:dasha"} if office is OWNERS else {"main:olena", "main:nikita", "main:dasha"})
