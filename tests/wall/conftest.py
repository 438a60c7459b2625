"""A folder for all tests of the wall, with the fonts in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir(cut_fonts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    shutil.copytree(cut_fonts, folder / "fonts")
    return folder
