"""One portal: up to fifty commands in one request, both limits obeyed, every error answered as its table says."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from sources import (
    AuthError,
    PermissionDeniedError,
    SchemaError,
    SourceError,
    ThrottledError,
    TransientError,
)
from sources._bitrix24.access import Access
from sources._bitrix24.errors import REPEATABLE, Failure, Trouble, classify, failure_in
from sources._bitrix24.meter import Meter
from sources._bitrix24.values import instant, mapping, millis, number, php_query
from sources.http import Answer, CrmSession, retry_after

MOST_COMMANDS = 50
_OVERLOAD_PAUSE = timedelta(minutes=30)
_BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Command:
    """One method call inside a batch. `parameters` nest as PHP's brackets do."""

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As a batch wants it: `method?query`."""
        query = php_query(self.parameters)
        return f"{self.method}?{query}" if query else self.method


@dataclass(frozen=True, slots=True)
class Reply:
    """What a batch brought, by the commands' keys. `clock` is the portal's own time when it began to answer."""

    results: Mapping[str, Any]
    failures: Mapping[str, Failure]
    totals: Mapping[str, int]
    clock: datetime


class Portal:
    """Asks. `moved` is the host that the portal was renamed to, None while it answers under its old name."""

    def __init__(
        self,
        session: CrmSession,
        access: Access,
        meter: Meter,
        now: Callable[[], datetime],
        *,
        moved: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.session = session
        self.meter = meter
        self.moved = moved
        self._access = access
        self._now = now
        self._sleep = sleep

    @property
    def root(self) -> str:
        """Scheme and host that answer now."""
        root = self._access.root
        return f"{urlsplit(root).scheme}://{self.moved}" if self.moved else root

    def room(self, method: str) -> int:
        """How many calls of a method may be made now."""
        return self.meter.room(method, millis(self._now()))

    def batch(self, commands: Mapping[str, Command], deadline: float) -> Reply:
        """Run up to fifty commands. Raises SourceError where the whole request failed; single failures are inside."""
        wait = self.meter.rests_until(_BATCH) - millis(self._now())
        if wait > 0 and not self.meter.room(_BATCH, millis(self._now())):
            raise ThrottledError("The portal has no time left for us.", self._now() + timedelta(milliseconds=wait))
        body = {"halt": 0, "cmd": {key: command.text() for key, command in commands.items()}}
        asked = self._now()
        answer = self._post(_BATCH, body, deadline)
        whole = answer.json()
        result = mapping(whole.get("result"))
        reply = Reply(
            results=mapping(result.get("result")),
            failures={key: classify(200, mapping(error)) for key, error in mapping(result.get("result_error")).items()},
            totals={key: number(value) for key, value in mapping(result.get("result_total")).items()},
            clock=_clock(whole, asked),
        )
        self._learn(commands, mapping(result.get("result_time")), mapping(whole.get("time")), reply)
        return reply

    def _post(self, method: str, body: Mapping[str, Any], deadline: float) -> Answer:
        answer = self._signed(method, body, deadline)
        if answer.status in (301, 302, 307, 308):
            self.moved = self._new_host(answer)
            answer = self._signed(method, body, deadline)
        failure = _failure(answer)
        if failure is not None and failure.trouble is Trouble.EXPIRED and self._access.renew(self.session):
            answer = self._signed(method, body, deadline)
            failure = _failure(answer)
        if failure is not None:
            raise self._error(answer, failure)
        return answer

    def _signed(self, method: str, body: Mapping[str, Any], deadline: float) -> Answer:
        url, signature = self._access.sign(self.root, method)
        self.session.hide(*signature.values())
        return self.session.request("POST", url, json={**body, **signature}, deadline=deadline, again=_again)

    def _new_host(self, answer: Answer) -> str:
        """Where a renamed portal lives now. A POST is never sent after a redirect to anywhere but such a place."""
        target = urlsplit(answer.headers.get("location", ""))
        if target.scheme != urlsplit(self.root).scheme or not target.netloc or target.username:
            raise SchemaError(f"{answer.host} sends us to an address that is no portal. Check the portal's address.")
        return target.netloc

    def _error(self, answer: Answer, failure: Failure) -> SourceError:
        now = self._now()
        what = failure.code or f"HTTP {answer.status}"
        if failure.trouble in (Trouble.RATE, Trouble.METHOD_TIME):
            pause = retry_after(answer, now) or 60.0
            if failure.trouble is Trouble.METHOD_TIME:
                self.meter.block(_BATCH, None, millis(now))
                pause = max(pause, (self.meter.rests_until(_BATCH) - millis(now)) / 1000)
            return ThrottledError(f"{answer.host} asks us to slow down ({what}).", now + timedelta(seconds=pause))
        if failure.trouble is Trouble.OVERLOAD:
            text = f"{answer.host} has blocked its REST interface because of overload. Ask Bitrix24's support."
            return ThrottledError(text, now + _OVERLOAD_PAUSE)
        return _final(answer, failure, what)

    def _learn(
        self, commands: Mapping[str, Command], times: Mapping[str, Any], whole: Mapping[str, Any], reply: Reply
    ) -> None:
        now_ms = millis(self._now())
        calls = Counter(command.method for command in commands.values())
        used: dict[str, tuple[float, float | None]] = {}
        for key, time_of in times.items():
            if key in commands:
                spent = _operating(mapping(time_of), reply.clock)
                method = commands[key].method
                used[method] = max(used.get(method, (0.0, None)), spent, key=lambda pair: pair[0])
        used[_BATCH] = _operating(whole, reply.clock)
        for method, (operating, reset_in) in used.items():
            self.meter.note(method, operating, calls.get(method, 1), reset_in, now_ms)
        for key, failure in reply.failures.items():
            if failure.trouble is Trouble.METHOD_TIME and key in commands:
                self.meter.block(commands[key].method, None, now_ms)


def _again(answer: Answer) -> bool:
    """Whether an answer is worth asking again: broken for the moment, or too many requests a second."""
    if 300 <= answer.status < 400:
        return False
    failure = _failure(answer)
    return failure is not None and failure.trouble in REPEATABLE


def _failure(answer: Answer) -> Failure | None:
    try:
        body = answer.json()
    except TransientError:
        if answer.status in (401, 403):
            return Failure(Trouble.AUTH if answer.status == 401 else Trouble.RIGHTS, "", "")
        # A gateway's page, a cut or an empty body: broken for the moment, whatever the status says.
        return Failure(Trouble.SERVER, "", "")
    return failure_in(answer.status, body)


def _final(answer: Answer, failure: Failure, what: str) -> SourceError:
    who = answer.host
    if failure.trouble is Trouble.SERVER:
        return TransientError(f"{who} is out of order ({what}).")
    if failure.trouble in (Trouble.AUTH, Trouble.EXPIRED):
        return AuthError(f"{who} does not accept the credential ({what}). Make a new webhook or log in again.")
    if failure.trouble is Trouble.PLAN:
        return AuthError(f"{who}: the portal's plan does not include REST ({what}).")
    if failure.trouble is Trouble.GONE:
        return AuthError(f"{who}: the portal was closed ({what}).")
    if failure.trouble in (Trouble.SCOPE, Trouble.RIGHTS):
        return PermissionDeniedError(f"{who}: the credential may not do this ({what}).")
    return SchemaError(f"{who} does not understand the request ({what}).")


def _clock(whole: Mapping[str, Any], asked: datetime) -> datetime:
    """The portal's clock with its offset: from `time`, else from `server.time` inside, else our own."""
    told = mapping(whole.get("time"))
    inside = mapping(mapping(whole.get("result")).get("result"))
    for value in (told.get("date_start"), inside.get("now"), told.get("date_finish")):
        found = instant(value)
        if found is not None:
            return found
    start = told.get("start")
    if isinstance(start, (int, float)) and not isinstance(start, bool) and 0 < start < 2**33:
        return datetime.fromtimestamp(float(start), UTC)
    return asked.astimezone(UTC)


def _operating(told: Mapping[str, Any], clock: datetime) -> tuple[float, float | None]:
    """What the method has used, and seconds until some of it is given back; leniently, both may be absent."""
    try:
        used = float(told.get("operating") or 0)
    except (TypeError, ValueError):
        used = 0.0
    reset = told.get("operating_reset_at")
    at = instant(reset) if isinstance(reset, str) else None
    if at is None and isinstance(reset, (int, float)) and 0 < reset < 2**33:
        at = datetime.fromtimestamp(float(reset), UTC)
    return used, (at - clock).total_seconds() if at else None


def zone_of(clock: datetime) -> timezone:
    """The offset that the portal shows its times with."""
    return timezone(clock.utcoffset() or timedelta())
