"""What changed in days that were over is noted once, with the change itself; what merely comes late is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from domain.corrections import Correction, CorrectionKind, settled_before
from domain.facts import Batch, Census, Change, Fact, Kind, Person
from domain.settings import Credit, Settings
from storage import corrections, facts, joining, sources
from storage.corrections import Search
from storage.db import read, write
from tests.storage.floor import NOW, SECRETS, at, call, gone, source, win

# A Friday; the source had told everything up to then.
OFFICE = Settings(country=None)
ALL = Search()


@pytest.fixture
def main(db: Engine) -> Iterator[int]:
    with write(db) as conn:
        source_id = sources.add(conn, SECRETS, "main", "bitrix24", {}, "test", NOW)
    first = [win(n, at(10 + n, 15), "olena", revision=1) for n in range(6)]
    calls = [call(n, at(16 + n, 9), "nikita", revision=1) for n in range(5)]
    facts.apply(db, source_id, Batch([*first, *calls], "c", NOW), settings=OFFICE)
    yield source_id
    facts.remove(db, source_id)


def tell(db: Engine, source_id: int, *changes: Change, settings: Settings = OFFICE, census: Sequence[Census] = (),
         people: Sequence[Person] | None = None) -> None:  # fmt: skip
    """News of this moment."""
    batch = Batch(changes, "d", NOW, people=people, census=census)
    facts.apply(db, source_id, batch, settings=settings, live_at=NOW)


def noted(db: Engine, wanted: Search = ALL) -> list[Correction]:
    with read(db) as conn:
        return corrections.find(conn, wanted)


def kinds(db: Engine) -> list[tuple[str, CorrectionKind]]:
    """Record and kind, the oldest first."""
    return [(each.record, each.kind) for each in reversed(noted(db))]


def test_what_is_read_for_the_first_time_or_anew_is_no_correction(db: Engine, main: int) -> None:
    assert noted(db) == []
    again = Batch([win(1, at(3, 15), "dasha", "5", revision=9)], "e", NOW)
    facts.apply(db, main, again, settings=OFFICE)
    assert noted(db) == []


def test_a_win_given_to_another_and_one_moved_to_another_day(db: Engine, main: int) -> None:
    tell(db, main, win(1, at(11, 15), "dasha", revision=2))
    tell(db, main, win(2, at(9, 15), "olena", revision=2))
    assert {kind for record, kind in kinds(db) if record == "deal:1"} == {CorrectionKind.REASSIGNED}
    assert {kind for record, kind in kinds(db) if record == "deal:2"} == {CorrectionKind.MOVED}
    won = next(each for each in noted(db) if each.record == "deal:1" and each.said.fact is Kind.DEAL_WON)
    assert won.before is not None
    assert won.after is not None
    assert (won.before.rep, won.after.rep) == ("main:olena", "main:dasha")
    assert (won.before.day, won.before.amount, won.before.title) == (date(2026, 11, 11), Decimal(1000), "Deal 1")
    assert won.noted_at == NOW
    assert won.who is None


def test_a_reopened_deal_another_amount_and_a_deleted_record(db: Engine, main: int) -> None:
    created = win(1, at(11, 15), "olena").facts[:1]
    tell(db, main, Change("deal:1", created, 2), win(2, at(12, 15), "olena", "750.50", revision=2), gone("deal:3", 2))
    assert kinds(db) == [
        ("deal:1", CorrectionKind.REOPENED),
        ("deal:2", CorrectionKind.AMOUNT),
        ("deal:3", CorrectionKind.DELETED),
        ("deal:3", CorrectionKind.DELETED),
    ]
    amount = noted(db)[2]
    assert amount.before is not None
    assert amount.after is not None
    assert (amount.before.amount, amount.after.amount) == (Decimal(1000), Decimal("750.50"))
    reopened = noted(db)[3]
    assert reopened.after is None
    assert reopened.said.amount == 1000


def test_a_record_that_the_crm_lists_no_more_is_deleted(db: Engine, main: int) -> None:
    left = frozenset(f"deal:{number}" for number in range(1, 6))
    tell(db, main, census=[Census("deal:", left)])
    assert {record for record, _ in kinds(db)} == {"deal:0"}


def test_a_payment_taken_back_from_a_record_that_stays(db: Engine, main: int) -> None:
    paid = [Fact(Kind.INVOICE_PAID, at(day), "olena", amount=Decimal(day), currency="UAH") for day in (11, 12, 20)]
    tell(db, main, Change("invoice:1", tuple(paid), 1))
    before = len(noted(db))
    tell(db, main, Change("invoice:1", tuple(paid[1:]), 2))
    assert kinds(db)[before:] == [("invoice:1", CorrectionKind.TAKEN_BACK)]


def test_a_new_record_of_a_settled_day_is_backdated(db: Engine, main: int) -> None:
    tell(db, main, win(50, at(12, 15), "olena"))
    assert {kind for _, kind in kinds(db)} == {CorrectionKind.BACKDATED}
    assert noted(db)[0].before is None


def test_what_comes_late_by_nature_is_no_correction(db: Engine, main: int) -> None:
    # Won today, and created two days before yesterday is the deal's own past: it is told with the win.
    fresh = Fact(Kind.DEAL_WON, at(19, 20), "olena", amount=Decimal(5), currency="UAH")
    meeting = Fact(Kind.MEETING, at(19, 9), "olena")
    calls = [call(100 + n, at(2 + n, 9), "olena") for n in range(15)]
    tell(db, main, Change("deal:60", (fresh,), 1), Change("meeting:1", (meeting,), 1), *calls)
    assert noted(db) == []


def test_today_may_change_as_it_likes(db: Engine, main: int) -> None:
    today = Fact(Kind.DEAL_WON, at(20, 9), "olena", amount=Decimal(5), currency="UAH")
    tell(db, main, Change("deal:70", (today,), 1))
    tell(db, main, Change("deal:70", (replace(today, rep="dasha", amount=Decimal(6)),), 2))
    tell(db, main, gone("deal:70", 3))
    tell(db, main, call(4, at(20, 9), "nikita", seconds=200, revision=2))
    assert noted(db) == []


def test_a_length_that_comes_after_the_call_is_no_correction_until_the_day_is_settled(db: Engine, main: int) -> None:
    tell(db, main, call(3, at(19, 9), "nikita", seconds=200, revision=2))
    assert noted(db) == []
    tell(db, main, call(0, at(16, 9), "nikita", seconds=200, revision=2))
    assert kinds(db) == [("call:0", CorrectionKind.CHANGED)]


def test_after_an_outage_everything_since_is_merely_late(db: Engine, main: int) -> None:
    with write(db) as conn:
        conn.exec_driver_sql("UPDATE sources SET as_of = as_of - 864000000")
    tell(db, main, win(80, at(13, 15), "olena"), win(81, at(11, 15), "olena"))
    # Each was created two days before it was won, and up to the 10th everything had been told.
    assert {(record, each) for record, each in kinds(db)} == {("deal:81", CorrectionKind.BACKDATED)}


def test_what_is_uploaded_may_be_of_any_day_but_a_change_is_a_change(db: Engine) -> None:
    with source(db, "sheet") as sheet:
        facts.apply(db, sheet, Batch([win(1, at(10, 15))], "c", NOW), settings=OFFICE)
        tell(db, sheet, win(2, at(3, 15)))
        assert noted(db) == []
        tell(db, sheet, win(2, at(3, 15), amount="1"), win(1, at(10, 15), amount="2"))
        assert {kind for _, kind in kinds(db)} == {CorrectionKind.AMOUNT}


def test_where_the_present_owner_counts_a_new_owner_takes_the_past_along(db: Engine, main: int) -> None:
    rules = replace(OFFICE, credit=Credit.CURRENT_OWNER)
    facts.rebuild(db, rules)
    tell(db, main, replace(win(1, at(11, 15), "olena", revision=2), owner="dasha"), settings=rules)
    assert {(each.before and each.before.rep, each.after and each.after.rep) for each in noted(db)} == {
        ("main:olena", "main:dasha")
    }


def test_who_changed_it_is_told_where_the_crm_says_so(db: Engine, main: int) -> None:
    tell(db, main, replace(win(1, at(11, 15), "olena", "5", revision=2), changed_by="boss"))
    assert noted(db)[0].who == "main:boss"


def test_they_are_found_by_person_kind_and_day_joined_people_under_one_name(db: Engine, main: int) -> None:
    people = [Person("olena", "Olena", rep=True), Person("dasha", "Dasha", rep=True), Person("o2", "Olena")]
    tell(db, main, win(1, at(11, 15), "dasha", revision=2), win(2, at(12, 15), "o2", "7", revision=2), people=people)
    with write(db) as conn:
        joining.join(conn, "main:o2", "main:olena", "test", NOW)
    assert len(noted(db)) == 4
    assert {each.record for each in noted(db, Search(people=["main:dasha"]))} == {"deal:1"}
    assert len(noted(db, Search(people=["main:olena"]))) == 4
    assert noted(db, Search(within=["main:x"])) == noted(db, Search(within=[])) == []
    assert noted(db, Search(kind=CorrectionKind.AMOUNT)) == []
    one_day = Search(first=date(2026, 11, 12), last=date(2026, 11, 12))
    assert {each.record for each in noted(db, one_day)} == {"deal:2"}
    with read(db) as conn:
        newest = corrections.find(conn, Search(), limit=1)[0]
        assert newest not in corrections.find(conn, Search(), before=newest.id)
    won = next(each for each in noted(db, one_day))
    assert won.after is not None
    assert won.after.rep == "main:olena"


def test_they_are_kept_for_a_year_and_no_more_than_so_many(
    db: Engine, main: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(db, main, *(win(n, at(10 + n, 15), "dasha", revision=2) for n in range(4)))
    assert len(noted(db)) == 8
    monkeypatch.setattr(corrections, "MOST", 5)
    with write(db) as conn:
        corrections.thin(conn, NOW)
    assert len(noted(db)) == 5
    with write(db) as conn:
        corrections.thin(conn, NOW + corrections.KEPT + timedelta(days=1))
    assert noted(db) == []


def test_a_day_is_settled_after_the_next_working_day() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert settled_before(OFFICE, monday, monday) == friday
    assert settled_before(OFFICE, friday, friday) == date(2026, 11, 19)
    assert settled_before(OFFICE, monday, date(2026, 11, 2)) == date(2026, 11, 2)
    assert settled_before(replace(OFFICE, country="XX"), monday, monday) == friday
    assert settled_before(replace(OFFICE, workdays=frozenset()), monday, monday) == monday
