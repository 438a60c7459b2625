"""The environment is read once, strictly, and says what is wrong with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import config
from config import VARIABLES, ConfigError, from_environment


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    found = from_environment({})
    assert (found.host, found.port, found.poll_seconds, found.demo) == ("127.0.0.1", 8050, 30, "auto")
    assert found.data_dir == Path("data").resolve()
    assert found.database_url == f"sqlite:///{found.data_dir / 'tablo.db'}"
    assert found.secret_key_file == found.data_dir / "secret.key"
    assert found.loopback
    assert not found.replay


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TABLO_PORT", "80a"),
        ("TABLO_PORT", "70000"),
        ("TABLO_POLL_SECONDS", "0"),
        ("TABLO_POLL_SECONDS", "²"),
        ("TABLO_DEMO", "yes"),
        ("TABLO_LANGUAGE", "de"),
        ("TABLO_LOG_FORMAT", "xml"),
        ("TABLO_NOW", "yesterday"),
        ("TABLO_NOW", "2026-11-20T10:00"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_in_the_error(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        from_environment({variable: value})


def test_every_language_with_a_catalog_can_be_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert from_environment({"TABLO_LANGUAGE": "uk"}).language == "uk"
    catalog = tmp_path / "pl" / "LC_MESSAGES" / "wall.po"
    catalog.parent.mkdir(parents=True)
    catalog.touch()
    monkeypatch.setattr(config, "_LOCALES", tmp_path)
    assert from_environment({"TABLO_LANGUAGE": "pl"}).language == "pl"
    assert from_environment({"TABLO_LANGUAGE": "en"}).language == "en"
    with pytest.raises(ConfigError, match="en, pl"):
        from_environment({"TABLO_LANGUAGE": "uk"})


def test_a_mistyped_variable_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="TABLO_PROT"):
        from_environment({"TABLO_PROT": "80"})


def test_other_peoples_variables_are_none_of_our_business() -> None:
    assert from_environment({"PATH": "/bin", "HOME": "/root"}).port == 8050


def test_an_open_address_is_not_loopback() -> None:
    assert not from_environment({"TABLO_HOST": "0.0.0.0"}).loopback
    assert from_environment({"TABLO_HOST": "127.0.0.8"}).loopback


def test_replay_moves_the_clock_by_the_distance_to_the_wanted_instant() -> None:
    start = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = from_environment({"TABLO_NOW": "2020-05-20T12:00:00+00:00"}, start)
    assert found.replay
    assert start + found.shift == datetime(2020, 5, 20, 12, tzinfo=UTC)
    assert from_environment({}).shift == timedelta()


def test_every_variable_is_documented() -> None:
    page = Path("docs/configuration.md").read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"| `{name}` |" not in page] == []
