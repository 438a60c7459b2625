"""A house on a fresh SQLite store, with a clock that tests move by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import from_environment
from jobs.house import House
from storage.secrets import Secrets
from tests.storage import ready


class Clock:
    """An instant that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    """Friday noon in Kyiv."""
    return Clock(datetime(2026, 11, 20, 10, tzinfo=UTC))


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """A house whose demo is off."""
    config = from_environment({"TABLO_DATA_DIR": str(tmp_path / "data"), "TABLO_DEMO": "off"})
    db = ready.sqlite_at(config.data_dir / "tablo.db")
    yield House(db, Secrets(b"a key for tests"), config, clock)
    db.dispose()
