"""QR codes as SVG, by segno."""

from __future__ import annotations

import io

import segno

# White around the code, in modules, as the norm asks for.
_QUIET = 4


def svg(address: str) -> bytes:
    """The code of an address, dark on nothing: the CSS lays it on light ground, as cameras need it."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=_QUIET, omitsize=True)
    return drawn.getvalue()


def data_uri(address: str) -> str:
    """The same for the `src` of an image, where no address may hold it."""
    return segno.make_qr(address, error="m").svg_data_uri(border=_QUIET, omitsize=True)
