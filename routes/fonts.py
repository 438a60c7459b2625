"""Fonts: Inter cut down to Latin and Cyrillic once, in the background, and served from the data directory."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import fontpkg_inter
from flask import Flask, Response, abort, send_from_directory
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from deps import Deps

_LOG = logging.getLogger("tablo.fonts")
_SOURCE = Path(fontpkg_inter.__file__).parent / "files" / "Inter[opsz,wght].ttf"
# The weights that the CSS asks for, and the optical size for large text.
_WEIGHTS = (450, 850)
_SIZE = 32
_FOR_A_YEAR = 31_536_000
# Digits of one width, and the marks that letters carry.
_FEATURES = ["kern", "tnum", "calt", "ccmp", "locl", "mark", "mkmk"]


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its name, and the CSS `unicode-range` of the letters in it."""

    name: str
    range: str


PARTS = (
    Part(
        "inter-1-latin.woff2",
        "U+0020-007E, U+00A0-00FF, U+0131, U+0141-0144, U+0152-0153, U+015A-015B, U+0160-0161, U+0178-017E, "
        "U+2010-2015, U+2018-201E, U+2020-2022, U+2026, U+202F, U+2030, U+2032-2033, U+20AA, U+20AC, U+20B8, "
        "U+20BA, U+20BE, U+2190-2193, U+2212, U+2605, U+25B2, U+25BC, U+2713",
    ),
    Part("inter-1-cyrillic.woff2", "U+0301, U+0400-045F, U+0490-0493, U+0497, U+049B, U+20B4, U+20BD, U+2116"),
)


def register(server: Flask, deps: Deps) -> None:
    """Serve the fonts, as soon as they are there."""
    folder = deps.config.data_dir / "fonts"

    @server.get("/fonts/<path:name>")
    def font(name: str) -> Response:
        if name not in {part.name for part in PARTS}:
            abort(404)
        response = send_from_directory(folder, name, mimetype="font/woff2", max_age=_FOR_A_YEAR)
        response.headers["Cache-Control"] = f"public, max-age={_FOR_A_YEAR}, immutable"
        return response


def begin(deps: Deps) -> None:
    """Make the fonts in the background where they are not there yet."""
    folder = deps.config.data_dir / "fonts"
    if not ready(folder):
        threading.Thread(target=_make_or_say, args=(folder,), name="fonts", daemon=True).start()


def ready(folder: Path) -> bool:
    """Whether every part has been made."""
    return all((folder / part.name).exists() for part in PARTS)


def faces(deps: Deps) -> str:
    """The CSS that names the fonts; empty until they are there, and screens then use their own."""
    if not ready(deps.config.data_dir / "fonts"):
        return ""
    low, high = _WEIGHTS
    return "".join(
        f"@font-face{{font-family:Inter;src:url(/fonts/{part.name}) format('woff2');font-weight:{low} {high};"
        f"font-display:swap;unicode-range:{part.range}}}"
        for part in PARTS
    )


def make(folder: Path) -> None:
    """Cut the fonts into the folder; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if not (folder / part.name).exists():
            _cut(part, folder / part.name)


def codepoints(part: Part) -> set[int]:
    """The letters of a part, from its CSS range."""
    found: set[int] = set()
    for piece in part.range.replace("U+", "").split(", "):
        first, _, last = piece.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def _make_or_say(folder: Path) -> None:
    try:
        make(folder)
    except OSError as problem:
        _LOG.warning("The fonts could not be written to %s, so screens use their own: %s", folder, problem)


def _cut(part: Part, target: Path) -> None:
    options = Options(layout_features=_FEATURES, notdef_outline=True, hinting=False, desubroutinize=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codepoints(part))
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    with TTFont(_SOURCE, lazy=True) as whole:
        subsetter.subset(whole)
        with instantiateVariableFont(whole, {"opsz": _SIZE, "wght": _WEIGHTS}) as font:
            font.flavor = "woff2"
            font.save(name)
    os.chmod(name, 0o644)
    os.replace(name, target)
