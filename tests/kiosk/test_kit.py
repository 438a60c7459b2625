"""The kiosk kit: what the script would do, the page that waits for the server, and the keeper of the browser."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, expect

from kiosk import keeper
from layouts import pairing, trouble
from layouts.text import Text
from tests.house import ROOT
from tests.wall.office import Running, office, server_of

KIT = ROOT / "kiosk"
SCRIPT, WAITING = KIT / "install.sh", KIT / "waiting.html"
ADDRESS = "http://192.168.1.20:8050"
KEEPER = (str(KIT / "keeper.py"),)
HASTY = ("-c", "from kiosk import keeper; keeper.ASK_EVERY = 1.0; keeper.main()")


def install(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((SCRIPT, *arguments), capture_output=True, text=True, timeout=60)


# ---- the script


def test_shellcheck_finds_nothing() -> None:
    shellcheck = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run((shellcheck, SCRIPT), capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_a_dry_run_says_everything_and_does_nothing() -> None:
    done = install("--address", f"{ADDRESS}/", "--dry-run")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    said = [line for line in lines if not line.startswith(("would ", "    "))]
    assert len(said) == 2
    assert f"open {ADDRESS}/settings/screens" in said[0]
    assert any(line.startswith("would run: env DEBIAN_FRONTEND=noninteractive apt-get install") for line in lines)
    assert any("useradd --system" in line and "nologin" in line for line in lines)
    assert f"    ADDRESS={ADDRESS}" in lines
    assert lines.index("would run: systemctl enable tablo-screen.service") > 0
    assert not Path("/etc/tablo-screen.conf").exists()
    assert not Path("/usr/local/lib/tablo-screen").exists()


def test_whatever_was_installed_is_removed_again() -> None:
    made = [line.split()[-1] for line in install("--address", ADDRESS, "--dry-run").stdout.splitlines()
            if line.startswith(("would write:", "would run: install -d"))]  # fmt: skip
    removed = install("--uninstall", "--dry-run").stdout
    assert len(made) == 3
    assert [path for path in (*made, "/etc/systemd/system/tablo-screen.service") if path not in removed] == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("--address",), ("--address", "192.168.1.20"), ("--address", "http://x; reboot"), ("--address", "http://$(id)"),
     ("--address", "file:///etc/passwd"), ("--adress", ADDRESS)],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(arguments: tuple[str, ...]) -> None:
    done = install(*arguments, "--dry-run")
    assert done.returncode == 1
    assert "192.168.1.20:8050" in done.stderr or "Unknown" in done.stderr
    assert "would" not in done.stdout


def test_the_service_never_gives_up_and_names_what_the_script_installs() -> None:
    unit = (KIT / "tablo-screen.service").read_text(encoding="utf-8")
    assert "StartLimitIntervalSec=0" in unit
    assert "Restart=always" in unit
    assert "User=tablo-screen" in unit
    for path in (
        "/usr/local/lib/tablo-screen/keeper.py",
        "EnvironmentFile=/etc/tablo-screen.conf",
        "PAMName=tablo-screen",
    ):
        assert path in unit
    flags = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).split("keeper.py ")[1].split()
    assert {flag for flag in flags if flag.startswith("--")} >= {"--address", "--browser", "--profile", "--cache"}
    assert "--autoplay-policy=no-user-gesture-required" in keeper._FLAGS


# ---- the page that waits


class Wall:
    """A server that stands in for Tablo: the style sheet that is asked for, and a page. `seen` are the paths."""

    def __init__(self, page: str = "<title>Tablo</title><h1>the wall</h1>") -> None:
        self.seen: list[str] = []
        self.ill = False
        self.answer = Response(page)
        app = Flask("stand-in")

        @app.get("/assets/pairing.css")
        def sheet() -> Response:
            self.seen.append(request.path)
            if self.ill:
                return Response("<html>a router's login</html>", mimetype="text/html")
            return Response("main {}", mimetype="text/css", headers={"X-Content-Type-Options": "nosniff"})

        @app.get("/")
        def wall() -> Response:
            self.seen.append(request.path)
            return self.answer

        self.server = Running(app)


@pytest.fixture
def wall() -> Iterator[Wall]:
    found = Wall()
    yield found
    found.server.stop()


@pytest.mark.browser
def test_the_waiting_page_opens_the_wall_when_the_server_answers_and_no_sooner(chromium: Browser, wall: Wall) -> None:
    wall.server.stop()
    page = chromium.new_page(locale="uk")
    page.goto(f"{WAITING.as_uri()}?address=http%3A%2F%2F127.0.0.1%3A{wall.server.port}%2F")
    expect(page.locator(".said")).to_contain_text(f"Чекаємо на сервер http://127.0.0.1:{wall.server.port}")
    expect(page.locator(".hour")).to_have_text(page.evaluate("new Date().toTimeString().slice(0, 5)"))
    wall.ill = True
    wall.server.start()
    expect(page.locator(".brand")).to_be_visible()
    until(lambda: wall.seen.count("/assets/pairing.css") >= 1, 10)
    assert "/" not in wall.seen
    began = time.monotonic()
    wall.ill = False
    expect(page.locator("h1")).to_have_text("the wall", timeout=10_000)
    assert time.monotonic() - began < 10
    assert page.url == wall.server.url
    page.close()


@pytest.mark.browser
def test_without_an_address_the_waiting_page_says_how_to_give_one(chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{WAITING.as_uri()}?address=javascript:alert(1)")
    expect(page.locator(".said")).to_contain_text("waiting.html?address=http://server:8050")
    page.close()


# ---- the keeper


@contextmanager
def kept(folder: Path, address: str, *more: str, keeper: Sequence[str] = KEEPER) -> Iterator[psutil.Popen]:
    """A keeper with its browser, without a screen."""
    command = [sys.executable, *keeper, "--address", address, "--profile", folder / "profile"]
    command += ["--cache", folder / "cache", *more, "--", "--headless=new", "--no-sandbox", "--disable-gpu"]
    with (folder / "said").open("w") as said:
        process = psutil.Popen([str(part) for part in command], stderr=said, cwd=ROOT)
    try:
        yield process
    finally:
        if process.is_running():
            process.terminate()
        process.wait(20)


def until(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.1)


def renderers(process: psutil.Popen) -> list[psutil.Process]:
    """The browser's processes that draw pages; helpers that have just ended are none."""
    found = []
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # A zombie is one of them too.
            if "--type=renderer" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.mark.browser
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["crashed", "hanging"])
def test_a_dead_page_ends_the_browser_so_that_it_is_started_again(
    tmp_path: Path, wall: Wall, how: signal.Signals
) -> None:
    with kept(tmp_path, wall.server.url, "--patience", "4") as process:
        until(lambda: "/" in wall.seen, 30)
        family = process.children(recursive=True)
        for renderer in renderers(process):
            renderer.send_signal(how)
        assert process.wait(30) == 1
        assert ("crashed" if how is signal.SIGKILL else "not answered") in (tmp_path / "said").read_text()
        until(lambda: not any(each.is_running() and each.status() != "zombie" for each in family), 10)


