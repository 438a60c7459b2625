"""The corrections page: what changed afterwards, told in words, searched, downloaded, and only to whom it concerns."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from callbacks.settings import corrections, numbers
from domain.facts import Batch, Change, Fact, Kind
from domain.reach import WHOLE, Reach
from layouts.text import LANGUAGES, Text
from storage import facts
from tests.callbacks.reading import Tree, parts, words
from tests.desk.office import NOW, Office

NORTH, SOUTH = Reach(frozenset({"main:n"})), Reach(frozenset({"main:s"}))
LAST_WEEK = NOW - timedelta(days=8)


@pytest.fixture(autouse=True)
def changed(office: Office) -> None:
    """Dasha's deal goes to Nikita, Olena's becomes smaller, and another one of hers is deleted."""
    tell(office, win(1, "3", 1), win(2, "1", 1), win(3, "1", 1))
    tell(office, win(1, "2", 2), win(2, "1", 2, "750.5"), Change("deal:3", (), 2))


def tell(office: Office, *changes: Change) -> None:
    batch = Batch(changes, "c", NOW)
    # The first of them are read before anything is news.
    live = NOW if changes[0].revision > 1 else None
    facts.apply(office.deps.db, 1, batch, settings=office.deps.settings(), live_at=live)


def win(number: int, rep: str, revision: int, amount: str = "1000") -> Change:
    fact = Fact(Kind.DEAL_WON, LAST_WEEK, rep, amount=Decimal(amount), currency="UAH", title=f"=Deal {number}",
                customer="Bakery")  # fmt: skip
    return Change(f"deal:{number}", (fact,), revision, url=f"https://crm.example/deal/{number}")


def page(office: Office, text: Text, search: str = "", reach: Reach = WHOLE) -> str:
    return words(corrections.page(office.deps, text, search, reach))


def rows(tree: Tree) -> list[list[str]]:
    found = [part for part in parts(tree) if type(part).__name__ == "Tr"]
    return [[words(cell) for cell in row.children] for row in found[1:]]


def test_each_correction_says_what_it_was_and_what_it_is(office: Office, text: Text) -> None:
    told = {row[2].split(" | ")[0]: row for row in rows(corrections.page(office.deps, text, None))}
    assert told["=Deal 1"][1:2] == ["given to another"]
    assert told["=Deal 1"][3:] == ["Dasha Lewis", "12 Nov 2026", "Dasha Lewis", "Nikita Orlov", "the CRM does not say"]
    assert told["=Deal 2"][1] == "another amount"
    assert told["=Deal 2"][5:7] == ["₴1,000", "₴750.5"]
    assert told["=Deal 3"][1] == "deleted"
    assert told["=Deal 3"][5:7] == ["Олена Коваль, 12 Nov 2026, ₴1,000", "nothing"]


def test_a_correction_leads_to_the_number_and_into_the_crm(office: Office, text: Text) -> None:
    links = [part.href for part in parts(corrections.page(office.deps, text, None)) if getattr(part, "href", None)]
    assert "https://crm.example/deal/1" in links
    figures = [link for link in links if link.startswith("/settings/numbers")]
    assert len(figures) == 3
    shown = numbers.page(office.deps, text, figures[0].partition("?")[2])
    assert "There is no such figure" not in words(shown)
    back = [part.href for part in parts(shown) if "/settings/corrections" in str(getattr(part, "href", ""))]
    assert "Deal" in page(office, text, back[0].partition("?")[2])


@pytest.mark.parametrize(
    ("search", "deals"),
    [
        ("?person=main%3A3", {1}),
        ("?person=main%3A2", {1}),
        ("?person=main%3A1", {2, 3}),
        ("?kind=deleted", {3}),
        ("?month=2026-11&kind=amount", {2}),
        ("?month=2026-10", set()),
        ("?month=x&kind=x&person=-", {1, 2, 3}),
        ("?before=2", {1}),
    ],
)
def test_they_are_searched_by_person_kind_and_month(office: Office, text: Text, search: str, deals: set[int]) -> None:
    said = page(office, text, search)
    assert {number for number in (1, 2, 3) if f"=Deal {number}" in said} == deals


def test_a_lead_of_own_teams_is_told_of_these_and_no_other_name(office: Office, text: Text) -> None:
    said = page(office, text, "", SOUTH)
    assert "=Deal 1" in said
    assert "=Deal 2" not in said
    assert "somebody of another team" in said
    assert not [name for name in ("Nikita", "Олена", "main:2") if name in said]
    file = corrections.export(office.deps, text, "?person=main%3A2", SOUTH)
    assert "Deal" not in file
    assert "Nikita" not in corrections.export(office.deps, text, "", SOUTH)
    assert "Dasha" not in page(office, text, "", NORTH)


def test_the_download_holds_all_of_it_and_no_formula(office: Office, text: Text) -> None:
    table = list(csv.reader(io.StringIO(corrections.export(office.deps, text, "?kind=amount").removeprefix("\ufeff"))))
    assert [len(row) for row in table] == [8, 8]
    assert table[1][2] == "'=Deal 2 · Bakery · main"
    assert table[1][5:7] == ["₴1,000", "₴750.5"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_every_language(office: Office, language: str) -> None:
    assert "=Deal 3" in page(office, Text(language), "?kind=deleted")
