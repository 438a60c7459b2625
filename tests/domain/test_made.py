"""What is made on demand: when it is looked at, once, and as good as what was there from the start."""

from __future__ import annotations

import pytest

from domain.made import Made


def test_it_is_made_when_somebody_looks_and_once() -> None:
    asked: list[str] = []

    def make(key: str) -> int:
        asked.append(key)
        return len(key)

    made = Made(("one", "three"), make)
    assert (list(made), len(made), "three" in made, asked) == (["one", "three"], 2, True, [])
    assert [made["three"], made["three"], made.get("three")] == [5, 5, 5]
    assert asked == ["three"]
    assert made == {"one": 3, "three": 5}


def test_what_there_is_not_is_not_made() -> None:
    made = Made(("one",), len)
    assert made.get("two") is None
    with pytest.raises(KeyError):
        made["two"]
