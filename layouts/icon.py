"""The icon of the installed page: a scoreboard of three bars, drawn point by point into a PNG."""

from __future__ import annotations

import struct
import zlib
from functools import cache

SIZES = (180, 192, 512)
# As parts of the icon's size: the left end, the middle line and the length of each bar, and how thick they are. They
# stay inside the circle that a phone may cut out.
_BARS = ((0.24, 0.34, 0.52), (0.24, 0.5, 0.4), (0.24, 0.66, 0.26))
_THICK = 0.105
_GROUND, _SHADE = (18, 28, 62), (8, 13, 28)
_BAR_COLOURS = ((255, 215, 102), (53, 214, 155), (127, 155, 224))

Colour = tuple[int, int, int]


@cache
def png(size: int) -> bytes:
    """The icon of so many points a side; without rounded corners, which each phone cuts itself."""
    rows = b"".join(b"\0" + _row(size, y) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b""))
    )


def _row(size: int, y: int) -> bytes:
    ground = _mixed(_GROUND, _SHADE, y / (size - 1))
    points = [ground] * size
    for (left, middle, length), colour in zip(_BARS, _BAR_COLOURS, strict=True):
        for x, cover in _covered(size, y, left, middle, length):
            points[x] = _mixed(points[x], colour, cover)
    return b"".join(bytes(point) for point in points)


def _covered(size: int, y: int, left: float, middle: float, length: float) -> list[tuple[int, float]]:
    """The points of a row that a bar with round ends covers, and how much of each."""
    radius, line = _THICK / 2 * size, middle * size
    first, last = left * size + radius, (left + length) * size - radius
    down = y + 0.5 - line
    if abs(down) > radius + 1:
        return []
    found = []
    for x in range(int(first - radius) - 1, int(last + radius) + 2):
        nearest = min(max(x + 0.5, first), last)
        cover = radius - ((x + 0.5 - nearest) ** 2 + down**2) ** 0.5 + 0.5
        if cover > 0:
            found.append((x, min(1.0, cover)))
    return found


def _mixed(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
