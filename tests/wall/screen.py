"""A television in front of the wall: a Chromium page with what a test wants to see of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, Page, Request

from tests.wall.office import Office, Running, server_of

# What a test waits for comes at once; on a busy machine it may take long, which says nothing of it (seconds).
PATIENCE = 60
# The wall's script comes after the first paint, and with it the panels after the first.
READY = "!!window.tabloWall"
RESOLUTIONS = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}


class Screen:
    """One page on the wall. `errors` are what its console complained of, `requests` the paths asked for, in order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def until(self, expression: str, wanted: object = True, within: float = PATIENCE) -> float:
        """Wait until the expression has the wanted value; how long that took. The page's own policy forbids `eval`."""
        start = time.monotonic()
        while (found := self._told(expression)) != wanted:
            assert time.monotonic() - start < within, f"{expression} is {found!r} after {within} s, not {wanted!r}"
            self.page.wait_for_timeout(50)
        return time.monotonic() - start

    def until_asked(self, part: str) -> None:
        """Wait until something with that part in its path has been asked for."""
        start = time.monotonic()
        while not self.asked(part):
            assert time.monotonic() - start < PATIENCE, f"{part} was not asked for in {PATIENCE} s"
            self.page.wait_for_timeout(50)

    def wall(self, name: str) -> Any:
        """A data attribute of the wall."""
        return self.page.evaluate("name => document.getElementById('wall').dataset[name]", name)

    def panels_seen(self, seconds: float) -> list[str]:
        """The panels that are shown within so many seconds, in order."""
        seen: list[str] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            panel = self.wall("panel")
            if not seen or seen[-1] != panel:
                seen.append(panel)
            self.page.wait_for_timeout(100)
        return seen

    def asked(self, part: str) -> list[str]:
        """The requests whose path holds that part."""
        return [path for path in self.requests if part in path]

    def _told(self, expression: str) -> Any:
        """What the page says; nothing while it is being loaded anew."""
        try:
            return self.page.evaluate(expression)
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            return None

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url.split("/", 3)[3])


@contextmanager
def watching(
    chromium: Browser,
    office: Office,
    size: tuple[int, int] = (1920, 1080),
    before: Callable[[Page], object] | None = None,
    ready: str = READY,
) -> Iterator[tuple[Screen, Running]]:
    """A screen on the wall of an office, and the server behind it."""
    server = Running(server_of(office.deps()))
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    screen = Screen(page)
    try:
        if before:
            before(page)
        page.goto(server.url)
        screen.until(ready)
        yield screen, server
    finally:
        page.unroute_all(behavior="ignoreErrors")
        page.close()
        server.stop()
