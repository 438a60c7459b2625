"""Nothing scrolls, overflows or is cut without an ellipsis, and nothing is too small to read from across the room."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from domain.board import Board
from tests import boards
from tests.wall.office import office
from tests.wall.screen import RESOLUTIONS, watching

pytestmark = pytest.mark.browser

_SCAN = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
# The panels that the server has, and those that the page has.
_SHOULD = (
    "fetch('wall/state').then((told) => told.json()).then((state) => state.panels.map((panel) => panel.mark).join())"
)
_HAS = "[...document.querySelectorAll('.panel')].map((panel) => panel.dataset.mark).join()"
# At every size two hundred names are looked at, too (test_names.py).
_OTHERS = (
    ("720p", "ru"),
    ("4K", "uk"),
    ("1080p", "ru"),
    ("1080p", "en"),
    ("720p", "uk"),
    ("720p", "en"),
    ("4K", "ru"),
    ("4K", "en"),
)


def huge() -> Board:
    """Sums of twelve digits everywhere that money is."""
    board = boards.board(12)
    for key in ("invoices_issued_amount", "invoices_paid_amount", "deals_won_amount"):
        board = boards.with_progress(board, key, boards.progress(Decimal(412_345_678_901), Decimal(900_000_000_000)))
    board = boards.with_progress(board, "calls", boards.progress(Decimal(123_456_789_012), Decimal(99)))
    board = boards.with_progress(board, "invoices_paid", boards.progress(Decimal(123_456_789_012), None))
    ranks = boards.leaderboard(10, sums=[412_345_678_901 - step * 1_234_567_890 for step in range(10)])
    return replace(board, leaderboard=ranks, demo=True)


BOARDS = {
    **{str(reps): boards.board(reps) for reps in (0, 1, 3, 5, 10, 12, 18, 40, 46)},
    "huge": huge(),
    "no plan": boards.board(12, plan=False),
    "nothing yet": boards.board(12, done=False),
    "shared": replace(boards.board(3), leaderboard=boards.leaderboard(6, sums=[900_000] * 4 + [5, 0])),
    "first reading": replace(boards.board(3), as_of=None),
}


@pytest.mark.parametrize(
    ("size", "language"),
    [
        ("1080p", "uk"),
        *(pytest.param(size, language, marks=pytest.mark.long) for size, language in _OTHERS),
    ],
)
def test_everything_fits_whatever_there_is_to_show(chromium: Browser, data_dir: Path, size: str, language: str) -> None:
    floor = office(data_dir, boards.board(), language)
    found: dict[str, Any] = {}
    with watching(chromium, floor, RESOLUTIONS[size]) as (screen, _):
        screen.page.evaluate("document.fonts.ready.then(() => true)")
        screen.until("document.querySelector('.clock').textContent", "14:26")
        for name, board in BOARDS.items():
            floor.show(board)
            screen.until(_HAS, screen.page.evaluate(_SHOULD))
            found[name] = screen.page.evaluate(_SCAN)
        assert found == {name: [] for name in BOARDS}
        assert screen.errors == []
