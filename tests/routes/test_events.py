"""The lines to the screens: prompt, few, never left open behind a screen that is gone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask import request as asked
from werkzeug.serving import make_server

from routes import events, pulse
from routes.events import Step, Told
from routes.pulse import Pulse
from tests import boards
from tests.wall.office import Office, office

BEAT = 0.3


class Floor:
    """A server with nothing but lines. `told` is what every viewer should have, `screen` who the viewer is."""

    def __init__(self, folder: Path, patience: float = 30) -> None:
        self.office: Office = office(folder)
        self.office.clock = lambda: boards.NOW
        self.told, self.screen = '"a"', 7
        self.step: Step | None = None
        self._lines: list[Line] = []
        self.app = Flask("lines")
        self.pulse = Pulse(self.office.deps(), look_every=0.02, beat_every=BEAT, patience=patience)
        events.register(self.app, self.office.deps(), self._look, self.pulse)
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def show(self, told: str) -> None:
        """There is something new."""
        self.told = told
        self.office.show(boards.board(3))

    def line(self) -> Line:
        self._lines.append(Line(self._server.server_port))
        return self._lines[-1]

    def stop(self) -> None:
        events.end(self.app)
        for line in self._lines:
            line.hang_up()
        self._server.shutdown()
        self._server.server_close()

    def _look(self, request: object) -> Told:
        assert asked.path == "/wall/events"
        return Told(self.told, self.screen, self.step)


class Line:
    """A screen's end of a line."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.settimeout(30)
        self._socket.sendall(b"GET /wall/events HTTP/1.1\r\nHost: here\r\n\r\n")
        self.came = ""

    def until(self, wanted: str) -> str:
        """Everything that has come, as soon as that is in it."""
        while wanted not in self.came:
            more = self._socket.recv(4096)
            if not more:
                raise EOFError(self.came)
            self.came += more.decode()
        return self.came

    def ends(self) -> bool:
        """Whether the server hangs up."""
        try:
            self.until("nothing that is ever sent")
        except EOFError:
            return True
        return False

    def hang_up(self) -> None:
        self._socket.close()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    made = Floor(tmp_path)
    yield made
    made.stop()


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def test_what_is_new_comes_with_the_time_at_which_it_is_told(floor: Floor) -> None:
    line = floor.line()
    line.until('data:"a"')
    floor.step = Step('"a"', '{"since":"a"}')
    # It may have been drawn for another screen before.
    floor.office.clock = lambda: boards.NOW + timedelta(seconds=50)
    floor.show('"b"')
    now = int((boards.NOW + timedelta(seconds=50)).timestamp() * 1000)
    came = line.until('data:{"since":"a"}')
    assert f'event:news\nid:{now}\ndata:{{"since":"a"}}' in came
    floor.show('"c"')
    line.until('event:change\ndata:"c"')


def test_a_line_says_what_there_is_and_then_what_is_new(floor: Floor) -> None:
    line = floor.line()
    head = line.until('event:change\ndata:"a"\n\n')
    assert "text/event-stream" in head
    assert "X-Accel-Buffering: no" in head
    floor.show('"b"')
    line.until('event:change\ndata:"b"\n\n')


def test_a_line_beats_with_the_age_of_the_numbers(floor: Floor) -> None:
    line = floor.line()
    age = (boards.NOW - boards.JUST_NOW) // timedelta(seconds=1)
    line.until(f"\ndata:{age}\n\n")


def test_what_changes_nothing_on_this_screen_is_a_beat_alone(floor: Floor) -> None:
    line = floor.line()
    line.until("change")
    floor.show('"a"')
    line.until("data:8\n\n")
    assert line.came.count("change") == 1


def test_the_line_of_a_screen_that_is_none_any_more_ends(floor: Floor) -> None:
    line = floor.line()
    line.until("change")
    floor.screen = 0
    floor.show('"a"')
    assert line.ends()


def test_all_lines_end_when_the_server_stops_or_the_store_is_lost(floor: Floor) -> None:
    lines = [floor.line() for _ in range(3)]
    for line in lines:
        line.until("change")
    events.end(floor.app)
    assert all(line.ends() for line in lines)
    assert soon(lambda: floor.pulse.lines == 0)


def test_nothing_beats_when_nothing_looks(floor: Floor) -> None:
    """A server whose store hangs is as good as gone: its screens must hear nothing."""
    line = floor.line()
    line.until("change")
    floor.office.awake.clear()
    time.sleep(2 * BEAT)
    beats = line.until("data:8").count("data:8")
    time.sleep(2 * BEAT)
    floor.office.awake.set()
    assert line.until("data:8").count("data:8") <= beats + 1


def test_a_line_that_hears_nothing_ends_so_that_a_store_that_hangs_takes_no_more_threads(tmp_path: Path) -> None:
    floor = Floor(tmp_path, patience=2 * BEAT)
    try:
        line = floor.line()
        line.until("data:8")
        floor.office.awake.clear()
        assert line.ends()
        assert soon(lambda: floor.pulse.lines == 0)
        floor.office.awake.set()
        floor.line().until("data:8")
    finally:
        floor.office.awake.set()
        floor.stop()


def test_where_no_thread_can_be_started_the_line_is_refused_and_the_next_one_looks_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as machine:
        machine.setattr(threading.Thread, "start", full)
        assert floor.app.test_client().get("/wall/events").status_code == 204
    assert floor.pulse.lines == 0
    line = floor.line()
    line.until("data:8")
    floor.show('"b"')
    line.until('event:change\ndata:"b"\n\n')


def test_a_screen_that_went_without_a_word_leaves_no_thread(floor: Floor) -> None:
    before = threading.active_count()
    lines = [floor.line() for _ in range(5)]
    for line in lines:
        line.until("change")
    assert floor.pulse.lines == 5
    for line in lines:
        line.hang_up()
    assert soon(lambda: floor.pulse.lines == 0)
    assert soon(lambda: threading.active_count() <= before)


def test_there_are_so_many_lines_and_then_none(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "MOST_LINES", 1)
    first = floor.line()
    first.until("change")
    assert "204" in floor.line().until("HTTP/1.1 ")
    first.hang_up()
    assert soon(lambda: floor.pulse.lines == 0)
    floor.line().until("change")
