"""The people page: who sells, who waits to be mapped."""

from __future__ import annotations

import pytest

from callbacks.settings import people
from callbacks.settings.people import Pair
from domain.facts import Batch, Change, Fact, Kind, Person
from layouts import ids
from layouts.text import Text
from storage import db as store
from storage import facts, sources
from tests.callbacks.reading import Tree, classed, words
from tests.desk.office import NOW, Office


def press(office: Office, text: Text, button: object) -> Tree:
    return people.answer(office.deps, text, "lead", button)


def test_everybody_stands_where_they_belong(office: Office, text: Text) -> None:
    crew = people.read_crew(office.deps, text)
    assert [(each.name, each.team) for each in crew.reps] == [
        ("Dasha Lewis", "South"),
        ("Nikita Orlov", "North"),
        ("Олена Коваль", "North"),
    ]
    assert [(each.name, each.facts) for each in crew.waiting] == [("Telephone Exchange", 2)]
    assert [each.name for each in crew.others] == ["Книга Учёта"]
    assert crew.orphans == 1
    assert "1 record of the last 30 days has no owner in the CRM." in words(people.page(office.deps, text, None))


def test_who_waits_is_mapped_by_one_press_and_taken_back_by_another(office: Office, text: Text) -> None:
    tree = press(office, text, ids.person("sells", "main:4"))
    assert classed(tree, "good")
    assert "Telephone Exchange" in [each.name for each in people.read_crew(office.deps, text).reps]
    press(office, text, ids.person("sells-not", "main:1"))
    crew = people.read_crew(office.deps, text)
    assert "Олена Коваль" in [each.name for each in crew.others]
    assert crew.waiting == []


def test_a_person_who_is_none_is_refused_with_a_sentence(office: Office, text: Text) -> None:
    assert "names nobody" in classed(press(office, text, ids.person("sells", "elsewhere:1")), "said")[0]


def test_with_one_source_nobody_is_asked_who_is_who(office: Office, text: Text) -> None:
    assert "One person in several sources" not in words(people.page(office.deps, text, None))


def test_two_entries_of_one_person_are_joined_and_separated_by_hand(office: Office, text: Text) -> None:
    add_telephony(office)
    crew = people.read_crew(office.deps, text)
    assert {each.key: each.facts for each in crew.waiting} == {"main:4": 2, "pbx:102": 1}
    # The same address has joined by itself.
    assert [(each.key, each.others) for each in crew.reps if each.others] == [
        ("main:1", [("pbx:101", "Olena", "pbx")]),
    ]
    tree: Tree = people.answer(office.deps, text, "lead", ids.person("join", ""), Pair("pbx:102", "main:2"))
    assert classed(tree, "good") == ["They are one person now."]
    assert "Separate" in words(tree)
    crew = people.read_crew(office.deps, text)
    assert [each.key for each in crew.waiting] == ["main:4"]
    assert {each.key: each.others for each in crew.reps}["main:2"] == [("pbx:102", "102", "pbx")]
    tree = press(office, text, ids.person("separate", "pbx:102"))
    assert classed(tree, "good") == ["They are two people again."]
    assert {each.key for each in people.read_crew(office.deps, text).waiting} == {"main:4", "pbx:102"}


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (Pair("pbx:102", ""), "Choose who is the same person as whom."),
        (Pair("main:2", "main:2"), "one person already"),
        (Pair("pbx:102", "main:99"), "nobody whom a source knows"),
    ],
)
def test_a_pair_that_cannot_be_joined_is_told_why(office: Office, text: Text, pair: Pair, why: str) -> None:
    add_telephony(office)
    tree = people.answer(office.deps, text, "lead", ids.person("join", ""), pair)
    assert why in classed(tree, "said")[0]


def add_telephony(office: Office) -> None:
    """Olena by her address, and somebody whom only an extension names."""
    with store.write(office.deps.db) as conn:
        number = sources.add(conn, office.deps.secrets, "pbx", "hook", {}, "root", NOW)
    listed = [Person("101", "Olena", email="OLENA@example.org"), Person("102", "102")]
    calls = [Change(f"call:{each.id}", (Fact(Kind.CALL, NOW, each.id, seconds=60),)) for each in listed]
    facts.apply(office.deps.db, number, Batch(calls, "c", NOW, people=listed), settings=office.deps.settings())
