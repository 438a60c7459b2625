"""Config, frozen, from TABLO_* variables: the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

VERSION = "0.1.0"
_LOCALES = Path(__file__).parent / "locales"


class ConfigError(Exception):
    """A variable that cannot be read; the sentence names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Config:
    """How this installation runs. `shift` moves the clock (replay of old data); zero in ordinary life."""

    data_dir: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8050
    secret_key_file: Path = Path("data/secret.key")
    timezone: str | None = None
    currency: str | None = None
    language: str | None = None
    country: str | None = None
    poll_seconds: int = 30
    demo: str = "auto"
    allow_local_crm: bool = False
    log_format: str = "text"
    shift: timedelta = timedelta()
    version: str = VERSION

    @property
    def replay(self) -> bool:
        """Whether the clock is moved: the wall then says so."""
        return bool(self.shift)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


# Every variable with its meaning: docs/configuration.md lists the same names.
VARIABLES = (
    "TABLO_DATA_DIR",
    "TABLO_DATABASE_URL",
    "TABLO_HOST",
    "TABLO_PORT",
    "TABLO_SECRET_KEY_FILE",
    "TABLO_TIMEZONE",
    "TABLO_CURRENCY",
    "TABLO_LANGUAGE",
    "TABLO_COUNTRY",
    "TABLO_POLL_SECONDS",
    "TABLO_DEMO",
    "TABLO_ALLOW_LOCAL_CRM",
    "TABLO_LOG_FORMAT",
    "TABLO_NOW",
)


def from_environment(environ: Mapping[str, str] | None = None, real_now: datetime | None = None) -> Config:
    """The configuration of this process. Raises ConfigError for a value that cannot be read, or an unknown name."""
    env = dict(os.environ if environ is None else environ)
    unknown = sorted(name for name in env if name.startswith("TABLO_") and name not in VARIABLES)
    if unknown:
        raise ConfigError(f"Unknown variable {unknown[0]}. Tablo knows: {', '.join(VARIABLES)}.")
    data_dir = Path(env.get("TABLO_DATA_DIR") or "data").resolve()
    return Config(
        data_dir=data_dir,
        database_url=env.get("TABLO_DATABASE_URL") or f"sqlite:///{data_dir / 'tablo.db'}",
        host=env.get("TABLO_HOST") or "127.0.0.1",
        port=_number(env, "TABLO_PORT", 8050, 1, 65535),
        secret_key_file=Path(env.get("TABLO_SECRET_KEY_FILE") or data_dir / "secret.key"),
        timezone=env.get("TABLO_TIMEZONE") or None,
        currency=env.get("TABLO_CURRENCY") or None,
        language=_choice(env, "TABLO_LANGUAGE", _languages()),
        country=env.get("TABLO_COUNTRY") or None,
        poll_seconds=_number(env, "TABLO_POLL_SECONDS", 30, 1, 3600),
        demo=_choice(env, "TABLO_DEMO", ("auto", "on", "off")) or "auto",
        allow_local_crm=_choice(env, "TABLO_ALLOW_LOCAL_CRM", ("off", "on")) == "on",
        log_format=_choice(env, "TABLO_LOG_FORMAT", ("text", "json")) or "text",
        shift=_shift(env.get("TABLO_NOW"), real_now),
    )


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{name}={text!r} is not a whole number from {low} to {high}.")
    return int(text)


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    text = env.get(name) or None
    if text is not None and text not in allowed:
        raise ConfigError(f"{name}={text!r} is not one of: {', '.join(allowed)}.")
    return text


def _languages() -> tuple[str, ...]:
    """English, and whatever has a catalog."""
    return ("en", *sorted({catalog.parents[1].name for catalog in _LOCALES.glob("*/LC_MESSAGES/*.po")}))


def _shift(text: str | None, real_now: datetime | None) -> timedelta:
    if not text:
        return timedelta()
    try:
        wanted = datetime.fromisoformat(text)
    except ValueError:
        wanted = None
    if wanted is None or wanted.tzinfo is None:
        raise ConfigError(f"TABLO_NOW={text!r} is not an instant with its offset, like 2026-11-20T14:26:00+02:00.")
    return wanted - (real_now or datetime.now(wanted.tzinfo))
