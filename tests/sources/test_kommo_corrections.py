"""What people change in Kommo after a day is over: figures follow, and the corrections say what it was."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from domain.corrections import Correction, CorrectionKind
from domain.facts import Kind
from storage import corrections, facts
from storage.corrections import Search
from storage.db import read
from tests.emulators.kommo import Emulator
from tests.emulators.kommo_world import WON, Clock, World
from tests.sources.kommo_office import Office, first_day

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
DAY = 86400


def poll(office: Office) -> list[Correction]:
    """A poll as the poller does it, and all that is listed then, the oldest first."""
    for batch in office.source().sync(office.cursor(), office.ask()):
        facts.apply(office.db, office.id, batch, settings=office.settings, live_at=office.clock.now())
    office.clock.sleep(60)
    with read(office.db) as conn:
        return corrections.find(conn, Search())[::-1]


def test_what_is_changed_after_the_day_is_listed_and_what_is_done_today_is_not(tmp_path: Path) -> None:
    clock = Clock(NOON)
    world = World(clock)
    last_week = int(clock.seconds) - 7 * DAY
    deals = [world.lead(101, Decimal(1000), at=last_week - DAY) for _ in range(5)]
    for deal in deals:
        world.move(deal, WON, at=last_week)
    with Emulator(world, clock) as emulator:
        office = Office(emulator, tmp_path, first_day(NOON, 30))
        try:
            assert poll(office) == []
            # A day's work.
            world.move(world.lead(102, Decimal(5)), WON)
            world.hand_over(deals[0], 102)
            assert poll(office) == []
            world.reprice(deals[1], Decimal(10), by=103)
            world.move(deals[2], 11)
            world.delete(deals[3])
            world.backdate(deals[4], last_week - 2 * DAY)
            found = {each.record: each for each in poll(office) if each.said.fact is Kind.DEAL_WON}
            assert {record: each.kind for record, each in found.items()} == {
                f"deal:{deals[1]}": CorrectionKind.AMOUNT,
                f"deal:{deals[2]}": CorrectionKind.REOPENED,
                f"deal:{deals[3]}": CorrectionKind.DELETED,
                f"deal:{deals[4]}": CorrectionKind.MOVED,
            }
            repriced = found[f"deal:{deals[1]}"]
            assert [said and said.amount for said in (repriced.before, repriced.after)] == [Decimal(1000), Decimal(10)]
            assert repriced.who == "main:103"
            assert repriced.url == f"{emulator.url}/leads/detail/{deals[1]}"
            assert office.differences() == {}
        finally:
            office.close()
