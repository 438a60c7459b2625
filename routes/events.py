"""A line that stays open to each screen: says at once what is new, and every few seconds that we live.

A screen that has what was there before is told what has changed since, the same bytes for all; any other one, and one
that is to do something, fetches all of it from /wall/state, as a screen without a line does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask, Request, Response, request, stream_with_context

from deps import Deps
from routes.pulse import Pulse

# Then a line ends and is asked for anew, so that whoever has it is judged again (seconds).
_LONGEST = 600.0
_EXTENSION = "tablo-pulse"
# A proxy that kept the bytes back would make a line useless.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Step:
    """What is new since the state of that mark, as JSON in one line."""

    since: str
    news: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a viewer should have now: the mark of its state, which screen it is (None = no screen), and the last step on
    the way to that state."""

    mark: str
    screen: int | None
    step: Step | None = field(default=None, compare=False)


def register(server: Flask, deps: Deps, look: Callable[[Request], Told], pulse: Pulse | None = None) -> None:
    """Put the lines on the server. `look` tells what the one who asked should have."""
    heart = pulse or Pulse(deps)
    server.extensions[_EXTENSION] = heart

    @server.get("/wall/events")
    def wall_events() -> Response:
        # A browser takes 204 for "do not try again by yourself": the script does, after a while.
        if not heart.join():
            return Response(status=204)
        line = stream_with_context(_line(heart, lambda: look(request), deps.clock))
        response = Response(line, mimetype="text/event-stream")
        response.headers.update(_HEADERS)
        response.call_on_close(heart.leave)
        return response


def end(server: Flask) -> None:
    """End all lines, where there are any: the server is about to stop."""
    if _EXTENSION in server.extensions:
        server.extensions[_EXTENSION].end()


def _line(pulse: Pulse, look: Callable[[], Told], clock: Callable[[], datetime]) -> Iterator[str]:
    """Server-sent events: `news` with what is new (its id is the server's time, ms), `change` with the mark of a state
    to be fetched, or a beat with the age of the numbers."""
    began, news = time.monotonic(), pulse.news
    first = told = look()
    yield f"event:change\ndata:{told.mark}\n\n"
    while time.monotonic() - began < _LONGEST:
        last, news = news, pulse.wait(news)
        if news.over != last.over or news.number == last.number:
            return
        found = look() if news.changed != last.changed else told
        if found.screen != first.screen:
            return
        if found == told:
            age = "" if news.as_of is None else str(int((clock() - news.as_of).total_seconds()))
            yield f"data:{age}\n\n"
        elif found.step and found.step.since == told.mark:
            told = found
            # What is new may have been drawn for another screen some time ago: what time it is now is told beside it.
            yield f"event:news\nid:{int(clock().timestamp() * 1000)}\ndata:{found.step.news}\n\n"
        else:
            told = found
            yield f"event:change\ndata:{told.mark}\n\n"
