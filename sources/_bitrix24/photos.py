"""Photos of people: fetched once, kept beside the source, never asked for by a screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sources import SourceError
from sources._bitrix24.people import NO_PHOTO
from sources.http import CrmSession, never

_MOST_BYTES = 2 * 2**20
_SECONDS = 10.0
_AT_ONCE = 20
# What a file is, by its first bytes: a CRM's word for it is not taken.
_KINDS = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF8", "gif"), (b"RIFF", "webp"))


def fetch(
    session: CrmSession,
    photos: Mapping[str, str],
    folder: Path,
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Fetch the photos that are not here yet, some at a time; how many came. A photo that fails is left out."""
    place = folder / "photos"
    missing = [(user, url) for user, url in photos.items() if user.isdigit() and not any(place.glob(f"{user}.*"))]
    came = 0
    for user, url in missing[:_AT_ONCE]:
        if clock() >= deadline:
            break
        until = min(deadline, clock() + _SECONDS)
        picture = _picture(session, url, until)
        kind = next((name for start, name in _KINDS if picture.startswith(start)), None)
        place.mkdir(parents=True, exist_ok=True)
        # An empty file remembers that there is nothing to be had: a portal may show photos to logged-in people only.
        (place / (f"{user}.{kind}" if kind else f"{user}{NO_PHOTO}")).write_bytes(picture if kind else b"")
        came += kind is not None
    return came


def _picture(session: CrmSession, url: str, until: float) -> bytes:
    try:
        answer = session.request("GET", url, deadline=until, again=never, limit=_MOST_BYTES)
    except SourceError:
        return b""
    return answer.body if answer.ok else b""
