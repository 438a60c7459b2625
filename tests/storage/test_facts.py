"""Taking facts in: the later version of a record wins, totals follow exactly, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from domain.facts import Batch, Census, Change, Direction, Fact, Group, Kind, OpenDeal, Person, Problem, Rate
from domain.settings import Credit
from storage import facts, leases, sources, state
from storage.db import StoreError, read, write
from tests.storage.floor import FIRST, LAST, NOW, OFFICE, SECRETS, at, call, gone, of, source, store, sums, win

DAY = date(2026, 11, 20)


def version(db: Engine) -> int:
    with read(db) as conn:
        return state.version(conn)


def test_storing_a_record_again_replaces_what_it_said(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20), amount="1000"))
        applied = store(db, crm, win(1, at(19), amount="1500.50"))
        assert (applied.added, applied.removed) == (2, 2)
        assert of(db, crm, "deals_won_amount") == {"olena": 150050}
        assert of(db, crm, "deals_won", DAY, DAY) == {}
        assert facts.drift(db, OFFICE) == 0


def test_an_unchanged_record_moves_nothing(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20)))
        before = version(db)
        applied = store(db, crm, win(1, at(20)))
        assert (applied.added, applied.removed, applied.unchanged) == (0, 0, 1)
        assert version(db) == before


def test_an_older_version_that_arrives_late_is_ignored(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20), amount="2000", revision=2))
        assert store(db, crm, win(1, at(20), amount="1000", revision=1)).ignored == 1
        assert of(db, crm, "deals_won_amount") == {"olena": 200000}


def test_an_unchanged_record_of_a_later_version_still_outdates_the_ones_between(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20), revision=1))
        store(db, crm, call(1, at(20), revision=3))
        assert store(db, crm, call(1, at(20), seconds=7, revision=2)).ignored == 1
        assert of(db, crm, "call_seconds") == {"olena": 60}


def test_a_deleted_record_leaves_every_total_and_no_old_version_brings_it_back(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20), revision=1), call(1, at(20)))
        assert store(db, crm, gone("deal:1", 2)).removed == 2
        store(db, crm, win(1, at(20), revision=1))
        assert set(sums(db, crm)) == {("olena", key, "") for key in ("calls", "productive_calls", "call_seconds")}
        assert facts.drift(db, OFFICE) == 0


def test_a_deletion_that_arrives_first_holds(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, gone("deal:1", 2))
        assert store(db, crm, win(1, at(20), revision=1)).ignored == 1
        assert sums(db, crm) == {}


def test_a_reopened_deal_loses_its_win(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20)))
        created = win(1, at(20)).facts[:1]
        store(db, crm, Change("deal:1", created, open_deal=OpenDeal("olena", at(18))))
        assert of(db, crm, "deals_won") == {}
        assert of(db, crm, "deals_created") == {"olena": 1}


def test_a_deal_stays_with_the_person_who_was_seen_first(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20), "olena", revision=1, as_seen=True, owner="olena"))
        store(db, crm, win(1, at(20), "nikita", revision=2, as_seen=True, owner="nikita"))
        assert of(db, crm, "deals_won") == {"olena": 1}
        again = store(db, crm, win(1, at(20), "nikita", revision=3, as_seen=True, owner="nikita"))
        assert again.unchanged == 1


def test_a_deal_won_again_belongs_to_who_has_it_then(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(19), "olena", as_seen=True))
        store(db, crm, win(1, at(20), "nikita", as_seen=True))
        assert of(db, crm, "deals_won") == {"nikita": 1}
        assert of(db, crm, "deals_created") == {"olena": 1}


def test_nobodys_deal_goes_to_the_first_person_seen(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, at(20), None, as_seen=True))
        store(db, crm, win(1, at(20), "dasha", as_seen=True))
        assert of(db, crm, "deals_won") == {"dasha": 1}


def test_an_office_may_credit_the_current_owner(db: Engine) -> None:
    settings = replace(OFFICE, credit=Credit.CURRENT_OWNER)
    with source(db) as crm:
        facts.rebuild(db, settings)
        store(db, crm, win(1, at(20), "olena", owner="nikita"), call(1, at(20), "olena"), settings=settings)
        assert of(db, crm, "deals_won") == {"nikita": 1}
        assert of(db, crm, "calls") == {"olena": 1}
        store(db, crm, win(1, at(20), "olena", owner="dasha"), settings=settings)
        assert of(db, crm, "deals_won") == {"dasha": 1}
        assert facts.drift(db, settings) == 0
        facts.rebuild(db, OFFICE)
        assert of(db, crm, "deals_won") == {"olena": 1}


def test_a_fact_counts_on_the_offices_day_and_a_rep_elsewhere_on_the_own_one(db: Engine) -> None:
    with source(db) as crm:
        people = [Person("olena", "Olena"), Person("tom", "Tom", zone="America/New_York")]
        facts.apply(db, crm, Batch((), "c", NOW, people=people), settings=OFFICE)
        late = at(19, 22, 30)  # 20 November, 00:30 in Kyiv; 19 November, 17:30 in New York
        store(db, crm, call(1, late, "olena"), call(2, late, "tom"))
        assert of(db, crm, "calls", DAY, DAY) == {"olena": 1}
        assert of(db, crm, "calls", date(2026, 11, 19), date(2026, 11, 19)) == {"tom": 1}


def test_a_day_without_a_time_is_that_day_everywhere(db: Engine) -> None:
    with source(db) as crm:
        paid = Fact(Kind.INVOICE_PAID, at(19, 23), "olena", on=date(2026, 11, 19), amount=Decimal(5), currency="UAH")
        store(db, crm, Change("invoice:1", (paid,)))
        assert of(db, crm, "invoices_paid", date(2026, 11, 19), date(2026, 11, 19)) == {"olena": 1}
        facts.rebuild(db, replace(OFFICE, timezone="Pacific/Auckland"))
        assert of(db, crm, "invoices_paid", date(2026, 11, 19), date(2026, 11, 19)) == {"olena": 1}


def test_a_rep_who_moves_to_another_zone_takes_the_facts_along(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(19, 22, 30), "tom"))
        assert of(db, crm, "calls", DAY, DAY) == {"tom": 1}
        people = [Person("tom", "Tom", zone="America/New_York")]
        facts.apply(db, crm, Batch((), "c", NOW, people=people), settings=OFFICE)
        assert of(db, crm, "calls", DAY, DAY) == {}
        assert facts.drift(db, OFFICE) == 0


def test_totals_keep_to_the_rules_they_were_counted_by_until_they_are_rebuilt(db: Engine) -> None:
    tokyo = replace(OFFICE, timezone="Asia/Tokyo", productive_seconds=90)
    with source(db) as crm:
        store(db, crm, call(1, at(19, 16), seconds=60))
        store(db, crm, call(2, at(19, 16), seconds=60), settings=tokyo)
        assert of(db, crm, "productive_calls", date(2026, 11, 19), date(2026, 11, 19)) == {"olena": 2}
        with read(db) as conn:
            assert facts.out_of_date(conn, tokyo)
        facts.rebuild(db, tokyo)
        with read(db) as conn:
            assert not facts.out_of_date(conn, tokyo)
        assert of(db, crm, "productive_calls") == {}
        assert of(db, crm, "calls", DAY, DAY) == {"olena": 2}
        assert facts.drift(db, tokyo) == 0


def test_money_without_a_currency_is_the_offices_and_pennies_are_exact(db: Engine) -> None:
    with source(db) as crm:
        changes = [
            Change(f"deal:{n}", (Fact(Kind.DEAL_WON, at(20), "olena", amount=Decimal("0.10")),)) for n in range(3)
        ]
        store(db, crm, *changes)
        assert sums(db, crm)["olena", "deals_won_amount", "UAH"] == 30


def test_an_impossible_amount_is_told_and_the_deal_still_counts(db: Engine) -> None:
    with source(db) as crm:
        applied = store(db, crm, win(1, at(20), amount="1e30"), win(2, at(20), amount="NaN"))
        assert [problem.code for problem in applied.refused] == ["impossible_amount"] * 2
        assert of(db, crm, "deals_won") == {"olena": 2}
        with read(db) as conn:
            assert {problem.where for problem in sources.every(conn)[-1].problems} == {"deal:1", "deal:2"}
        store(db, crm, win(1, at(20), amount="10"))
        with read(db) as conn:
            assert {problem.where for problem in sources.every(conn)[-1].problems} == {"deal:2"}


def test_a_text_that_no_database_can_hold_does_not_stop_the_rest(db: Engine) -> None:
    with source(db) as crm:
        odd = Fact(Kind.DEAL_WON, at(20), "olena", title="a\x00b\ud83d", customer="Їжак 🦔")
        store(db, crm, Change("deal:1", (odd,)))
        [stored] = facts.facts(db, DAY, DAY)
        assert stored.fact.customer == "Їжак 🦔"


def test_a_census_deletes_what_the_crm_no_longer_lists(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, *(call(n, at(20)) for n in range(10)), win(1, at(20)))
        census = Census("call:", frozenset(f"call:{n}" for n in range(9)))
        applied = facts.apply(db, crm, Batch((), "c", NOW, census=(census,)), settings=OFFICE)
        assert (applied.vanished, applied.removed) == (1, 1)
        assert of(db, crm, "calls") == {"olena": 9}
        assert of(db, crm, "deals_won") == {"olena": 1}
        assert facts.drift(db, OFFICE) == 0


def test_a_mass_deletion_is_refused_and_told_until_the_list_is_whole_again(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, *(call(n, at(20)) for n in range(10)))
        lost = Batch((), "c", NOW, census=(Census("call:", frozenset()),))
        applied = facts.apply(db, crm, lost, settings=OFFICE)
        assert (applied.vanished, [p.code for p in applied.refused]) == (0, ["mass_deletion"])
        assert of(db, crm, "calls") == {"olena": 10}
        with read(db) as conn:
            assert [problem.count for problem in sources.every(conn)[-1].problems] == [10]
        whole = Census("call:", frozenset(f"call:{n}" for n in range(10)))
        facts.apply(db, crm, Batch((), "c", NOW, census=(whole,)), settings=OFFICE)
        with read(db) as conn:
            assert sources.every(conn)[-1].problems == ()


def test_a_trusted_census_may_empty_a_family(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, *(call(n, at(20)) for n in range(10)))
        census = Census("call:", frozenset(), limit=None)
        assert facts.apply(db, crm, Batch((), "c", NOW, census=(census,)), settings=OFFICE).vanished == 10


def test_a_census_from_a_day_on_leaves_older_records_alone(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(1)), call(2, at(20)), win(3, at(11)))
        census = Census("call:", frozenset(), since=at(10), limit=None)
        deals = Census("deal:", frozenset(), since=at(10), limit=None)
        facts.apply(db, crm, Batch((), "c", NOW, census=(census, deals)), settings=OFFICE)
        assert of(db, crm, "calls") == {"olena": 1}
        assert of(db, crm, "deals_won") == {"olena": 1}


def test_a_record_that_came_with_the_census_is_not_judged_by_it(db: Engine) -> None:
    with source(db) as crm:
        batch = Batch((call(1, at(20)),), "c", NOW, census=(Census("call:", frozenset(), limit=None),))
        assert facts.apply(db, crm, batch, settings=OFFICE).vanished == 0


def test_a_vanished_record_comes_back_when_the_crm_shows_it_again(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20), revision=5))
        census = Census("call:", frozenset(), limit=None)
        facts.apply(db, crm, Batch((), "c", NOW, census=(census,)), settings=OFFICE)
        assert of(db, crm, "calls") == {}
        store(db, crm, call(1, at(20), revision=5))
        assert of(db, crm, "calls") == {"olena": 1}


def test_the_cursor_moves_with_the_facts(db: Engine) -> None:
    with source(db) as crm:
        facts.apply(db, crm, Batch((call(1, at(20)),), "page 2", None, done=1, total=9), settings=OFFICE)
        with read(db) as conn:
            row = sources.every(conn)[-1]
        assert (row.cursor, row.as_of, row.done, row.total, row.first_read_done) == ("page 2", None, 1, 9, False)
        facts.apply(db, crm, Batch((), "end", NOW), settings=OFFICE)
        with read(db) as conn:
            row = sources.every(conn)[-1]
        assert (row.cursor, row.as_of, row.first_read_done) == ("end", NOW, True)


def test_a_poll_that_brings_nothing_moves_as_of_and_leaves_the_board_alone(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20)))
        before = version(db)
        later = NOW + timedelta(minutes=1)
        facts.apply(db, crm, Batch((), "c", later), settings=OFFICE)
        assert version(db) == before
        with read(db) as conn:
            assert sources.every(conn)[-1].as_of == later


@pytest.mark.parametrize(
    "more",
    [
        {"people": [Person("olena", "Olena", rep=True)]},
        {"groups": [Group("1", "North")]},
        {"rates": [Rate("USD", "UAH", DAY, Decimal("41.5"))]},
        {"problems": [Problem("bad_row", "calls.csv:7", "The date cannot be read.")]},
        {"missing": {Kind.EMAIL: "this CRM has no e-mails"}},
    ],
)
def test_what_a_reader_sees_bumps_the_version_once(db: Engine, more: dict[str, object]) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20)))
        batch = replace(Batch((), "c", NOW), **more)  # type: ignore[arg-type]  # one field of Batch, by its name
        before = version(db)
        facts.apply(db, crm, batch, settings=OFFICE)
        assert version(db) == before + 1
        facts.apply(db, crm, batch, settings=OFFICE)
        assert version(db) == before + 1


def test_who_lost_the_lease_stores_nothing(db: Engine) -> None:
    with source(db) as crm:
        old = leases.acquire(db, "poll:x", "one", 10, NOW)
        assert old is not None
        new = leases.acquire(db, "poll:x", "two", 10, NOW + timedelta(seconds=11))
        with pytest.raises(leases.LeaseLost):
            facts.apply(db, crm, Batch((call(1, at(20)),), "c", NOW), settings=OFFICE, lease=old)
        assert sums(db, crm) == {}
        facts.apply(db, crm, Batch((call(1, at(20)),), "c", NOW), settings=OFFICE, lease=new)
        assert of(db, crm, "calls") == {"olena": 1}


def test_a_batch_that_fails_half_way_leaves_nothing(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20)))
        broken = replace(call(3, at(20)), record=None)  # type: ignore[arg-type]  # what the database must refuse
        with pytest.raises(Exception, match=r"(?i)null"):
            store(db, crm, call(1, at(20), seconds=5), call(2, at(20)), broken)
        assert of(db, crm, "call_seconds") == {"olena": 60}
        assert facts.drift(db, OFFICE) == 0


def test_a_removed_source_takes_everything_along(db: Engine) -> None:
    with source(db) as other:
        store(db, other, call(1, at(20)))
        with source(db) as crm:
            store(db, crm, win(1, at(20)), Change("deal:2", (), open_deal=OpenDeal("olena", at(18))))
        assert of(db, other, "calls") == {"olena": 1}
        assert facts.drift(db, OFFICE) == 0
        with pytest.raises(StoreError, match="removed"):
            store(db, crm, call(1, at(20)))


def test_drift_sees_a_total_that_was_tampered_with(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, call(1, at(20)))
        with write(db) as conn:
            conn.exec_driver_sql("UPDATE day_totals SET value = value + 1 WHERE metric = 'calls'")
            conn.exec_driver_sql("DELETE FROM hour_totals")
        assert facts.drift(db, OFFICE) == 2
        facts.rebuild(db, OFFICE)
        assert facts.drift(db, OFFICE) == 0


def test_facts_are_read_back_as_they_were_given(db: Engine) -> None:
    with source(db, "main") as crm:
        given = (
            Fact(
                Kind.DEAL_WON, at(20), "olena", amount=Decimal("12.34"), currency="USD", title="Deal", customer="Acme",
                pipeline="Sales", stage="Won", loss_reason=None,
            ),
            Fact(Kind.CALL, at(20, 13), None, seconds=0, direction=Direction.IN, answered=False),
            Fact(Kind.INVOICE_PAID, datetime(2026, 11, 21, tzinfo=UTC), "tom", on=date(2026, 11, 21)),
        )  # fmt: skip
        store(db, crm, Change("deal:1", given))
        stored = list(facts.facts(db, FIRST, LAST))
        assert tuple(each.fact for each in stored) == given
        assert [each.rep for each in stored] == ["main:olena", None, "main:tom"]
        assert [each.fact.kind for each in facts.facts(db, FIRST, LAST, Kind.CALL)] == [Kind.CALL]
        assert list(facts.facts(db, FIRST, date(2026, 11, 19))) == []


def test_recent_wins_come_latest_first_and_none_from_before(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, *(win(n, at(20, n)) for n in range(1, 6)))
        with read(db) as conn:
            found = facts.recent_wins(conn, at(20, 2), 3)
        assert [each.record for each in found] == ["deal:5", "deal:4", "deal:3"]


def test_the_last_fact_that_counts_tells_who_was_first(db: Engine) -> None:
    with source(db, "main") as crm:
        store(
            db, crm, call(1, at(20, 9), "olena"), call(2, at(20, 10), "nikita"), call(3, at(20, 11), "olena", seconds=3)
        )
        with read(db) as conn:
            keys = ["main:olena", "main:nikita", "main:dasha"]
            calls = facts.last_at(conn, keys, "calls", DAY, DAY, 30)
            productive = facts.last_at(conn, keys, "productive_calls", DAY, DAY, 30)
        assert calls == {"main:olena": at(20, 11), "main:nikita": at(20, 10)}
        assert productive == {"main:olena": at(20, 9), "main:nikita": at(20, 10)}


def test_options_are_not_readable_in_the_store(db: Engine) -> None:
    with source(db) as crm, write(db) as conn:
        sources.set_options(conn, SECRETS, crm, {"token": "s3cret"}, "test", NOW)
        stored = conn.exec_driver_sql(f"SELECT options FROM sources WHERE id = {crm}").scalar()
        assert "s3cret" not in str(stored)
        assert sources.options(conn, SECRETS, crm) == {"token": "s3cret"}
