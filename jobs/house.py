"""House: what every job works with, and how a stored connection becomes a source that can be asked."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Engine

import sources
from config import Config
from domain.settings import Settings
from storage import db as store
from storage import leases, settings
from storage import sources as connections
from storage.secrets import Secrets, open_secrets
from storage.sources import SourceRow


@dataclass(frozen=True, slots=True)
class House:
    """The store, the secrets, the clock. `owner` names this process in leases."""

    db: Engine
    secrets: Secrets
    config: Config
    clock: Callable[[], datetime]
    owner: str = field(default_factory=leases.holder)

    def settings(self) -> Settings:
        """The office's settings as they are now."""
        with store.read(self.db) as conn:
            return settings.load(conn, defaults(self.config))


def open_house(config: Config) -> House:
    """Open the store, brought to its newest shape. Raises StoreError."""
    # Records come by the hundred thousand and are in no cycles: looking for cycles after every 700 objects, as Python
    # does by itself, takes a fifth of a first read.
    gc.set_threshold(100_000, 20, 20)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    db = store.open_db(config.database_url)
    store.migrate(db)
    return House(db, open_secrets(config.secret_key_file), config, lambda: datetime.now(UTC) + config.shift)


def defaults(config: Config) -> Settings:
    """The settings of a first start, as far as the environment names them."""
    office = Settings()
    return replace(
        office,
        timezone=config.timezone or office.timezone,
        currency=config.currency or office.currency,
        language=config.language or office.language,
        country=None if config.country == "none" else config.country or office.country,
    )


def open_source(house: House, row: SourceRow) -> sources.Source:
    """The source behind a connection. Raises SourceError for options that no longer fit."""
    with store.read(house.db) as conn:
        options = connections.options(conn, house.secrets, row.id)
    vault = connections.vault(house.db, row.id, house.secrets, house.clock)
    return sources.load(row.kind).connect(sources.prepare(row.kind, options), site(house, row.name, vault))


def site(house: House, name: str, vault: sources.Vault, place: Path | None = None) -> sources.Site:
    """What a source of that name may know of the office. `place` is its folder, where it is not the usual one."""
    office = house.settings()
    return sources.Site(
        name=name,
        timezone=office.timezone,
        currency=office.currency,
        clock=house.clock,
        folder=folder(house, name) if place is None else place,
        vault=vault,
        allow_local=house.config.allow_local_crm,
        productive_seconds=office.productive_seconds,
    )


def folder(house: House, name: str) -> Path:
    """The folder of the source of that name, made if it is missing. No two names share one."""
    plain = re.sub(r"[^\w.-]", "_", name).lstrip(".")
    if plain != name:
        plain = f"{plain}-{blake2b(name.encode(), digest_size=4).hexdigest()}"
    place = house.config.data_dir / "sources" / plain
    place.mkdir(parents=True, exist_ok=True)
    return place
