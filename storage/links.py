"""Personal links to the phone page, the PINs beside them, and the phones that were let in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, or_, select, update

from domain import pins
from storage import audit, guesses, joins
from storage.audit import Search
from storage.db import StoreError, from_ms, to_ms
from storage.guesses import Limit
from storage.tables import personal_links, sources, visits
from storage.users import is_secret, secret_hash

# A phone stays let in for so long after it was used last; its use is noted at most so often.
LIFETIME = timedelta(days=90)
_NOTED_EVERY = timedelta(hours=6)
# By the wall's code everybody in the room may guess at anybody, from one address: the waits are short there, so that
# nobody can keep a colleague out. Who holds a personal link guesses at that one alone, and under keys of its own.
_AT_THE_WALL = (Limit(10, 60), Limit(3, 60), Limit(20, 60))
_BY_LINK = (Limit(10, 60), Limit(3, 900), Limit(20, 60))
# Those limits forget after half an hour, which leaves patience a thousand tries a day: enough for all PINs of four
# digits in a week. So a day's wrong PINs at a person count together too, whoever typed them and by which way in.
_IN_A_DAY = Limit(30, 900, first_s=900, window=guesses.DAY)


@dataclass(frozen=True, slots=True)
class Link:
    """A manager's link. `rep` is `<source name>:<id>`, `mark` names this very link and no later one of the same person.

    `used_at` None = nobody has opened it yet. `has_pin` False = the PIN is chosen at the first use.
    """

    rep: str
    mark: str
    created_at: datetime
    used_at: datetime | None
    has_pin: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A phone that was let in: whose page it sees, and when it was last used (to some hours)."""

    rep: str
    seen_at: datetime


def renew(conn: Connection, rep: str, who: str, at: datetime) -> str:
    """A new link for somebody; returns its secret, which cannot be had again. The one before ends, with its PIN."""
    source_id, person = _split(conn, rep)
    before = _known(conn, rep)
    _end(conn, rep)
    _forgive_all(conn, rep)
    secret = secrets.token_urlsafe(24)
    row = {"source_id": source_id, "person_id": person, "hash": _digest(secret), "created_at": to_ms(at)}
    conn.execute(insert(personal_links).values(row))
    audit.add(conn, who, "phone page", rep, _said(before), {"link": "new", "pin": False}, at)
    return secret


def revoke(conn: Connection, rep: str, who: str, at: datetime) -> None:
    """End somebody's link, PIN and phones. Raises StoreError when there is none."""
    before = _known(conn, rep)
    if before is None:
        raise StoreError("This manager has no personal link.")
    _end(conn, rep)
    audit.add(conn, who, "phone page", rep, _said(before), None, at)


def set_pin(conn: Connection, rep: str, pin: str, who: str, at: datetime) -> None:
    """Give somebody a PIN; the phones that were let in have to ask again. Raises StoreError for one that is too simple.

    Who has no link gets a place for one: the PIN alone opens the page by the wall's code.
    """
    if pins.fault(pin) is not None:
        raise StoreError("This PIN cannot be taken.")
    source_id, person = _split(conn, rep)
    before = _known(conn, rep)
    if before is None:
        row = {"source_id": source_id, "person_id": person, "hash": _digest(secrets.token_urlsafe(24))}
        conn.execute(insert(personal_links).values(**row, created_at=to_ms(at)))
    conn.execute(update(personal_links).where(_own(conn, personal_links, rep)).values(pin=secret_hash(pin)))
    conn.execute(delete(visits).where(_own(conn, visits, rep)))
    _forgive_all(conn, rep)
    audit.add(conn, who, "phone page", rep, _said(before), {"pin": "new"}, at)


def open_link(conn: Connection, secret: str, at: datetime) -> Link | None:
    """The link of that secret, noted as used."""
    found = _links(conn, personal_links.c.hash == _digest(secret))
    if not found:
        return None
    conn.execute(update(personal_links).where(personal_links.c.hash == _digest(secret)).values(used_at=to_ms(at)))
    return found[0]


def of_rep(conn: Connection, rep: str) -> Link | None:
    """Somebody's link, None without one."""
    return _find(conn, rep)


def every(conn: Connection) -> list[Link]:
    """All links."""
    return _links(conn)


def is_pin(conn: Connection, rep: str, pin: str) -> bool:
    """Whether this is somebody's PIN. Without one it takes as long as a wrong one."""
    source, _, person = rep.partition(":")
    whose = (sources.c.name == source) & (personal_links.c.person_id == person)
    hashed = conn.execute(select(personal_links.c.pin).join(sources).where(whose)).scalar()
    return is_secret(hashed, pin[: pins.LONGEST + 1])


def wrong_pin(conn: Connection, rep: str, by_link: bool, address: str, at: datetime) -> None:
    """Remember a wrong PIN; of many in a day the audit tells, once a day for each person."""
    guesses.wrong(conn, _limits(rep, by_link, address), at)
    if rep and guessed_at(conn, [rep], at) and not _is_told(conn, rep, at):
        audit.add(conn, "tablo", "wrong PINs", rep, None, {"in 24 hours": _IN_A_DAY.free}, at)


def right_pin(conn: Connection, rep: str, by_link: bool, address: str) -> None:
    """The PIN was right: this person, from this address, has no more to wait for. The day's count stays."""
    guesses.right(conn, _keys(rep, by_link, address)[1])


def seconds_to_wait(conn: Connection, rep: str, by_link: bool, address: str, now: datetime) -> int:
    """How long the next guess at this person's PIN has to wait, from this address; 0 = go on."""
    return guesses.seconds_to_wait(conn, _limits(rep, by_link, address), now)


