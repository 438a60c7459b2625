"""An office whose boards a test may change at will, and a real server for its wall."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from flask import Flask, Response
from sqlalchemy import create_engine
from werkzeug.serving import BaseWSGIServer, make_server

from config import Config
from deps import Deps
from domain.board import Board
from domain.celebrations import Cheer
from domain.settings import PeriodKind, Settings
from jobs.connections import Connections
from jobs.house import House
from routes import events, fonts, guard, wall
from routes.pulse import Pulse
from storage.boards import Snapshot
from storage.secrets import Secrets
from tests import boards

Made = TypeVar("Made")


@dataclass
class Office:
    """What the wall is given: boards by period (of a team or by another ranking `others`), settings, the time. A test
    changes them while the wall runs, and may have the server freeze by clearing `awake`."""

    folder: Path
    boards: dict[PeriodKind, Board]
    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], datetime] = lambda: boards.NOW
    version: int = 1
    shift: timedelta = timedelta()
    wins: list[Cheer] = field(default_factory=list)
    others: dict[str, Board] = field(default_factory=dict)
    awake: threading.Event = field(default_factory=lambda: _set(threading.Event()))

    def get(
        self, period: PeriodKind, day: date | None = None, team: str | None = None, ranked_by: str | None = None
    ) -> Snapshot:
        of_period = self.boards.get(period) or self.boards[PeriodKind.DAY]
        board = self.others.get(team or ranked_by or "", of_period)
        return Snapshot(f"{self.version}", board)

    def cheers(self) -> list[Cheer]:
        return list(self.wins)

    def lately(self, key: Hashable, make: Callable[[], Made]) -> Made:
        return make()

    def watch(self) -> Office:
        return self

    def stirred(self) -> Hashable:
        self.awake.wait()
        return self.version, self.settings, len(self.wins)

    def orders(self) -> Hashable:
        return self.settings, len(self.wins)

    def close(self) -> None:
        """There is nothing to give back."""

    def show(self, board: Board) -> None:
        """Put another board for every period on the wall."""
        self.boards, self.version = {PeriodKind.DAY: board}, self.version + 1

    def deps(self) -> Deps:
        config = Config(self.folder, "sqlite://", shift=self.shift)
        settings = lambda: self.settings  # noqa: E731 (read anew at every request)
        clock = lambda: self.clock()  # noqa: E731 (a test may change the clock)
        house = House(create_engine("sqlite://"), Secrets(b"0" * 32), config, clock)
        return Deps(house.db, self, clock, settings, house.secrets, config, Connections(house))


def office(folder: Path, board: Board | None = None, language: str = "en") -> Office:
    """An office of twelve on a Friday afternoon, or one whose board is given for every period."""
    of_day = {PeriodKind.DAY: board or boards.board()}
    of_month = {} if board else {PeriodKind.MONTH: boards.board(kind=PeriodKind.MONTH)}
    return Office(folder, of_day | of_month, replace(Settings(), language=language))


def server_of(deps: Deps, pulse: Pulse | None = None) -> Flask:
    """The wall's routes with the security headers that they go out with. `pulse` looks as often as one wishes."""
    server = Flask("tablo", static_folder=None)
    fonts.register(server, deps)
    wall.register(server, deps, pulse)

    @server.before_request
    def sleep() -> None:
        if isinstance(deps.boards, Office):
            deps.boards.awake.wait()

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok")

    @server.after_request
    def protect(response: Response) -> Response:
        return guard.with_headers(response, guard.inline_scripts(server), "'self'")

    return server


class Running:
    """A server in a thread, which a test may stop and start again on the same port."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/"
        self._run()

    def stop(self) -> None:
        events.end(self._app)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self._run()

    def _run(self) -> None:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()


def _set(event: threading.Event) -> threading.Event:
    event.set()
    return event
