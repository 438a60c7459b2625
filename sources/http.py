"""CrmSession: one careful way out to a CRM: deadline, retries, rate, size, no private addresses, no leaked secrets."""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import requests

from sources import (
    AuthError,
    OptionError,
    PermissionDeniedError,
    SchemaError,
    SourceError,
    ThrottledError,
    TransientError,
)
from sources._pinned import Guard, PinnedAdapter, Resolve

USER_AGENT = "Tablo/0.1.0"
MAX_BODY = 64 * 2**20
CONNECT_SECONDS = 10.0
PATIENCE = 70.0
ATTEMPTS = 5
HIDDEN = "•••"
# A Bitrix24 webhook's address is its password, whoever writes it down.
_WEBHOOK = re.compile(r"/rest/(?:api/)?\d+/[^/\s\"'?&]+")
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. `host` is who answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """The body as text, unreadable bytes replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises TransientError: a gateway's HTML page, an empty or a cut body."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.headers.get("content-type", "nothing").split(";")[0]
        raise TransientError(f"{self.host} answered {self.status} with something that is no JSON ({kind}).")


class Bucket:
    """A leaky bucket: at most `burst` requests at once and `rate` a second in the long run, by construction.

    `level` is how full it is at the start: what an earlier process poured in and what has not leaked since.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        level: float = 0.0,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = rate
        self.burst = burst
        self._level = level
        self._clock = clock
        self._sleep = sleep
        self._seen = clock()

    @property
    def level(self) -> float:
        """How full it is now, in requests."""
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._seen) * self.rate)
        self._seen = now
        return self._level

    def wait(self) -> float:
        """Seconds until the next request fits."""
        return max(0.0, (self.level + 1 - self.burst) / self.rate)

    def take(self, deadline: float) -> bool:
        """Wait for room and pour one request in; False, at once, where the room comes after the deadline."""
        pause = self.wait()
        if self._clock() + pause >= deadline:
            return False
        if pause:
            self._sleep(pause)
        self._level = self.level + 1
        return True


def transient(answer: Answer) -> bool:
    """Whether asking again may help: the default of what CrmSession.request repeats."""
    return answer.status in _TRANSIENT


def never(answer: Answer) -> bool:
    """For requests that must not be repeated: one that burns a refresh token, say."""
    return False


def raise_for(answer: Answer, now: datetime) -> None:
    """Raise what a status means to the person who mends it; nothing for a success. The body is not quoted."""
    if answer.ok:
        return
    who = f"{answer.host} answered {answer.status}"
    if answer.status == 401:
        raise AuthError(f"{who}: the credential is wrong, expired or revoked. Log in again.")
    if answer.status in (402, 403):
        raise PermissionDeniedError(f"{who}: the credential may not read this.")
    if answer.status == 429:
        pause = retry_after(answer, now)
        raise ThrottledError(f"{who}: too many requests.", None if pause is None else now + timedelta(seconds=pause))
    if answer.status in _TRANSIENT or answer.status >= 500:
        raise TransientError(f"{who}.")
    if 300 <= answer.status < 400:
        raise SchemaError(f"{who}: it sends us elsewhere. Check the address of the CRM.")
    raise SchemaError(f"{who}: it does not understand the request.")


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that the server asks us to stay away, from `Retry-After` in either form; None = it does not say."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


