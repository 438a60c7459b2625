"""What routes and callbacks are handed: the store, the boards made from it, the clock, the secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Engine

from config import Config
from domain.settings import PeriodKind, Settings
from jobs.house import House
from storage.boards import LiveBoards, Snapshot
from storage.secrets import Secrets


class Boards(Protocol):
    """Builds a board once per change and hands the same one to everybody."""

    def get(self, period: PeriodKind, day: date | None = None, team: str | None = None) -> Snapshot:
        """The board of the period that holds `day` (None = today). Raises KeyError for an unknown team."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a request may need. `settings` reads them anew, `clock` gives an aware datetime in UTC."""

    db: Engine
    boards: Boards
    clock: Callable[[], datetime]
    settings: Callable[[], Settings]
    secrets: Secrets
    config: Config


def open_deps(house: House) -> Deps:
    """What the web server and the command line work with, on the store of that house."""
    boards = LiveBoards(house.db, house.settings, house.clock, house.config.poll_seconds)
    return Deps(house.db, boards, house.clock, house.settings, house.secrets, house.config)
