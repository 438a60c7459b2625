"""A store with its tables and nothing in them, made once: most tests are about what comes after the migrations."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from storage.db import migrate, open_db


def sqlite_at(path: Path) -> Engine:
    """A store in a new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_empty(), path)
    return open_db(f"sqlite:///{path}")


@cache
def _empty() -> Path:
    folder = tempfile.mkdtemp(prefix="tablo-ready-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "tablo.db"
    db = open_db(f"sqlite:///{path}")
    migrate(db)
    # The last connection to close brings the journal into the file.
    db.dispose()
    return path
