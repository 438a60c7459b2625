"""Photos for the wall: what a source fetched, to those who may see the wall."""

from __future__ import annotations

from pathlib import Path

import pytest

from layouts.html import write
from layouts.panels.parts import draw_face, face
from tests.desk.office import Office, furnish

PNG = b"\x89PNG\r\n\x1a\n and so on"
FAR = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office whose source `main` has one photo."""
    place = tmp_path / "sources" / "main" / "photos"
    place.mkdir(parents=True)
    (place / "1.png").write_bytes(PNG)
    (place / "2.png").write_bytes(b"<script>alert(1)</script>")
    return furnish(tmp_path)


def test_a_photo_is_served_as_what_it_is_and_kept_for_a_day(office: Office) -> None:
    answer = office.server.test_client().get("/photos/main/1.png")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_picture_or_not_there_is_nothing(office: Office) -> None:
    client = office.server.test_client()
    for path in ("main/2.png", "main/3.png", "main/..%2f..%2ftablo.db", "other/1.png", "main/1.PNG"):
        assert client.get(f"/photos/{path}").status_code == 404


def test_a_stranger_sees_no_photo(office: Office) -> None:
    assert office.server.test_client().get("/photos/main/1.png", environ_base=FAR).status_code in (302, 401)
    assert office.login().get("/photos/main/1.png", environ_base=FAR).status_code == 200


def test_the_wall_asks_for_the_photo_of_a_person_at_this_address(office: Office) -> None:
    shown = face("main:1", "Olena Koval", "photos/1.png")
    assert shown.photo == "/photos/main/1.png"
    assert 'OK<img alt="" src="/photos/main/1.png">' in write(draw_face(shown))
    assert office.server.test_client().get(shown.photo).status_code == 200
    assert face("a b%:1", "Olena", "photos/1.png").photo == "/photos/a%20b%25/1.png"


@pytest.mark.parametrize(
    "photo", [None, "", "photos/../1.png", "photos/1.svg", "https://e.example/1.png", "//e.example/1.png"]
)
def test_any_other_word_for_a_photo_leaves_the_initials(photo: str | None) -> None:
    shown = face("main:1", "Olena Koval", photo)
    assert (shown.letters, shown.photo) == ("OK", None)
