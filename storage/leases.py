"""Leases: what one process may do at a time. A lease ends by itself when its holder is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select, update

from storage.db import StoreError, from_ms, query, to_ms, write
from storage.tables import leases


class LeaseLost(StoreError):
    """Another process has taken over: what this one was about to store must not be stored."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`token` grows with every change of hands: the store refuses work done under an older one."""

    name: str
    owner: str
    expires_at: datetime
    token: int


def acquire(db: Engine, name: str, owner: str, ttl_s: float, now: datetime) -> Lease | None:
    """Take the lease for `ttl_s` seconds; None while another owner holds it. `owner` is unique to a process."""
    expires = now + timedelta(seconds=ttl_s)
    sql = """INSERT INTO leases (name, owner, expires_at, token) VALUES (?, ?, ?, 1)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at,
        token = leases.token + 1 WHERE leases.expires_at <= ? OR leases.owner = excluded.owner RETURNING token"""
    with write(db) as conn:
        token = query(conn, sql, (name, owner, to_ms(expires), to_ms(now))).scalar()
    return None if token is None else Lease(name, owner, from_ms(to_ms(expires)), token)


def renew(db: Engine, lease: Lease, ttl_s: float, now: datetime) -> Lease:
    """Hold it longer. Raises LeaseLost when another process has it by now."""
    expires = now + timedelta(seconds=ttl_s)
    with write(db) as conn:
        confirm(conn, lease)
        conn.execute(update(leases).where(leases.c.name == lease.name).values(expires_at=to_ms(expires)))
    return Lease(lease.name, lease.owner, from_ms(to_ms(expires)), lease.token)


def release(db: Engine, lease: Lease) -> None:
    """Give it back at once; harmless when it was lost meanwhile."""
    mine = (leases.c.name == lease.name) & (leases.c.token == lease.token)
    with write(db) as conn:
        conn.execute(update(leases).where(mine).values(expires_at=0))


def confirm(conn: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless nobody took the lease since. Holds off takers until this transaction ends."""
    query = select(leases.c.token).where(leases.c.name == lease.name).with_for_update()
    if conn.execute(query).scalar() != lease.token:
        raise LeaseLost(f"Another process has taken over {lease.name}.")
