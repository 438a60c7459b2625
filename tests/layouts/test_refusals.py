"""What the store refuses is told in the reader's language."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from layouts.refusals import SENTENCES, plainly
from layouts.text import Text
from storage.db import StoreError

STORAGE = Path(__file__).parents[2] / "storage"


def test_every_sentence_is_the_stores() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in STORAGE.glob("*.py")]
    written = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(SENTENCES) <= written


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_refusal_is_translated_and_words_of_a_page_stay(sentence: str) -> None:
    assert plainly(Text("uk"), StoreError(sentence)) not in (sentence, "")
    assert plainly(Text("en"), StoreError(sentence)) == sentence
    assert plainly(Text("uk"), StoreError("Уже сказано {так}")) == "Уже сказано {так}"


def test_the_names_in_a_refusal_are_said_as_they_are() -> None:
    error = StoreError("The login '{login}' exists already.", login="olena {x}")
    assert str(error) == plainly(Text("en"), error) == "The login 'olena {x}' exists already."
    assert plainly(Text("uk"), error) == "Логін «olena {x}» уже є."
