"""What people and CRMs want of the poller: to look at a source now, or to read it again from a day on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, delete

from storage import state
from storage.tables import state as table


class Haste(StrEnum):
    """Who is in a hurry: a person is served at once, a CRM's event no sooner than a failing CRM may be asked."""

    PERSON = "person"
    EVENT = "event"


def hurry(conn: Connection, source_id: int, haste: Haste) -> None:
    """Look at this source soon. A person's wish is not lessened by an event."""
    if haste is Haste.PERSON or hurried(conn, source_id) is None:
        state.keep_note(conn, _soon(source_id), haste)


def hurried(conn: Connection, source_id: int) -> Haste | None:
    """Whether somebody waits for a look at this source."""
    note = state.note(conn, _soon(source_id))
    return None if note is None else Haste(note)


def served(conn: Connection, source_id: int) -> None:
    """The look has begun: whoever asks from now on asks for another one."""
    conn.execute(delete(table).where(table.c.key == _soon(source_id)))


def reread(conn: Connection, source_id: int, since: date) -> None:
    """Read this source again from that day on."""
    state.keep_note(conn, _again(source_id), since.isoformat())


def to_reread(conn: Connection, source_id: int) -> date | None:
    """From which day on this source is to be read again, None = it is not."""
    note = state.note(conn, _again(source_id))
    return None if note is None else date.fromisoformat(note)


def rereading(conn: Connection, source_id: int, since: date) -> None:
    """The reading from that day has begun, and goes on from its cursor; a wish for another day stays."""
    mine = (table.c.key == _again(source_id)) & (table.c.note == since.isoformat())
    conn.execute(delete(table).where(mine))


def forget(conn: Connection, source_id: int) -> None:
    """Nothing is wanted of a source that is removed."""
    served(conn, source_id)
    conn.execute(delete(table).where(table.c.key == _again(source_id)))


def _soon(source_id: int) -> str:
    return f"poll now:{source_id}"


def _again(source_id: int) -> str:
    return f"read again:{source_id}"
