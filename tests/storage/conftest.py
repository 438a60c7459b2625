"""Every storage test runs on both engines: `db` is a migrated, empty store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
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


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new, empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tablo.db'}"
        return
    home = request.getfixturevalue("postgres_home")
    name = f"t{next(_numbers)}"
    with psycopg.connect(f"postgresql://tablo@/postgres?host={home}", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        yield f"postgresql+psycopg://tablo@/{name}?host={home}"
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def db(url: str) -> Iterator[Engine]:
    """A migrated store."""
    engine = open_db(url)
    migrate(engine)
    yield engine
    engine.dispose()
