"""Fonts that are cut once for all tests of the wall."""

from __future__ import annotations

from pathlib import Path

import pytest

from routes import fonts


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    fonts.make(folder / "fonts")
    return folder
