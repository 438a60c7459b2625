"""The CRM connections and how each one's sync is doing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from domain.board import SourceHealth
from domain.connections import TOLD
from domain.facts import Detail, Kind, Lack, Problem
from storage import audit, leases, state
from storage.db import StoreError, from_ms, read, to_ms, write
from storage.secrets import Secrets
from storage.tables import sources

_NAME = re.compile(r"[^\s:/]{1,40}")
_LOCK_S = 60.0
_LOCK_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A connection without its secrets. `as_of` = its numbers are complete up to here, None = first read under way.

    `done` of `total` records of a first read. `missing` = what it cannot give, and why.
    """

    id: int
    name: str
    kind: str
    enabled: bool
    created_at: datetime
    cursor: str | None
    as_of: datetime | None
    polled_at: datetime | None
    ok_at: datetime | None
    health: SourceHealth
    problem: str | None
    missing: Mapping[Lack, str]
    problems: tuple[Problem, ...]
    requests: int
    done: int | None
    total: int | None
    first_read_done: bool
    next_try_at: datetime | None
    failing_since: datetime | None


def add(
    conn: Connection, secrets: Secrets, name: str, kind: str, options: Mapping[str, str], who: str, at: datetime
) -> int:
    """A new connection; returns its id. All of its options are kept encrypted. Raises StoreError for a bad name."""
    check_name(conn, name)
    row = {"name": name, "kind": kind, "options": secrets.seal(json.dumps(dict(options))), "enabled": True}
    health = SourceHealth.LISTENING if kind in TOLD else SourceHealth.LIVE
    row |= {"created_at": to_ms(at), "health": health.value, "missing": "{}", "problems": "[]"}
    key = conn.execute(insert(sources).values(**row, requests=0, first_read_done=False)).inserted_primary_key
    audit.add(conn, who, "source", name, None, {"kind": kind}, at)
    state.bump(conn)
    return int(key[0]) if key else 0


def check_name(conn: Connection, name: str) -> None:
    """Raises StoreError for a name that a new connection cannot have."""
    if not _NAME.fullmatch(name):
        raise StoreError(
            "A source's name has 1 to 40 characters without spaces, ':' and '/'. Rename '{name}'.", name=name
        )
    if conn.execute(select(sources.c.id).where(sources.c.name == name)).first():
        raise StoreError(
            "There is a source called '{name}' already. Choose another name, or remove that one first.", name=name
        )


def every(conn: Connection) -> list[SourceRow]:
    """All connections, in the order in which they were added."""
    return [_row(row) for row in conn.execute(select(sources).order_by(sources.c.id))]


def get(conn: Connection, name: str) -> SourceRow:
    """The connection of that name. Raises StoreError that lists the names there are."""
    row = conn.execute(select(sources).where(sources.c.name == name)).first()
    if row is None:
        names = ", ".join(each.name for each in every(conn)) or "none yet"
        raise StoreError("There is no source called '{name}'. Sources: {names}.", name=name, names=names)
    return _row(row)


def options(conn: Connection, secrets: Secrets, source_id: int) -> dict[str, str]:
    """What the connection was given, secrets in clear: hand it to the source and to nobody else."""
    sealed = conn.execute(select(sources.c.options).where(sources.c.id == source_id)).scalar_one()
    return dict(json.loads(secrets.unseal(sealed)))


def set_options(
    conn: Connection, secrets: Secrets, source_id: int, values: Mapping[str, str], who: str, at: datetime
) -> None:
    """Replace a connection's options. The audit names the keys that changed, never their values."""
    before = options(conn, secrets, source_id)
    changed = sorted(key for key in {*before, *values} if before.get(key) != values.get(key))
    sealed = secrets.seal(json.dumps(dict(values)))
    conn.execute(update(sources).where(sources.c.id == source_id).values(options=sealed))
    audit.add(conn, who, "source", _name(conn, source_id), None, {"options": changed}, at)


def enable(conn: Connection, source_id: int, on: bool, who: str, at: datetime) -> None:
    """Switch a connection on or off; its facts stay."""
    conn.execute(update(sources).where(sources.c.id == source_id).values(enabled=on))
    audit.add(conn, who, "source", _name(conn, source_id), {"enabled": not on}, {"enabled": on}, at)
    state.bump(conn)


def close(conn: Connection, secrets: Secrets, source_id: int, who: str, at: datetime) -> None:
    """Keep a connection's facts and people, and nothing else of it: nobody can read it again."""
    nothing = {"options": secrets.seal("{}"), "vault": None, "cursor": None, "next_try_at": None, "failing_since": None}
    told = {"health": SourceHealth.CLOSED.value, "problem": None, "problems": "[]", "missing": "{}"}
    values = {"enabled": False, **nothing, **told}
    conn.execute(update(sources).where(sources.c.id == source_id).values(**values))
    audit.add(conn, who, "source", _name(conn, source_id), {"closed": False}, {"closed": True}, at)
    state.bump(conn)


