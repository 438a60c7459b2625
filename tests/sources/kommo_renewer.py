"""A process of its own that renews a token out of the store's vault: `python -m tests.sources.kommo_renewer URL DB`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from sources import Site, SourceError
from sources._kommo.api import Api
from sources._kommo.login import RotatingKeys
from sources.kommo import new_session
from storage.db import open_db
from storage.secrets import Secrets
from storage.sources import vault

KEY = b"k" * 32
OPTIONS = {"client_id": "id", "client_secret": "integration-s3cret", "redirect_uri": "https://tablo.example/back"}


def now() -> datetime:
    """The time of a day after the first pair was made."""
    return datetime.now(UTC)


def main(url: str, address: str) -> int:
    """Ask for the account once; 0 = it answered, 3 = somebody has to authorise again."""
    engine = open_db(address)
    store = vault(engine, 1, Secrets(KEY), now)
    site = Site("main", "Europe/Kyiv", "UAH", now, Path(), store, allow_local=True)
    session = new_session(site)
    try:
        keys = RotatingKeys({**OPTIONS, "base_url": url}, store, session, now, allow_local=True)
        api = Api(session, keys, now)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        api.deadline = 1e12
        return 0 if api.get("account") else 1
    except SourceError as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 3 if error.permanent else 4
    finally:
        session.close()
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
