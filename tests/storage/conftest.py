"""Every storage test runs on both engines: `db` is a migrated, empty store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from storage.db import migrate, open_db
from tests.storage import postgres

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[str]:
    """The folder of a running PostgreSQL's socket."""
    with postgres.server() as home:
        yield home


@pytest.fixture
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes new, empty databases of an engine; gives their address."""
    made: list[str] = []

    def make(engine: str) -> str:
        name = f"t{next(_numbers)}"
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        home = request.getfixturevalue("postgres_home")
        _administer(home, f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return f"postgresql+psycopg://tablo@/{name}?host={home}"

    yield make
    for name in made:
        _administer(request.getfixturevalue("postgres_home"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, make_url: Callable[[str], str]) -> str:
    """The address of a new, empty database."""
    return make_url(request.param)


@pytest.fixture
def db(url: str) -> Iterator[Engine]:
    """A migrated store."""
    engine = open_db(url)
    migrate(engine)
    yield engine
    engine.dispose()


def _administer(home: str, command: str) -> None:
    with psycopg.connect(f"postgresql://tablo@/postgres?host={home}", autocommit=True) as conn:
        conn.execute(command.encode())
