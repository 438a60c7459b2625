"""An office for the desk's tests: a store with three managers in two teams, logins, a clock that tests turn."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from callbacks import desk as desk_callbacks
from config import Config
from deps import Deps, open_deps
from domain.facts import Batch, Change, Fact, Group, Kind, Person
from domain.settings import PeriodKind, Settings
from jobs.house import House
from routes import (
    api,
    auth,
    celebration,
    connect,
    desk,
    door,
    guard,
    health,
    hooks,
    invited,
    me,
    pairing,
    phone_files,
    photos,
    second_step,
    sounds,
    trouble,
)
from storage import db as store
from storage import facts, sources, targets, users
from storage.secrets import Secrets
from storage.targets import NewTarget

# A Friday, 14:26 in Kyiv.
NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
PASSWORD = "a quiet morning tea"
ORIGIN = {"Origin": "http://localhost"}
PEOPLE = (
    Person("1", "Олена Коваль", team="n", email="olena@example.org", rep=True),
    Person("2", "Nikita Orlov", team="n", rep=True),
    Person("3", "Dasha Lewis", team="s", rep=True),
    Person("4", "Telephone Exchange"),
    Person("5", "Книга Учёта"),
)


@dataclass
class Clock:
    """A clock that stands until it is turned."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Office:
    """The store and the server around it."""

    deps: Deps
    clock: Clock
    server: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.server = serve(self.deps)

    def login(self, who: str = "lead") -> FlaskClient:
        """A browser that has logged in."""
        client = self.server.test_client()
        answer = client.post("/login", data={"login": who, "password": PASSWORD}, headers=ORIGIN)
        assert answer.status_code == 303
        return client


def furnish(folder: Path, host: str = "127.0.0.1", language: str = "en") -> Office:
    """A new office: administrator `root`, team lead `lead`, a source `main` with its people and a few records."""
    shutil.copy(_built(), folder / "tablo.db")
    return open_again(folder, host, language)


def open_again(folder: Path, host: str = "127.0.0.1", language: str = "en") -> Office:
    """The office that was furnished there, for another process too."""
    config = Config(
        data_dir=folder, database_url=f"sqlite:///{folder / 'tablo.db'}", host=host, language=language, country="DE"
    )
    clock = Clock()
    house = House(store.open_db(config.database_url), Secrets(b"k" * 32), config, clock)
    return Office(open_deps(house), clock)


@cache
def _built() -> Path:
    """The store, filled once for all tests: passwords take long to hash."""
    folder = tempfile.mkdtemp(prefix="tablo-desk-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "tablo.db"
    db = store.open_db(f"sqlite:///{path}")
    store.migrate(db)
    with store.write(db) as conn:
        users.add(conn, "root", PASSWORD, "admin", "test", NOW)
        users.add(conn, "lead", PASSWORD, "team_lead", "test", NOW)
        source = sources.add(conn, Secrets(b"k" * 32), "main", "demo", {}, "test", NOW)
        calls = NewTarget("calls", "rep", "main:1", PeriodKind.MONTH, Decimal(400), FIRST, LAST)
        targets.add(conn, [calls], "lead", NOW - timedelta(days=3))
    groups = [Group("n", "North"), Group("s", "South")]
    batch = Batch([_call(n) for n in range(3)], "c", NOW, people=PEOPLE, groups=groups)
    facts.apply(db, source, batch, settings=Settings())
    # The last connection to close brings the journal into the file.
    db.dispose()
    return path


def serve(deps: Deps) -> Flask:
    """The server with everything of the desk."""
    server = Flask("tablo", static_folder=None)
    for part in (
        guard,
        auth,
        second_step,
        invited,
        pairing,
        trouble,
        health,
        api,
        hooks,
        connect,
        photos,
        sounds,
        celebration,
        door,
        me,
        phone_files,
    ):
        part.register(server, deps)
    desk_callbacks.register(desk.register(server, deps), deps)
    # In place of the wall, which has its own tests.
    server.add_url_rule("/", "wall", lambda: "numbers")
    server.add_url_rule("/wall/state", "state", lambda: "numbers")
    server.add_url_rule("/tv-lite", "lite", lambda: "numbers")
    return server


def _call(number: int) -> Change:
    at = NOW - timedelta(hours=number)
    # Two calls of the exchange, which nobody has mapped, and one of nobody.
    return Change(f"call:{number}", (Fact(Kind.CALL, at, "4" if number else None, seconds=60),), revision=1)
