"""The two doors of Odoo: JSON-RPC, where HTTP 200 says nothing, and from version 19 JSON-2 with an API key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sources import OptionError, SchemaError, SourceError, TransientError
from sources._odoo.errors import NoUserError, fault, refusal
from sources._odoo.options import Login
from sources.http import Answer, Bucket, CrmSession, raise_for

# Everything that Tablo ever asks for: nothing of it writes.
READING = frozenset(("search_read", "search", "search_count", "fields_get"))
JSON_2_FROM = 19
# Odoo's own hosting asks for one request a second and none side by side; a server of one's own bears more.
_HOSTED, _HOSTED_RATE, _OWN_RATE, _BURST = ".odoo.com", 1.0, 5.0, 6.0
_PATIENCE_S = 130.0
_ATTEMPTS = 3
# What comes before the named arguments, as Odoo's own clients write it.
_FIRST = ("domain", "allfields")
_AGAIN = frozenset((408, 425, 429, 502, 503, 504))
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Server:
    """What answers there. `major` 0 = it does not say."""

    version: str
    major: int


class Door:
    """One way to call Odoo's models. `uid` may be known from an earlier login; `json2` chooses the newer way."""

    def __init__(
        self, session: CrmSession, login: Login, now: datetime, server: Server, *, json2: bool, uid: int | None
    ) -> None:
        self.session, self.login, self.server, self.json2, self.uid = session, login, server, json2, uid
        self._now = now

    def call(self, model: str, method: str, named: Mapping[str, Any], deadline: float) -> Any:
        """What the method answers. Raises SourceError."""
        if method not in READING:
            raise SchemaError(f"Tablo only reads: it does not call {method}.")
        try:
            return (
                self._call_json2(model, method, named, deadline)
                if self.json2
                else self._call_rpc(model, method, named, deadline)
            )
        except SourceError as error:
            error.args = (self.session.scrub(str(error)),)
            raise

    def _call_rpc(self, model: str, method: str, named: Mapping[str, Any], deadline: float) -> Any:
        known = self.uid is not None
        try:
            return self._execute(model, method, named, deadline)
        except NoUserError:
            if not known:
                raise
        self.uid = None
        return self._execute(model, method, named, deadline)

    def _execute(self, model: str, method: str, named: Mapping[str, Any], deadline: float) -> Any:
        if self.uid is None:
            self.uid = self.authenticate(deadline)
        first = [named[name] for name in _FIRST if name in named]
        rest = {name: value for name, value in named.items() if name not in _FIRST}
        args = [self.login.database, self.uid, self.login.secret, model, method, first, rest]
        return self._rpc("object", "execute_kw", args, deadline, model, method)

    def authenticate(self, deadline: float) -> int:
        """The login's number. Raises AuthError: Odoo answers a wrong password with `false`."""
        if not self.login.login:
            raise OptionError("odoo needs login=…: this Odoo takes an API key only together with its user's login.")
        args = [self.login.database, self.login.login, self.login.secret, {}]
        found = self._rpc("common", "authenticate", args, deadline, "the login", "authenticate")
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return found
        raise refusal()

    def _rpc(self, service: str, name: str, args: list[Any], deadline: float, model: str, method: str) -> Any:
        params = {"service": service, "method": name, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = _post(self.session, f"{self.login.base}/jsonrpc", body, {}, deadline)
        if answer.status == 404:
            raise TransientError(f"{answer.host} does not know Odoo's JSON-RPC just now (404).")
        raise_for(answer, self._now)
        return unpack(answer, model, method)

    def _call_json2(self, model: str, method: str, named: Mapping[str, Any], deadline: float) -> Any:
        headers = {"Authorization": f"bearer {self.login.secret}", "X-Odoo-Database": self.login.database}
        url = f"{self.login.base}/json/2/{quote(model)}/{method}"
        answer = _post(self.session, url, dict(named), headers, deadline)
        if _is_json(answer) and not answer.ok:
            told = answer.json()
            if isinstance(told, dict) and told.get("name"):
                raise fault(told, model, method)
        if answer.status == 404:
            self._diagnose(deadline)
        raise_for(answer, self._now)
        return answer.json()

    def _diagnose(self, deadline: float) -> None:
        """A page that says 404: the database is down, or has another name, and the page is the same. JSON-RPC knows."""
        login = self.login.login or "-"
        args = [self.login.database, login, self.login.secret, {}]
        self._rpc("common", "authenticate", args, deadline, "the login", "authenticate")
        raise TransientError("Odoo does not find its database just now (404). Tablo goes on by itself when it does.")


def new_bucket(login: Login, clock: Callable[[], float], sleep: Callable[[float], None]) -> Bucket:
    """How fast this Odoo is asked: in the long run at most one request a second on odoo.com, five elsewhere."""
    host = login.base.split("://")[1].split(":")[0].casefold()
    return Bucket(_HOSTED_RATE if host.endswith(_HOSTED) else _OWN_RATE, _BURST, 0.0, clock, sleep)


def look(session: CrmSession, base: str, now: datetime, deadline: float) -> Server:
    """Which Odoo answers there; no login is needed. Raises SchemaError where none does."""
    answer = session.request("GET", f"{base}/web/version", deadline=deadline, attempts=_ATTEMPTS)
    if not (answer.ok and _is_json(answer)):
        if answer.status >= 500 or answer.status == 429:
            raise_for(answer, now)
        return _look_by_rpc(session, base, now, deadline)
    told = answer.json()
    info = told.get("version_info") if isinstance(told, dict) else None
    return _server(str(told.get("version") or "") if isinstance(told, dict) else "", info)


def unpack(answer: Answer, model: str, method: str) -> Any:
    """The result inside a JSON-RPC answer. Raises SourceError: `error` is looked at first, whatever the status."""
    body = answer.json()
    if not isinstance(body, dict):
        raise SchemaError(f"{answer.host} answered {model} with something that is no JSON-RPC.")
    error = body.get("error")
    if error:
        data = error.get("data") if isinstance(error, dict) else None
        raise fault(data if isinstance(data, dict) else {}, model, method)
    if "result" not in body:
        raise TransientError(f"Odoo answered {model}.{method} with neither a result nor an error.")
    return body["result"]


def _look_by_rpc(session: CrmSession, base: str, now: datetime, deadline: float) -> Server:
    params = {"service": "common", "method": "version", "args": []}
    body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
    answer = _post(session, f"{base}/jsonrpc", body, {}, deadline)
    if answer.status in (404, 405, 415) or not _is_json(answer):
        raise SchemaError(f"There is no Odoo at {answer.host}. Check the address: it is that of Odoo's login page.")
    raise_for(answer, now)
    told = unpack(answer, "common", "version")
    told = told if isinstance(told, dict) else {}
    return _server(str(told.get("server_version") or ""), told.get("server_version_info"))


def _server(version: str, info: object) -> Server:
    first = str(info[0]) if isinstance(info, list) and info else version
    found = _DIGITS.search(first) or _DIGITS.search(version)
    return Server(version or first, int(found.group()) if found else 0)


def _post(session: CrmSession, url: str, body: object, headers: Mapping[str, str], deadline: float) -> Answer:
    return session.request(
        "POST", url, deadline=deadline, json=body, headers=headers,
        again=_again, attempts=_ATTEMPTS, patience=_PATIENCE_S,
    )  # fmt: skip


def _again(answer: Answer) -> bool:
    """A busy server or a gateway's page is asked again; a 500 that tells what was wrong would say the same."""
    return answer.status in _AGAIN or (answer.status in (200, 500) and not _is_json(answer))


def _is_json(answer: Answer) -> bool:
    return "json" in answer.headers.get("content-type", "")
