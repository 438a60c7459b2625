"""Names that a team lead gives: what a name may be, and that no two things of a kind bear the same."""

from __future__ import annotations

from sqlalchemy import Connection, Table, select

from storage.db import StoreError

LONGEST = 60


class UnfitNameError(StoreError):
    """A name is empty or too long."""


class TakenNameError(StoreError):
    """Something else bears this name."""


def free(conn: Connection, table: Table, name: str, number: int | None, what: str) -> str:
    """The name without the spaces around it, when the row `number` (None = a new one) of the table may bear it.

    Raises UnfitNameError or TakenNameError.
    """
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise UnfitNameError(f"A {what}'s name has 1 to {LONGEST} characters.")
    taken = conn.execute(select(table.c.id).where(table.c.name == name)).scalar()
    if taken not in (None, number):
        raise TakenNameError(f"There is a {what} called {name!r} already.")
    return name