@pytest.mark.browser
def test_an_error_page_is_left_for_the_waiting_page_whoever_it_is_from(tmp_path: Path) -> None:
    wall = Wall("<title>Tablo</title><h1>the wall</h1><script>setTimeout(() => location.replace('/'), 700)</script>")

    def went_back() -> int:
        return (tmp_path / "said").read_text().count("back to waiting")

    try:
        with kept(tmp_path, wall.server.url, keeper=HASTY):
            until(lambda: wall.seen.count("/") >= 2, 30)
            before = went_back()
            wall.server.stop()
            # The page loads itself anew, from a server that is gone.
            until(lambda: went_back() == before + 1, 20)
            wall.seen.clear()
            wall.answer = Response("<title>502 Bad Gateway</title><h1>a proxy's</h1>", status=502)
            wall.server.start()
            until(lambda: went_back() == before + 2, 20)
            assert {"/", "/assets/pairing.css"} == set(wall.seen)
            wall.seen.clear()
            wall.answer = Response("<title>Tablo</title><h1>the wall</h1>")
            until(lambda: "/" in wall.seen, 20)
    finally:
        wall.server.stop()


@pytest.mark.parametrize(
    ("where", "lost"),
    [
        (("http://192.168.1.20:8050/", "Tablo", "interactive"), False),
        (("file:///usr/local/lib/tablo-screen/waiting.html", "Tablo", "complete"), False),
        (("http://192.168.1.20:8050/", "", "loading"), False),
        (("http://192.168.1.20:8050/", "", "complete"), True),
        (("http://192.168.1.20:8050/", "502 Bad Gateway", "interactive"), True),
        (("http://router.local/login", "Welcome", "complete"), True),
        (("chrome-error://chromewebdata/", "tablo", "complete"), True),
        (("", "", ""), False),
    ],
)
def test_a_page_of_ours_and_one_that_is_still_coming_are_let_alone(where: tuple[str, str, str], lost: bool) -> None:
    assert keeper.Page(where=where).is_lost is lost


def test_a_tab_that_was_elsewhere_for_one_answer_is_let_alone() -> None:
    page = keeper.Page(session="the tab")

    def lost(*where: str) -> int:
        page.asked[1] = 0.0
        assert keeper._take(keeper.Pipe(0, 0), page, {"id": 1, "result": {"result": {"value": list(where)}}})
        return page.lost

    error = ("chrome-error://chromewebdata/", "tablo", "complete")
    waiting = (WAITING.as_uri(), "Tablo", "complete")
    # Every tab begins on an empty page; going from there, and from an error, takes a moment.
    assert [lost("about:blank", "", "complete"), lost(*waiting), lost(*error), lost(*error)] == [1, 0, 1, 2]
    assert keeper._LOST_FOR == 2


def test_the_keeper_knows_every_page_that_a_screen_is_shown(tmp_path: Path) -> None:
    client = server_of(office(tmp_path).deps()).test_client()
    pages = {
        "waiting": WAITING.read_text(encoding="utf-8"),
        "wall": client.get("/").text,
        "lite": client.get("/tv-lite").text,
        "code": pairing.page(Text("uk"), "123456", ADDRESS, ""),
        "trouble": trouble.page(Text("uk"), "", "", 10),
    }
    assert [name for name, page in pages.items() if f"<title>{keeper.TITLE}</title>" not in page] == []


def test_what_a_crash_leaves_behind_is_cleaned_and_the_cookie_stays(tmp_path: Path) -> None:
    own = tmp_path / "Default"
    (own / "Sessions").mkdir(parents=True)
    (own / "Cookies").write_text("the screen")
    (own / "Preferences").write_text('{"profile":{"exit_type":"Crashed","exited_cleanly":false,"name":"1"}}')
    (tmp_path / "SingletonLock").symlink_to("machine-1234")
    keeper.clean(tmp_path)
    assert (own / "Preferences").read_text() == '{"profile":{"exit_type":"Normal","exited_cleanly":true,"name":"1"}}'
    assert not (tmp_path / "SingletonLock").is_symlink()
    assert sorted(path.name for path in own.iterdir()) == ["Cookies", "Preferences"]
    keeper.clean(tmp_path)
