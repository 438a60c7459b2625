"""Screens without a browser: they keep a line or ask, as the wall's script or Dash's renderer does, and count bytes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

# As often as the wall's script asks with a line and without one, and Dash's interval fires (seconds).
_RARELY, _POLL, _USUAL = 60.0, 2.8, 2.0
# What is new comes in one line.
_LONGEST_LINE = 1 << 20
_USUAL_BODY = {
    "output": "..figure.children...bars.figure..",
    "outputs": [{"id": "figure", "property": "children"}, {"id": "bars", "property": "figure"}],
    "changedPropIds": ["tick.n_intervals"],
    "parsedChangedPropsIds": ["tick.n_intervals"],
    "state": [],
}


@dataclass
class Count:
    """What went over the wire in both directions, headers and all, and what was delivered."""

    bytes: int = 0
    answers: int = 0
    news: int = 0
    lines: int = 0


Play = Callable[[int, str, Count], Coroutine[Any, Any, None]]


@dataclass
class Connection:
    """One connection that stays open from request to request, as a browser keeps it."""

    port: int
    count: Count
    cookie: str = ""
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def ask(self, path: str, known: str = "", body: str = "") -> tuple[int, dict[str, str]]:
        """Status and headers of an answer whose body has been read to its end."""
        reader = await self._send(path, known, body)
        status, headers = await self._head(reader)
        self.count.bytes += len(await reader.readexactly(int(headers.get("content-length", 0))))
        self.count.answers += 1
        if headers.get("connection") == "close":
            # Waitress hangs up after an answer without a length, such as 304; a browser then connects anew.
            self.close()
        return status, headers

    async def line(self, path: str) -> tuple[int, asyncio.StreamReader]:
        """The status of an answer that goes on, and where it goes on."""
        reader = await self._send(path, "", "")
        return (await self._head(reader))[0], reader

    def close(self) -> None:
        """Hang up."""
        while self.streams:
            self.streams.pop()[1].close()

    async def _send(self, path: str, known: str, body: str) -> asyncio.StreamReader:
        if not self.streams:
            self.streams.append(await asyncio.open_connection("127.0.0.1", self.port, limit=_LONGEST_LINE))
        reader, writer = self.streams[0]
        lines = [
            f"{'POST' if body else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Connection: keep-alive",
            "Accept-Encoding: gzip, deflate, br",
            *([f"Cookie: tablo_screen={self.cookie}"] if self.cookie else []),
            *([f"If-None-Match: {known}"] if known else []),
            *(["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []),
        ]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()
        self.count.bytes += len(request)
        writer.write(request)
        await writer.drain()
        return reader

    async def _head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = await reader.readuntil(b"\r\n\r\n")
        self.count.bytes += len(head)
        first, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        return int(first.split(" ")[1]), {name.lower(): value for name, _, value in pairs}


async def bound_screen(port: int, cookie: str, count: Count) -> None:
    """A TV with a line: fetches when it is told that there is something new, and else once a minute."""
    state, line = Connection(port, count, cookie), Connection(port, count, cookie)
    try:
        known = await _fetch(state, "", count)
        status, reader = await line.line("/wall/events")
        if status != 200:
            await _ask_for_ever(state, known, count)
        count.lines += 1
        asked = _now() - random.random() * _RARELY
        while told := await reader.readline():
            count.bytes += len(told)
            if told.startswith(b"data:{"):
                step = json.loads(told[5:])
                count.news += step["since"] == known
                known = step["mark"] if step["since"] == known else await _fetch(state, known, count)
            new = told.startswith(b'data:"') and told.decode().strip()[5:] != known
            if new or _now() - asked > _RARELY:
                asked = _now()
                known = await _fetch(state, known, count)
    finally:
        state.close()
        line.close()


async def usual_screen(port: int, _: str, count: Count) -> None:
    """A page of the usual kind."""
    page, ticks = Connection(port, count), 0
    try:
        await asyncio.sleep(random.random() * _USUAL)
        while True:
            ticks += 1
            body = _USUAL_BODY | {"inputs": [{"id": "tick", "property": "n_intervals", "value": ticks}]}
            await page.ask("/_dash-update-component", body=json.dumps(body))
            await asyncio.sleep(_USUAL)
    finally:
        page.close()


async def run(screen: Play, port: int, cookies: list[str], settle: float, work: Callable[[], object]) -> Count:
    """A screen for each cookie; what they received while `work` ran, after `settle` seconds to begin.

    Ends the measurement when a screen was cut off.
    """
    count = Count()
    tasks = [asyncio.ensure_future(screen(port, cookie, count)) for cookie in cookies]
    await asyncio.sleep(settle)
    count.bytes = count.answers = count.news = 0
    await asyncio.get_running_loop().run_in_executor(None, work)
    heard = Count(count.bytes, count.answers, count.news, count.lines)
    broken = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if broken:
        raise SystemExit(f"{len(broken)} of {len(cookies)} screens were cut off: {broken[0].exception()!r}")
    return heard


async def _fetch(state: Connection, known: str, count: Count) -> str:
    status, headers = await state.ask("/wall/state", known)
    count.news += status == 200
    return headers.get("etag", known)


async def _ask_for_ever(state: Connection, known: str, count: Count) -> None:
    while True:
        await asyncio.sleep(_POLL)
        known = await _fetch(state, known, count)


def _now() -> float:
    return asyncio.get_running_loop().time()
