"""Whatever happens to a wall from outside, it gets over it by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.wall.failures import FAILURES, HEALED_WITHIN, try_all

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long)])
def test_each_kind_of_failure_is_healed_by_nobody_within_half_a_minute(
    chromium: Browser, data_dir: Path, part: int
) -> None:
    """Some of the quick ones at once, each on a screen of its own; `python -m bench.failures` tries all there are."""
    quick = [failure for failure in FAILURES if failure.quick][part::3]
    assert len(quick) >= 4
    cases = try_all(chromium, data_dir, quick)
    assert [(case.failure.name, case.seconds) for case in cases if not _is_healed(case.seconds)] == []


def _is_healed(seconds: float | None) -> bool:
    return seconds is not None and seconds <= HEALED_WITHIN
