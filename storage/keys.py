"""Keys: a person is written as `<source name>:<the CRM's own id>`."""

from __future__ import annotations

from sqlalchemy import Connection, select

from storage.db import StoreError
from storage.tables import sources


def split(conn: Connection, key: str) -> tuple[int, str]:
    """The source's number and the person's id there. Raises StoreError for a key of nobody."""
    source, _, person = key.partition(":")
    source_id = conn.execute(select(sources.c.id).where(sources.c.name == source)).scalar()
    if source_id is None or not person:
        raise StoreError(f"{key!r} names nobody: a person is written as SOURCE:ID.")
    return source_id, person
