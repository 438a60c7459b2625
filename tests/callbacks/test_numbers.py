"""The numbers page and one figure's page: what is told adds up, and nobody is told of another team's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from callbacks.settings import numbers
from domain.facts import Batch, Change, Fact, Kind
from domain.metrics import METRICS
from domain.reach import WHOLE, Reach
from domain.settings import PeriodKind
from layouts.text import Text
from storage import db as store
from storage import facts, targets
from storage.targets import NewTarget
from tests.callbacks.reading import Tree, classed, parts, words
from tests.desk.office import NOW, Office

SOUTH = Reach(frozenset({"main:s"}))


@pytest.fixture(autouse=True)
def busy(office: Office) -> None:
    """Deals of three people: one in euros without a rate, one with an address that no page may lead to."""
    urls = ("https://crm.example/deal/0", "javascript:alert(1)", "http://crm.example/deal/2", None)
    changes = [win(n, str(1 + n % 3), NOW - timedelta(days=n), urls[n % 4]) for n in range(8)]
    facts.apply(office.deps.db, 1, Batch(changes, "d", NOW), settings=office.deps.settings())


def win(number: int, rep: str, when: datetime, url: str | None) -> Change:
    currency = "EUR" if number == 5 else "UAH"
    fact = Fact(Kind.DEAL_WON, when, rep, amount=Decimal(100 * number), currency=currency, title=f"=Deal {number}",
                customer="<b>Bakery</b>")  # fmt: skip
    return Change(f"deal:{number}", (fact,), 1, url=url)


def open_page(office: Office, text: Text, reach: Reach = WHOLE, **query: str) -> Tree:
    return numbers.page(office.deps, text, "?" + urlencode({"period": "month", "day": "2026-11-20"} | query), reach)


def figure(office: Office, text: Text, metric: str, scope: str = "company", key: str = "", **more: Any) -> Tree:
    return open_page(office, text, metric=metric, scope=scope, key=key, **more)


def roles(tree: Tree) -> Mapping[str, str]:
    """What stands in the elements that say what they are."""
    found = {}
    for part in parts(tree):
        said = part.to_plotly_json()["props"] if hasattr(part, "to_plotly_json") else {}
        if "data-role" in said:
            found[said["data-role"]] = str(part.children)
    return found


def links(tree: Tree) -> list[str]:
    return [part.href for part in parts(tree) if getattr(part, "href", None)]


def test_every_figure_of_the_table_leads_to_its_explanation(office: Office, text: Text) -> None:
    table = open_page(office, text, metrics="all")
    found = [link for link in links(table) if "metric=" in link]
    # The company, two teams and three managers.
    assert len(found) == 6 * len(METRICS)
    for link in found:
        shown = numbers.page(office.deps, text, link.partition("?")[2], WHOLE)
        assert "There is no such figure" not in words(shown), link
        said = roles(shown)
        if "productive" not in link and said["actual"] != "–" and "average" not in link and "win_rate" not in link:
            assert said.get("sum", said["actual"]) == said["actual"], link


def test_the_page_of_a_sum_of_money_tells_amounts_what_is_left_out_and_the_way_into_the_crm(
    office: Office, text: Text
) -> None:
    shown = figure(office, text, "deals_won_amount")
    assert roles(shown)["sum"] == roles(shown)["actual"] == "₴2,300"
    said = words(shown)
    assert "All 7 records together" in said
    assert "1 record of €500: there is no rate from EUR to UAH for its day." in said
    assert "no rate" in said
    assert "Олена Коваль" in said
    outwards = [part for part in parts(shown) if getattr(part, "target", None)]
    assert [part.href for part in outwards] == ["https://crm.example/deal/0"] * 2
    assert {part.rel for part in outwards} == {"noopener noreferrer"}


def test_what_is_dated_ahead_is_left_out_and_named(office: Office, text: Text) -> None:
    batch = Batch([win(40, "1", NOW + timedelta(days=3), None)], "f", NOW)
    facts.apply(office.deps.db, 1, batch, settings=office.deps.settings())
    shown = figure(office, text, "deals_won_amount")
    assert roles(shown)["sum"] == roles(shown)["actual"] == "₴2,300"
    assert "1 record dated ahead: it counts when its day comes." in words(shown)
    assert "=Deal 40" not in words(shown)


def test_a_ratio_shows_both_of_its_parts(office: Office, text: Text) -> None:
    shown = figure(office, text, "average_deal", "rep", "main:1")
    assert classed(shown, "formula") == ["Won deals, amount ₴900 ÷ Won deals 3 = ₴300"]
    assert roles(shown)["actual"] == "₴300"
    tabs = [link for link in links(shown) if "part=" in link]
    assert len(tabs) == 2
    counted = numbers.page(office.deps, text, tabs[1].partition("?")[2], WHOLE)
    assert roles(counted)["sum"] == "3"


def test_the_plan_tells_who_set_it_and_the_days_add_up_to_it(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        raised = NewTarget("calls", "rep", "main:1", PeriodKind.MONTH, Decimal(420), date(2026, 11, 16),
                           date(2026, 11, 30))  # fmt: skip
        targets.add(conn, [raised], "root", NOW, "more leads")
    shown = figure(office, text, "calls", "rep", "main:1")
    said = words(shown)
    for each in ("420", "root", "more leads", "replaced by a later one", "holds", "lead", "working day", "day off"):
        assert each in said, each
    known = roles(shown)
    assert known["target"] == known["target-sum"] == "420"
    assert known["expected"] == known["expected-sum"]
    assert "Place 1 of 3." in said


def test_a_sum_of_targets_names_those_that_it_is_made_of(office: Office, text: Text) -> None:
    shown = figure(office, text, "calls")
    assert roles(shown)["shares"] == roles(shown)["target"] == "400"
    assert [link for link in links(shown) if "key=main%3A1" in link]
    assert "3 records of people who are not known to sell. Say on the People page who does." in words(shown)
    assert "of 3" in words(shown)


def test_records_are_turned_page_by_page(office: Office, text: Text) -> None:
    many = [Change(f"email:{n}", (Fact(Kind.EMAIL, NOW - timedelta(minutes=n), "1"),), 1) for n in range(60)]
    facts.apply(office.deps.db, 1, Batch(many, "e", NOW), settings=office.deps.settings())
    first = figure(office, text, "emails", "rep", "main:1")
    older = [link for link in links(first) if "after=" in link]
    assert len(older) == 1
    last = numbers.page(office.deps, text, older[0].partition("?")[2], WHOLE)
    assert roles(last)["sum"] == roles(first)["sum"] == "60"
    assert len([part for part in parts(last) if type(part).__name__ == "Tr"]) < 60
    assert "Back to the newest" in words(last)


@pytest.mark.parametrize(
    "query",
    [
        {"metric": "calls", "scope": "rep", "key": "main:99"},
        {"metric": "calls", "scope": "rep", "key": "main:4"},
        {"metric": "calls", "scope": "team", "key": "main:x"},
        {"metric": "calls", "scope": "team"},
    ],
)
def test_a_figure_that_is_not_there_says_so(office: Office, text: Text, query: dict[str, str]) -> None:
    assert "There is no such figure" in words(open_page(office, text, WHOLE, **query))


@pytest.mark.parametrize("query", [{"metric": "x"}, {"period": "x", "day": "x"}, {"day": "0001-01-01"}])
def test_an_address_that_cannot_be_read_is_the_table(office: Office, text: Text, query: dict[str, str]) -> None:
    assert "Company" in words(open_page(office, text, WHOLE, **query))


def test_a_lead_of_own_teams_sees_these_alone(office: Office, text: Text) -> None:
    table = open_page(office, text, SOUTH)
    assert "Dasha Lewis" in words(table)
    assert not [name for name in ("Company", "North", "Олена", "Nikita") if name in words(table)]
    for scope, key in (("company", ""), ("team", "main:n"), ("rep", "main:1")):
        query = urlencode({"metric": "deals_won", "scope": scope, "key": key, "period": "month"})
        shown = numbers.page(office.deps, text, f"?{query}", SOUTH)
        assert "There is no such figure" in words(shown), scope
    own = urlencode({"metric": "meetings", "scope": "rep", "key": "main:3", "period": "month"})
    mine = words(numbers.page(office.deps, text, f"?{own}", SOUTH))
    assert "Place 1 of 3." in mine
    assert not [name for name in ("Олена", "Nikita") if name in mine]
