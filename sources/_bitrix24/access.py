"""How a request is signed: by a webhook's address, or by an OAuth token that is renewed by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from sources import AuthError, Site, SourceError, TransientError
from sources._bitrix24.errors import Trouble, classify
from sources._bitrix24.options import Application, Webhook
from sources.http import Answer, CrmSession, never

_TOKEN_PATH = "/oauth/token/"  # noqa: S105 (a path)
_SECONDS = 60.0


class Access(Protocol):
    """One way to log in."""

    @property
    def root(self) -> str:
        """Scheme and host of the portal as the settings name it."""
        ...

    def sign(self, root: str, method: str) -> tuple[str, dict[str, str]]:
        """The address of a method on `root`, and what goes into the body. Raises AuthError."""
        ...

    def renew(self, session: CrmSession) -> bool:
        """After "expired": get a new token. False = there is none to get. Raises AuthError, TransientError."""
        ...


class WebhookAccess:
    """The address is the password."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    @property
    def root(self) -> str:
        """See Access."""
        return self._webhook.root

    def sign(self, root: str, method: str) -> tuple[str, dict[str, str]]:
        """See Access."""
        return f"{root}/rest/{self._webhook.user}/{self._webhook.secret}/{method}", {}

    def renew(self, session: CrmSession) -> bool:
        """A webhook does not expire by the hour."""
        return False


class TokenAccess:
    """A token of an hour, and a refresh token that works once: the new pair is stored before it is used."""

    def __init__(self, application: Application, site: Site) -> None:
        self._application = application
        self._vault = site.vault
        self._used = ""

    @property
    def root(self) -> str:
        """See Access."""
        return self._application.root

    def sign(self, root: str, method: str) -> tuple[str, dict[str, str]]:
        """See Access."""
        self._used = self._vault.read().get("access_token", "")
        if not self._used:
            raise AuthError("The portal has not been asked for access yet. Authorize Tablo in settings.")
        return f"{root}/rest/{method}", {"auth": self._used}

    def renew(self, session: CrmSession) -> bool:
        """See Access. Another process may have renewed it meanwhile: then its token is taken."""
        with self._vault.lock():
            kept = self._vault.read()
            if kept.get("access_token", "") not in ("", self._used):
                return True
            if not kept.get("refresh_token"):
                raise AuthError("The access was never granted or has ended. Authorize Tablo in settings.")
            asked = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
            self._vault.write({**kept, **_ask_token(session, self._application, asked)})
        return True


def authorize_url(application: Application, state: str) -> str:
    """Where the team lead's browser has to go; it comes back with `code` (which lives 30 s) and this `state`."""
    return f"{application.root}/oauth/authorize/?client_id={quote(application.client_id)}&state={quote(state)}"


def exchange_code(application: Application, site: Site, session: CrmSession, code: str) -> None:
    """Turn the code into tokens and store them. Raises AuthError, TransientError."""
    with site.vault.lock():
        site.vault.write(_ask_token(session, application, {"grant_type": "authorization_code", "code": code}))


def open_access(login: Webhook | Application, site: Site) -> Access:
    """The access that the options name."""
    return WebhookAccess(login) if isinstance(login, Webhook) else TokenAccess(login, site)


def secrets_of(login: Webhook | Application) -> tuple[str, ...]:
    """What must never be seen."""
    return (login.secret,) if isinstance(login, Webhook) else (login.client_secret,)


def _ask_token(
    session: CrmSession,
    application: Application,
    asked: Mapping[str, str],
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, str]:
    session.hide(*(value for name, value in asked.items() if name != "grant_type"))
    query = urlencode({"client_id": application.client_id, "client_secret": application.client_secret, **asked})
    # Never repeated blindly: an answer that was lost has burnt the refresh token already.
    answer = session.request(
        "GET", f"{application.server}{_TOKEN_PATH}?{query}", deadline=clock() + _SECONDS, again=never
    )
    body = answer.json()
    if not isinstance(body, dict) or not body.get("access_token") or not body.get("refresh_token"):
        raise _refused(answer, body)
    kept = {name: str(body[name]) for name in ("access_token", "refresh_token", "member_id", "scope") if body.get(name)}
    session.hide(kept["access_token"], kept["refresh_token"])
    return kept


def _refused(answer: Answer, body: Any) -> SourceError:
    failure = classify(answer.status, body if isinstance(body, dict) else {})
    if failure.trouble in (Trouble.SERVER, Trouble.RATE):
        return TransientError(f"{answer.host} cannot renew the access at the moment.")
    if failure.trouble is Trouble.PLAN:
        return AuthError("The portal's subscription does not include applications any more.")
    why = failure.code or answer.status
    return AuthError(f"{answer.host} refuses to renew the access ({why}). Authorize Tablo in settings again.")
