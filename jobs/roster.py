"""Which sources there are to poll: the demo sales floor comes while nothing else is connected, and goes after."""

from __future__ import annotations

import logging

from jobs.house import House
from storage import db as store
from storage import facts
from storage import sources as connections

log = logging.getLogger("tablo.roster")

DEMO = "demo"


def settle_demo(house: House) -> None:
    """Add or remove the demo source, as `TABLO_DEMO` and the other sources ask."""
    with store.read(house.db) as conn:
        rows = connections.every(conn)
    here = [row for row in rows if row.kind == DEMO]
    if _wanted(house.config.demo, len(rows) - len(here)):
        if not here:
            _add(house)
    elif house.config.demo == "auto":
        for row in here:
            facts.remove(house.db, row.id)
            log.info("The demo sales floor has gone: a real source is connected.")


def _wanted(mode: str, real: int) -> bool:
    return mode == "on" or (mode == "auto" and real == 0)


def _add(house: House) -> None:
    with store.write(house.db) as conn:
        connections.add(conn, house.secrets, DEMO, DEMO, {}, "tablo", house.clock())
    log.info("Nothing is connected yet: the demo sales floor is on.")
