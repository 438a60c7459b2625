"""The frame and the pages that only show: sources and changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callbacks.settings import audit, frame, sources
from callbacks.settings.visitor import Seat
from domain.board import SourceHealth
from domain.facts import Batch, Kind, Problem
from layouts.text import Text
from storage import audit as log
from storage import db as store
from storage import facts
from storage import sources as stored
from storage.users import User
from tests.callbacks.reading import classed, parts, words
from tests.desk.office import NOW, Office


def open_page(office: Office, text: Text, address: str | None, admin: bool = False) -> str:
    user = User(1, "x", "admin" if admin else "team_lead", False, NOW)
    return words(frame.open_page(office.deps, text, Seat(user, ""), address, ""))


@pytest.mark.parametrize("address", ["/settings/", "/settings", "/settings/targets", None, ""])
def test_the_desk_opens_with_the_targets(office: Office, text: Text, address: str | None) -> None:
    assert "Targets" in open_page(office, text, address)


def test_an_address_without_a_page_says_so(office: Office, text: Text) -> None:
    assert "There is no such page" in open_page(office, text, "/settings/../etc")


def test_only_an_administrator_sees_the_sources(office: Office, text: Text) -> None:
    assert open_page(office, text, "/settings/sources") == "Only an administrator sees this page"
    assert "main" in open_page(office, text, "/settings/sources", admin=True)


def test_nobody_is_given_an_empty_frame(office: Office) -> None:
    with office.server.test_request_context("/settings/"):
        assert parts(frame.draw(office.deps))[1:] == []


def test_a_source_is_told_in_plain_words(office: Office, text: Text) -> None:
    problems = [Problem("row", "calls.csv:7", "Write the day as 2026-11-20.", 3)]
    batch = Batch([], "c", NOW, problems=problems, missing={Kind.EMAIL: "the webhook lacks `mail`"})
    facts.apply(office.deps.db, 1, batch, settings=office.deps.settings())
    page = sources.page(office.deps, text, None)
    assert classed(page, "state") == ["Up to date"]
    said = words(page)
    assert "Complete up to 20 Nov 2026, 14:26." in said
    assert "calls.csv:7" in said
    assert "Write the day as 2026-11-20." in said
    assert "Emails" in said
    assert "the webhook lacks `mail`" in said
    office.clock.turn(timedelta(hours=2))
    assert classed(sources.page(office.deps, text, None), "state") == ["Out of date"]


def test_a_source_that_has_to_log_in_again_says_that_and_what_to_do(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        stored.failed(conn, 1, NOW, 1, SourceHealth.NEEDS_LOGIN, "Make a new webhook.")
    page = sources.page(office.deps, text, None)
    assert classed(page, "state") == ["Needs a new login"]
    assert "Make a new webhook." in words(page)


def test_changes_are_listed_with_names_newest_first_and_page_by_page(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        for number in range(60):
            log.add(conn, "root", "setting", f"key {number}", None, number, NOW)
        log.add(conn, "root", "person", "main:1", {"is_rep": None}, {"is_rep": True}, NOW, "welcome")
    newest = audit.page(office.deps, text, "")
    assert "Олена Коваль" in words(newest)
    assert "welcome" in words(newest)
    assert "is_rep: true" in words(newest)
    older = [part.href for part in parts(newest) if getattr(part, "href", None)]
    assert len(older) == 1
    last = audit.page(office.deps, text, older[0].partition("?")[2])
    assert "Calls · Олена Коваль · Month" in words(last)
    assert [part.href for part in parts(last) if getattr(part, "href", None)] == []


@pytest.mark.parametrize("search", ["?before=x", "?before=99999999999999", "?before=-1", None])
def test_a_page_of_changes_that_does_not_exist_is_the_newest(office: Office, text: Text, search: str | None) -> None:
    assert "Calls · Олена Коваль · Month" in words(audit.page(office.deps, text, search))