def begins(conn: Connection, source_id: int, at: datetime) -> None:
    """A read from the beginning starts: what its time left is reckoned from."""
    state.keep_note(conn, f"read began:{source_id}", at.isoformat())


def began(conn: Connection, source_id: int) -> datetime | None:
    """When the last read from the beginning started, None = never."""
    note = state.note(conn, f"read began:{source_id}")
    return None if note is None else datetime.fromisoformat(note)


def succeeded(conn: Connection, source_id: int, at: datetime, requests: int) -> bool:
    """A sync went through. `requests` is how many it took. True when the source was failing before."""
    was = conn.execute(select(sources.c.failing_since).where(sources.c.id == source_id)).scalar()
    values = {"polled_at": to_ms(at), "ok_at": to_ms(at), "health": SourceHealth.LIVE.value}
    _update(conn, source_id, requests, **values, problem=None, next_try_at=None, failing_since=None)
    if was is not None:
        state.bump(conn)
    return was is not None


def failed(
    conn: Connection,
    source_id: int,
    at: datetime,
    requests: int,
    health: SourceHealth,
    problem: str,
    next_try_at: datetime | None = None,
) -> bool:
    """A sync broke off: `problem` says why, in plain words. True when this is news (it went well, or broke otherwise).

    What was stored before stays, and so does `as_of`.
    """
    old = conn.execute(select(sources).where(sources.c.id == source_id)).one()
    _update(
        conn,
        source_id,
        requests,
        polled_at=to_ms(at),
        health=health.value,
        problem=problem,
        next_try_at=None if next_try_at is None else to_ms(next_try_at),
        failing_since=old.failing_since or to_ms(at),
    )
    news = (old.health, old.problem) != (health.value, problem)
    if news:
        state.bump(conn)
    return news


class StoredVault:
    """A source's own credentials, encrypted in its row (what `sources.Vault` asks for)."""

    def __init__(self, db: Engine, source_id: int, secrets: Secrets, clock: Callable[[], datetime]) -> None:
        self._db, self._source_id, self._secrets, self._clock = db, source_id, secrets, clock

    def read(self) -> dict[str, str]:
        """What was written last; empty at first."""
        with read(self._db) as conn:
            sealed = conn.execute(select(sources.c.vault).where(sources.c.id == self._source_id)).scalar_one()
        return dict(json.loads(self._secrets.unseal(sealed))) if sealed else {}

    def write(self, values: Mapping[str, str]) -> None:
        """Replace it, encrypted; committed to disk when this returns."""
        sealed = self._secrets.seal(json.dumps(dict(values)))
        with write(self._db) as conn:
            conn.execute(update(sources).where(sources.c.id == self._source_id).values(vault=sealed))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held by one process at a time. Raises StoreError when it cannot be had within a minute."""
        lease = self._wait(f"vault:{self._source_id}", leases.holder())
        try:
            yield
        finally:
            leases.release(self._db, lease)

    def _wait(self, name: str, owner: str) -> leases.Lease:
        end = time.monotonic() + _LOCK_S
        while time.monotonic() < end:
            lease = leases.acquire(self._db, name, owner, _LOCK_S, self._clock())
            if lease is not None:
                return lease
            time.sleep(_LOCK_PAUSE_S)
        raise StoreError("Another process has been renewing this source's login for more than a minute.")


def vault(db: Engine, source_id: int, secrets: Secrets, clock: Callable[[], datetime]) -> StoredVault:
    """The vault of one connection; `clock` gives an aware datetime."""
    return StoredVault(db, source_id, secrets, clock)


def problems_json(problems: Sequence[Problem]) -> str:
    """How a list of problems is kept in a source's row."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False)


def problems_of(text: str) -> tuple[Problem, ...]:
    """The list of problems out of a source's row."""
    return tuple(Problem(**each) for each in json.loads(text))


def _update(conn: Connection, source_id: int, requests: int, **values: object) -> None:
    values["requests"] = sources.c.requests + requests
    # A poll that was under way when the connection was closed opens it no more.
    still = (sources.c.id == source_id) & (sources.c.health != SourceHealth.CLOSED.value)
    conn.execute(update(sources).where(still).values(**values))


def _name(conn: Connection, source_id: int) -> str:
    return str(conn.execute(select(func.max(sources.c.name)).where(sources.c.id == source_id)).scalar())


def _time(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _row(row: Row[Any]) -> SourceRow:
    return SourceRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        enabled=row.enabled,
        created_at=from_ms(row.created_at),
        cursor=row.cursor,
        as_of=_time(row.as_of),
        polled_at=_time(row.polled_at),
        ok_at=_time(row.ok_at),
        health=SourceHealth(row.health),
        problem=row.problem,
        missing={_lack(name): why for name, why in json.loads(row.missing).items()},
        problems=problems_of(row.problems),
        requests=row.requests,
        done=row.done,
        total=row.total,
        first_read_done=row.first_read_done,
        next_try_at=_time(row.next_try_at),
        failing_since=_time(row.failing_since),
    )


def _lack(name: str) -> Lack:
    return Detail(name) if name in set(Detail) else Kind(name)
