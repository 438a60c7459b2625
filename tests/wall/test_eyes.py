"""What eyes can make of the wall: contrast, colour-blindness, and how large letters are at five metres."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from layouts.panels.parts import SIGNS
from layouts.wall import ASSETS
from tests import boards
from tests.wall import colours
from tests.wall.office import office
from tests.wall.screen import watching

THEMES = colours.themes()
STATUS = ("ahead", "behind", "far", "none")
WORDS = ("ink", "soft", "gold", "met", *STATUS)
# Where words stand: the page's ground with its two glows, cards, and their lighter upper end.
GROUNDS = ("night", "glow-left", "glow-right", "card")
# WCAG: ordinary text, and letters as large as all of the wall's are.
ENOUGH, ENOUGH_WHEN_LARGE = 4.5, 3.0
# A dimmed wall is seen through a veil of black.
VEIL = 0.36
# CIE76; 2.3 is just noticed.
APART = 15

# A television of 43 inches (16:9), seen from five metres.
SCREEN_MM = 43 * 25.4 * 9 / math.hypot(16, 9)
AWAY_MM = 5000
# Height of a capital letter or a digit in Inter, as part of the font size.
CAPITAL = 0.727
# Minutes of arc. Who sees 20/20 reads a letter of 5; ISO 9241-303 asks for 16 where one reads without effort.
# A driver may see half as well as that.
READABLE, AT_EASE, COMFORTABLE = 5.0, 10.0, 16.0


def grounds(theme: str) -> list[str]:
    known = THEMES[theme]
    top = known["card-top"]
    return [*(known[name] for name in GROUNDS), colours.mixed(top[:7], known["card"], int(top[7:], 16) / 255)]


def arc_minutes(font_px: float, lines: int = 1080) -> float:
    """The angle under which a capital letter of that size is seen."""
    return math.degrees(math.atan(font_px / lines * SCREEN_MM * CAPITAL / AWAY_MM)) * 60


def test_both_themes_know_the_same_colours() -> None:
    assert set(THEMES["dark"]) == set(THEMES["light"])


@pytest.mark.parametrize("theme", THEMES)
def test_every_word_stands_out_from_every_ground(theme: str) -> None:
    for word in WORDS:
        for ground in grounds(theme):
            assert colours.contrast(THEMES[theme][word], ground) >= ENOUGH, (word, ground)
    on_face = THEMES[theme]["on-face"]
    styles = (ASSETS / "wall.css").read_text(encoding="utf-8")
    faces = [line.split("#")[1][:6] for line in styles.split(".face-")[1:]]
    assert len(faces) == 12
    assert all(colours.contrast(on_face, f"#{face}") >= ENOUGH for face in faces)


def test_a_dimmed_wall_can_still_be_read() -> None:
    # The glows go out with the light.
    glows = (THEMES["dark"]["glow-left"], THEMES["dark"]["glow-right"])
    lit = [ground for ground in grounds("dark") if ground not in glows]
    for word in WORDS:
        for ground in lit:
            seen = [colours.mixed("#000000", colour, VEIL) for colour in (THEMES["dark"][word], ground)]
            assert colours.contrast(*seen) >= ENOUGH_WHEN_LARGE, (word, ground)


@pytest.mark.parametrize("eyes", colours.EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_colour_blind_eyes_tell_the_verdicts_apart(theme: str, eyes: str) -> None:
    for one, other in combinations(STATUS, 2):
        apart = colours.distance(THEMES[theme][one], THEMES[theme][other], eyes)
        assert apart >= APART, (one, other, round(apart))


def test_the_verdicts_are_told_by_a_sign_too() -> None:
    signs = [SIGNS[tone] for tone in STATUS]
    assert len(set(signs)) == len(signs)


@pytest.mark.browser
def test_letters_are_large_enough_at_five_metres(chromium: Browser, data_dir: Path) -> None:
    wanted = {
        ".panel .fact, .glance .figure b": COMFORTABLE,
        ".head .pct, .glance .pct, .podium .sum, .names > span, .clock": AT_EASE,
        ".name, .say b, .said b, .rep .num b, .row .sum, .row .pct, .fresh": READABLE * 1.2,
        "#wall *": READABLE,
    }
    sizes = "query => [...document.querySelectorAll(query)].map((node) => parseFloat(getComputedStyle(node).fontSize))"
    for reps in (3, 12, 40):
        with watching(chromium, office(data_dir, boards.board(reps))) as (screen, _):
            for query, least in wanted.items():
                smallest = min(screen.page.evaluate(sizes, query))
                assert arc_minutes(smallest) >= least, (reps, query, smallest)
