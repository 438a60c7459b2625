"""Inter is cut once into two small files, and a page names it only when it is there."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from routes import fonts
from tests.wall.office import office, server_of


@pytest.fixture
def made(cut_fonts: Path) -> Path:
    return cut_fonts


def test_the_fonts_are_small_and_have_every_letter_they_promise(made: Path) -> None:
    letters = set()
    for part in fonts.PARTS:
        assert (made / part.name).stat().st_size < 40_000
        with TTFont(made / part.name) as font:
            letters |= set(font.getBestCmap())
    assert set(map(ord, "Żółw № Їжак ґава Ёлка ₴ ₽ € — « » ▲ ▼ ✓ ★ · – ’ 0123456789")) <= letters


def test_a_finished_font_is_not_made_again(made: Path) -> None:
    before = [(made / part.name).stat().st_mtime_ns for part in fonts.PARTS]
    fonts.make(made)
    assert [(made / part.name).stat().st_mtime_ns for part in fonts.PARTS] == before


def test_a_page_names_the_font_only_when_it_is_there(made: Path, tmp_path: Path) -> None:
    assert fonts.faces(office(tmp_path).deps()) == ""
    assert fonts.faces(office(made.parent).deps()).count("@font-face") == 2


def test_the_fonts_are_served_for_ever_and_nothing_else_is(made: Path) -> None:
    screen = server_of(office(made.parent).deps()).test_client()
    answer = screen.get(f"/fonts/{fonts.PARTS[0].name}")
    assert (answer.status_code, answer.mimetype) == (200, "font/woff2")
    assert answer.data[:4] == b"wOF2"
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
    assert screen.get("/fonts/../tablo.db").status_code == 404
    assert screen.get("/fonts/other.woff2").status_code == 404


def test_what_is_not_there_yet_is_made_in_the_background(made: Path, tmp_path: Path) -> None:
    there, missing = (part.name for part in fonts.PARTS)
    (tmp_path / "fonts").mkdir()
    shutil.copy(made / there, tmp_path / "fonts")
    fonts.begin(office(tmp_path).deps())
    until = time.monotonic() + 60
    while not fonts.ready(tmp_path / "fonts"):
        assert time.monotonic() < until, "the fonts did not come"
        time.sleep(0.1)
    assert (tmp_path / "fonts" / missing).stat().st_size > 1000
