"""What can happen to a wall from outside, and how it is seen that the wall has got over it by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Page

from config import Config
from domain.board import Board
from domain.settings import Slot
from tests import boards
from tests.wall.front import Front
from tests.wall.office import Office, Running, office, server_of

# So long a wall may need after the cause has ended (seconds).
HEALED_WITHIN = 30.0
# How long the cause lasts at most when the wall does not say that it has noticed.
_LASTS = 16.0
_GIVE_UP = 100.0
_BEFORE, _AFTER = "172", "54"
_STATE = "(document.getElementById('wall') || {dataset: {}}).dataset.state"
_WELL = f"""() => {{
    const wall = document.getElementById('wall'), fact = document.querySelector('[data-slot=calls] [data-role=actual]');
    return !!fact && fact.dataset.value === '{_AFTER}' && wall.dataset.state === 'live'
        && document.querySelectorAll('.panel.on').length === 1 && !!window.tabloWall;
}}"""

Trouble = Callable[["Case"], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """`begin` and `end` make the cause and take it away. `at_start`: it is there before the page is opened. `needs` is
    a file that has to have come in the end; `told`: the wall says that it has lost the server. `quick` ones are tried
    in every run of the tests, the others by bench/failures.py."""

    name: str
    begin: Trouble
    end: Trouble = lambda case: case.front.well()
    at_start: bool = False
    needs: str = ""
    told: bool = True
    before: str = ""
    quick: bool = False


@dataclass
class Case:
    """One screen, with its own office, server and front."""

    failure: Failure
    office: Office
    server: Running
    front: Front
    context: BrowserContext
    page: Page
    seconds: float | None = None
    more: list[Running] = field(default_factory=list)


def ill(how: str, part: str = "/") -> Trouble:
    """A front that fails in that way."""
    return lambda case: case.front.ill(how, part)


def in_page(script: str) -> Trouble:
    """Something that happens inside the page."""
    return lambda case: case.page.evaluate(script)


def _nothing(_case: Case) -> None:
    """A cause that is over as soon as it was there."""


def _cut_off(case: Case) -> None:
    case.context.set_offline(True)


def _back(case: Case) -> None:
    case.context.set_offline(False)


def _gone_with_time(case: Case) -> None:
    case.front.ill("refuse")
    case.page.evaluate("() => { window.ahead = -864e5; }")


def _here_with_time(case: Case) -> None:
    case.page.evaluate("() => { window.ahead = 0; }")
    case.front.well()


def _other_build(case: Case) -> None:
    """Another release answers where the old one was."""
    deps = replace(case.office.deps(), config=Config(case.office.folder, "sqlite://", version="another"))
    case.more.append(Running(server_of(deps)))
    case.front.upstream = case.more[-1].port
    case.front.well()


_CLOCK = "const real = Date.now; window.ahead = 0; Date.now = () => real() + window.ahead;"
_STORES = "for (const name of ['localStorage', 'sessionStorage']) " \
    "Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError'); }});"  # fmt: skip
FAILURES = (
    Failure("server killed, or no route to it", ill("refuse"), quick=True),
    Failure("server frozen: it accepts and never answers", ill("freeze")),
    Failure("every answer is an error 500", ill("error"), quick=True),
    Failure("a page of HTML in place of the state", ill("page"), quick=True),
    Failure("an empty 200", ill("empty"), quick=True),
    Failure("null in place of the state", ill("null"), quick=True),
    Failure("other JSON in place of the state", ill("other")),
    Failure("a picture in place of the state", ill("picture")),
    Failure("a redirect to a login page", ill("redirect"), quick=True),
    Failure("answers are cut off in the middle", ill("cut", "/wall/state"), told=False, quick=True),
    Failure("every answer takes twelve seconds", ill("slow")),
    Failure("the screen's own network is gone", _cut_off, _back, quick=True),
    Failure("another release comes up after an outage", ill("refuse"), _other_build, quick=True),
    Failure("the screen's clock is a day ahead", in_page("() => { window.ahead = 864e5; }"),
            in_page("() => { window.ahead = 0; }"), told=False, before=_CLOCK),
    Failure("the screen's clock is set back as the server goes", _gone_with_time, _here_with_time, before=_CLOCK,
            quick=True),
    Failure("the server's clock is a day behind", ill("yesterday", "/wall/state"), told=False, quick=True),
    Failure("the page's scripts throw errors", in_page("() => setInterval(() => { throw new Error('x'); }, 100)"),
            _nothing, told=False, quick=True),
    Failure("the page's own loop has died", in_page("() => { window.fetch = () => new Promise(() => {}); }"), _nothing,
            told=False),
    Failure("the browser forbids storage", _nothing, _nothing, told=False, before=_STORES, quick=True),
    Failure("started while everything but the page is gone", ill("refuse"), at_start=True),
    Failure("tv.js is not found", ill("gone", "/assets/tv.js"), at_start=True, needs="tv.js", quick=True),
    Failure("tv.js never comes", ill("freeze", "/assets/tv.js"), at_start=True, needs="tv.js"),
    Failure("tv.js is a page of HTML", ill("page", "/assets/tv.js"), at_start=True, needs="tv.js"),
    Failure("tv.js comes in half", ill("cut", "/assets/tv.js"), at_start=True, needs="tv.js"),
    Failure("calm.js never comes", ill("freeze", "/assets/calm.js"), at_start=True, needs="calm.js", told=False),
    Failure("report.js is an error 500", ill("error", "/assets/report.js"), at_start=True, needs="report.js",
            told=False),
    Failure("chart.js is not found", ill("gone", "/assets/chart.js"), at_start=True, needs="chart.js", told=False),
    Failure("Dash and Plotly are errors 500", ill("error", "/_dash"), at_start=True, told=False),
)  # fmt: skip


def living(board: Board) -> Board:
    """The board with the age that a wall beside a running poller has."""
    now = datetime.now(UTC)
    return replace(board, now=now, as_of=now)


def try_all(browser: Browser, folder: Path, failures: Iterable[Failure]) -> list[Case]:
    """Let each happen to a screen of its own, all at once, and measure how long each needs to get over it."""
    cases = [_open(browser, folder, failure) for failure in failures]
    try:
        shown = [case for case in cases if not case.failure.at_start]
        for case in shown:
            _until_live(case)
        for case in shown:
            case.failure.begin(case)
        began = time.monotonic()
        while time.monotonic() - began < _LASTS and not all(map(_has_noticed, cases)):
            time.sleep(0.1)
        return _heal(cases)
    finally:
        for case in cases:
            _close(case)


def _open(browser: Browser, folder: Path, failure: Failure) -> Case:
    floor = office(folder, living(boards.board()))
    # Numbers that do not age, however slowly many screens open.
    began = datetime.now(UTC)
    floor.clock = lambda: began
    floor.settings = replace(floor.settings, playlist=(Slot("calls", 2), Slot("overview", 2)))
    server = Running(server_of(floor.deps()))
    front = Front(server.port)
    context = browser.new_context(viewport={"width": 640, "height": 360})
    case = Case(failure, floor, server, front, context, context.new_page())
    # Plotly weighs on a machine that shows many screens at once, and is what most failures are not about.
    front.without = "" if "Plotly" in failure.name or "chart.js" in failure.name else "/assets/chart.js"
    if failure.before:
        case.page.add_init_script(failure.before)
    if failure.at_start and failure.needs:
        failure.begin(case)
    case.page.goto(front.url, wait_until="commit")
    if failure.at_start and not failure.needs:
        failure.begin(case)
    return case


def _has_noticed(case: Case) -> bool:
    return not case.failure.told or _evaluate(case, f"() => {_STATE}") == "offline"


def _heal(cases: list[Case]) -> list[Case]:
    """End every cause, and wait until numbers that came meanwhile are on each wall."""
    ended = {}
    for case in cases:
        case.office.show(living(boards.board(3)))
        case.failure.end(case)
        ended[id(case)] = time.monotonic()
    while (ill := [case for case in cases if case.seconds is None]) and time.monotonic() - min(
        ended.values()
    ) < _GIVE_UP:
        for case in ill:
            if _has_come(case) and _evaluate(case, _WELL) is True:
                case.seconds = time.monotonic() - ended[id(case)]
        time.sleep(0.1)
    return cases


def _has_come(case: Case) -> bool:
    return not case.failure.needs or any(case.failure.needs in path for path in case.front.delivered)


def _until_live(case: Case) -> None:
    began = time.monotonic()
    while _evaluate(case, f"() => {_STATE} === 'live' && !!window.tabloWall") is not True:
        assert time.monotonic() - began < _GIVE_UP, f"never live before: {case.failure.name}"
        time.sleep(0.1)


def _evaluate(case: Case, script: str) -> object:
    """What the page says; nothing while it is being loaded anew."""
    try:
        return case.page.evaluate(script)
    except Error as error:
        if "context was destroyed" not in str(error):
            raise
        return None


def _close(case: Case) -> None:
    case.context.close()
    case.front.close()
    for server in (case.server, *case.more):
        server.stop()
