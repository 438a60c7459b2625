"""Kommo's two kinds of credential: a long-lived token, and OAuth with a refresh token that works only once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from domain.facts import Problem
from sources import AuthError, OptionError, Site, ThrottledError, TransientError, Vault
from sources.http import Answer, CrmSession, never, raise_for

# Only these are Kommo: a token is never sent anywhere else.
_HOSTS = ("kommo.com", "amocrm.ru", "amocrm.com")
_EARLY = timedelta(minutes=5)
_WARNINGS = ((1, "token_expires_1"), (7, "token_expires_7"), (30, "token_expires_30"))
_AGAIN = "Open the connection in the settings and authorise Tablo in Kommo again."
# Whatever happens under the vault's lock has to be over before the lock ends by itself.
_PATIENCE_S = 14.0
_MOVED = frozenset((401, 404))


def account_url(text: str, allow_local: bool) -> str:
    """`https://name.kommo.com` from an address as people paste it. Raises OptionError."""
    given = text.strip()
    parts = urlsplit(given if "://" in given else f"https://{given}")
    host = (parts.hostname or "").casefold()
    if parts.username is not None or not host:
        raise OptionError("base_url is the address of the account, like https://name.kommo.com.")
    if allow_local and not _is_kommo(host):
        return f"{parts.scheme}://{parts.netloc}"
    if parts.scheme != "https" or parts.port not in (None, 443) or not _is_kommo(host) or host.startswith("www."):
        raise OptionError("base_url is the address of the account, like https://name.kommo.com or name.amocrm.ru.")
    return f"https://{host}"


def authorize_url(options: Mapping[str, str], state: str) -> str:
    """Where the browser goes so that a person lets Tablo in. Kommo sends it back with `code`, `referer`, `state`."""
    host = urlsplit(account_url(options["base_url"], allow_local=True)).hostname or ""
    centre = "www.kommo.com" if host.endswith("kommo.com") else "www.amocrm.ru"
    return f"https://{centre}/oauth?" + urlencode({"client_id": options["client_id"], "state": state})


def exchange(
    options: Mapping[str, str], site: Site, session: CrmSession, code: str, referer: str, deadline: float
) -> None:
    """Turn the code that Kommo sent back into a pair of tokens in the vault. A code works once and for 20 minutes.

    `referer` is the account's host, as Kommo named it. Raises AuthError, OptionError, TransientError.
    """
    base = account_url(_with_scheme(referer, options["base_url"]), site.allow_local)
    grant = {"grant_type": "authorization_code", "code": code}
    session.hide(code, options["client_secret"])
    with site.vault.lock():
        answer = _post(session, base, options, grant, deadline)
        if not answer.ok:
            raise AuthError(f"Kommo did not accept the authorisation ({answer.status}). {_AGAIN}")
        site.vault.write(_pair(answer, base, site.clock()))


def expires(token: str) -> datetime | None:
    """When a token ends by its own words; None where it does not say."""
    end = _claims(token).get("exp")
    if isinstance(end, bool) or not isinstance(end, int | float):
        return None
    try:
        return datetime.fromtimestamp(end, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def expiry_problem(token: str, where: str, now: datetime) -> Problem | None:
    """A warning in the last 30, 7 and 1 days of a long-lived token: it cannot be renewed, only replaced."""
    end = expires(token)
    if end is None:
        return None
    for days, code in _WARNINGS:
        if end - now <= timedelta(days=days):
            when = "has expired" if end <= now else f"expires on {end:%Y-%m-%d at %H:%M} UTC"
            text = f"The token {when}. Make a new one in Kommo (Settings → Integrations) and put it in the connection."
            return Problem(code, where, text)
    return None


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """A long-lived token: nothing to renew."""

    address: str
    secret: str = field(repr=False)

    def base(self) -> str:
        """The account's address."""
        return self.address

    def token(self, deadline: float) -> str:
        """The token."""
        return self.secret

    def renew(self, refused: str, deadline: float) -> str:
        """There is no other one."""
        raise AuthError(
            "Kommo does not accept the token any more (401): it has expired or was revoked. "
            "Make a new one in Kommo (Settings → Integrations) and put it in the connection."
        )


