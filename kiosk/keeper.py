"""Keeps one browser on the wall: begins on the waiting page, goes back to it from any that is not Tablo's, ends when it
is dead.

    python3 keeper.py --address http://192.168.1.20:8050 --profile DIR --cache DIR -- --kiosk

Whoever started it (systemd) starts it again. Needs nothing but Python and Chromium, to which it speaks the DevTools
protocol over a pipe that nobody else can reach. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

WAITING = Path(__file__).resolve().parent / "waiting.html"
# All that Tablo shows on a screen is called so, and the waiting page is, too.
TITLE = "Tablo"
# A page is asked every so often; one that has said nothing for so long is dead (seconds).
ASK_EVERY, PATIENCE = 5.0, 20.0
# Twice, as a tab begins on an empty page, and every answer is some seconds old when it is judged.
_LOST_FOR = 2
_EXIT_GRACE = 5.0
_NOWHERE = ("", "", "")
_WHERE = "[document.URL, document.title, document.readyState]"
# Chromium reads commands from descriptor 3 and answers on 4.
_COMMANDS, _ANSWERS = 3, 4
# What a browser that lost its power leaves behind, and would ask somebody about, or wait for.
_LEFTOVERS = ("SingletonLock", "SingletonSocket", "SingletonCookie", "Default/Sessions")
_FLAGS = (
    "--remote-debugging-pipe",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--hide-crash-restore-bubble",
    "--disable-session-crashed-bubble",
    "--disable-infobars",
    "--disable-component-update",
    "--disable-features=Translate,MediaRouter",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
    "--check-for-update-interval=31536000",
)


class DeadError(Exception):
    """The browser or its page is of no use any more; the sentence says why."""


@dataclass
class Pipe:
    """The two ends that are ours; messages are JSON, each ended by a zero byte."""

    commands: int
    answers: int
    number: int = 0
    rest: bytes = b""

    def say(self, method: str, session: str | None = None, **params: Any) -> int:
        """Send a command; its number."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        try:
            os.write(self.commands, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise DeadError("The browser has ended.") from None
        return self.number

    def hear(self, seconds: float) -> Iterator[dict[str, Any]]:
        """What comes within so many seconds. Raises DeadError when the browser is gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.answers], [], [], left)[0]:
                more = os.read(self.answers, 1 << 16)
                if not more:
                    raise DeadError("The browser has ended.")
                *whole, self.rest = (self.rest + more).split(b"\0")
                yield from (json.loads(each) for each in whole)


@dataclass
class Page:
    """The one tab: its session, the questions still open (number → when asked), where it was last (the document's
    address, title and state), and how many answers in a row it was lost for."""

    session: str | None = None
    asked: dict[int, float] = field(default_factory=dict)
    where: tuple[str, str, str] = _NOWHERE
    lost: int = 0

    @property
    def is_lost(self) -> bool:
        """Whether the tab shows the browser's own error page, or one of somebody else's: a proxy's, a router's."""
        address, title, state = self.where
        return address.startswith("chrome-error:") or (title != TITLE and state in ("interactive", "complete"))


def main() -> None:
    """Run until the browser is dead (exit code 1) or somebody ends us (0)."""
    given = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    clean(given.profile)
    shutil.rmtree(given.cache, ignore_errors=True)
    start = f"{WAITING.as_uri()}?address={quote(given.address, safe='')}"
    folders = (f"--user-data-dir={given.profile}", f"--disk-cache-dir={given.cache}")
    browser, pipe = launch([given.browser, *_FLAGS, *folders, *given.flags, start])
    try:
        watch(pipe, start, given.patience)
    except DeadError as error:
        _say(str(error))
        sys.exit(1)
    finally:
        end(browser)


def clean(profile: Path) -> None:
    """Take away what would show a bubble or keep the browser from starting. The screen's cookie stays."""
    profile.mkdir(parents=True, exist_ok=True)
    for name in _LEFTOVERS:
        path = profile / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    settings = profile / "Default" / "Preferences"
    if settings.exists():
        text = settings.read_text(encoding="utf-8", errors="replace")
        text = re.sub(r'"exit_type":\s*"\w+"', '"exit_type":"Normal"', text)
        settings.write_text(re.sub(r'"exited_cleanly":\s*false', '"exited_cleanly":true', text), encoding="utf-8")


def launch(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Pipe]:
    """Start the browser in a group of its own, with a pipe to it."""
    their_commands, commands = os.pipe()
    answers, their_answers = os.pipe()
    # Out of the way of the two numbers that the browser insists on.
    theirs = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (their_commands, their_answers)]
    ours = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (commands, answers)]

    def hand_over() -> None:
        os.dup2(theirs[0], _COMMANDS)
        os.dup2(theirs[1], _ANSWERS)

    browser = subprocess.Popen(
        command, pass_fds=(_COMMANDS, _ANSWERS), preexec_fn=hand_over, start_new_session=True,
    )  # fmt: skip
    for each in (their_commands, commands, answers, their_answers, *theirs):
        os.close(each)
    return browser, Pipe(ours[0], ours[1])


