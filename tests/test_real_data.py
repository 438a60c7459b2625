"""The board against an independent sum over real data sets, which lie beside the project and not in it."""

from pathlib import Path

import pytest

from bench.exact import SETS, compare

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.mark.parametrize("name", sorted(SETS))
def test_every_rep_and_period_equals_an_independent_sum(name: str, tmp_path: Path) -> None:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not beside the project, so nothing was compared")
    results = list(compare(name, folder, tmp_path))
    assert len(results) > 800
    assert [text for _, text in results if text] == []