class RotatingKeys:
    """OAuth: an access token for a day, and a refresh token that Kommo burns the moment it is used.

    One process at a time renews, reads the vault again under the lock, marks in it what it is about to burn, and has
    the new pair on the disk before anybody uses it. After a lost answer nobody knows whether the old refresh token
    still works: the old access token serves for as long as it lives, then the refresh token is tried once more.
    """

    def __init__(
        self,
        options: Mapping[str, str],
        vault: Vault,
        session: CrmSession,
        now: Callable[[], datetime],
        allow_local: bool,
    ) -> None:
        self._options = options
        self._vault = vault
        self._session = session
        self._now = now
        self._allow_local = allow_local
        self._kept = self._read()

    def base(self) -> str:
        """The account's address; Kommo may have moved it."""
        return self._kept.get("base") or account_url(self._options["base_url"], self._allow_local)

    def token(self, deadline: float) -> str:
        """An access token that lives for some minutes more."""
        if self._lives(self._kept, _EARLY if not self._kept.get("burning") else timedelta()):
            return self._kept["access"]
        return self.renew(self._kept.get("access", ""), deadline)

    def renew(self, refused: str, deadline: float) -> str:
        """The next access token. Raises AuthError where a person has to authorise again, TransientError."""
        with self._vault.lock():
            self._kept = kept = self._read()
            if kept.get("access", "") != refused and self._lives(kept, timedelta()):
                return kept["access"]
            if not kept.get("refresh"):
                raise AuthError(
                    "Tablo is not authorised in Kommo yet. Open the connection in the settings and authorise it."
                )
            if kept.get("dead"):
                raise AuthError(f"Kommo does not let Tablo in any more. {_AGAIN}")
            self._reach(deadline)
            return self._refresh(kept, deadline)

    def _reach(self, deadline: float) -> None:
        """See that Kommo can be reached at all before a token is burnt: whatever it answers will do."""
        self._session.request(
            "GET", f"{self.base()}/api/v4/account", deadline=deadline, again=never, patience=_PATIENCE_S
        )

    def _refresh(self, kept: dict[str, str], deadline: float) -> str:
        mark = hashlib.sha256(kept["refresh"].encode()).hexdigest()[:16]
        tries = {f"{mark}:1": f"{mark}:2", f"{mark}:2": ""}.get(kept.get("burning", ""), f"{mark}:1")
        if not tries:
            self._vault.write({**kept, "dead": "1"})
            raise AuthError(f"Kommo's answers to the renewal of the token were lost twice. {_AGAIN}")
        self._vault.write({**kept, "burning": tries})
        base = self.base()
        answer = self._ask(base, kept, deadline)
        if answer.status in _MOVED and (moved := self._moved(kept, deadline)) not in (None, base):
            base = str(moved)
            answer = self._ask(base, kept, deadline)
        if answer.status == 429 or answer.status >= 500:
            self._vault.write(kept)
            raise_for(answer, self._now())
        if not answer.ok:
            self._vault.write({**kept, "dead": "1"})
            raise AuthError(f"Kommo refused to renew the token ({answer.status}). {_AGAIN}")
        self._vault.write(_pair(answer, base, self._now()))
        self._kept = self._read()
        return self._kept["access"]

    def _ask(self, base: str, kept: Mapping[str, str], deadline: float) -> Answer:
        grant = {"grant_type": "refresh_token", "refresh_token": kept["refresh"]}
        return _post(self._session, base, self._options, grant, deadline)

    def _moved(self, kept: Mapping[str, str], deadline: float) -> str | None:
        """The account's new address, asked at the API host that the old access token names."""
        api = _claims(kept.get("access", "")).get("api_domain")
        if not isinstance(api, str):
            return None
        try:
            centre = account_url(_with_scheme(api, self._options["base_url"]), self._allow_local)
            url = f"{centre}/oauth2/account/current/subdomain"
            headers = {"X-Refresh-Token": kept["refresh"]}
            answer = self._session.request(
                "GET", url, deadline=deadline, headers=headers, again=never, patience=_PATIENCE_S
            )
            domain = answer.json().get("domain") if answer.ok else None
            return (
                account_url(_with_scheme(str(domain), self._options["base_url"]), self._allow_local) if domain else None
            )
        except (OptionError, TransientError, ThrottledError):
            # Not being told of a move is no reason to hide why the renewal failed.
            return None

    def _read(self) -> dict[str, str]:
        kept = self._vault.read()
        self._session.hide(kept.get("access", ""), kept.get("refresh", ""), self._options["client_secret"])
        return kept

    def _lives(self, kept: Mapping[str, str], margin: timedelta) -> bool:
        end = float(kept.get("expires") or 0)
        return bool(kept.get("access")) and self._now() + margin < datetime.fromtimestamp(end, UTC)


def _post(
    session: CrmSession, base: str, options: Mapping[str, str], grant: Mapping[str, str], deadline: float
) -> Answer:
    body = {
        "client_id": options["client_id"],
        "client_secret": options["client_secret"],
        "redirect_uri": options["redirect_uri"],
        **grant,
    }
    return session.request(
        "POST", f"{base}/oauth2/access_token", json=body, deadline=deadline, again=never, patience=_PATIENCE_S
    )


def _pair(answer: Answer, base: str, now: datetime) -> dict[str, str]:
    """What is kept of a token answer. Raises AuthError for an answer without a pair: the old one is burnt."""
    try:
        body = answer.json()
        life = timedelta(seconds=float(body["expires_in"]))
        pair = {"access": str(body["access_token"]), "refresh": str(body["refresh_token"])}
    except (TransientError, KeyError, TypeError, ValueError):
        raise AuthError(f"Kommo's answer holds no tokens. {_AGAIN}") from None
    return {**pair, "expires": str(int((now + life).timestamp())), "base": base}


def _claims(token: str) -> dict[str, object]:
    """What a JWT says of itself, unchecked; nothing where it is none."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _with_scheme(host: str, base_url: str) -> str:
    """A host named without a scheme is asked as the account itself is."""
    scheme = base_url.split("://")[0] if "://" in base_url else "https"
    return host if "://" in host else f"{scheme}://{host}"


def _is_kommo(host: str) -> bool:
    return any(host.endswith(f".{each}") for each in _HOSTS)