def watch(pipe: Pipe, start: str, patience: float) -> None:
    """Ask the page where it is, again and again. Raises DeadError when it does not say, or has crashed."""
    page, silent_since = Page(), time.monotonic()
    pipe.say("Target.setDiscoverTargets", discover=True)
    while True:
        if page.session:
            number = pipe.say("Runtime.evaluate", page.session, expression=_WHERE, returnByValue=True)
            page.asked[number] = time.monotonic()
        for message in pipe.hear(ASK_EVERY if page.session else 1.0):
            if _take(pipe, page, message):
                silent_since = time.monotonic()
        if time.monotonic() - silent_since > patience:
            raise DeadError(f"The page has not answered for {patience:.0f} s.")
        if page.lost >= _LOST_FOR and page.session:
            _say("The browser shows no page of Tablo's: back to waiting.")
            pipe.say("Page.navigate", page.session, url=start)
            page.lost = 0


def end(browser: subprocess.Popen[bytes]) -> None:
    """End the browser and everything that it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(browser.pid, how)
        except ProcessLookupError:
            return
        try:
            browser.wait(_EXIT_GRACE)
        except subprocess.TimeoutExpired:
            continue


def _take(pipe: Pipe, page: Page, message: dict[str, Any]) -> bool:
    """Note what a message says; whether the page itself has spoken."""
    params = message.get("params", {})
    method = message.get("method")
    if method == "Target.targetCreated" and params["targetInfo"]["type"] == "page" and not page.session:
        pipe.say("Target.attachToTarget", targetId=params["targetInfo"]["targetId"], flatten=True)
    elif method == "Target.attachedToTarget":
        page.session = params["sessionId"]
    elif method in ("Target.targetCrashed", "Inspector.targetCrashed"):
        raise DeadError("The page has crashed.")
    elif method == "Target.detachedFromTarget" and params.get("sessionId") == page.session:
        raise DeadError("The tab has been closed.")
    if message.get("id") not in page.asked:
        return False
    del page.asked[message["id"]]
    address, title, state = message.get("result", {}).get("result", {}).get("value") or _NOWHERE
    page.where = str(address), str(title), str(state)
    page.lost = page.lost + 1 if page.is_lost else 0
    return True


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 — the journal reads it


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Keep one browser on the wall.")
    parser.add_argument("--address", required=True, help="the server, like http://192.168.1.20:8050")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--profile", type=Path, required=True, help="where the browser keeps the screen's cookie")
    parser.add_argument("--cache", type=Path, required=True, help="emptied at every start")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds of silence after which it is dead")
    parser.add_argument("flags", nargs="*", help="more flags for the browser, after --")
    return parser.parse_args()


if __name__ == "__main__":
    main()
