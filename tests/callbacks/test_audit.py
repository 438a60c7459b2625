"""The changes: searched by who, what, when and words, page by page, and downloaded without a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from callbacks.settings import audit as page
from layouts.settings.entry import EntryError
from layouts.text import Text
from storage import audit as log
from storage import db as store
from tests.callbacks.reading import classed, parts, words
from tests.desk.office import NOW, Office

ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(office: Office) -> Office:
    """Changes of three people on three days, the last of them nasty."""
    with store.write(office.deps.db) as conn:
        log.add(conn, "root", "setting", "language", "en", "uk", NOW - timedelta(days=2))
        log.add(conn, "olena", "person", "main:2", {"is_rep": False}, {"is_rep": True}, NOW - timedelta(days=1), "back")
        log.add(conn, '=cmd|"/c calc"', "setting", "=1+1", "-5", ["@x", "+y"], NOW, "\t=2")
    return office


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("?who=olena", ["Nikita Orlov"]),
        ("?what=setting", ["=1+1", "language"]),
        ("?who=-&what=-&text=", None),
        ("?from=2026-11-19&to=19.11.2026", ["Nikita Orlov"]),
        ("?to=2026-11-18&who=root", ["language"]),
        ("?text=NIKITA+back", ["Nikita Orlov"]),
        ("?text=коваль", ["Calls · Олена Коваль · Month"]),
        ("?text=nothing+like+that", []),
        ("?who=olena&text=language", []),
    ],
)
def test_changes_are_searched(told: Office, text: Text, search: str, found: list[str] | None) -> None:
    shown = page.page(told.deps, text, search)
    subjects = [words(part.children[1]) for part in parts(shown) if getattr(part, "className", "") == "who"]
    if found is None:
        assert len(subjects) > 4
    else:
        assert subjects == found
        assert ("No change fits the search." in words(shown)) is (found == [])


def test_a_day_that_cannot_be_read_is_told_and_nothing_is_shown(told: Office, text: Text) -> None:
    shown = page.page(told.deps, text, "?from=soon")
    assert classed(shown, "bad") == ["Write a day like 20.11.2026"]
    assert classed(shown, "audit") == []
    with pytest.raises(EntryError):
        page.export(told.deps, text, "?from=soon")


def test_a_search_goes_on_over_its_pages(told: Office, text: Text) -> None:
    with store.write(told.deps.db) as conn:
        for number in range(120):
            log.add(conn, "lead" if number % 2 else "root", "setting", f"key {number}", None, number, NOW)
    search, seen = "?who=lead&text=key", list[str]()
    while search:
        shown = page.page(told.deps, text, search)
        seen += re.findall(r"key \d+", words(shown))
        older = [part.href for part in parts(shown) if "before=" in str(getattr(part, "href", ""))]
        search = older[0].removeprefix("/settings/audit") if older else ""
    assert seen == [f"key {number}" for number in range(119, 0, -2)]


def test_the_download_holds_the_search_whole_and_no_formula(told: Office, text: Text) -> None:
    long = "x" * 500
    with store.write(told.deps.db) as conn:
        log.add(conn, "root", "setting", "long", None, long, NOW)
    rows = list(csv.reader(io.StringIO(page.export(told.deps, text, "?what=setting").removeprefix("\ufeff"))))
    assert rows[0] == ["When", "Who", "What", "About", "Before", "After", "Note"]
    assert [row[3] for row in rows[1:]] == ["long", "'=1+1", "language"]
    assert rows[1][5] == long
    assert rows[2] == [
        "2026-11-20 14:26:00+02:00", "'=cmd|\"/c calc\"", "Setting", "'=1+1", "'-5", "'@x; +y", "'\t=2",
    ]  # fmt: skip
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@")]


def test_every_kind_of_change_has_a_word(office: Office) -> None:
    sources = [
        path.read_text("utf-8") for room in ("storage", "jobs", "commands") for path in (ROOT / room).rglob("*.py")
    ]
    kinds = {kind for text in sources for kind in re.findall(r'audit\.add\(\s*conn,\s*[\w."]+,\s*"([^"]+)"', text)}
    assert len(kinds) > 8
    assert kinds <= set(page._KINDS)
