"""Every storage test runs on both engines: `db` is a migrated, empty store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from storage.db import migrate, open_db
from tests.storage import postgres, ready

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[str]:
    """The folder of a running PostgreSQL's socket."""
    with postgres.server() as home:
        yield home


@pytest.fixture(scope="session")
def postgres_ready(postgres_home: str) -> str:
    """A database with its tables and nothing in them, to be copied."""
    _administer(postgres_home, "CREATE DATABASE ready TEMPLATE template0")
    engine = open_db(f"postgresql+psycopg://tablo@/ready?host={postgres_home}")
    migrate(engine)
    engine.dispose()
    return "ready"


@pytest.fixture
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Makes new, empty databases of an engine, without tables unless they are to be `migrated`; gives their address."""
    made: list[str] = []

    def make(engine: str, migrated: bool = False) -> str:
        name = f"t{next(_numbers)}"
        if engine == "sqlite":
            path = tmp_path / f"{name}.db"
            if migrated:
                ready.sqlite_at(path).dispose()
            return f"sqlite:///{path}"
        home = request.getfixturevalue("postgres_home")
        template = request.getfixturevalue("postgres_ready") if migrated else "template0"
        _administer(home, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return f"postgresql+psycopg://tablo@/{name}?host={home}"

    yield make
    for name in made:
        _administer(request.getfixturevalue("postgres_home"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, make_url: Callable[..., str]) -> str:
    """The address of a new, empty database; that of the `db`, where the test takes it too."""
    return make_url(request.param, migrated="db" in request.fixturenames)


@pytest.fixture
def db(url: str) -> Iterator[Engine]:
    """A migrated store."""
    engine = open_db(url)
    yield engine
    engine.dispose()


def _administer(home: str, command: str) -> None:
    with psycopg.connect(f"postgresql://tablo@/postgres?host={home}", autocommit=True) as conn:
        conn.execute(command.encode())
