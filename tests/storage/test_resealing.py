"""Another secret key: everything sealed is sealed anew, while others work, and the older key opens nothing more."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine

from storage import audit, resealing, second_step, sources, users
from storage.db import StoreError, read, write
from storage.secrets import Secrets, add_key, open_secrets
from storage.tables import metadata
from tests.storage.floor import NOW

# How Fernet's text begins, whatever the key.
SEALED = "gAAAAA"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secret.key"


def fill(db: Engine, secrets: Secrets) -> int:
    """A connection with options and a vault, and a login with a second step; the connection's number."""
    with write(db) as conn:
        number = sources.add(conn, secrets, "main", "kommo", {"token": "s3cret"}, "test", NOW)
        user = users.add(conn, "root", "a quiet morning tea", "admin", "test", NOW)
        key = second_step.new_secret()
        assert second_step.turn_on(conn, secrets, user, key, str(pyotp.TOTP(key).at(NOW)), NOW)
    sources.vault(db, number, secrets, lambda: NOW).write({"refresh_token": "r3fresh"})
    return number


def sealed(db: Engine) -> dict[str, str]:
    """Every sealed text in the store, by its column."""
    found: dict[str, str] = {}
    with read(db) as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(table.select()).mappings():
                found |= {f"{table.name}.{name}": each for name, each in row.items() if str(each).startswith(SEALED)}
    return found


def test_all_that_is_sealed_is_sealed_anew_and_read_by_who_runs_on(db: Engine, path: Path) -> None:
    running = open_secrets(path)
    number, old = fill(db, running), Secrets(path.read_bytes())
    assert set(sealed(db)) == {"sources.options", "sources.vault", "users.totp"}
    naps: list[float] = []
    assert resealing.rotate(db, path, "test", lambda: NOW, naps.append) == 3
    assert len(naps) == 1
    alone = Secrets(path.read_bytes())
    assert len(path.read_bytes()) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir() if "key" in each.name] == ["secret.key"]
    for each in sealed(db).values():
        assert alone.opens(each)
        assert not old.opens(each)
    with read(db) as conn:
        assert sources.options(conn, running, number) == {"token": "s3cret"}
        assert audit.latest(conn, 1)[0].after == {"sealed anew": 3}
    assert sources.vault(db, number, running, lambda: NOW).read() == {"refresh_token": "r3fresh"}
    assert running.signed(old.sign(b"x")) is None


def test_what_was_sealed_in_the_moment_of_the_change_is_found_by_a_later_pass(db: Engine, path: Path) -> None:
    running = open_secrets(path)
    number, late = fill(db, running), Secrets(path.read_bytes())

    def meanwhile(_seconds: float) -> None:
        if not naps:
            sources.vault(db, number, late, lambda: NOW).write({"refresh_token": "later"})
        naps.append(1)

    naps: list[int] = []
    assert resealing.rotate(db, path, "test", lambda: NOW, meanwhile) == 4
    assert sources.vault(db, number, running, lambda: NOW).read() == {"refresh_token": "later"}


def test_a_change_that_broke_off_loses_nothing_and_goes_on_when_called_again(db: Engine, path: Path) -> None:
    running = open_secrets(path)
    number = fill(db, running)
    add_key(path)
    with read(db) as conn:
        assert sources.options(conn, running, number) == {"token": "s3cret"}
    sources.vault(db, number, running, lambda: NOW).write({"refresh_token": "new key"})
    assert resealing.rotate(db, path, "test", lambda: NOW, lambda _: None) == 3
    assert sources.vault(db, number, open_secrets(path), lambda: NOW).read() == {"refresh_token": "new key"}


def test_what_no_key_opens_stops_the_change_and_keeps_the_keys(db: Engine, path: Path) -> None:
    running = open_secrets(path)
    number = fill(db, Secrets(b"lost"))
    vault = sources.vault(db, number, running, lambda: NOW)
    vault.write({"refresh_token": "kept"})
    with pytest.raises(StoreError, match="another secret key"):
        resealing.rotate(db, path, "test", lambda: NOW, lambda _: None)
    assert vault.read() == {"refresh_token": "kept"}


def test_a_key_file_of_somebodys_own_that_cannot_take_a_second_key_is_left_alone(db: Engine, path: Path) -> None:
    path.write_bytes(b"two\nlines")
    fill(db, open_secrets(path))
    with pytest.raises(StoreError, match="more than a line"):
        resealing.rotate(db, path, "test", lambda: NOW, lambda _: None)
    assert path.read_bytes() == b"two\nlines"
