"""Photos of people out of a source's folder: only what is a picture by its bytes, under a plain name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from jobs.house import House, folder
from storage import db as store
from storage import sources as connections

_NAME = re.compile(r"[\w-]{1,80}\.(?:jpg|png|gif|webp)", re.ASCII)
_PHOTOS = "photos"
_MOST_BYTES = 2 * 2**20
_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))


def photo(house: House, source: str, name: str) -> tuple[bytes, str] | None:
    """The bytes of a photo and what they are (`image/png`); None where there is none that may be shown."""
    if not _NAME.fullmatch(name):
        return None
    with store.read(house.db) as conn:
        if source not in {row.name for row in connections.every(conn)}:
            return None
    picture = _read(folder(house, source) / _PHOTOS / name)
    kind = _kind(picture)
    return None if kind is None else (picture, kind)


def keep_alone(house: House, source: str) -> None:
    """Remove everything in a source's folder but its photos."""
    place = folder(house, source)
    for each in place.iterdir() if place.is_dir() else ():
        if each.is_dir() and each.name != _PHOTOS:
            shutil.rmtree(each, ignore_errors=True)
        elif not each.is_dir():
            each.unlink(missing_ok=True)


def sweep(house: House) -> None:
    """Remove the photos of sources that are no more: a read under way may have fetched some after it was removed."""
    places = [path.parent for path in (house.config.data_dir / "sources").glob(f"*/{_PHOTOS}")]
    with store.read(house.db) as conn:
        known = {folder(house, row.name) for row in connections.every(conn)}
    for place in places:
        if place not in known:
            shutil.rmtree(place / _PHOTOS, ignore_errors=True)


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return b""
    return path.read_bytes()


def _kind(picture: bytes) -> str | None:
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS if picture.startswith(start)), None)