class CrmSession:
    """A kept-alive connection to one CRM. Not for use by two threads at once.

    `deadline` is always on `time.monotonic()`'s scale. `verify` is True or the path of a CA bundle, never False.
    `now` is the wall clock (for `Retry-After` as a date). Clock, sleep, chance and resolve are for tests.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        now: Callable[[], datetime],
        allow_local: bool = False,
        secrets: Iterable[str] = (),
        verify: bool | str = True,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        resolve: Resolve | None = None,
    ) -> None:
        self.bucket = bucket
        self.requests = 0
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._secrets: set[str] = set()
        self._adapter = PinnedAdapter(Guard(allow_local, resolve))
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = verify
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """From now on these never appear in an error of this session."""
        self._secrets.update(
            form for secret in secrets if secret for form in (secret, quote(secret), quote_plus(secret))
        )

    def scrub(self, text: str) -> str:
        """The text without any secret."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _WEBHOOK.sub(f"/rest/{HIDDEN}", text)

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        params: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        again: Callable[[Answer], bool] = transient,
        attempts: int = ATTEMPTS,
        limit: int = MAX_BODY,
        patience: float = PATIENCE,
    ) -> Answer:
        """Ask, and ask again while `again` says so, with back-off and jitter; redirects are handed to the caller.

        Gives the last answer, whatever its status. Raises TransientError when none came, ThrottledError when the
        server's `Retry-After` or our own rate lies beyond the deadline, OptionError for an address we refuse.
        """
        prepared = self._prepare(method, url, params, json, form, headers)
        once = again is never
        for attempt in range(attempts):
            outcome = self._attempt(prepared, deadline, limit, patience)
            last = attempt + 1 == attempts or once
            if isinstance(outcome, Answer) and (last or not again(outcome)):
                return outcome
            if isinstance(outcome, SourceError) and (last or outcome.permanent or isinstance(outcome, ThrottledError)):
                raise outcome
            pause = self._pause(outcome, attempt)
            if self._clock() + pause >= deadline:
                return self._give_up(outcome, pause)
            self._sleep(pause)
        raise TransientError("No attempt was allowed.")

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _prepare(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        body: object,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> requests.PreparedRequest:
        parts = urlsplit(url)
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise OptionError(
                "The address of the CRM is not one that can be asked. It looks like https://name.example."
            )
        # The connection goes to a checked number, so the name has to be said here.
        named = {"Host": parts.netloc, **(headers or {})}
        request = requests.Request(method, url, params=dict(params or {}), json=body, data=form, headers=named)
        return self._session.prepare_request(request)

    def _attempt(
        self, request: requests.PreparedRequest, deadline: float, limit: int, patience: float
    ) -> Answer | SourceError:
        if not self.bucket.take(deadline):
            pause = self.bucket.wait()
            return ThrottledError("We have asked as much as the CRM allows.", self._now() + timedelta(seconds=pause))
        seconds = min(deadline - self._clock(), patience)
        if seconds <= 0:
            return TransientError("There was no time left to ask the CRM.")
        self.requests += 1
        host = urlsplit(str(request.url)).hostname or ""
        with self._adapter.watch(seconds) as watch:
            try:
                answer = self._exchange(request, host, seconds, limit)
            except SourceError as error:
                error.args = (self.scrub(str(error)),)
                return error
            except (requests.RequestException, OSError) as error:
                return self._failure(host, error, watch.fired, seconds)
        # A body that ends with its connection looks whole when the watch has cut it.
        return self._failure(host, None, True, seconds) if watch.fired else answer

    def _exchange(self, request: requests.PreparedRequest, host: str, seconds: float, limit: int) -> Answer:
        timeout = (min(CONNECT_SECONDS, seconds), seconds)
        with self._session.send(request, stream=True, allow_redirects=False, timeout=timeout) as response:
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > limit:
                    raise SchemaError(f"{host} sent more than {limit // 2**20} MB in one answer.")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, bytes(body), host)

    def _failure(self, host: str, error: Exception | None, late: bool, seconds: float) -> SourceError:
        # Never the error's own text: requests quotes whole addresses, and a webhook's address is its password.
        if late or isinstance(error, requests.Timeout):
            return TransientError(self.scrub(f"{host} did not answer within {seconds:.0f} s."))
        self._adapter.forget(host)
        if isinstance(error, requests.exceptions.SSLError):
            return TransientError(self.scrub(f"{host} shows no certificate that can be trusted ({_reason(error)})."))
        return TransientError(self.scrub(f"{host} cannot be reached ({_reason(error)})."))

    def _pause(self, outcome: Answer | SourceError, attempt: int) -> float:
        wanted = retry_after(outcome, self._now()) if isinstance(outcome, Answer) else None
        # Full jitter over a doubling range; never so short that a full bucket could not have leaked.
        return max(wanted or 0.0, 0.5 + self._chance() * min(30.0, 2.0**attempt))

    def _give_up(self, outcome: Answer | SourceError, pause: float) -> Answer:
        if isinstance(outcome, SourceError):
            raise outcome
        if outcome.status in (429, 503) and "retry-after" in outcome.headers:
            raise ThrottledError(f"{outcome.host} asks us to slow down.", self._now() + timedelta(seconds=pause))
        return outcome


def _reason(error: BaseException | None) -> str:
    """The operating system's own words at the bottom of an error, which hold no address."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        error = error.__cause__ or error.__context__
    return "the connection broke"


# urllib3 writes whole addresses at DEBUG.
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.DEBUG)
