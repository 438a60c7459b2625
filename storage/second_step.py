"""The second step of a login: a code of six digits from a phone (TOTP, RFC 6238), each good once."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import datetime, timedelta
from urllib.parse import quote

import pyotp
from sqlalchemy import Connection, select, update

from storage import audit, guesses
from storage import users as logins
from storage.db import StoreError, to_ms
from storage.guesses import Limit
from storage.secrets import Secrets
from storage.tables import users
from storage.users import User

_LOG = logging.getLogger("tablo.login")
_STEP_S = 30
# A phone's clock may be off by one step.
_STEPS_OFF = (0, -1, 1)
# Between the password and the code.
_TICKET_LIVES = timedelta(minutes=5)
_PURPOSE = "second step"
# Who guesses codes has the password already, so both waits are long.
_ANYWHERE, _FROM_ONE_ADDRESS = Limit(5, 900), Limit(3, 900)


def new_secret() -> str:
    """A secret to be shared with a phone, in base 32."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What the phone's app reads from a QR code."""
    label = quote(f"Tablo:{login}")
    return f"otpauth://totp/{label}?secret={secret}&issuer=Tablo"


def turn_on(conn: Connection, secrets: Secrets, user: User, secret: str, code: str, at: datetime) -> bool:
    """Ask this login for codes from now on, once one was right. False: this one is not, and nothing is stored."""
    step = _step(secret, code, at, 0)
    if step is None:
        return False
    _store(conn, user, secrets.seal(secret), step)
    audit.add(conn, user.login, _PURPOSE, user.login, {"on": False}, {"on": True}, at)
    return True


def turn_off(conn: Connection, login: str, who: str, at: datetime) -> None:
    """Ask this login for no more codes; its sessions go on. Raises StoreError for an unknown one."""
    user = logins.get(conn, login)
    if user.second_step:
        _store(conn, user, None, None)
        audit.add(conn, who, _PURPOSE, user.login, {"on": True}, {"on": False}, at)


def right(conn: Connection, secrets: Secrets, user: User, code: str, at: datetime) -> bool:
    """Whether the code is the phone's, and newer than the last one that was let in; it is used up then."""
    row = conn.execute(select(users.c.totp, users.c.totp_used).where(users.c.id == user.id)).one()
    try:
        step = _step(secrets.unseal(row.totp), code, at, row.totp_used or 0)
    except StoreError as error:
        _LOG.error("The second step of %s cannot be checked: %s", user.login, error)
        return False
    if step is not None:
        conn.execute(update(users).where(users.c.id == user.id).values(totp_used=step))
    return step is not None


def ticket(conn: Connection, secrets: Secrets, user: User, at: datetime) -> str:
    """Says that this login's password was right, for some minutes."""
    until = to_ms(at + _TICKET_LIVES)
    told = {"purpose": _PURPOSE, "login": user.login, "until": until, "mark": _mark(conn, user)}
    return secrets.seal(json.dumps(told))


def of_ticket(conn: Connection, secrets: Secrets, given: str, at: datetime) -> User | None:
    """Whose ticket it is; None for a made-up one, one that is too old, or a password that was changed since."""
    try:
        told = json.loads(secrets.unseal(given))
        if not isinstance(told, dict) or told.get("purpose") != _PURPOSE or told["until"] <= to_ms(at):
            return None
        user = logins.get(conn, told["login"])
    except (StoreError, ValueError):
        # Sealed here for something else, which need not be JSON; or by nobody; or the login has gone.
        return None
    return user if user.second_step and hmac.compare_digest(_mark(conn, user), told["mark"]) else None


def wrong_guess(conn: Connection, login: str, place: str, at: datetime) -> None:
    """Remember a wrong code from that network address."""
    guesses.wrong(conn, _limits(login, place), at)


def right_guess(conn: Connection, login: str, place: str) -> None:
    """A code was right: from there, there is no more to wait for."""
    guesses.right(conn, _at(login, place))


def seconds_to_wait(conn: Connection, login: str, place: str, now: datetime) -> int:
    """How long the next code has to wait; 0 = go on."""
    return guesses.seconds_to_wait(conn, _limits(login, place), now)


def _step(secret: str, code: str, at: datetime, used: int) -> int | None:
    """The time step that the code belongs to, if it is later than `used`."""
    now, plain = int(at.timestamp()) // _STEP_S, "".join(code.split())
    known = pyotp.TOTP(secret)
    fits = [now + off for off in _STEPS_OFF if hmac.compare_digest(known.generate_otp(now + off), _ascii(plain))]
    return next((step for step in fits if step > used), None)


def _ascii(code: str) -> str:
    # compare_digest takes no other letters.
    return code if code.isascii() else ""


def _store(conn: Connection, user: User, sealed: str | None, used: int | None) -> None:
    conn.execute(update(users).where(users.c.id == user.id).values(totp=sealed, totp_used=used))


def _mark(conn: Connection, user: User) -> str:
    stored = conn.execute(select(users.c.hash).where(users.c.id == user.id)).scalar_one()
    return hashlib.sha256(stored.encode()).hexdigest()


def _limits(login: str, place: str) -> dict[str, Limit]:
    return {f"{_PURPOSE}\n{logins.plain(login)}": _ANYWHERE, _at(login, place): _FROM_ONE_ADDRESS}


def _at(login: str, place: str) -> str:
    return f"{_PURPOSE}\n{logins.plain(login)}\n{place}"
