"""What tests of several parts share: one Chromium for all of them, and the fonts, which take long to cut."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from routes import fonts
from storage import users

# On a busy machine one example, or what a page shows next, may take long, which says nothing of the rule that is tried.
settings.register_profile("thorough", deadline=None, max_examples=200)
settings.register_profile("tablo", deadline=None, max_examples=30)
settings.load_profile("tablo")
expect.set_options(timeout=30_000)
# What makes guessing dear would make a third of all tests dear.
users.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium. Playwright runs once in a process, so every browser test takes this one."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cut_fonts(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder with the fonts. Workers beside each other cut them once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "fonts"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fonts.make(folder)
    return folder
