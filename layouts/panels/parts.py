"""Small drawings that several panels share: headings, faces, bars, woven sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from domain.board import Progress, Status
from layouts import format

# The screen's palette of faces has so many colours (`face-0` … in the CSS).
_FACES = 12
_LONGEST = 18
# A photo that the office has uploaded.
_UPLOADED = re.compile(r"portraits/\d+", re.ASCII)
# A photo that a source has fetched into its folder.
_FETCHED = re.compile(r"photos/([\w-]+\.(?:jpg|png|gif|webp))", re.ASCII)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
TONES = {
    Status.AHEAD: "ahead",
    Status.MET: "met",
    Status.BEHIND: "behind",
    Status.FAR_BEHIND: "far",
    Status.NO_TARGET: "none",
    Status.TOO_EARLY: "none",
}
# Never by colour alone: the sign says the same.
SIGNS = {"ahead": "▲", "met": "✓", "behind": "▼", "far": "▼▼", "none": ""}


@dataclass(frozen=True, slots=True)
class Face:
    """A person's picture: a photo of ours, or initials on a colour that stays theirs."""

    letters: str
    tone: int
    photo: str | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Shares 0 to 1 as CSS numbers: how much is done, and where one should be by now (None = no mark)."""

    done: str
    mark: str | None
    tone: str


def face(rep: str, name: str, photo: str | None) -> Face:
    """The face of a rep; a photo elsewhere on the net is not asked for."""
    fetched = _FETCHED.fullmatch(photo or "")
    if fetched:
        photo = f"/photos/{quote(rep.partition(':')[0], safe='')}/{fetched[1]}"
    elif _UPLOADED.fullmatch(photo or ""):
        photo = f"/{photo}"
    ours = photo if photo and photo.startswith(("/", "data:image/")) and not photo.startswith("//") else None
    tone = int.from_bytes(blake2b(rep.encode(), digest_size=2).digest()) % _FACES
    return Face(format.initials(name), tone, ours)


def bar(progress: Progress, best: Decimal | None = None) -> Bar:
    """The bar of a progress. Without a target its length is the share of the `best` in the room."""
    if progress.target is None:
        return Bar(share(progress.actual, best), None, "none")
    if progress.target == 0:
        return Bar("1", None, TONES[progress.status])
    return Bar(share(progress.actual, progress.target), share(progress.expected, progress.target), tone(progress))


def tone(progress: Progress) -> str:
    """The class of a verdict."""
    return TONES[progress.status]


def share(part: Decimal | None, whole: Decimal | None) -> str:
    """A quotient between 0 and 1 for the CSS; 0 where there is none."""
    if part is None or not whole:
        return "0"
    return f"{max(Decimal(0), min(Decimal(1), part / whole)):.4f}"


def plain(value: Decimal | None) -> str:
    """A number for `data-value`: digits, a point, nothing else; empty when not known."""
    return "" if value is None else f"{value.normalize():f}"


def size(figure: str) -> str:
    """The class by which the CSS chooses how large so many characters may be."""
    return f"len-{min(len(figure), _LONGEST)}"


def heading(title: str, subtitle: str) -> Component:
    """A panel's title and what it is about."""
    return html.Header([html.H1(title), html.P(subtitle, className="about")], className="title")


def draw_face(shown: Face) -> Component:
    """Initials, and the photo over them once it is there."""
    photo = html.Img(src=shown.photo, alt="") if shown.photo else None
    return html.Span([shown.letters, photo], className=f"face face-{shown.tone}", role="presentation")


def draw_bar(shown: Bar) -> Component:
    """A bar with its pace mark; both lengths are custom properties, so that only transforms move."""
    mark = html.S(style={"--p": shown.mark}) if shown.mark else None
    fill = html.Span(html.I(style={"--a": shown.done}), className="track")
    return html.Span([fill, mark], className=f"bar {shown.tone}")


def person(name: str) -> Component:
    """A name in its own writing direction, which cannot turn around what stands beside it."""
    return html.Bdi(name)


def signed(tone: str, words: str) -> str:
    """Words behind the sign of their tone."""
    return f"{SIGNS[tone]} {words}".strip()


def woven(message: str, **parts: Component | str) -> list[Component | str]:
    """A translated message whose placeholders become components, in the order of the language."""
    pieces: list[Component | str] = []
    for position, piece in enumerate(_PLACEHOLDER.split(message)):
        if piece:
            pieces.append(parts[piece] if position % 2 else piece)
    return pieces
