"""A won deal is noted once, when it is news, in the transaction that brings it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.celebrations import Celebration
from domain.facts import Batch, Census, Change, Fact, Kind
from domain.settings import Credit, Settings
from storage import celebrations, facts
from storage.db import query, read
from tests.sources.sheets import Desk
from tests.storage.floor import NOW, OFFICE, at, gone, source, store, win

MINUTE = timedelta(minutes=1)
ON_A_DAY = Fact(Kind.DEAL_WON, at(19, 22), "olena", on=NOW.date(), amount=Decimal(500), currency="UAH")


def hear(
    db: Engine, source_id: int, *changes: Change, now: datetime = NOW, live: bool = True, settings: Settings = OFFICE
) -> None:
    """One poll that brings these changes."""
    batch = Batch(changes, "c", now)
    facts.apply(db, source_id, batch, settings=settings, live_at=now if live else None)


def noted(db: Engine, now: datetime = NOW) -> list[Celebration]:
    with read(db) as conn:
        return celebrations.recent(conn, now)


def deals(db: Engine, now: datetime = NOW) -> list[str]:
    return [each.deal.partition(":")[2] for each in noted(db, now)]


def test_a_win_is_noted_with_what_the_wall_says_of_it(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm)
        won = win(7, NOW - MINUTE, amount="184000.50", currency="EUR")
        named = replace(won.facts[1], customer="Rozetka Opt")
        hear(db, crm, replace(won, facts=(won.facts[0], named)))
        (found,) = noted(db)
    assert (found.deal, found.rep, found.at, found.noted_at) == ("main:deal:7", "main:olena", NOW - MINUTE, NOW)
    assert (found.amount, found.currency) == (Decimal("184000.50"), "EUR")
    assert (found.title, found.customer) == ("Deal 7", "Rozetka Opt")


def test_several_wins_are_noted_in_order(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(db, crm, *(win(number, NOW - MINUTE) for number in (3, 1, 2)))
        hear(db, crm, win(0, NOW))
        assert deals(db) == ["deal:3", "deal:1", "deal:2", "deal:0"]
        assert [each.id for each in noted(db)] == sorted(each.id for each in noted(db))


@pytest.mark.parametrize(
    ("won_at", "is_noted"),
    [
        (NOW, True),
        (NOW - 29 * MINUTE, True),
        (NOW - 30 * MINUTE, False),
        (NOW - timedelta(days=3), False),
        (NOW + 2 * MINUTE, True),
        (NOW + 60 * MINUTE, False),
    ],
)
def test_only_a_win_younger_than_thirty_minutes_is_news(db: Engine, won_at: datetime, is_noted: bool) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(db, crm, win(1, won_at))
        assert bool(deals(db)) is is_noted


def test_nothing_is_noted_from_history(db: Engine) -> None:
    with source(db) as crm:
        facts.apply(db, crm, Batch([win(1, NOW)], "half", None), settings=OFFICE, live_at=NOW)
        hear(db, crm, win(2, NOW))
        hear(db, crm, win(3, NOW), live=False)
        assert deals(db) == []
        hear(db, crm, win(1, NOW), win(2, NOW), win(3, NOW), win(4, NOW))
        assert deals(db) == ["deal:4"]


def test_a_reopened_deal_is_never_celebrated_again(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(db, crm, win(1, NOW, revision=1))
        first = noted(db)
        hear(db, crm, Change("deal:1", (), 2), now=NOW + MINUTE)
        assert noted(db, NOW + MINUTE) == []
        hear(db, crm, win(1, NOW + 2 * MINUTE, revision=3), now=NOW + 2 * MINUTE)
        hear(db, crm, gone("deal:1", 4), now=NOW + 3 * MINUTE)
        hear(db, crm, win(1, NOW + 50 * MINUTE, revision=5), now=NOW + 50 * MINUTE)
        assert noted(db, NOW + 50 * MINUTE) == []
        assert [each.id for each in first] == [1]


def test_a_deal_that_stood_won_before_is_no_news_when_its_date_is_corrected(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm, win(1, NOW - timedelta(days=9), revision=1))
        hear(db, crm, win(1, NOW, amount="7", revision=2))
        assert deals(db) == []


def test_a_replay_notes_nothing_twice(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        for minute in range(3):
            hear(db, crm, win(1, NOW), win(2, NOW), now=NOW + minute * MINUTE)
        assert deals(db) == ["deal:1", "deal:2"]


def test_news_grow_old(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(db, crm, win(1, NOW))
        assert deals(db, NOW + 29 * MINUTE) == ["deal:1"]
        assert deals(db, NOW + 31 * MINUTE) == []


def test_a_win_of_nobody_is_not_noted_and_credit_follows_the_setting(db: Engine) -> None:
    with source(db, "main") as crm:
        store(db, crm)
        hear(db, crm, win(1, NOW, rep=None), win(2, NOW, owner="nikita"))
        assert [each.rep for each in noted(db)] == ["main:olena"]
    with source(db, "main") as crm:
        owner = replace(OFFICE, credit=Credit.CURRENT_OWNER)
        facts.rebuild(db, owner)
        store(db, crm, settings=owner)
        hear(db, crm, win(2, NOW, owner="nikita"), settings=owner)
        assert [each.rep for each in noted(db)] == ["main:nikita"]
    facts.rebuild(db, OFFICE)


@pytest.mark.parametrize(("told", "is_noted"), [(NOW - MINUTE, True), (NOW - 40 * MINUTE, False)])
def test_where_the_crm_knows_the_day_alone_a_win_of_today_is_of_the_moment_we_hear_of_it(
    db: Engine, told: datetime, is_noted: bool
) -> None:
    with source(db) as crm:
        facts.apply(db, crm, Batch([], "c", told), settings=OFFICE)
        yesterday = replace(ON_A_DAY, on=NOW.date() - timedelta(days=1))
        hear(db, crm, Change("deal:1", (ON_A_DAY,)), Change("deal:2", (yesterday,)))
        assert [each.at for each in noted(db)] == [NOW] * is_noted


def test_a_row_without_an_id_is_celebrated_once_however_often_it_is_edited(db: Engine, tmp_path: Path) -> None:
    def poll(minute: int, *rows: str) -> int:
        """How many celebrations there have been once this was read."""
        now = NOW + minute * MINUTE
        text = "\n".join(("title,customer,rep,amount,won_on", *(f"Roof,{row},2026-11-20" for row in rows)))
        for batch in desk.write("deals.csv", text).sync(now=now).batches:
            facts.apply(db, crm, batch, settings=OFFICE, live_at=now)
        with read(db) as conn:
            return len(query(conn, "SELECT 1 FROM celebrations WHERE source_id = ?", (crm,)).all())

    desk = Desk(tmp_path)
    with source(db) as crm:
        assert poll(0, "Old,Nikita,1") == 0
        assert poll(1, "Old,Nikita,1", "Acme,Olena,5000") == 1
        assert poll(2, "Old,Nikita,1", "Acme GmbH,Olena,5000") == 1
        assert poll(3, "Old,Nikita,1", "Acme GmbH,Olena,5500") == 1
        assert poll(4, "Older,Nikita,1", "Acme GmbH,Olena,5500") == 1
        assert poll(5, "Older,Nikita,1", "Acme,Olena,5500", "Beta,Olena,5500") == 2
        assert poll(6, "Older,Nikita,1", "Acme,Olena,5500", "Beta,Olena,5500", "Beta,Olena,5500") == 3
        assert len(noted(db, NOW + 6 * MINUTE)) == 2


@pytest.mark.parametrize("rep", ["olena", "nikita"])
def test_a_win_is_news_beside_one_that_a_crm_took_back_or_took_away(db: Engine, rep: str) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(
            db, crm, win(1, NOW, revision=1), win(2, NOW, revision=1), win(3, NOW), *(win(n, NOW) for n in range(5, 9))
        )
        reopened, listed = Change("deal:1", (), 2), frozenset(f"deal:{number}" for number in (1, 2, 4, 5, 6, 7, 8))
        batch = Batch((reopened, gone("deal:2", 2), win(4, NOW, rep)), "c", NOW, census=[Census("deal:", listed)])
        applied = facts.apply(db, crm, batch, settings=OFFICE, live_at=NOW)
        assert (applied.vanished, applied.refused) == (1, [])
        assert "deal:4" in deals(db)


def test_a_lost_win_excuses_only_one_of_the_same_person_and_day(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        hear(db, crm, win(1, NOW), win(2, NOW, "nikita"))
        new = (win(3, NOW, "nikita"), win(4, NOW), win(5, NOW), win(6, NOW, "daria"))
        listed = frozenset(change.record for change in new)
        batch = Batch(new, "c", NOW, census=[Census("deal:", listed, limit=None)])
        facts.apply(db, crm, batch, settings=OFFICE, live_at=NOW)
        assert deals(db) == ["deal:5", "deal:6"]


def test_a_batch_that_fails_leaves_no_celebration(db: Engine) -> None:
    with source(db) as crm:
        store(db, crm)
        broken = win(2, NOW)
        with pytest.raises(AttributeError):
            hear(db, crm, win(1, NOW), replace(broken, facts=(None,)))  # type: ignore[arg-type]  # it is to break
        assert deals(db) == []
