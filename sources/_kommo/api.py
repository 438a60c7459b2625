"""Asking Kommo: one page of rows at a time, its statuses turned into our errors, its credentials kept fresh."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from sources import AuthError, PermissionDeniedError, SchemaError, SourceError, ThrottledError, TransientError
from sources.http import Answer, Bucket, CrmSession, raise_for, transient

Row = dict[str, Any]
Query = Sequence[tuple[str, object]]

# Kommo permits 7 a second to an integration and advises less. One every 0.37 s is never more than 3 in any second,
# even where the network delivers one of them a tenth of a second late.
RATE = 2.7
PAGE = 250
EVENTS_PAGE = 100
_SMALLEST_PAGE = 10
_MARGIN_S = 1.0
_BLOCKED = timedelta(minutes=15)
_LONGEST_BLOCK = timedelta(hours=8)
_EMPTY = 204
_NAMELESS = frozenset(("events_types",))


class OutOfTime(Exception):
    """The deadline of this sync is near: what was read so far is handed over, the rest is for the next sync."""


class BlockedError(ThrottledError):
    """Kommo refuses everything from us (403 after too many requests): nobody may ask for a while."""


class TooHeavy(TransientError):
    """504: the answer would have been too big."""


class GoneError(SchemaError):
    """404: there is no such thing."""


class UnpaidError(SourceError):
    """402: the account's subscription is over."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the answer. `more` = there is a next page. `limit` is the page size that was asked."""

    rows: list[Row]
    more: bool
    limit: int


class Keys(Protocol):
    """Where the account is and what opens it."""

    def base(self) -> str:
        """`https://name.kommo.com`, without a slash at the end."""
        ...

    def token(self, deadline: float) -> str:
        """An access token that should work now. Raises AuthError, TransientError."""
        ...

    def renew(self, refused: str, deadline: float) -> str:
        """Another token after Kommo refused this one. Raises AuthError when there is none."""
        ...


def new_bucket() -> Bucket:
    """Our rate. It starts full, so that two processes one after the other cannot exceed it together."""
    return Bucket(RATE, 1, level=1.0)


class Api:
    """One account's API v4. `deadline` (monotonic) may be set anew for each sync; `limits` are learnt page sizes."""

    def __init__(
        self,
        session: CrmSession,
        keys: Keys,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keys = keys
        self.deadline = float("inf")
        self.limits: dict[str, int] = {}
        self.blocks = 0
        self._session = session
        self._now = now
        self._clock = clock

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._session.requests

    def get(self, path: str, query: Query = ()) -> Row | None:
        """The JSON object at `/api/v4/<path>`; None where Kommo says that there is nothing (204).

        Raises SourceError, and OutOfTime before a request for which no time is left.
        """
        answer = self._ask(path, query)
        if answer.status == 401:
            answer = self._ask(path, query, self.keys.renew(self.keys.token(self.deadline), self.deadline))
        if answer.status == 403:
            raise self._forbidden(path)
        _check(answer, self._session, self._now())
        if answer.status == _EMPTY:
            return None
        body = answer.json()
        if not isinstance(body, dict):
            raise SchemaError(f"{answer.host} answered {path} with something that is no object.")
        return body

    def page(self, path: str, name: str, query: Query = (), page: int = 1, most: int = PAGE) -> Page:
        """One page of the list `name`. Where Kommo cannot bear the size (504), smaller pages are asked for."""
        while True:
            limit = min(most, self.limits.get(path, most))
            try:
                body = self.get(path, [*query, ("page", page), ("limit", limit)])
            except TooHeavy as error:
                if limit <= _SMALLEST_PAGE:
                    raise TransientError(str(error)) from None
                self.limits[path] = limit // 2
                if page > 1:
                    raise
                continue
            return _page(body, path, name, limit)

    def _ask(self, path: str, query: Query, token: str | None = None) -> Answer:
        if self.deadline - self._clock() < _MARGIN_S:
            raise OutOfTime
        url = f"{self.keys.base()}/api/v4/{path}"
        if query:
            url += "?" + urlencode([(key, str(value)) for key, value in query])
        token = token or self.keys.token(self.deadline)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/hal+json"}
        return self._session.request("GET", url, deadline=self.deadline, headers=headers, again=_again)

    def _forbidden(self, path: str) -> SourceError:
        """403 means "you may not read this" or "you may read nothing": every user may read the account."""
        if path != "account" and self._ask("account", ()).status != 403:
            return PermissionDeniedError(
                f"Kommo does not let this token read {path} (403). Give its user the right, or use an admin's token."
            )
        pause = min(_BLOCKED * 2**self.blocks, _LONGEST_BLOCK)
        self.blocks += 1
        minutes = int(pause.total_seconds() // 60)
        return BlockedError(
            f"Kommo has blocked our requests (403 to everything); the next try is in {minutes} minutes.",
            self._now() + pause,
        )


def embedded(body: Row | None, name: str) -> list[Row]:
    """The rows in `_embedded.<name>`; none where PHP made an empty list of the object."""
    found = (body or {}).get("_embedded")
    rows = found.get(name) if isinstance(found, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _page(body: Row | None, path: str, name: str, limit: int) -> Page:
    if body is None:
        return Page([], False, limit)
    if "_embedded" not in body:
        raise TransientError(f"Kommo answered {path} without a list in it.")
    links = body.get("_links")
    following = links.get("next") if isinstance(links, dict) else None
    more = bool(following.get("href")) if isinstance(following, dict) else bool(following)
    rows = embedded(body, name)
    if name not in _NAMELESS and any("id" not in row for row in rows):
        raise TransientError(f"Kommo answered {path} with rows that have no id.")
    return Page(rows, more, limit)


def _again(answer: Answer) -> bool:
    if answer.status == 504:
        return False
    return transient(answer) or (answer.status == 200 and not _says_something(answer))


def _says_something(answer: Answer) -> bool:
    """A success is JSON, and not an empty object; a gateway's page is neither."""
    try:
        return bool(json.loads(answer.body))
    except (ValueError, RecursionError):
        return False


def _check(answer: Answer, session: CrmSession, now: datetime) -> None:
    if answer.status == 401:
        raise AuthError("Kommo does not accept the token any more (401). Make a new one, or authorise again.")
    if answer.status == 402:
        raise UnpaidError("The Kommo account is not paid (402): Kommo gives no data until it is.")
    if answer.status == 504:
        raise TooHeavy(f"{answer.host} took too long to answer (504).")
    if answer.status == 404:
        raise GoneError(f"{answer.host} answered 404: it has no such list or record.")
    if answer.status in (400, 422):
        raise SchemaError(session.scrub(f"{answer.host} refused the request ({answer.status}): {_detail(answer)}"))
    raise_for(answer, now)


def _detail(answer: Answer) -> str:
    try:
        body = answer.json()
    except TransientError:
        return "no reason given."
    text = body.get("detail") or body.get("title") if isinstance(body, dict) else None
    return str(text or "no reason given.")[:200]
