"""What a house needs once a night: a backup, old backups, corrections and photos cleared, a recount of the totals."""

from __future__ import annotations

import logging
from datetime import date, datetime
from pathlib import Path

from jobs import photos
from jobs.house import House
from jobs.night import night_of
from storage import backup, corrections, facts, state
from storage import db as store

log = logging.getLogger("tablo.upkeep")

_DAYS_KEPT = 7
_WEEKS_KEPT = 4
_NAME = "tablo-%Y-%m-%d.backup"


def tick(house: House) -> None:
    """Do the night's work if its hour has come and it is not done yet. The clock decides, not a calendar trigger."""
    night = night_of(house.clock(), house.settings().timezone)
    with store.read(house.db) as conn:
        done = state.note(conn, "upkeep")
    if done == night.isoformat():
        return
    if done is not None:
        _work(house, night)
    with store.write(house.db) as conn:
        state.keep_note(conn, "upkeep", night.isoformat())


def keep(days: list[date]) -> set[date]:
    """Which days' backups stay: the last seven, and the newest of each of four weeks."""
    newest_first = sorted(days, reverse=True)
    weeks: dict[tuple[int, int], date] = {}
    for day in newest_first:
        weeks.setdefault(day.isocalendar()[:2], day)
    return set(newest_first[:_DAYS_KEPT]) | set(list(weeks.values())[:_WEEKS_KEPT])


def _work(house: House, night: date) -> None:
    folder = house.config.data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    backup.backup(house.db, folder / night.strftime(_NAME))
    _thin(folder)
    photos.sweep(house)
    with store.write(house.db) as conn:
        corrections.thin(conn, house.clock())
    wrong = facts.drift(house.db, house.settings())
    if wrong:
        log.error("%d totals differed from a recount of the facts; they have been counted anew.", wrong)
        facts.rebuild(house.db, house.settings())


def _thin(folder: Path) -> None:
    found: dict[date, Path] = {}
    for path in folder.glob("tablo-*.backup"):
        try:
            found[datetime.strptime(path.name, _NAME).date()] = path  # noqa: DTZ007 (a day in a name has no zone)
        except ValueError:
            continue
    for day in set(found) - keep(list(found)):
        found[day].unlink()
