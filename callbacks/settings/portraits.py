"""Portraits: an uploaded picture becomes a small square JPEG of our own making, with nothing else of the file in it."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 2 * 1024 * 1024
MIME = "image/jpeg"
SIDE = 400
# Bytes that a file of each kind begins with; anything else is not even opened.
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_FORMATS = ("JPEG", "PNG", "WEBP")
# A small file may unpack to a picture that fills the memory.
_MOST_PIXELS = 16_000_000
_QUALITY = 85
# Faces are above the middle of a portrait.
_CENTRE = (0.5, 0.35)
_BEHIND = (255, 255, 255)

Image.MAX_IMAGE_PIXELS = _MOST_PIXELS


def portrait(content: bytes) -> bytes | None:
    """The picture, upright and square, as a JPEG; None for what is no JPEG, PNG or WebP of a fair size."""
    if len(content) > MOST_BYTES or not content.startswith(_STARTS):
        return None
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            return _jpeg(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None


def _jpeg(picture: Image.Image) -> bytes:
    # A large JPEG need not be unpacked whole.
    picture.draft("RGB", (SIDE * 2, SIDE * 2))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    square = ImageOps.fit(upright, (SIDE, SIDE), centering=_CENTRE)
    opaque = Image.new("RGB", square.size, _BEHIND)
    opaque.paste(square, mask=square.getchannel("A"))
    out = io.BytesIO()
    opaque.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
