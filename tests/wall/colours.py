"""Colours as eyes see them: contrast, distance, and what a colour-blind person makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from layouts.wall import ASSETS

Light = tuple[float, float, float]
# Machado, Oliveira and Fernandes (2009): what the three kinds of total colour-blindness make of linear RGB.
EYES: Mapping[str, tuple[Light, Light, Light]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
# sRGB to XYZ, and the white of D65.
_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.95047, 1.0, 1.08883)


def themes() -> dict[str, dict[str, str]]:
    """The colours of each theme by the names of their custom properties, without the dashes."""
    found = {}
    for theme, file, start in (("dark", "wall.css", ":root {"), ("light", "calm.css", ':root[data-theme="light"] {')):
        block = (ASSETS / file).read_text(encoding="utf-8").split(start)[1].split("}")[0]
        found[theme] = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6,8}|[^;]+);", block))
    return found


def linear(colour: str) -> Light:
    """`#rrggbb` as linear light, 0 to 1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def mixed(over: str, under: str, part: float) -> str:
    """One colour laid over another, as a browser does it."""
    pairs = [(int(over[place : place + 2], 16), int(under[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(top * part + bottom * (1 - part)):02x}" for top, bottom in pairs)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast, 1 to 21."""
    lights = sorted(_times(_XYZ, linear(colour))[1] for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def distance(one: str, other: str, eyes: str) -> float:
    """How far apart two colours are for these eyes (CIE76; 2.3 is just noticed)."""
    first, second = (_lab(_times(EYES[eyes], linear(colour))) for colour in (one, other))
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


def _times(matrix: tuple[Light, Light, Light], light: Light) -> Light:
    first, second, third = (min(1.1, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in matrix)
    return first, second, third


def _lab(light: Light) -> Light:
    ratios = [part / white for part, white in zip(_times(_XYZ, light), _WHITE, strict=True)]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