def guessed_at(conn: Connection, reps: Iterable[str], now: datetime) -> set[str]:
    """At whom there were so many wrong PINs within a day that every try waits."""
    keys = {_day_key(rep): rep for rep in reps}
    return {keys[key] for key in guesses.reached(conn, keys.keys(), _IN_A_DAY, now)}


def let_in(conn: Connection, rep: str, now: datetime) -> str:
    """A phone is let in; returns the cookie's value, of which only a hash is stored."""
    source_id, person = _split(conn, rep)
    cookie = secrets.token_urlsafe(32)
    conn.execute(delete(visits).where(visits.c.expires_at <= to_ms(now)))
    row = {"id": _hex(cookie), "source_id": source_id, "person_id": person, "created_at": to_ms(now)}
    conn.execute(insert(visits).values(**row, seen_at=to_ms(now), expires_at=to_ms(now + LIFETIME)))
    return cookie


def visitor(conn: Connection, cookie: str, now: datetime) -> Visit | None:
    """The visit of a phone's cookie, None when it has ended."""
    live = (visits.c.id == _hex(cookie)) & (visits.c.expires_at > to_ms(now))
    query = select(sources.c.name, visits.c.person_id, visits.c.seen_at).join(sources).where(live)
    row = conn.execute(query).first()
    return None if row is None else Visit(f"{row.name}:{row.person_id}", from_ms(row.seen_at))


def is_news(visit: Visit, now: datetime) -> bool:
    """Whether it is time to note again that a phone is used."""
    return visit.seen_at + _NOTED_EVERY <= now


def touch(conn: Connection, cookie: str, now: datetime) -> None:
    """The phone was used just now: its ninety days begin anew."""
    values = {"seen_at": to_ms(now), "expires_at": to_ms(now + LIFETIME)}
    conn.execute(update(visits).where(visits.c.id == _hex(cookie)).values(values))


def leave(conn: Connection, cookie: str) -> None:
    """Log a phone out."""
    conn.execute(delete(visits).where(visits.c.id == _hex(cookie)))


def _find(conn: Connection, rep: str) -> Link | None:
    source, _, person = rep.partition(":")
    found = _links(conn, sources.c.name == source, personal_links.c.person_id == person)
    return found[0] if found else None


def _links(conn: Connection, *where: ColumnElement[bool]) -> list[Link]:
    query: Select[Any] = select(personal_links, sources.c.name.label("source")).join(sources).where(*where)
    rows = conn.execute(query.order_by(personal_links.c.source_id, personal_links.c.person_id))
    return [_link(row) for row in rows]


def _link(row: Row[Any]) -> Link:
    used_at = None if row.used_at is None else from_ms(row.used_at)
    mark = bytes(row.hash).hex()[:16]
    return Link(f"{row.source}:{row.person_id}", mark, from_ms(row.created_at), used_at, row.pin is not None)


def _known(conn: Connection, rep: str) -> Link | None:
    """Somebody's link, by any key of a joined person."""
    found = (_find(conn, key) for key in _keys_of(conn, rep))
    return next((link for link in found if link is not None), None)


def _end(conn: Connection, rep: str) -> None:
    for table in (personal_links, visits):
        conn.execute(delete(table).where(_own(conn, table, rep)))


def _own(conn: Connection, table: Any, rep: str) -> ColumnElement[bool]:
    """The rows of a person, under every key of a joined one."""
    pairs = [_split(conn, key) for key in _keys_of(conn, rep)]
    return or_(*((table.c.source_id == source_id) & (table.c.person_id == person) for source_id, person in pairs))


def _forgive_all(conn: Connection, rep: str) -> None:
    for key in _keys_of(conn, rep):
        _forgive(conn, key)


def _keys_of(conn: Connection, rep: str) -> list[str]:
    known = joins.read(conn)
    return known.faces([known.main(rep)])


def _split(conn: Connection, rep: str) -> tuple[int, str]:
    source, _, person = rep.partition(":")
    source_id = conn.execute(select(sources.c.id).where(sources.c.name == source)).scalar()
    if source_id is None or not person:
        raise StoreError(f"{rep!r} names nobody: a person is written as SOURCE:ID.")
    return source_id, person


def _limits(rep: str, by_link: bool, address: str) -> dict[str, Limit]:
    limits = dict(zip(_keys(rep, by_link, address), _BY_LINK if by_link else _AT_THE_WALL, strict=True))
    # Who named nobody guesses at nobody's PIN.
    return limits | ({_day_key(rep): _IN_A_DAY} if rep else {})


def _keys(rep: str, by_link: bool, address: str) -> tuple[str, str, str]:
    """What a guess at a PIN counts under: the person, the person from this address, the address."""
    door = "link" if by_link else "wall"
    return f"pin\n{door}\n{rep}", f"pin\n{door}\n{rep}\n{address}", f"pin\n{door}\n\n{address}"


def _day_key(rep: str) -> str:
    return f"pin\n{rep}"


def _forgive(conn: Connection, rep: str) -> None:
    guesses.right(conn, _day_key(rep), guesses.DAY)


def _is_told(conn: Connection, rep: str, at: datetime) -> bool:
    """Whether the audit has told of wrong PINs at this person within the last day."""
    told = audit.find(conn, Search(what="wrong PINs", since=at - guesses.DAY))
    # Read to the end: what is left half-read keeps a cursor open.
    return rep in [entry.subject for entry in told]


def _said(link: Link | None) -> dict[str, object] | None:
    return None if link is None else {"link": link.created_at.isoformat(), "pin": link.has_pin}


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _hex(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
