"""What the tests of the desk's pages share: an office, and one reader's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from layouts.text import Text
from tests.desk.office import Office, furnish


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return furnish(tmp_path)


@pytest.fixture
def text() -> Text:
    return Text("en")
