"""Another secret key: all that is kept encrypted is sealed anew, while Tablo runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, select, update

from storage import audit
from storage.db import write
from storage.secrets import Secrets, add_key, keep_only, open_secrets
from storage.tables import sources, users

# Every column that holds sealed text. A test looks for others.
_SEALED = (sources.c.options, sources.c.vault, users.c.totp)
# Whoever sealed with the older key in the moment of the change has stored it by then.
_PAUSE_S = 1.0


def rotate(
    db: Engine, path: Path, who: str, clock: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep
) -> int:
    """Make a new key, seal everything anew with it, forget the older ones; how many values that were.

    Raises StoreError when something can be opened by no key: all keys stay then, as after a crash, and it can be
    called again.
    """
    new = add_key(path)
    both, alone = open_secrets(path), Secrets(new)
    count = _pass(db, both, alone)
    sleep(_PAUSE_S)
    while late := _pass(db, both, alone):
        count += late
        sleep(_PAUSE_S)
    keep_only(path, new)
    with write(db) as conn:
        audit.add(conn, who, "secret key", "", None, {"sealed anew": count}, clock())
    return count


def _pass(db: Engine, both: Secrets, alone: Secrets) -> int:
    """Seal anew what the new key alone does not open; how many values."""
    with write(db) as conn:
        return sum(_reseal(conn, column, both, alone) for column in _SEALED)


def _reseal(conn: Connection, column: Column[str], both: Secrets, alone: Secrets) -> int:
    key = column.table.c.id
    rows = conn.execute(select(key, column).where(column.is_not(None))).all()
    stale = [(row[0], row[1]) for row in rows if not alone.opens(row[1])]
    for number, sealed in stale:
        again = alone.seal(both.unseal(sealed))
        conn.execute(update(column.table).where(key == number).values({column: again}))
    return len(stale)
