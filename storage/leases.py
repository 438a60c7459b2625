"""Leases: what one process may do at a time. A lease ends by itself when its holder is gone."""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import suppress
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


def holder() -> str:
    """A name for an owner in this process, another one at each call."""
    return f"{_machine()} {os.getpid()} {uuid.uuid4().hex[:8]}"


def acquire(db: Engine, name: str, owner: str, ttl_s: float, now: datetime) -> Lease | None:
    """Take the lease for `ttl_s` seconds; None while another owner holds it. Who wants to be known when it is dead
    calls itself as `holder` does: its lease may then be taken at once."""
    expires = now + timedelta(seconds=ttl_s)
    sql = """INSERT INTO leases (name, owner, expires_at, token) VALUES (?, ?, ?, 1)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at,
        token = leases.token + 1 WHERE leases.expires_at <= ? OR leases.owner IN (excluded.owner, ?) RETURNING token"""
    with write(db) as conn:
        held_by = conn.execute(select(leases.c.owner).where(leases.c.name == name)).scalar()
        dead = held_by if held_by and _is_dead(held_by) else owner
        token = query(conn, sql, (name, owner, to_ms(expires), to_ms(now), dead)).scalar()
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


def _is_dead(owner: str) -> bool:
    """Whether that owner was a process of this machine which is no more. Of others nobody here can tell."""
    machine, _, process = owner.rpartition(" ")[0].rpartition(" ")
    if os.name != "posix" or machine != _machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _machine() -> str:
    """The host, and within it the container: each numbers its processes anew."""
    room = ""
    with suppress(OSError):
        room = os.readlink("/proc/self/ns/pid")
    return f"{socket.gethostname()} {room}"
